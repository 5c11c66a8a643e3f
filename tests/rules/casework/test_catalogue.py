"""The catalogue of acts, walked: words for staff, descriptions, a way in and out, and nothing but refusals."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from rules.casework import catalogue
from rules.casework.actor import Actor
from rules.casework.acts.act import Act, permitted
from rules.casework.advice import pseudonymised
from rules.casework.catalogue import ACTS
from rules.casework.file import CaseFile, Paper
from rules.casework.links import dismissed
from rules.casework.refused import Refused
from rules.casework.shelf import shelf_of
from rules.casework.waiting import waiting
from rules.measures import Measure
from rules.policies.acts import ACTS as IN_WORDS
from rules.standing import PartyKind
from tests.rules.casework.acts.clerk import CLERK, LEADER, MANAGER, NAMES, NOW, Clerk, policy

LIMIT = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
CONTRACT = {"kind": "behaviour_contract", "conditions": ["No shouting"]}
Pool = Mapping[str, st.SearchStrategy[Any]]
NOT_ON_A_FILE = {
    *("add_party", "read_file", "token", "confidential_record", "export", "import", "retention", "hear_voicemail"),
    *("brief", "log_contact", "take_back", "dismiss_flag", "legal_clock"),
    *("correct_minutes", "read_levels", "alerts"),
}
"""Rights that a policy gives and that are no act on a party's file."""


@pytest.mark.parametrize("name", ACTS)
def test_every_act_says_when_to_use_it(name):
    """Its words for staff are a sentence, its class says what to give."""
    act = ACTS[name]
    assert act.name == name
    assert act.staff_words.endswith(".")
    assert len(act.staff_words) > 20
    assert act.__doc__
    assert act.__module__ == f"rules.casework.acts.{name}"
    assert act.__name__ == "".join(part.title() for part in name.split("_"))


@pytest.mark.parametrize("name", ACTS)
def test_every_field_of_an_act_is_described(name):
    """So that command line, API and console can ask for it; what judge fills in is never asked for."""
    for field, info in ACTS[name].model_fields.items():
        extra = info.json_schema_extra
        filled = isinstance(extra, dict) and extra.get("filled")
        assert filled or (info.description or "").endswith("."), f"{name}.{field}"


def test_every_act_can_be_named_in_a_policy():
    """[may] and [clauses] know the acts of the catalogue, and no others."""
    assert ACTS.keys() == IN_WORDS.keys() - NOT_ON_A_FILE


# What a person, or a program, could send in

TEXTS = st.one_of(
    st.sampled_from(["A. Clerk", "M. Manager", "L. Leader", "HO/2024-123", "a@example.org", "01632 960001", "", " "]),
    st.sampled_from(["\0", "\u202e", "x" * 90, "9" * 22, "A. Clerk\n", "none"]),
    st.text(max_size=12),
)
WORDS = st.sampled_from(["Some words.", "A. Clerk", "B. Clerk"])
DAYS = st.one_of(
    st.integers(-40, 400).map(lambda days: (NOW + timedelta(days=days)).date()),
    st.sampled_from([date(2026, 3, 11), date.min, date.max, date(9999, 12, 30), date(2028, 2, 29)]),
).map(date.isoformat)
MEASURES = [
    LIMIT,
    CONTRACT,
    {"kind": "block"},
    {"kind": "channel_only", "allowed": ["letter"]},
    {"kind": "third_party", "advocates": "Q. Voice"},
    {"kind": "interim_protection"},
    {"kind": "stop_case", "case": "HO/2024-123"},
]


WAYS = st.sampled_from(["a@example.org", "m@example.org", "r.example@example.org", "01632 960001", "nowhere"])
INBOXES = st.sampled_from(["a@example.org", "b@example.org", "m@example.org", "n@example.org", "nowhere"])
PHONES = st.sampled_from(["01632 960001", "+441632960002", "ring me"])


