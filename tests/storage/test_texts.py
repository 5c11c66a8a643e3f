"""Texts on record: one document each, what our own cost, who wants none (THREATS T2, T6)."""

from datetime import timedelta

import pytest

from rules.contact import Channel
from rules.retention import RecordClass
from storage.texts import TextTaken
from tests.storage.office import AT, add

NUMBER, ANOTHER = "+447700900001", "+447700900002"
DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?><Response><Message>Croeso — ŵ</Message></Response>'


@pytest.fixture
def came(record):
    """A text that came and was answered by one of ours, in two parts."""
    made = add(record, channel=Channel.SMS)
    taken = TextTaken("SM1", made.id, DOCUMENT, NUMBER, 2, "3:a limit")
    assert record.write_now(lambda tx: tx.add_text(taken, AT))
    return taken


def test_a_text_keeps_its_document(record, came):
    """The same text again is answered as before; another one is not taken for it."""
    assert not record.write_now(lambda tx: tx.add_text(TextTaken("SM1", came.contact_id, "<Response/>"), AT))
    assert record.read_now(lambda reader: (reader.text("SM1"), reader.text("SM2"))) == (came, None)


def test_our_own_are_counted(record, came):
    """How many and of how many parts, after a time and not at it; what was not answered costs nothing."""
    record.write_now(lambda tx: tx.add_text(TextTaken("SM2", came.contact_id, "<Response/>"), AT))
    before = AT - timedelta(microseconds=1)
    assert record.read_now(lambda reader: (reader.texts_sent(before), reader.texts_sent(AT))) == ((1, 2), (0, 0))
    assert record.read_now(lambda reader: [reader.text_sent_to(one, before) for one in (NUMBER, ANOTHER)]) == [
        *(True, False)
    ]
    assert not record.read_now(lambda reader: reader.text_sent_to(NUMBER, AT))


def test_what_is_said_once_is_known(record, came):
    """By its key alone."""
    assert record.read_now(lambda reader: [reader.text_said(one) for one in ("3:a limit", "3:")]) == [True, False]


def test_who_wants_no_texts_has_none_until_they_say_so(record):
    """Said twice is said once; another number is not concerned."""
    for _ in range(2):
        record.write_now(lambda tx: tx.stop_texts(NUMBER, AT))
    assert record.read_now(lambda reader: [reader.texts_stopped(one) for one in (NUMBER, ANOTHER, "")]) == [
        *(True, False, False)
    ]
    record.write_now(lambda tx: tx.allow_texts(NUMBER, AT))
    assert not record.read_now(lambda reader: reader.texts_stopped(NUMBER))


def test_a_start_undoes_no_stop_that_came_after_it(record):
    """Also where an earlier STOP stood already; the last one counts, in whatever order they are told."""
    for minutes in (0, 20, 10):
        record.write_now(lambda tx, minutes=minutes: tx.stop_texts(NUMBER, AT + timedelta(minutes=minutes)))
    record.write_now(lambda tx: tx.allow_texts(NUMBER, AT + timedelta(minutes=15)))
    assert record.read_now(lambda reader: reader.texts_stopped(NUMBER))
    record.write_now(lambda tx: tx.allow_texts(NUMBER, AT + timedelta(minutes=25)))
    assert not record.read_now(lambda reader: reader.texts_stopped(NUMBER))


def test_a_text_goes_with_its_contact(record, came):
    """Retention leaves nothing of it behind; that its number wants no texts stays, for its own sake."""
    record.write_now(lambda tx: tx.stop_texts(NUMBER, AT))
    later = AT + timedelta(days=1)
    assert record.write_now(lambda tx: tx.remove_old(RecordClass.CONTACTS, later, [came.contact_id])) == 1
    assert record.read_now(lambda reader: reader.text("SM1")) is None
    assert record.read_now(lambda reader: (reader.texts_stopped(NUMBER), reader.stopped_numbers())) == (True, 1)


def test_a_transaction_may_hold_the_limit(record):
    """Taking the lock twice in one transaction is no fault."""
    record.write_now(lambda tx: (tx.lock_texts(), tx.lock_texts()))
