"""Links of alerts: every letter leads to the desk, by ids alone; each link asks for sign-in and opens its own page."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from gateway.alerts.links import page_of
from rules.casework.waiting import Waiting
from rules.policies.overdue import Step
from rules.standing import Party
from rules.waiting_for import WaitingFor
from tests.gateway.alerts.alarm import FROM, PHONE, Provider, alarm
from tests.gateway.desk.conftest import Browser
from tests.gateway.desk.test_pages import read
from tests.gateway.office import NOW, Clock

SITE = "https://parley.office.example.org"
DESK = {"enabled": True, "public_url": SITE}
LINK = re.compile(rf"{SITE}/desk(\S*)")


def one_of_each(here):
    """Raise an alert on a contact, a flag, a queue, a file, a mailbox and another system."""
    here.danger()
    here.held()
    here.flagged()
    now, number = here.clock(), here.record.write_now(lambda tx: tx.add_party("R. Example"))
    things = [Waiting(WaitingFor.LOOK, "c00001", now, now)]
    here.raised(here.letters_.alert_overdue(things, "Manager", Step(working_days=0, role="manager"), now))
    here.raised(here.letters_.alert_paper("p1", "Police: decided", Party(number, "R. Example"), now))
    here.raised(here.letters_.alert_mailbox("casework", None, "it is full", now))
    here.routine()


async def test_every_link_of_alerts_and_digests_opens_its_page_after_sign_in(folder):
    """Without a session it asks for one and leads on; signed in it opens at once; no link holds more than ids."""
    with alarm(folder, desk=DESK, soon="daily") as here:
        one_of_each(here)
        await here.rounds_until(NOW + timedelta(days=7), every=timedelta(hours=2))
        subjects = {subject for _, subject in here.mails()}
        assert {"Alerts of the day", "Alerts that are still open"} <= subjects
        found = {path for body in here.bodies() for path in LINK.findall(body)}
        rooms = [path.split("/")[1] for path in found]
        assert {room: rooms.count(room) for room in rooms} == {"alerts": 8, "waiting": 3, "flags": 1, "parties": 1}
        assert all(re.fullmatch(r"/[a-z]+(/[0-9a-z]+)?", path) for path in found)
        browser = Browser(here.settings, here.record, here.clock)
        token = browser.token("Ada", "manager")
        for path in sorted(found):
            browser.client.cookies.clear()
            asked = browser.get(path)
            assert (asked.status_code, asked.headers["Location"]) == (303, f"/desk/sign-in?to={path}")
            form = f"/sign-in?to={path}"
            wrong = browser.post("/sign-in", on=form, to=path, token="parley_nobody")
            assert f'name="to" value="{path}"' in wrong.text
            entered = browser.post("/sign-in", on=form, to=path, token=token)
            assert (entered.status_code, entered.headers["Location"]) == (303, f"/desk{path}")
            page = browser.get(path)
            assert page.status_code == 200, path
            read(page.text)


@pytest.mark.parametrize(
    ("desk", "commands"),
    [
        pytest.param({"enabled": True}, 6, id="the desk has no address: each letter says commands"),
        pytest.param(DESK, 1, id="it has one: only a mailbox is seen by a command"),
    ],
)
async def test_letters_lead_to_pages_else_say_commands(folder, desk, commands):
    """And each has where the alert is taken on."""
    with alarm(folder, desk=desk) as here:
        one_of_each(here)
        bodies = here.bodies()
        assert len(bodies) == 6
        assert sum("parley " in body for body in bodies) == commands
        assert all("When somebody has taken it on:" in body for body in bodies)


async def test_a_text_leads_to_the_desk_in_one_part(folder):
    """However long the office's name is; the title is what there is to know."""
    rows = {"text_from": FROM, "to": [{"text": [PHONE]}]}
    with alarm(folder, desk=DESK, provider=Provider(), **rows) as here:
        object.__setattr__(here.letters_.tellings, "_office", "The Office of the Commissioner " * 5)
        here.danger()
        await here.posting.send_due()
        ((_, _, words),) = here.provider.sent
        assert words.endswith(f"A caller says that somebody is in danger. See: {SITE}/desk/alerts")
        assert words.startswith("The Office of the Comm") and len(words) == 160


async def test_a_text_that_repeats_says_since_when(folder):
    """In one part still, by the office's clock: whoever is rung at night sees that it is not the first time."""
    rows = {"text_from": FROM, "to": [{"text": [PHONE]}]}
    with alarm(
        folder, desk=DESK, provider=Provider(), clock=Clock(datetime(2026, 10, 24, 22, 50, tzinfo=UTC)), **rows
    ) as here:
        here.danger()
        await here.round(minutes=31)
        await here.posting.send_due()
        words = here.provider.sent[-1][2]
        assert "danger. Nobody has taken it on since 24 Oct 23:50. See: https" in words
        assert len(words) <= 160


@pytest.mark.parametrize(
    ("about", "page"),
    [
        pytest.param("contact:01abc", "/waiting/01abc", id="a contact"),
        pytest.param("flag:01abc", "/flags/01abc", id="a flag"),
        pytest.param("role:manager", "/waiting", id="the queue of a role"),
        pytest.param("party:12", "/parties/12", id="a party"),
        pytest.param("paper:01abc", "", id="a paper has no page"),
        pytest.param("mailbox:casework", "", id="a mailbox has no page"),
        pytest.param("", "", id="the installation"),
        pytest.param("contact:../x?y#z", "/waiting/..%2Fx%3Fy%23z", id="what is no id stays one segment"),
    ],
)
def test_which_page_shows_what_an_alert_is_about(about, page):
    """By ids alone; where no page shows it the alert's own page does."""
    assert page_of(about) == page
