"""What is urgent: a risk to life, zero tolerance; and to whom each kind goes by the settings."""

import pytest

from gateway.build_alerts import routes_of
from gateway.letters import Letters, Sender
from rules.alerts import AlertKind, Severity
from rules.policies.overdue import Step
from storage.alerts import Alert
from tests.adapters.hook import SECRET, hook
from tests.gateway.alerts.alarm import DUTY, HEAD, PHONE
from tests.gateway.casework.desk import Desk
from tests.gateway.office import ALERTS, NOW, mail, office, settings, settled

OTHER = "persistent_contact"


def kinds(here):
    """List the alerts on record, oldest first: kind and severity."""
    found = here.record.read_now(lambda reader: reader.alerts())
    return [(one.kind, one.severity) for one in sorted(found, key=lambda one: (one.raised_at, one.id))]


def severe(here):
    """Name a ground of the policy that needs no warning."""
    return min(here.settings.policy.no_warning_grounds)


async def test_PHSO_2_zero_tolerance_is_urgent(folder):
    """An incident of such a ground alerts a manager at once; another one can wait until the office is awake."""
    async with office(folder) as here:
        desk, party = Desk(here), here.party()
        desk.do(party, "note_incident", category=severe(here), what="A threat")
        here.clock.advance(seconds=1)
        desk.do(party, "note_incident", category=OTHER, what="Eleven calls")
        assert kinds(here) == [
            (AlertKind.ZERO_TOLERANCE, Severity.URGENT),
            (AlertKind.PAPER, Severity.SOON),
        ]


async def test_PHSO_27_a_risk_to_life_is_urgent(folder):
    """What a restricted party writes of it is alerted as urgent; a request with a legal clock is not."""
    async with office(folder) as here:
        here.party({"kind": "file_unanswered"})
        await here.post(mail(1, body="I am going to kill myself tonight."))
        await here.post(mail(2, body="This is a subject access request under the UK GDPR."))
        assert (AlertKind.RISK_TO_LIFE, Severity.URGENT) in kinds(here)
        assert {severity for kind, severity in kinds(here) if kind is AlertKind.SAFEGUARD} <= {Severity.SOON}


ROWS = [
    {"severities": ["urgent"], "mail": [DUTY], "text": [PHONE]},
    {"severities": ["urgent"], "role": "manager", "after_minutes": 30},
    {"kinds": ["flag"], "mail": [HEAD]},
]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        pytest.param(AlertKind.DANGER, [((DUTY,), (PHONE,)), (("m@office.example.org",), ())], id="an urgent one"),
        pytest.param(AlertKind.FLAG, [((HEAD,), ())], id="one whose kind has a row"),
        pytest.param(AlertKind.HELD, [((ALERTS,), ())], id="one that no row takes goes to the staff address"),
    ],
)
def test_rows_say_who_is_told(tmp_path, kind, told):
    """In their order, those of a role by their own addresses."""
    people = [{"name": "M. Smith", "roles": ["manager"], "mail": "m@office.example.org"}, {"name": "K. Jones"}]
    phone = {"phone": True, "phone_changes": {"api_url": "https://api.example.org"}}
    alerts = {"to": ROWS, "text_from": "+441632960100"}
    routes = routes_of(settings(tmp_path, people=people, alerts=alerts, **phone))
    one = Alert("a", "a", kind, routes.severity(kind), "t", "w", NOW)
    assert [(row.mail, row.text) for row in routes.rows_of(one)] == told


@pytest.mark.parametrize(
    ("role", "rows", "told"),
    [
        pytest.param("manager", [], ["m@office.example.org"], id="its people, without any row"),
        pytest.param("manager", [{"mail": [DUTY]}], ["m@office.example.org", DUTY], id="its people, beside a row"),
        pytest.param("head", [{"role": "manager"}], [ALERTS], id="no row of another role, though nobody has this one"),
        pytest.param("head", [{"kinds": ["overdue"], "mail": [HEAD]}], [HEAD], id="a row, where nobody has an address"),
        pytest.param("head", [], [ALERTS], id="the staff address, where there is neither"),
    ],
)
def test_what_is_for_a_role_goes_to_who_has_it(tmp_path, role, rows, told):
    """By the addresses of the people; what an office's rows say besides holds too."""
    people = [{"name": "M. Smith", "roles": ["manager"], "mail": "m@office.example.org"}]
    chosen = settings(tmp_path, people=people, alerts={"to": rows})
    letters = Letters(Sender("O", ALERTS, ALERTS), chosen.policy, lambda *_: b"", routes_of(chosen))
    raised = letters.alert_overdue([], role, Step(working_days=1, role=role), NOW)
    assert [one.rcpt for one in raised.telling.letters] == told
    assert letters.routes.people.get(role, ()) == (("m@office.example.org",) if role == "manager" else ())


def test_the_first_row_may_not_be_the_last_to_hear(tmp_path):
    """Where every row has minutes to wait, the staff address is told at once."""
    routes = routes_of(settings(tmp_path, alerts={"to": [{"mail": [HEAD], "after_minutes": 30}]}))
    one = Alert("a", "a", AlertKind.DANGER, Severity.URGENT, "t", "w", NOW)
    assert [row.mail for row in routes.rows_of(one)] == [(ALERTS,), (HEAD,)]


def test_an_office_may_make_a_kind_wait(tmp_path):
    """Flags once a week; what is urgent is never less."""
    routes = routes_of(settings(tmp_path, alerts={"severity": {"flag": "routine"}, "routine": "weekly"}))
    assert routes.leaves(routes.severity(AlertKind.FLAG)) == "weekly"
    assert routes.leaves(routes.severity(AlertKind.DANGER)) == "at_once"


async def test_the_office_tells_by_itself(folder):
    """Served as in an office: an incident of zero tolerance is with another system and in the duty inbox in seconds."""
    async with hook() as there:
        hooks = [{"name": "pager", "url": there.url, "secret": SECRET, "alerts_only": True}]
        alerts = {"to": [{"mail": [DUTY], "webhook": ["pager"]}]}
        async with office(folder, jobs=True, webhook=hooks, alerts=alerts) as here:
            Desk(here).do(here.party(), "note_incident", category=severe(here), what="A threat")
            await settled(lambda: there.posted and here.mailbox(DUTY))
            assert [one.said["data"]["alerts"][0]["kind"] for one in there.posted] == ["zero_tolerance"]
            assert b"A threat" not in here.mailbox(DUTY)[0]
