"""Sessions of the desk: what the browser shows is on no record, and old ones are forgotten."""

from __future__ import annotations

import pytest

from storage.faults import RecordRefused
from storage.sessions import Session
from storage.tokens import Token
from tests.storage.office import AT, after

TOKEN = Token("t" * 22, "Ada", frozenset({"caseworker"}), "d" * 64, AT, "Bea")


def begun(record, digest="a" * 64, began=AT, seen=AT):
    """Put a session on record."""
    if record.read_now(lambda reader: reader.token(TOKEN.id)) is None:
        record.write_now(lambda tx: tx.add_token(TOKEN))
    one = Session(digest, TOKEN.id, began, seen)
    record.write_now(lambda tx: tx.begin_session(one))
    return one


def test_a_session_is_seen_and_ended(record):
    """It comes back as it is, and once it is ended it is nobody's."""
    one = begun(record)
    assert record.read_now(lambda reader: reader.session(one.digest)) == one
    record.write_now(lambda tx: tx.see_session(one.digest, after(minutes=5)))
    assert record.read_now(lambda reader: reader.session(one.digest)).seen == after(minutes=5)
    assert record.write_now(lambda tx: tx.end_session(one.digest))
    assert not record.write_now(lambda tx: tx.end_session(one.digest))
    assert record.read_now(lambda reader: reader.session(one.digest)) is None


def test_a_session_is_of_a_token_on_record(record):
    """There is none without."""
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.begin_session(Session("b" * 64, "nobody", AT, AT)))


def test_old_sessions_are_forgotten(record):
    """Those that nobody used for long, and those that began long ago; no other."""
    kept = begun(record, "a" * 64, after(hours=2), after(hours=5))
    begun(record, "b" * 64, after(hours=2), after(hours=3))
    begun(record, "c" * 64, AT, after(hours=5))
    forgotten = record.write_now(
        lambda tx: tx.forget_sessions(unseen_since=after(hours=4), begun_before=after(hours=1))
    )
    assert forgotten == 2
    assert record.read_now(lambda reader: reader.session(kept.digest)) == kept
