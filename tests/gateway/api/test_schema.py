"""schemathesis asks every route for what its schema allows, and for what it does not: no 500, no undeclared answer.

`PARLEY_SCHEMA_EXAMPLES` says how many examples a route gets; the suite's few are enough to meet every fault once known.
"""

from __future__ import annotations

import copy
import os
import shutil
from dataclasses import dataclass

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from gateway.api.schema import schema as declared
from rules.casework.catalogue import ACTS
from rules.measures import KINDS
from storage.record import Record
from tests.gateway import office as offices
from tests.gateway.api.conftest import Desk
from tests.gateway.api.messages import two_versions
from tests.gateway.api.test_acts import BLOCK, INCIDENT, WEEKLY

_EXAMPLES = int(os.environ.get("PARLEY_SCHEMA_EXAMPLES", "6"))
STEPS = ("read", "send", "posted", "came-back", "close")
LABELS = [
    *("GET /health", "GET /policy", "GET /audit/verify", "GET /acts", "GET /parties", "POST /parties"),
    *("GET /parties/{party}", "GET /parties/{party}/sheet", "GET /waiting", "GET /export", "GET /brief"),
    *("GET /waiting/figure", "GET /clocks", "POST /contacts/{entry}/clocks"),
    *(f"POST /contacts/{{entry}}/clocks/{{kind}}/{step}" for step in ("pause", "resume", "extend", "stop")),
    *("GET /alerts", "POST /alerts/{alert}/acknowledge", "POST /alerts/{alert}/settle"),
    *("POST /log", "GET /log/{entry}", "POST /log/{entry}/take-back"),
    *("GET /voicemail", "GET /voicemail/{call}", "POST /voicemail/{call}/looked"),
    "POST /voicemail/{call}/{recording}/hear",
    *("GET /levels", "GET /parties/{party}/levels", "POST /contacts/{entry}/minutes"),
    *("GET /retention", "POST /retention", "GET /reports/restrictions"),
    *("GET /reports/week", "GET /reports/thresholds", "GET /parties/{party}/report"),
    "GET /parties/{party}/disclosure",
    *("GET /flags", "GET /flags/{flag}", "POST /flags/{flag}/act", "POST /flags/{flag}/dismiss"),
    *(f"{method} /parties/{{party}}/evidence" for method in ("GET", "POST")),
    "POST /parties/{party}/evidence/{piece}/open",
    *(f"{method} /parties/{{party}}/notices" for method in ("GET", "POST")),
    *(f"GET /parties/{{party}}/notices/{{notice}}{end}" for end in ("", "/pdfs/{number}")),
    *(f"POST /parties/{{party}}/notices/{{notice}}/{step}" for step in STEPS),
    *(f"GET /parties/{{party}}/contacts/{{contact}}/{end}" for end in ("message", "changes")),
    "POST /parties/{party}/contacts/{contact}/highlight",
    *(f"POST /parties/{{party}}/acts/{name}" for name in ACTS),
]
_IDS = ("restriction", "about", "incident", "appeal", "warning", "adjustment", "paper", "draft")


@dataclass
class Seeded:
    """Hold an office with a party in every state, and a token that may do everything."""

    desk: Desk
    token: str
    ids: tuple[str, ...]
    notices: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def seeded(tmp_path_factory, template):
    """Make the office once: what the examples change, later ones meet."""
    place = tmp_path_factory.mktemp("schema")
    state = place / "state"
    state.mkdir()
    shutil.copyfile(template, state / "parley.db")
    chosen, clock = offices.settings(state), offices.Clock()
    with Record.open(chosen.config.record_url, now=clock) as record:
        desk = Desk(chosen, record, clock)
        ids = _lived(desk)
        yield Seeded(desk, desk.token("Everybody", *chosen.policy.roles), ids, _written(desk, ids), two_versions(desk))


def _lived(desk: Desk) -> tuple[str, ...]:
    party = desk.party(phones=["+441632960001"])
    incident = desk.act("note_incident", party, **INCIDENT)["paper"]["id"]
    warning = desk.act("warn", party, incidents=[incident], text="Please do not shout.", spoken=True)["paper"]["id"]
    incident = desk.act("note_incident", party, **INCIDENT)["paper"]["id"]
    common = {
        "ground": "abusive_language",
        "reason": "Shouting",
        "incidents": [incident],
        "adjustments_considered": "None",
    }
    drafts = [
        desk.act("draft_restriction", party, measures=[measure], **common)["paper"]["id"]
        for measure in (WEEKLY, WEEKLY, BLOCK, WEEKLY)
    ]
    for number in drafts[:3]:
        desk.act("propose_restriction", party, restriction=number)
    desk.act("send_notice", party, about=drafts[0])
    appeal = desk.act("appeal", party, restriction=drafts[0], grounds="It is wrong")["paper"]["id"]
    adjustment = desk.act("agree_adjustment", party, need="x", open=["call"])["paper"]["id"]
    desk.party(name="S. Example", emails=["s@example.net"])
    return (incident, warning, *drafts, appeal, adjustment)


