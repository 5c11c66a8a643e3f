"""Events on record, on both databases: their order, who has one, and what becomes of it."""

import pytest

from storage.events import EventState
from storage.record import Record
from tests.storage.office import AT, after

LEASE = after(minutes=2)


@pytest.fixture
def parties(record):
    """Two parties."""
    return [record.write_now(lambda tx, n=name: tx.add_party(n)) for name in ("R. Example", "S. Example")]


def queue(record, number, party, hook="cases"):
    """Queue one event."""
    record.write_now(lambda tx: tx.add_event(number, hook, party, "warn", "{}"))


def claim(record, now=AT, hook="cases", until=LEASE):
    """Claim one; gives its id."""
    event = record.write_now(lambda tx: tx.claim_event(hook, now, until))
    return event and event.id


def listed(record, state=EventState.QUEUED):
    """Name the events in a state."""
    return [event.id for event in record.read_now(lambda reader: reader.events_in(state))]


def settle(record, number, state, next_at=AT):
    """Settle one by its id."""
    (event,) = [e for e in record.read_now(lambda r: r.events_in(EventState.QUEUED)) if e.id == number]
    record.write_now(lambda tx: tx.settle_event(event.seq, state, next_at, "why"))


def test_those_of_one_party_leave_in_order(record, parties):
    """A party's second is nobody's until the first has left, though others' are; then it is its turn."""
    queue(record, "a1", parties[0])
    queue(record, "a2", parties[0])
    queue(record, "b1", parties[1])
    assert [claim(record), claim(record), claim(record)] == ["a1", "b1", None]
    settle(record, "a1", EventState.QUEUED, after(minutes=5))
    assert claim(record, after(minutes=1)) is None
    assert claim(record, after(minutes=5), until=after(minutes=9)) == "a1"
    settle(record, "a1", EventState.SENT)
    assert claim(record, after(minutes=5), until=after(minutes=9)) == "a2"


def test_one_that_was_given_up_holds_up_no_other(record, parties):
    """What never gets through does not silence a party's file for ever."""
    queue(record, "a1", parties[0])
    queue(record, "a2", parties[0])
    assert claim(record) == "a1"
    settle(record, "a1", EventState.GIVEN_UP)
    assert claim(record) == "a2"
    assert listed(record, EventState.GIVEN_UP) == ["a1"]


def test_what_was_claimed_and_not_settled_is_due_again(record, parties):
    """A killed process loses nothing: the same event, once its claim has run out."""
    queue(record, "a1", parties[0])
    assert claim(record) == "a1"
    assert claim(record, LEASE.replace(microsecond=0) - (LEASE - AT) / 2) is None
    assert claim(record, LEASE, until=after(minutes=4)) == "a1"
    (event,) = record.read_now(lambda reader: reader.events_in(EventState.QUEUED))
    assert (event.attempts, event.since) == (2, AT)


def test_webhooks_do_not_wait_for_each_other(record, parties):
    """The same event goes to each by itself, under one id."""
    queue(record, "a1", parties[0])
    queue(record, "a1", parties[0], hook="figures")
    assert [claim(record), claim(record, hook="figures")] == ["a1", "a1"]
    assert len(listed(record)) == 2


def test_sent_is_sent(record, parties):
    """A late word of a failure does not send it again."""
    queue(record, "a1", parties[0])
    claim(record)
    (event,) = record.read_now(lambda reader: reader.events_in(EventState.QUEUED))
    record.write_now(lambda tx: tx.settle_event(event.seq, EventState.SENT, AT))
    record.write_now(lambda tx: tx.settle_event(event.seq, EventState.QUEUED, AT, "late"))
    assert (listed(record), listed(record, EventState.SENT)) == ([], ["a1"])


def test_nothing_is_claimed_twice_at_once(record, parties, url, clock):
    """Of two processes that look at once, each finds another party's."""
    queue(record, "a1", parties[0])
    queue(record, "b1", parties[1])
    with Record.open(url, now=clock) as other:
        assert {claim(record), claim(other)} == {"a1", "b1"}
        assert claim(other) is None


def test_what_waits_for_a_webhook_that_is_gone_is_given_up(record, parties):
    """A person sees it; what waits for the others goes on waiting."""
    queue(record, "a1", parties[0])
    queue(record, "a2", parties[0], hook="gone")
    assert record.write_now(lambda tx: tx.give_up_strangers(["cases"])) == 1
    assert (listed(record), listed(record, EventState.GIVEN_UP)) == (["a1"], ["a2"])


def test_one_is_tried_again(record, parties):
    """Only what was given up; it counts as queued from then on."""
    queue(record, "a1", parties[0])
    assert not record.write_now(lambda tx: tx.retry_event("a1", after(days=4)))
    settle(record, "a1", EventState.GIVEN_UP)
    assert record.write_now(lambda tx: tx.retry_event("a1", after(days=4)))
    (event,) = record.read_now(lambda reader: reader.events_in(EventState.QUEUED))
    assert event.since == after(days=4)


def test_what_was_sent_long_ago_is_forgotten(record, parties):
    """Only that: what waits or was given up stays."""
    for number in ("a1", "a2", "a3"):
        queue(record, number, parties[0])
    settle(record, "a1", EventState.SENT)
    settle(record, "a2", EventState.GIVEN_UP)
    assert record.write_now(lambda tx: tx.forget_events(after(days=30))) == 1
    assert (listed(record), listed(record, EventState.GIVEN_UP)) == (["a3"], ["a2"])
