"""Other systems hear of acts: what they are told, in which order, again and again until they took it."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from gateway.build_desk import letters_of, traces_of, webhooks_of
from gateway.casework.events import EventPost, wait
from rules.alerts import AlertKind
from rules.casework.refused import Refused
from storage.events import EventState
from tests.adapters.hook import SECRET, hook, says
from tests.gateway.casework.desk import Desk
from tests.gateway.office import office, settled

LIMIT = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}


@asynccontextmanager
async def telling(folder, *hooks, jobs=False, events=(), record_url=""):
    """Run an office that tells these systems; gives the desk, a party and what sends."""
    settings = [
        {"name": f"hook{number}", "url": here.url, "secret": SECRET, "events": events}
        for number, here in enumerate(hooks)
    ]
    async with office(folder, webhook=settings, jobs=jobs, record_url=record_url) as here:
        letters = letters_of(here.settings, traces_of(here.record))
        sending = EventPost(here.record, webhooks_of(here.settings.config), letters, clock=here.clock)
        party = here.party(name="Secret Name", emails=["secret@example.org"], phones=["+441632960001"])
        yield Desk(here), party, sending


def incident(desk, party):
    """Do an act; gives its paper."""
    return desk.do(party, "note_incident", category="persistent_contact", what="He rang secretly eleven times")


def waiting(desk, state=EventState.QUEUED):
    """List what waits."""
    return desk.read(lambda reader: reader.events_in(state))


async def test_an_act_is_told(folder):
    """Ids, act, stage and states of restrictions, signed; the stage and states are those after the act."""
    async with hook() as there, telling(folder, there) as (desk, party, sending):
        restriction = desk.restriction(party, LIMIT)
        file = desk.file(party)
        assert await sending.send_due() == len(file.papers)
        assert there.acts == [paper.act.name for paper in file.papers]
        assert all(one.is_signed() for one in there.posted)
        last, paper = there.posted[-1], file.papers[-1]
        assert last.said == {
            "type": "record_no_notice",
            "timestamp": "2026-03-09T10:00:00Z",
            "data": {
                "event": f"evt_{paper.id}",
                "party": party,
                "paper": paper.id,
                "act": "record_no_notice",
                "stage": "manage",
                "restrictions": [{"id": restriction, "state": "in_force"}],
            },
        }
        assert last.fields["webhook-id"] == f"evt_{paper.id}"
        assert there.posted[0].said["data"]["stage"] == "none"


async def test_nothing_of_a_person_is_told(folder):
    """No name, address, number, or word of what happened, nor who did it."""
    async with hook() as there, telling(folder, there) as (desk, party, sending):
        desk.restriction(party, LIMIT)
        incident(desk, party)
        await sending.send_due()
        everything = b" ".join(one.body for one in there.posted).lower()
        for word in (b"secret", b"example.org", b"1632", b"eleven", b"jones", b"smith"):
            assert word not in everything


async def test_what_is_refused_is_not_told(folder):
    """An event is written in the act's own transaction, or not at all."""
    async with hook() as there, telling(folder, there) as (desk, party, sending):
        with pytest.raises(Refused):
            desk.do(party, "warn", incidents=["no such"], text="Please stop.", spoken=True)
        assert not waiting(desk)
        assert await sending.send_due() == 0
        assert not there.posted


async def test_only_what_is_wanted_is_told(folder):
    """Of the acts of a restriction a system asked for one."""
    async with hook() as there, telling(folder, there, events=["warn"]) as (desk, party, sending):
        desk.restriction(party, LIMIT)
        await sending.send_due()
        assert there.acts == ["warn"]


async def test_without_webhooks_nothing_is_kept(folder):
    """No events pile up where nobody wants them."""
    async with telling(folder) as (desk, party, _):
        incident(desk, party)
        assert not waiting(desk)


async def test_order_is_kept_while_it_fails(folder):
    """The first is tried again before the second is tried at all; another party's goes meanwhile."""
    async with hook(says(500), says(500)) as there, telling(folder, there) as (desk, party, sending):
        other = desk.here.party(name="S. Example", emails=["s@example.org"])
        first, second, third = incident(desk, party), incident(desk, party), incident(desk, other)
        assert await sending.send_due() == 1  # it failed, so this system is left alone for now
        assert await sending.send_due() == 1  # the other party's, which fails too
        assert await sending.send_due() == 0
        desk.here.clock.advance(seconds=5)
        assert await sending.send_due() == 3
        told = [one.said["data"]["paper"] for one in there.posted]
        assert told == [first.id, third.id, first.id, second.id, third.id]
        assert not waiting(desk)


