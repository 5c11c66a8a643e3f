"""Calls under way: one document each, settled once, whatever callbacks come when (THREATS T2)."""

from datetime import timedelta

import pytest

from rules.contact import Channel
from storage.entries import Call, State
from storage.faults import RecordRefused
from tests.storage.office import AT, add

DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Croeso — ŵ</Say></Response>'


@pytest.fixture
def ringing(record):
    """A call that rings and holds its place and ten minutes."""
    made = add(record, channel=Channel.CALL, state=State.RINGING, counted_at=AT, reserved_s=600)
    assert record.write_now(lambda tx: tx.add_call(Call("CA1", made.id, DOCUMENT)))
    return made


def contact(record, made):
    """Read a contact."""
    return record.read_now(lambda reader: reader.contact(made.id))


def settle(record, sid="CA1", **changes):
    """Settle a call."""
    plain = {"talk_s": 61, "state": State.ANSWERED, "counted": True}
    return record.write_now(lambda tx: tx.settle_call(sid, **(plain | changes)))


def test_a_call_keeps_its_document(record, ringing):
    """The same call asked again is answered with the same document; another one is not taken."""
    assert not record.write_now(lambda tx: tx.add_call(Call("CA1", ringing.id, "<Response/>")))
    assert record.read_now(lambda reader: reader.call("CA1")) == Call("CA1", ringing.id, DOCUMENT)
    assert record.read_now(lambda reader: reader.call("CA2")) is None


def test_a_call_is_settled_once(record, ringing):
    """The first word on talk time stands, and frees what was reserved."""
    assert settle(record, detail="completed")
    assert not settle(record, talk_s=999, state=State.MISSED, counted=False)
    now = contact(record, ringing)
    assert (now.state, now.talk_s, now.reserved_s, now.counted_at) == (State.ANSWERED, 61, None, AT)
    assert now.detail == "completed"
    assert record.read_now(lambda reader: reader.call("CA1")).settled


def test_a_call_that_does_not_count_gives_up_its_place(record, ringing):
    """A missed or short call counts for no limit."""
    assert settle(record, talk_s=12, counted=False)
    now = contact(record, ringing)
    assert (now.talk_s, now.reserved_s, now.counted_at) == (12, None, None)


def test_a_call_that_is_not_known_is_not_settled(record):
    """A callback for a call that we never answered changes nothing."""
    assert not settle(record, "CA9")


def test_callbacks_only_go_forward(record, ringing):
    """A callback that comes late or twice is told apart by its number."""
    noted = [record.write_now(lambda tx, n=n: tx.advance_call("CA1", n)) for n in (0, 2, 1, 2, 3)]
    assert noted == [True, True, False, False, True]
    assert not record.write_now(lambda tx: tx.advance_call("CA9", 1))


def test_a_call_belongs_to_a_contact(record):
    """No call is on record without its contact."""
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.add_call(Call("CA3", "nobody", DOCUMENT)))


def test_calls_are_found_by_the_mark_on_their_contact(record, ringing):
    """Once they have had it so long, and while nobody has settled them."""
    record.write_now(lambda tx: tx.settle(ringing.id, state=State.RINGING, detail="marked"))
    marked = lambda name, at: record.read_now(lambda reader: reader.calls_marked(name, at))  # noqa: E731  # a word
    since = contact(record, ringing).updated_at
    assert marked("marked", since) == ("CA1",)
    assert marked("marked", since - timedelta(seconds=1)) == marked("other", since) == ()
    assert settle(record, detail="marked")
    assert marked("marked", since + timedelta(days=1)) == ()
