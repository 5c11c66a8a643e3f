"""Mailboxes on record, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from storage.mailboxes import Cursor, Seen
from tests.storage.office import AT, add

BOX = "enquiries"
LATER = AT + timedelta(minutes=2)


def test_one_process_at_a_time_holds_a_mailbox(record):
    """Who has it may keep it; another gets it when the lease has run out, or was given up."""

    def lease(node, now):
        return record.write_now(lambda tx: tx.lease_mailbox(BOX, node, now, now + timedelta(minutes=2)))

    assert [lease("a", AT), lease("b", AT), lease("a", AT), lease("b", LATER)] == [True, False, True, True]
    assert not lease("a", LATER)
    record.write_now(lambda tx: tx.leave_mailbox(BOX, "a", LATER))
    assert not lease("a", LATER)
    record.write_now(lambda tx: tx.leave_mailbox(BOX, "b", LATER))
    assert lease("a", LATER)


def test_a_cursor_comes_out_as_it_went_in(record):
    """It begins at nothing, when the mailbox was first leased."""
    assert record.read_now(lambda reader: reader.mailbox_cursor(BOX)) is None
    record.write_now(lambda tx: tx.lease_mailbox(BOX, "a", AT, LATER))
    assert record.read_now(lambda reader: reader.mailbox_cursor(BOX)) == Cursor(BOX, 0, 0, 0, AT, None)
    moved = Cursor(BOX, 2**32 - 1, 2**32 - 2, 17, LATER, LATER)
    record.write_now(lambda tx: tx.move_cursor(moved))
    assert record.read_now(lambda reader: reader.mailbox_cursor(BOX)) == replace(moved, since=AT)


def test_a_message_is_known_again_in_its_mailbox(record):
    """By its digest, with what changed about it last; the contact that it is stays the first."""
    add(record, id="1"), add(record, id="2")
    first = Seen(BOX, "aa", "1", AT, False)
    placed = replace(first, arrived=LATER, placed=True)
    record.write_now(lambda tx: tx.keep_seen([first, Seen("other", "aa", "2", AT, True)]))
    assert record.read_now(lambda reader: reader.seen_in(BOX, "aa")) == first
    record.write_now(lambda tx: tx.keep_seen([replace(placed, contact_id="2")]))
    assert record.read_now(lambda reader: [reader.seen_in(BOX, "aa"), reader.seen_in(BOX, "bb")]) == [placed, None]


def test_old_messages_are_forgotten(record):
    """Those that arrived before the time, and no others."""
    add(record, id="1")
    record.write_now(lambda tx: tx.keep_seen([Seen(BOX, "aa", "1", AT, True), Seen(BOX, "bb", "1", LATER, True)]))
    assert record.write_now(lambda tx: tx.forget_seen(LATER)) == 1
    assert record.read_now(lambda reader: [reader.seen_in(BOX, one) is None for one in ("aa", "bb")]) == [True, False]
