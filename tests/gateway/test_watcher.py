"""Watching mailboxes: every outcome, what a person does meanwhile, what breaks, against Dovecot for real."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from adapters.mail.imap import KEYWORD
from adapters.mail.trace import content_digest
from gateway.build_desk import letters_of, traces_of
from gateway.sorting import envelope_sender
from gateway.watcher import Watchdog
from rules.answers import Permanent
from rules.contact import Channel
from storage.entries import State
from storage.faults import RecordUnavailable
from storage.schema import contacts
from tests.gateway.office import ALERTS, Clock, mail, settled
from tests.gateway.watched import (
    FOLDERS,
    address,
    begin,
    cursor_of,
    delivered,
    end,
    handled,
    lying,
    read_to_its_end,
    watching,
)
from tests.servers.dovecot import Dovecot, needed
from tests.servers.imap_relay import Line

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("dovecot")]
FILE = {"kind": "file_unanswered", "channels": ["email"]}
RETURN = {"kind": "return_mail", "note": "Please write to us by letter."}
LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
REFUSE = {"kind": "block"}
CLOSED = {"kind": "time_window", "channels": ["email"], "days": ["mon"], "from": "00:00", "to": "00:01"}


@pytest.fixture(scope="module")
def server():
    """One Dovecot for this module."""
    needed()
    dovecot = Dovecot()
    dovecot.start()
    yield dovecot
    dovecot.end()


@pytest.fixture
def user():
    """The address of a mailbox, new for each test."""
    return address()


def lies_in(server, user, message):
    """Give the folders in which a message lies, with its marks."""
    found = [(name, marks) for name in FOLDERS for raw, marks in server.marked(user, name) if message in raw]
    return [(name, marks - {"$ParleyDone"}) for name, marks in found if "$ParleyDone" in marks]


OUTCOMES = {
    "of a stranger it stays in the inbox, unread": ((), "delivered", "INBOX", set(), 0),
    "filed it is read, in a folder of its own": ((FILE,), "filed", "Filed unanswered", {"\\Seen"}, 0),
    "held it waits, unread": ((CLOSED,), "held", "Held", set(), 0),
    "returned it lies among the returned, and the sender is told": ((RETURN,), "returned", "Returned", {"\\Seen"}, 1),
    "refused it is filed, for nothing can be refused": ((REFUSE,), "filed", "Filed unanswered", {"\\Seen"}, 0),
}


@pytest.mark.parametrize(("on", "state", "place", "marks", "told"), OUTCOMES.values(), ids=OUTCOMES)
async def test_outcomes(folder, server, user, on, state, place, marks, told):
    """A message lies where its outcome wants it, marked accordingly."""
    async with watching(folder, server, user) as here:
        if on:
            here.party(*on)
        server.put(user, delivered(mail()))
        (entry,) = await handled(here, 1)
        await settled(lambda: lies_in(server, user, mail()) == [(place, marks)])
        assert (entry.state.value, len(here.told())) == (state, told)
        if on == (REFUSE,):
            assert (entry.decided.value, entry.carried.value) == ("refuse", "file")
            assert "nothing can be refused" in entry.reasons[-1].text
            assert entry.look_by is not None
        assert here.gateway.watchers[0].trouble == ""


async def test_what_was_there_before_is_left_alone(folder, server, user):
    """The watch begins with what comes after it."""
    here_before = delivered(mail(1))
    server.put(user, here_before)
    async with watching(folder, server, user) as here:
        here.party(FILE)
        server.put(user, delivered(mail(2)))
        await handled(here, 1)
        await lying(server, user, {"INBOX": 1, "Filed unanswered": 1})
        assert server.marked(user) == [(here_before, set())]


async def test_limits_count_in_the_order_of_arrival(folder, server, user):
    """Of three at once the first passes."""
    messages = [delivered(mail(number)) for number in range(3)]
    async with watching(folder, server, user, start=False) as here:
        here.party(LIMIT)
        await begin(here)
        await end(here)
        server.put(user, *messages)
        await begin(here)
        await handled(here, 3)
        await lying(server, user, {"INBOX": 1, "Filed unanswered": 2})
        assert server.lies(user) == messages[:1]
        assert sorted(here.states()) == ["delivered", "filed", "filed"]


async def test_routed_into_another_mailbox(folder, server, user):
    """It is put there with our trace, and not sorted again; the one written to has it among what was passed on."""
    named = address("named")
    async with watching(folder, server, user, named) as here:
        here.party({"kind": "named_contact", "inbox": named})
        server.put(user, delivered(mail()))
        (entry,) = await handled(here, 1)
        await lying(server, user, {"INBOX": 0, "Passed on": 1})
        await lying(server, named, {"INBOX": 1})
        trace, _, rest = server.lies(named)[0].partition(b"\r\n")
        assert (trace.startswith(b"Parley-Trace: v1; id="), rest) == (True, delivered(mail()))
        server.put(named, delivered(mail(2, sender="other@example.org")))
        await handled(here, 2)
        assert (entry.state, len(here.contacts())) == (State.DELIVERED, 2)
        assert len(server.lies(named)) == 2


async def test_what_cannot_be_routed_waits_and_keeps_nobody_else_waiting(folder, server, user):
    """While where it goes cannot be reached it stays as it is; what came behind it is sorted."""
    named = address("named")
    async with watching(folder, server, user, named, port=0) as here:
        here.party({"kind": "named_contact", "inbox": named}, emails=["routed@example.org"])
        here.party(FILE)
        name, box = here.gateway.mailboxes._named[named]
        line = Line(server.port)
        line.go_silent()
        slow = type(box.settings)("127.0.0.1", line.port, named, "none", connect_timeout_s=0.2, reply_timeout_s=0.2)
        here.gateway.mailboxes._named[named] = (name, type(box)(slow, box.sign_in, box.folders, box.most))
        server.put(user, delivered(mail(1, sender="routed@example.org")), delivered(mail(2)))
        await lying(server, user, {"INBOX": 1, "Filed unanswered": 1})
        assert b"Message 1" in server.lies(user)[0]
        line.speak()
        await lying(server, user, {"INBOX": 0, "Passed on": 1})
        await lying(server, named, {"INBOX": 1})
        line.end()
        assert len(here.contacts()) == 2


class Refusing:
    """Be a next hop that knows nobody."""

    async def send(self, mail_from, recipients, chunks, *_):
        """Refuse everybody for good."""
        return dict.fromkeys(recipients, Permanent("Nobody here."))

    async def learn(self):
        """Know nothing."""

    async def close(self):
        """Have nothing to close."""


async def test_what_is_refused_where_it_should_go_waits_for_a_person(folder, server, user):
    """Nobody tells its sender, who was told long ago that it arrived; it is taken out of the inbox and kept."""
    async with watching(folder, server, user) as here:
        here.gateway.watchers[0]._sorting._reception._delivery._next_hop = Refusing()
        here.party({"kind": "named_contact", "inbox": "named@elsewhere.example.org"})
        server.put(user, delivered(mail()))
        await lying(server, user, {"INBOX": 0, "Held": 1})
        entry = here.only()
        assert (entry.state, here.raw(entry), here.told()) == (State.UNCLEAR, delivered(mail()), [])
        assert [one.id for one in here.queue()] == [entry.id]


async def test_one_message_in_two_mailboxes_is_one_contact(folder, server, user):
    """It counts once, and each mailbox has its own place for it."""
    other = address("other")
    async with watching(folder, server, user, other) as here:
        party = here.party(LIMIT)
        server.put(user, delivered(mail()))
        await handled(here, 1)
        server.put(other, delivered(mail()))
        await settled(lambda: len(here.only().targets) == 2)
        await lying(server, other, {"INBOX": 1})
        assert (len(here.contacts()), here.used(party)) == (1, 1)


async def test_a_hold_is_released_into_the_inbox(folder, server, user):
    """By the clock, decided anew: it is moved back, unread, and not sorted again."""
    async with watching(folder, server, user) as here:
        here.party(CLOSED, ends=here.clock() + timedelta(hours=2))
        server.put(user, delivered(mail()))
        await handled(here, 1)
        await lying(server, user, {"INBOX": 0, "Held": 1})
        here.clock.advance(hours=3)
        assert await here.gateway.holds.release_due() == 1
        assert server.lies(user) == [delivered(mail())]
        assert server.lies(user, "Held") == []
        server.put(user, delivered(mail(2, sender="other@example.org")))
        await handled(here, 2)
        assert lies_in(server, user, mail()) == [("INBOX", set())]
        assert here.states() == ["delivered", "delivered"]


async def test_a_person_releases_what_was_filed(folder, server, user):
    """`parley queue release` brings it back into the inbox it was written to."""
    async with watching(folder, server, user) as here:
        here.party(FILE)
        server.put(user, delivered(mail()))
        (entry,) = await handled(here, 1)
        await lying(server, user, {"Filed unanswered": 1})
        said = await here.gateway.holds.release(entry.id, "clerk")
        assert "was delivered" in said
        await lying(server, user, {"INBOX": 1, "Filed unanswered": 0, "Passed on": 0})


async def test_what_a_person_moves_stays_where_they_put_it(folder, server, user):
    """What was filed and is moved back is left there; a second copy is filed, and counts for nothing (M7)."""
    async with watching(folder, server, user) as here:
        here.party(FILE)
        server.put(user, delivered(mail()))
        await handled(here, 1)
        await lying(server, user, {"INBOX": 0, "Filed unanswered": 1})
        with server.reader(user, "Filed unanswered") as client:
            client.move([1], "INBOX")
        server.put(user, delivered(mail(2, sender="other@example.org")))
        await read_to_its_end(here, server, user)
        assert (len(server.lies(user)), len(server.lies(user, "Filed unanswered"))) == (2, 0)
        await asyncio.sleep(1.0)  # the second copy must come in another second; that is what tells the two apart
        server.put(user, delivered(mail()))
        await lying(server, user, {"INBOX": 2, "Filed unanswered": 1})
        await read_to_its_end(here, server, user)
        assert (len(server.lies(user)), len(here.contacts())) == (2, 2)


def put_at(server, user, message, when):
    """Have a message come in this very second."""
    with server.reader(user) as client:
        client.append("INBOX", message, msg_time=when)


async def test_a_second_copy_in_the_same_second(folder, server, user):
    """It is filed beside the first, for that one lies there still; what a person moves back is left alone."""
    async with watching(folder, server, user) as here:
        here.party(FILE)
        when = datetime.now(UTC).replace(microsecond=0)
        put_at(server, user, delivered(mail()), when)
        await lying(server, user, {"INBOX": 0, "Filed unanswered": 1})
        await handled(here, 1)
        await settled(lambda: here.record.read_now(lambda reader: seen_of(reader).placed))
        put_at(server, user, delivered(mail()), when)
        await lying(server, user, {"INBOX": 0, "Filed unanswered": 2})
        with server.reader(user, "Filed unanswered") as client:
            client.remove_flags([1, 2], [KEYWORD])
            client.move([1, 2], "INBOX")
        await read_to_its_end(here, server, user)
        assert (len(server.lies(user)), len(server.lies(user, "Filed unanswered"))) == (2, 0)
        assert len(here.contacts()) == 1


def seen_of(reader):
    """Give what is on record of the first message in its mailbox."""
    return reader.seen_in("box0", content_digest(delivered(mail())))


async def test_numbers_that_change(folder, server, user):
    """Everything is looked through again: nothing is decided, counted or answered twice (M5)."""
    async with watching(folder, server, user) as here:
        party = here.party(LIMIT)
        here.party(RETURN, emails=["back@example.org"], name="B. Example")
        back = delivered(mail(9, sender="back@example.org"), "back@example.org")
        server.put(user, delivered(mail(1)), delivered(mail(2)), back, delivered(mail(3, sender="x@example.org")))
        await handled(here, 4)
        await lying(server, user, {"INBOX": 2, "Filed unanswered": 1, "Returned": 1})
        before = {(entry.id, entry.state, entry.counted_at) for entry in here.contacts()}
        told = len(here.told())
        server.kill()
        server.number_anew(user)
        server.start()
        old = cursor_of(here).uidvalidity
        await settled(lambda: cursor_of(here).uidvalidity != old and cursor_of(here).last_uid > 5000)
        server.put(user, delivered(mail(4)))
        await handled(here, 5)
        await lying(server, user, {"INBOX": 2, "Filed unanswered": 2, "Returned": 1})
        after = {(entry.id, entry.state, entry.counted_at) for entry in here.contacts()}
        assert (before <= after, len(after)) == (True, 5)
        assert (len(here.told()), here.used(party)) == (told, 1)


async def test_a_record_that_cannot_be_written(folder, server, user):
    """The mailbox is left as it is, and sorted as soon as it can be."""
    async with watching(folder, server, user) as here:
        here.party(FILE)
        write, refused = here.record.write, []

        async def broken(job):
            refused.append(job)
            raise RecordUnavailable("full")

        here.record.write = broken
        server.put(user, delivered(mail()))
        await settled(lambda: len(refused) > 3)
        assert server.marked(user) == [(delivered(mail()), set())]
        assert here.gateway.watchers[0].trouble == "The record cannot be written."
        here.record.write = write
        await handled(here, 1)
        await lying(server, user, {"INBOX": 0, "Filed unanswered": 1})


async def test_a_crash_between_record_and_mailbox(folder, server, user):
    """What is on record is carried out at the next start, and not decided a second time."""
    async with watching(folder, server, user, start=False) as here:
        party = here.party(RETURN)
        await begin(here)
        await end(here)
        server.put(user, delivered(mail()))
        (watcher,) = here.gateway.watchers
        imap = watcher.watched.box.open()
        selected = imap.select("INBOX")
        arrivals = imap.arrivals(0, 10)
        octets = imap.read(arrivals, 10_000)
        imap.close()
        verdicts = await watcher._sorting.sort(arrivals, octets)
        here.record.write_now(lambda tx: tx.keep_seen([one.seen for one in verdicts]))
        assert (selected.messages, verdicts[0].place.value, len(here.told())) == (1, "returned", 1)
        assert server.marked(user) == [(delivered(mail()), set())]
        await begin(here)
        await lying(server, user, {"INBOX": 0, "Returned": 1})
        assert (len(here.contacts()), len(here.told()), here.used(party)) == (1, 1, 0)


async def test_a_server_killed_between_copying_and_removing(folder, server, user):
    """What lies in its place already only leaves the inbox; of two alike one each; what does not is moved (M4)."""
    alike, other = delivered(mail(1)), delivered(mail(2))
    async with watching(folder, server, user, start=False) as here:
        here.party(FILE)
        await begin(here)
        await end(here)
        server.put(user, alike, alike, other)
        (watcher,) = here.gateway.watchers
        imap = watcher.watched.box.open()
        imap.select("INBOX")
        arrivals = imap.arrivals(0, 10)
        verdicts = await watcher._sorting.sort(arrivals, imap.read(arrivals, 10_000))
        imap.mark([1], seen=True)
        imap.close()
        here.record.write_now(lambda tx: tx.keep_seen([one.seen for one in verdicts]))
        with server.reader(user) as client:
            client.create_folder("Filed unanswered")
            client.copy([1], "Filed unanswered")
        await begin(here)
        await lying(server, user, {"INBOX": 0, "Filed unanswered": 3})
        assert sorted(server.lies(user, "Filed unanswered")) == sorted([alike, alike, other])
        assert all("\\Seen" in marks for _, marks in server.marked(user, "Filed unanswered"))
        assert len(here.contacts()) == 2


async def test_nothing_that_a_sender_chose_is_in_a_command(folder, server, user):
    """Not their address, subject or Message-ID, whatever becomes of the message; also when it is looked for (M1)."""
    line, told = Line(server.port), [b"r.example", b"Message", b"sender-chose"]
    async with watching(folder, server, user, port=line.port) as here:
        here.party(CLOSED, ends=here.clock() + timedelta(hours=2))
        server.put(user, delivered(mail().replace(b"Subject:", b"Message-ID: <sender-chose@example.org>\r\nSubject:")))
        await handled(here, 1)
        await lying(server, user, {"INBOX": 0, "Held": 1})
        here.clock.advance(hours=3)
        assert await here.gateway.holds.release_due() == 1
        await lying(server, user, {"INBOX": 1, "Held": 0})
        said = bytes(line.asked)
    line.end()
    assert b" UID MOVE " in said
    assert [word for word in told if word in said] == []


async def test_observe_mode_moves_nothing(folder, server, user):
    """Everything is decided and recorded, and stays where it is."""
    async with watching(folder, server, user) as here:
        here.party(FILE)
        here.observe()
        server.put(user, delivered(mail()))
        (entry,) = await handled(here, 1)
        await settled(lambda: lies_in(server, user, mail()) == [("INBOX", set())])
        assert (entry.decided.value, entry.carried.value) == ("file", "deliver")


async def test_alerts_go_into_a_mailbox_of_ours(folder, server, user):
    """Where the staff inbox is one of the mailboxes; it is not taken for a contact."""
    async with watching(folder, server, ALERTS) as here:
        letters = letters_of(here.settings, traces_of(here.record))
        alert = letters.alert_mailbox("box0", None, "It cannot be reached.", here.clock())
        here.record.write_now(lambda tx: tx.enqueue(alert))
        assert await here.gateway.outbox.send_due() == 1
        await lying(server, ALERTS, {"INBOX": 1})
        server.put(ALERTS, delivered(mail()))
        await handled(here, 1)
        assert len(here.contacts(channels=[Channel.EMAIL])) == 1


async def test_a_mailbox_that_is_not_read_is_an_alert(folder, server, user):
    """Once a day, from so many minutes after the last good reading on (M2); its clock is its own, for days end."""
    async with watching(folder, server, user, clock=Clock(datetime(2026, 9, 7, 9, 0, tzinfo=UTC))) as here:
        letters = letters_of(here.settings, traces_of(here.record))
        watchers = here.gateway.watchers
        dog = Watchdog(here.record, letters, watchers, {"box0": timedelta(minutes=30)}, clock=here.clock)
        await end(here)
        for minutes, alerts in ((29, 0), (1, 1), (10, 1), (24 * 60, 2)):
            here.clock.advance(minutes=minutes)
            await dog.look()
            assert len(here.letters()) == alerts
        assert b"has not been read since" in here.letters()[0].message


async def test_another_process_has_the_mailbox(folder, server, user):
    """It is left to that one until its lease has run out."""
    async with watching(folder, server, user, start=False) as here:
        until = here.clock() + timedelta(minutes=2)
        here.record.write_now(lambda tx: tx.lease_mailbox("box0", "elsewhere", here.clock(), until))
        (watcher,) = here.gateway.watchers
        watcher.start()
        server.put(user, delivered(mail()))
        await asyncio.sleep(0.3)  # nothing is to happen, and nothing tells that
        assert (cursor_of(here), server.marked(user)) == (None, [(delivered(mail()), set())])


async def test_served_with_everything_else(folder, server, user):
    """`serve` begins the watch and ends it, with no command beside it."""
    async with watching(folder, server, user, start=False, jobs=True) as here:
        here.party(FILE)
        await settled(lambda: cursor_of(here) is not None)
        server.put(user, delivered(mail()))
        (entry,) = await handled(here, 1)
        await lying(server, user, {"INBOX": 0, "Filed unanswered": 1})
        (watcher,) = here.gateway.watchers
        assert (entry.state, watcher.trouble, watcher._task.done()) == (State.FILED, "", False)
    assert watcher._task.done()
    server.put(user, delivered(mail(2)))
    assert server.lies(user) == [delivered(mail(2))]


async def test_what_retention_deleted_is_not_new(folder, server, user):
    """A message whose contact is gone is left where it lies."""
    async with watching(folder, server, user) as here:
        server.put(user, delivered(mail()))
        await handled(here, 1)
        await settled(lambda: lies_in(server, user, mail()) == [("INBOX", set())])
        here.record.write_now(lambda tx: tx.ask(delete(contacts)))
        here.party(FILE)
        server.kill()
        server.number_anew(user)
        server.start()
        await settled(lambda: cursor_of(here).last_uid > 5000)
        assert (here.contacts(), server.lies(user)) == ([], [delivered(mail())])


async def test_mail_of_long_ago_that_a_person_moves_here(folder, server, user):
    """It came before the watch began, so it is none of ours."""
    async with watching(folder, server, user) as here:
        here.party(FILE)
        with server.reader(user) as client:
            client.append("INBOX", delivered(mail(1)), msg_time=here.clock() - timedelta(days=30))
        server.put(user, delivered(mail(2)))
        await handled(here, 1)
        await lying(server, user, {"INBOX": 1, "Filed unanswered": 1})
        assert server.marked(user) == [(delivered(mail(1)), set())]


RETURN_PATHS = {
    b"Return-Path: <a@example.org>\r\nFrom: b@example.org\r\n\r\n": "a@example.org",
    b"Received: x\r\nreturn-path:<>\r\n\r\n": "<>",
    b"From: b@example.org\r\n\r\nReturn-Path: <a@example.org>\r\n": "",
    b"Return-Path: a@example.org\r\n\r\n": "",
    b"Return-Path: <a@example.org>\r\nReturn-Path: <b@example.org>\r\n\r\n": "a@example.org",
}


@pytest.mark.parametrize(("raw", "sender"), RETURN_PATHS.items())
def test_the_envelope_sender_is_what_the_mailboxes_server_wrote(raw, sender):
    """The topmost field of the header, and nothing of the body."""
    assert envelope_sender(raw) == sender