def _written(desk: Desk, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Draft the letter on an untold restriction, and the page; the second of them was read."""
    found = [
        desk.ask("POST", "/parties/1/notices", json={"about": about}).json()["id"] for about in (ids[3], "arrangements")
    ]
    assert desk.ask("POST", f"/parties/1/notices/{found[1]}/read").status_code == 200
    return tuple(found)


@pytest.fixture(scope="module")
def loaded(seeded):
    """Give the API's schema, as it is, to be asked in this process: each route is asked without a token too."""
    made = schemathesis.openapi.from_dict(copy.deepcopy(declared_at(seeded)))
    made.app = seeded.desk.app
    return made


@pytest.fixture(scope="module")
def unlocked(seeded):
    """Give the same without `security`: what is wrong about a wrong request is then never its token alone."""
    plain = copy.deepcopy(declared_at(seeded))
    for operations in plain["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    made = schemathesis.openapi.from_dict(plain)
    made.app = seeded.desk.app
    return made


def declared_at(seeded):
    """Ask the API for its schema."""
    return seeded.desk.client.get("/api/openapi.json").json()


def known(case, ids, notices, messages):
    """Turn an example to parties and papers that there are, most of the time."""
    number = (case.path_parameters or {}).get("party")
    if isinstance(number, int) and number > 2:
        case.path_parameters["party"] = number % 3 or number
    if isinstance(given := (case.path_parameters or {}).get("notice"), str) and len(given) % 4:
        case.path_parameters["notice"] = notices[len(given) % len(notices)]
        case.path_parameters["party"] = 1
    if isinstance(given := (case.path_parameters or {}).get("contact"), str) and len(given) % 4:
        case.path_parameters["contact"] = messages[len(given) % len(messages)]
        case.path_parameters["party"] = 1
    for name in _IDS if isinstance(case.body, dict) else ():
        if isinstance(given := case.body.get(name), str):
            case.body[name] = ids[len(given) % len(ids)]
    return case


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: f"{mode.value} examples")
@pytest.mark.parametrize("label", LABELS)
def test_every_answer_is_one_that_the_schema_allows(loaded, unlocked, seeded, label, mode):
    """No 500 and no 503; every status, content type and body is declared; what the schema forbids is refused.

    What it allows may be refused all the same, by the policy or because no measure has such an address.
    """
    method, _, path = label.partition(" ")
    operation = (loaded if mode is GenerationMode.POSITIVE else unlocked)[path][method]
    headers = {"Authorization": f"Bearer {seeded.token}"}

    examples = operation.as_strategy(generation_mode=mode)
    if mode is GenerationMode.POSITIVE:
        examples = examples.map(lambda case: known(case, seeded.ids, seeded.notices, seeded.messages))

    @given(case=examples)
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        derandomize=_EXAMPLES < 50,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        seeded.desk.clock.advance(seconds=61)  # each case tries wrong tokens too, of which a minute has only so many
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # what takes nothing at all cannot be given anything wrong


def test_every_operation_is_asked(loaded):
    """The list above is that of the schema."""
    assert sorted(LABELS) == sorted(each.ok().label for each in loaded.get_all_operations())


def test_the_record_is_sound_after_all_that(seeded):
    """Run alone it is too."""
    found = seeded.desk.ask("GET", "/audit/verify").json()
    assert found["sound"], found


def test_the_checks_know_a_server_error():
    """The ones left in hold what the test above promises."""
    assert not_a_server_error in CHECKS.get_all()


def test_every_measure_is_in_the_schema(seeded):
    """By its kind, with its parameters."""
    components = seeded.desk.client.get("/api/openapi.json").json()["components"]["schemas"]
    assert set(components["Measure"]["discriminator"]["mapping"]) == set(KINDS)
    assert components["Measure_volume_limit"]["required"] == ["kind", "channels", "count", "per"]


def test_every_operation_declares_its_problems(seeded):
    """401, 422 and 503 everywhere but where no token is needed."""
    (mount,) = seeded.desk.app.routes
    for path, operations in declared(mount.app)["paths"].items():
        for operation in operations.values():
            if path != "/health":
                assert {"401", "422", "503"} <= set(operation["responses"]), path
                assert operation["security"], path
