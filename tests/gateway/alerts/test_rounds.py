"""The clock's part of alerts: repeated, escalated, held back, gathered, ended; each once, whatever the clock does."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.build_alerts import rounds_of
from storage.entries import Flag, FlagState, State
from storage.record import Record
from tests.gateway.alerts.alarm import DUTY, ESCALATES, HEAD, Alarm, alarm
from tests.gateway.office import ALERTS, NOW, Clock

DANGER = "A caller says that somebody is in danger"
HELD = "A message waits for a person"
NIGHT = {"quiet_from": "22:00", "quiet_to": "07:00"}
EVENING = datetime(2026, 3, 9, 23, 0, tzinfo=UTC)


async def test_an_alert_is_one_and_leaves_at_once(folder):
    """In the commit of what it tells of, to the staff address unless the settings say more; raised twice it is one."""
    with alarm(folder) as here:
        one = here.danger()
        made = here.letters_.alert_danger(one.contact_id, one.once, here.clock())
        assert not here.record.write_now(lambda tx: tx.raise_alert(made))
        assert here.mails() == [(ALERTS, DANGER)]
        assert f"parley alerts acknowledge {one.id}" in here.bodies()[0]
        assert here.tellings(one) == [("mail", "queued")]


async def test_what_is_urgent_is_repeated_until_somebody_takes_it_on(folder):
    """Every half hour, and not after that; what can wait is told once."""
    with alarm(folder) as here:
        one, other = here.danger(), here.held()
        await here.rounds_until(NOW + timedelta(minutes=95))
        assert [subject for _, subject in here.mails()] == [DANGER, HELD, *[f"Not acknowledged: {DANGER}"] * 3]
        assert (here.alert(one).times, here.alert(other).times) == (4, 1)
        assert here.record.write_now(lambda tx: tx.acknowledge_alert(one.id, "k.jones", here.clock()))
        await here.rounds_until(NOW + timedelta(hours=5))
        assert len(here.mails()) == 5


async def test_it_is_escalated_by_the_clock(folder):
    """The next row hears of it when its minutes are over, once, and those before it hear that it is still open."""
    with alarm(folder, **ESCALATES) as here:
        one = here.danger()
        await here.rounds_until(NOW + timedelta(minutes=44))
        assert {to for to, _ in here.mails()} == {DUTY}
        assert here.alert(one).escalated_at is None
        await here.round(minutes=1)
        assert [to for to, _ in here.mails()].count(HEAD) == 1
        assert here.alert(one).escalated_at == here.clock()
        here.held()
        await here.rounds_until(NOW + timedelta(hours=4))
        assert not any(to == HEAD and HELD in subject for to, subject in here.mails())


async def test_several_that_are_due_together_are_one_letter(folder):
    """However many are open, staff get one repeat in each interval."""
    with alarm(folder) as here:
        for minutes in (0, 5, 5):
            here.clock.advance(minutes=minutes)
            here.danger()
        await here.rounds_until(NOW + timedelta(minutes=100))
        again = [subject for _, subject in here.mails()][3:]
        assert again == [f"3 alerts: {DANGER}, and others"] * 3


async def test_quiet_hours_hold_back_all_but_what_is_urgent(folder):
    """At 23:00 the urgent one leaves; the others leave at 07:00 in one letter."""
    with alarm(folder, clock=Clock(EVENING), **NIGHT) as here:
        here.danger()
        here.held()
        here.held()
        assert [subject for _, subject in here.mails()] == [DANGER]
        await here.rounds_until(EVENING + timedelta(hours=7, minutes=59), every=timedelta(minutes=20))
        assert not any(HELD in subject for _, subject in here.mails())
        await here.round(minutes=1)
        assert [subject for _, subject in here.mails() if HELD in subject] == [f"2 alerts: {HELD}, and others"]


async def test_the_routine_waits_for_the_day_and_the_week_shows_all_that_is_open(folder):
    """One digest a day of what is new, at 08:00; on Monday one of all that nobody has answered; each has commands."""
    with alarm(folder) as here:
        one = here.routine()
        here.held()
        assert [subject for _, subject in here.mails()] == [HELD]
        await here.rounds_until(NOW + timedelta(days=7), every=timedelta(minutes=20))
        assert [subject for _, subject in here.mails()][1:] == ["Alerts of the day", "Alerts that are still open"]
        daily, weekly = here.bodies()[1:]
        for body, count in ((daily, 1), (weekly, 2)):
            assert f"parley alerts acknowledge {one.id}" in body
            assert (body.count("parley alerts acknowledge"), body.count("parley events list")) == (count, 1)
        assert here.alert(one).times == 1


async def test_to_each_their_own_digest(folder):
    """What goes to the head is in the head's letter alone."""
    rows = [{"kinds": ["webhook"], "mail": [HEAD]}, {"kinds": ["held"], "mail": [DUTY]}]
    with alarm(folder, to=rows, soon="daily") as here:
        here.routine()
        here.held()
        await here.round(days=1)
        assert sorted(to for to, _ in here.mails()) == [DUTY, HEAD]
        assert all(body.count("parley alerts acknowledge") == 1 for body in here.bodies())


