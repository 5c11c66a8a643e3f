"""What is overdue goes to the next role, once: whatever the clock does, whichever run comes first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.build_desk import letters_of, traces_of
from gateway.escalation import Escalation
from gateway.letters import ALERT
from rules.policies.overdue import Overdue, Step
from rules.waiting_for import WaitingFor
from storage.entries import Letter, LetterState, State
from storage.record import Record
from tests.gateway.office import Clock, settings
from tests.rules.office import at
from tests.storage.office import entry

MONDAY = at("2026-03-09T10:00Z")
STEPS = (Step(working_days=1, role="manager"), Step(working_days=3, role="head"))
EASTER = at("2026-04-02T15:00Z")


class Office:
    """An office with things to do, and a job that tells of them."""

    def __init__(self, folder, steps=STEPS, now=MONDAY):
        chosen = settings(folder / "state", policy={"overdue": Overdue(owner="caseworker", steps=steps)})
        self.clock = Clock(now)
        self.record = Record.open(chosen.config.record_url, now=self.clock)
        self.letters = letters_of(chosen, traces_of(self.record))
        self.policy = chosen.policy
        self.job = self.another()

    def another(self):
        """Give a job like that of a second machine."""
        return Escalation(self.record, self.policy, self.letters, self.clock)

    def filed(self, due, **more):
        made = entry(state=State.FILED, at=due - timedelta(days=2), look_by=due, owner="duty", **more)
        self.record.write_now(lambda tx: tx.add_contact(made))
        return made.id

    async def told(self, now=None):
        """Let the job run at a time; gives which roles have heard of something, by name."""
        before = {one.id for one in self.alerts()}
        self.clock.at = now or self.clock.at
        await self.job.run()
        return sorted(one.words.splitlines()[0].partition(".")[0] for one in self.alerts() if one.id not in before)

    def alerts(self):
        return self.record.read_now(lambda reader: reader.alerts())


@pytest.fixture
def open_office(folder):
    """Open an office."""
    opened = []

    def open_one(*arguments, **more):
        opened.append(Office(folder, *arguments, **more))
        return opened[-1]

    yield open_one
    for one in opened:
        one.record.close()


async def test_each_step_hears_of_a_thing_once(open_office):
    """A working day after it was due the manager, after three the head; between and afterwards nobody."""
    here = open_office()
    here.filed(MONDAY)
    # What was due on Monday at ten is overdue for a working day when Tuesday is over.
    for when, expected in (
        ("2026-03-09T10:00Z", []),
        ("2026-03-10T23:59Z", []),
        ("2026-03-11T00:00Z", ["For: Manager"]),
        ("2026-03-12T12:00Z", []),
        ("2026-03-13T00:00Z", ["For: Head of the office"]),
        ("2026-06-01T12:00Z", []),
    ):
        assert await here.told(at(when)) == expected, when


async def test_days_off_do_not_count(open_office):
    """Due on the Thursday before Easter: the manager hears when Tuesday is over."""
    here = open_office(now=EASTER)
    here.filed(EASTER)
    assert await here.told(at("2026-04-07T22:59Z")) == []
    assert await here.told(at("2026-04-07T23:00Z")) == ["For: Manager"]


async def test_a_run_that_is_late_tells_all_that_was_missed(open_office):
    """After weeks without a run each role hears once, of all together, and nobody was restricted."""
    here = open_office()
    for days in range(5):
        here.filed(MONDAY + timedelta(days=days))
    assert await here.told(at("2026-04-20T12:00Z")) == ["For: Head of the office", "For: Manager"]
    words = here.alerts()[0].words
    assert "5: a look at what was filed, the first since" in words
    assert here.alerts()[0].command == "parley waiting"
    waiting = here.record.read_now(lambda reader: reader.queue())
    assert {one.state for one in waiting} == {State.FILED}


async def test_W8_a_clock_that_jumps_tells_nothing_twice(open_office):
    """Far ahead by mistake, back again, and there in the end: what was told stays told."""
    here = open_office()
    here.filed(MONDAY)
    assert len(await here.told(at("2031-01-01T00:00Z"))) == 2
    assert await here.told(MONDAY) == []
    assert await here.told(at("2026-03-20T00:00Z")) == []
    here.filed(at("2026-03-17T12:00Z"))
    assert await here.told(at("2026-03-19T00:00Z")) == ["For: Manager"]


async def test_two_runs_at_once_tell_once(open_office):
    """Two machines look at the same moment."""
    here = open_office()
    here.filed(MONDAY)
    here.clock.at = at("2026-03-20T00:00Z")
    await asyncio.gather(*(here.another().run() for _ in range(4)))
    assert len(here.alerts()) == 2


async def test_a_thing_that_is_done_in_time_is_told_to_nobody(open_office):
    """Looked at before the step."""
    here = open_office()
    number = here.filed(MONDAY)
    here.record.write_now(lambda tx: tx.look(number, "k.jones", MONDAY))
    assert await here.told(at("2026-04-20T12:00Z")) == []


async def test_a_step_is_about_the_kinds_that_it_names(open_office):
    """At once where the policy says so; all else waits for another step."""
    here = open_office((Step(working_days=0, role="manager", kinds=frozenset({WaitingFor.VOICEMAIL})),))
    here.filed(MONDAY)
    made = entry(state=State.VOICEMAIL, at=MONDAY, look_by=MONDAY, owner="duty")
    here.record.write_now(lambda tx: tx.add_contact(made))
    assert await here.told() == ["For: Manager"]
    assert "1: a voicemail to be heard" in here.alerts()[0].words


async def test_a_step_ahead_hears_before_the_day(open_office):
    """Two working days before Tuesday after Easter is the Wednesday before it; a run too late leaves it to the next."""
    here = open_office((Step(working_days=-2, role="manager"), Step(working_days=0, role="head")), now=EASTER)
    here.filed(at("2026-04-07T23:00Z"))  # the end of Tuesday; Friday and Monday are holidays
    assert await here.told(at("2026-03-31T22:59Z")) == []
    assert await here.told(at("2026-03-31T23:00Z")) == ["For: Manager"]
    assert "What waits for a person falls due" in here.alerts()[0].words
    assert await here.told(at("2026-04-07T22:59Z")) == []
    here.filed(at("2026-04-07T23:00Z"))
    assert await here.told(at("2026-04-08T00:00Z")) == ["For: Head of the office"]


async def test_an_alert_that_failed_makes_no_other(open_office):
    """It would go by the way that failed, and so on for ever."""
    here = open_office((Step(working_days=0, role="manager"),))
    lost = Letter("L", ALERT, "<>", "x@example.org", "<L@x>", b"x", MONDAY, state=LetterState.FAILED)
    here.record.write_now(lambda tx: tx.enqueue(lost))
    assert await here.told(at("2026-04-20T12:00Z")) == []


async def test_an_office_without_steps_tells_nobody(open_office):
    """The list and the figure are there all the same."""
    here = open_office(())
    here.filed(MONDAY)
    assert await here.told(at("2026-04-20T12:00Z")) == []


async def test_an_alert_names_nobody(open_office):
    """Neither the sender nor the contact: it may be read on any screen."""
    here = open_office()
    number = here.filed(MONDAY, whose="email:r@example.org", sender="email:r@example.org")
    await here.told(at("2026-04-20T12:00Z"))
    for one in here.alerts():
        assert "example.org" not in one.words + one.title
        assert number not in one.words + one.title