async def test_a_repeat_has_the_same_id_and_body(folder):
    """It was taken and the answer was lost: the other side can tell, though the time is another."""
    async with hook(b"HTTP/1.1 ") as there, telling(folder, there) as (desk, party, sending):
        incident(desk, party)
        await sending.send_due()
        desk.here.clock.advance(seconds=5)
        await sending.send_due()
        one, again = there.posted
        assert one.fields["webhook-id"] == again.fields["webhook-id"]
        assert one.body == again.body
        assert one.fields["webhook-timestamp"] != again.fields["webhook-timestamp"]
        assert one.is_signed() and again.is_signed()


async def test_what_a_killed_process_was_sending_is_sent_again(folder):
    """A claim that nobody settled runs out."""
    async with hook() as there, telling(folder, there) as (desk, party, sending):
        incident(desk, party)
        now = desk.here.clock()
        claimed = desk.here.record.write_now(lambda tx: tx.claim_event("hook0", now, now + timedelta(minutes=2)))
        assert await sending.send_due() == 0
        desk.here.clock.advance(minutes=2)
        assert await sending.send_due() == 1
        assert there.posted[0].fields["webhook-id"] == claimed.id


async def test_it_is_given_up_after_days_and_staff_hear_of_it(folder):
    """Tried ever more rarely for three days, then an alert, once a day, that names the webhook and no person."""
    async with hook(*[says(500)] * 500) as there, telling(folder, there) as (desk, party, sending):
        incident(desk, party)
        incident(desk, party)
        begun = desk.here.clock()
        while waiting(desk):
            desk.here.clock.advance(hours=1)
            await sending.send_due()
        assert desk.here.clock() - begun >= timedelta(days=3)
        assert 72 <= len({one.fields["webhook-timestamp"] for one in there.posted}) <= 76
        assert len(waiting(desk, EventState.GIVEN_UP)) == 2
        (alert,) = desk.read(lambda reader: [one for one in reader.alerts() if one.kind is AlertKind.WEBHOOK])
        assert "hook0" in alert.words
        assert alert.command == "parley events list"
        assert "Secret" not in alert.words and there.url not in alert.words


async def test_what_nobody_wants_any_more_is_given_up_at_once(folder):
    """410 is an end, and the next is tried all the same."""
    async with hook(says(410)) as there, telling(folder, there) as (desk, party, sending):
        incident(desk, party)
        second = incident(desk, party)
        await sending.send_due()
        await sending.send_due()
        assert len(waiting(desk, EventState.GIVEN_UP)) == 1
        assert there.posted[-1].said["data"]["paper"] == second.id


async def test_one_that_hangs_holds_up_no_other(folder):
    """Each system is served by itself."""
    async with hook(None) as hangs, hook() as there, telling(folder, hangs, there, jobs=True) as (desk, party, _):
        incident(desk, party)
        await settled(lambda: there.posted, within_s=8)
        assert there.posted[0].is_signed()
        hangs.tired = True  # else the office waits for it before it stops


async def test_a_job_sends_them(folder):
    """Nobody has to ask, and each is sent once."""
    async with hook() as there, telling(folder, there, jobs=True) as (desk, party, _):
        desk.restriction(party, LIMIT)
        await settled(lambda: not waiting(desk))
        assert there.acts == [paper.act.name for paper in desk.file(party).papers]


async def test_on_postgresql_too(folder, postgres_url):
    """Queued with the act, sent in order."""
    async with hook() as there, telling(folder, there, record_url=postgres_url) as (desk, party, sending):
        desk.restriction(party, LIMIT)
        await sending.send_due()
        assert there.acts == [paper.act.name for paper in desk.file(party).papers]


async def test_what_was_sent_is_forgotten_in_time(folder):
    """A month is long enough to see what was sent."""
    async with hook() as there, telling(folder, there) as (desk, party, sending):
        incident(desk, party)
        await sending.send_due()
        await sending.forget_sent()
        assert len(waiting(desk, EventState.SENT)) == 1
        desk.here.clock.advance(days=31)
        await sending.forget_sent()
        assert not waiting(desk, EventState.SENT)


def test_waits_grow_to_an_hour():
    """From five seconds on, twice as long each time."""
    assert [wait(n).total_seconds() for n in (0, 1, 2, 9, 10, 10_000)] == [5, 10, 20, 2560, 3600, 3600]
