"""What staff wrote down by hand: once for each key, taken back once, gone with its contact."""

from __future__ import annotations

import pytest

from rules.contact import Channel
from rules.retention import RecordClass
from storage.entries import ByHand, State
from storage.faults import RecordRefused
from tests.storage.office import AT, add, after

KEY = "a" * 64


def logged(record, key=KEY, **more):
    """Put a visit on record with what was written down of it."""
    entry = add(record, channel=Channel.VISIT, state=State.DELIVERED)
    one = ByHand(entry.id, AT, "Ada", **({"staff": "Bea", "minutes": 5, "note": "Asked.\n", "key": key} | more))
    return one, record.write_now(lambda tx: tx.add_by_hand(one))


def test_it_comes_back_as_it_went_in(record):
    """Every field, by its contact and by its key."""
    one, added = logged(record, ours=True)
    assert added
    assert record.read_now(lambda reader: reader.by_hand(one.contact_id)) == one
    assert record.read_now(lambda reader: reader.by_hand_with_key(KEY)) == one
    assert record.read_now(lambda reader: reader.by_hand("nothing")) is None


def test_a_key_is_there_once_and_no_key_as_often_as_you_like(record):
    """The second under a key is not put on record."""
    assert logged(record)[1]
    assert not logged(record)[1]
    assert logged(record, None)[1]
    assert logged(record, None)[1]


def test_it_is_of_a_contact_on_record(record):
    """There is nothing by hand without one."""
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.add_by_hand(ByHand("nothing", AT, "Ada")))


def test_it_is_taken_back_once(record):
    """By the first who does; who, when and why stay."""
    one, _ = logged(record)
    at = after(hours=1)
    assert record.write_now(lambda tx: tx.take_back(one.contact_id, "Cy", "wrong party", at))
    assert not record.write_now(lambda tx: tx.take_back(one.contact_id, "Eve", "again", after(hours=2)))
    found = record.read_now(lambda reader: reader.by_hand(one.contact_id))
    assert (found.taken_back_at, found.taken_back_by, found.taken_back_why) == (at, "Cy", "wrong party")
    assert not record.write_now(lambda tx: tx.take_back("nothing", "Cy", "x", at))


def test_the_note_goes_with_its_contact(record):
    """Retention deletes both together."""
    one, _ = logged(record)
    record.write_now(lambda tx: tx.remove_old(RecordClass.CONTACTS, after(days=1), [one.contact_id]))
    assert record.read_now(lambda reader: reader.contact(one.contact_id)) is None
    assert record.read_now(lambda reader: reader.by_hand(one.contact_id)) is None