def pools(clerk: Clerk) -> dict[str, st.SearchStrategy[Any]]:
    """Give values that make sense for fields of these names, most of them on the file."""
    shelf, papers = clerk.shelf, clerk.file.papers
    incidents = [paper.id for paper in papers if paper.act.name == "note_incident"]
    named = {
        "restriction": shelf.restrictions,
        "about": shelf.restrictions,
        "warning": shelf.warnings,
        "appeal": shelf.appeals,
        "adjustment": shelf.adjustments,
        "request": shelf.requests,
        "evidence": shelf.evidence,
        "shield": shelf.shields,
        "authority": shelf.authorities,
        "case": shelf.closed,
        "dismissal": dismissed(clerk.file),
        "incident": incidents,
    }
    found = {name: st.sampled_from([*ids, *ids, *ids, papers[-1].id]) for name, ids in named.items()}
    grounds = st.sampled_from([*clerk.policy.grounds, "none"])
    return found | {
        "incidents": st.lists(found["incident"], max_size=2),
        "ground": grounds,
        "category": grounds,
        "digest": st.sampled_from(["a" * 64, "b" * 64, "b" * 63, ""]),
        "identifiers": st.lists(WAYS, max_size=3),
        "identifier": WAYS,
        "reference": st.sampled_from(["HO/2024-123", "HO/2024-124", "nowhere"]),
        "inbox": INBOXES,
        "manager_inbox": INBOXES,
        "phone": PHONES,
        "manager_phone": PHONES,
        "warned": st.sampled_from([True, True, False]),
    }