@pytest.mark.parametrize(
    "jump", [timedelta(days=3), -timedelta(hours=5), timedelta(hours=1), -timedelta(hours=1)], ids=str
)
async def test_W7_a_jump_of_the_clock_tells_nothing_twice(folder, jump):
    """After it there is one repeat in each half hour of the new time, and no digest a second time."""
    with alarm(folder, clock=Clock(NOW - timedelta(hours=2, minutes=10))) as here:
        here.routine()
        await here.rounds_until(NOW)
        digests = len([subject for _, subject in here.mails() if "day" in subject])
        assert digests == 1
        one = here.danger()
        await here.round(minutes=10)
        here.clock.at += jump
        start, before = here.clock(), here.alert(one).times
        await here.rounds_until(start + timedelta(minutes=61), every=timedelta(minutes=1))
        assert here.alert(one).times - before in (2, 3)
        assert len([subject for _, subject in here.mails() if subject == "Alerts of the day"]) == 1


async def test_W7_what_was_raised_in_a_time_that_never_came_is_told(folder):
    """The clock stood a year ahead, in quiet hours; set back, what waited is told once, and the rest in the digest."""
    with alarm(folder, clock=Clock(EVENING.replace(year=2027)), **NIGHT) as here:
        held, routine = here.held(), here.routine()
        await here.rounds.make()
        here.clock.at = NOW
        await here.rounds_until(NOW + timedelta(days=1), every=timedelta(minutes=30))
        assert [subject for _, subject in here.mails()].count(HELD) == 1
        assert [subject for _, subject in here.mails()].count("Alerts of the day") == 1
        assert (here.alert(held).times, here.alert(routine).times) == (1, 1)


@pytest.mark.parametrize("night", [datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)])
async def test_W7_the_nights_of_the_change_have_one_digest(folder, night):
    """A digest at 01:30, which one of these nights has twice and the other not at all, leaves once."""
    with alarm(folder, clock=Clock(night), digest_at="01:30") as here:
        here.routine()
        await here.rounds_until(night + timedelta(hours=9), every=timedelta(minutes=5))
        assert [subject for _, subject in here.mails()].count("Alerts of the day") == 1


async def test_W7_an_october_night_is_an_hour_longer_for_what_is_urgent_and_no_earlier_for_the_rest(folder):
    """Repeats each half hour that passed, the head after 45 minutes; what is quiet until 07:00 leaves at 07:00 GMT."""
    rows = [{"mail": [DUTY]}, {"severities": ["urgent"], "mail": [HEAD], "after_minutes": 45}]
    change = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 01:30, for the first time
    with alarm(folder, clock=Clock(change), to=rows, repeat_minutes=30, **NIGHT) as here:
        one, held = here.danger(), here.held()
        await here.rounds_until(change + timedelta(minutes=44))
        assert {to for to, _ in here.mails()} == {DUTY}
        await here.rounds_until(change + timedelta(minutes=45))
        assert here.alert(one).escalated_at == change + timedelta(minutes=45)
        await here.rounds_until(change + timedelta(hours=2))
        assert here.alert(one).times == 5  # at once, after 30 and 45 minutes, and each half hour after that
        bodies = here.bodies()
        assert any("Sunday 25 October 2026 at 01:30 (BST), and nobody" in body for body in bodies)
        assert here.alert(held).next_at == datetime(2026, 10, 25, 7, tzinfo=UTC)


async def test_what_is_done_ends_by_itself(folder):
    """Looked at, released, a flag dismissed: the alert is settled, and by nobody's name."""
    with alarm(folder) as here:
        danger, held = here.danger(), here.held()
        assert here.record.write_now(lambda tx: tx.look(danger.contact_id, "k.jones", here.clock()))
        here.record.write_now(lambda tx: tx.settle(held.contact_id, state=State.DELIVERED))
        await here.rounds_until(NOW + timedelta(hours=2))
        assert len(here.mails()) == 2
        assert [here.alert(one).acknowledged_by for one in (danger, held)] == ["", ""]
        assert not any(here.alert(one).open for one in (danger, held))


async def test_a_judged_flag_ends_its_alert(folder):
    """Open it waits; dismissed it does not."""
    with alarm(folder) as here:
        flag = Flag("f1", "email:r@example.org", "a threshold", here.clock(), here.contact(), 5)
        assert here.record.write_now(lambda tx: tx.add_flag(flag))
        one = here.raised(here.letters_.alert_flag(flag, "5 mails in a day", "r@example.org", here.clock()))
        await here.round(minutes=1)
        assert here.alert(one).open
        here.record.write_now(lambda tx: tx.settle_flag(replace(flag, state=FlagState.DISMISSED)))
        await here.round(minutes=1)
        assert not here.alert(one).open


async def test_W7_two_processes_tell_once(folder, postgres_url):
    """Rounds made at the same moment by two machines on PostgreSQL: one repeat, one digest, one escalation."""
    clock = Clock(NOW - timedelta(hours=3))
    with (
        alarm(folder, record_url=postgres_url, clock=clock, **ESCALATES) as here,
        Record.open(postgres_url, now=clock) as second,
    ):
        other = rounds_of(second, Alarm(here.settings, second, clock).letters_, clock)
        one = here.danger()
        here.routine()
        for minutes in (30, 15, 120):
            clock.advance(minutes=minutes)
            await asyncio.gather(*(each.make() for each in (here.rounds, other, here.rounds, other)))
        subjects = [subject for _, subject in here.mails()]
        assert subjects.count("Alerts of the day") == 1
        assert here.alert(one).times == 4
        assert subjects.count("Alerts that are still open") == 1  # it is a Monday
        assert len(subjects) == 1 + 1 + 2 + 2 + 2  # itself, its repeat, twice to both, the digests