def written(annotation: Any, pool: Pool) -> st.SearchStrategy[Any]:
    """Write down values for a field as JSON has them: mostly such as fit, and ids that are on the file."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return written(args[0], pool)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, types.UnionType):
        return st.one_of(*(written(each, pool) for each in args))
    if origin in (tuple, frozenset, list):
        return st.lists(written(args[0], pool), max_size=3)
    return _plain(annotation, pool)


def _plain(kind: Any, pool: Pool) -> st.SearchStrategy[Any]:
    if kind is type(None):
        return st.none()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from([each.value for each in kind])
    if isinstance(kind, type) and issubclass(kind, Measure):
        return st.sampled_from(MEASURES)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return fields_of(kind, pool)
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.one_of(st.integers(-1, 60), st.sampled_from([2**31, 2**53, 10**20]))
    if kind is datetime:
        return st.sampled_from([NOW.isoformat(), "9999-12-31T23:59:59Z", "2026-03-11T10:00:00"])
    if kind is date:
        return DAYS
    return st.one_of(WORDS, WORDS, WORDS, TEXTS, pool["restriction"])


def fields_of(model: type[BaseModel], pool: Pool) -> st.SearchStrategy[dict[str, Any]]:
    """Write down the fields of a model; those with a default may be left out."""
    asked = {name: info.annotation for name, info in model.model_fields.items() if info.is_required()}
    others = {name: info.annotation for name, info in model.model_fields.items() if not info.is_required()}

    def way(name: str, annotation: Any) -> st.SearchStrategy[Any]:
        usual = pool.get(name)
        # A name that means something else in this act, such as `about` of a concern, is refused by the model.
        return written(annotation, pool) if usual is None else st.one_of(usual, usual, usual, written(annotation, pool))

    return st.fixed_dictionaries(
        {name: way(name, annotation) for name, annotation in asked.items()},
        optional={name: way(name, annotation) for name, annotation in others.items()},
    )


@cache
def full(under: str) -> Clerk:
    """Give a clerk with a file on which nearly everything has happened once, as far as the policy lets it."""
    clerk = Clerk(under)
    incident = clerk.incident()
    clerk.do("warn", incidents=[incident], text="Please stop.", spoken=True)
    tried: list[tuple[str, Mapping[str, object]]] = [
        ("request", {"what": "A summary.", "difficulty": "None."}),
        ("seal_evidence", {"mark": "MARK", "description": "A letter", "digest": "a" * 64, "size": 9}),
        ("close_case", {"reference": "HO/2024-123", "explained": "2026-03-01", "how": "By letter."}),
        ("agree_adjustment", {"need": "Cannot write", "open": ["call"]}),
        ("protect_interim", {"incident": incident, "reason": "A threat."}),
        (
            "shield",
            {
                "colleague": "A. Clerk",
                "inbox": "a@example.org",
                "manager_inbox": "m@example.org",
                "reason": "A threat.",
            },
        ),
        (
            "authorise_advocate",
            {"advocate": "Q. Voice", "identifiers": ["q@example.org"], "until": "2026-09-01", "consent": "By letter."},
        ),
    ]
    for name, fields in tried:
        _try(clerk, name, fields)
    _try(clerk, "dismiss_link", {"other": 8, "reason": "They are two."})
    _restrict(clerk, clerk.incident())
    return clerk


def _restrict(clerk: Clerk, incident: str) -> None:
    ground = clerk.file.papers[0].act.model_dump()["category"]
    for number, kind in enumerate((LIMIT, CONTRACT)):
        allowed = [each for each in (kind, LIMIT) if each["kind"] in clerk.policy.measures]
        draft = clerk.do(
            "draft_restriction",
            measures=allowed,
            ground=ground,
            reason="It keeps us from other work.",
            incidents=[incident],
            adjustments_considered="Asked; none needed.",
        )
        _try(clerk, "propose_restriction", {"restriction": draft.id})
        _try(clerk, "approve_restriction", {"restriction": draft.id, "reason": "Proportionate."})
        if number:
            _try(clerk, "send_notice", {"about": draft.id})
            _try(clerk, "appeal", {"restriction": draft.id, "grounds": "Too much."})


def _try(clerk: Clerk, name: str, fields: Mapping[str, object]) -> None:
    for by in (CLERK, MANAGER, LEADER):
        try:
            clerk.do(name, by, **fields)
        except Refused:
            continue
        return


@cache
def fields_under(name: str, under: str):
    """Give the fields of an act under a policy, made once: hypothesis looks through each new strategy."""
    return fields_of(ACTS[name], pools(full(under)))


def taken(act: Act, clerk: Clerk, by: Actor, now: datetime, kind: PartyKind) -> CaseFile | None:
    """Do an act as the desk does; None where it is refused. Whatever else is raised, the test sees."""
    base = clerk.file
    file = CaseFile(type(base.party)(7, "Rosa Example", kind), base.version, base.papers, base.marks)
    try:
        role = permitted(act, clerk.policy, by)
        judged = act.judge(file, clerk.policy, by, now=now)
    except Refused as refused:
        assert refused.why.strip()
        return None
    return file.with_paper(Paper("new-paper", now, by.name, role, judged))


@pytest.mark.parametrize("name", ACTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_act_is_taken_or_refused_whatever_is_sent_in(name, data):
    """ValueError from the model, Refused from judging, nothing else; what is taken reads back alike in every view."""
    under = data.draw(st.sampled_from(NAMES), label="policy")
    clerk = full(under)
    given_fields = data.draw(fields_under(name, under), label="fields")
    try:
        act = catalogue.parse(name, given_fields)
    except ValueError:
        return
    by = data.draw(st.sampled_from([CLERK, MANAGER, LEADER, Actor("N. Nobody")]), label="by")
    now = NOW + timedelta(days=data.draw(st.integers(0, 800), label="days"))
    file = taken(act, clerk, by, now, data.draw(st.sampled_from(list(PartyKind)), label="party"))
    assert catalogue.parse(name, json.loads(json.dumps(catalogue.dump(act)))) == act
    if file is None:
        return
    judged = file.papers[-1].act
    assert catalogue.parse(name, json.loads(json.dumps(catalogue.dump(judged)))) == judged
    shelf = shelf_of(file, clerk.policy)
    for moment in (now, now + timedelta(days=4000)):
        assert shelf.stage(moment)
        waiting(shelf, clerk.policy, moment)
    assert json.dumps(pseudonymised(file, clerk.policy, {}))


@pytest.mark.parametrize("under", NAMES)
def test_the_file_that_is_tried_on_holds_what_the_policy_lets_in(under):
    """Otherwise the test above would try nothing."""
    shelf = full(under).shelf
    assert shelf.requests
    assert shelf.evidence
    assert shelf.closed
    assert shelf.shields
    assert shelf.authorities
    assert any(one.told_at for one in shelf.restrictions.values() if one.ground != "zero_tolerance")
    assert dismissed(full(under).file)
    assert policy(under).name == under
