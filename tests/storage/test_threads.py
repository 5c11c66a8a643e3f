"""Which matters a message is on: found by any message that is answered, of one party only, the newest only."""

import pytest
from sqlalchemy import create_engine, text

from storage import threads
from storage.faults import RecordRefused
from storage.migrate import driver_url
from storage.record import Record
from storage.statements import SQLITE
from tests.storage.office import ROSA, after, party

CASE, OTHER = "ho 2024 123", "ho 2024 124"


def keep(record, number, message, *matters, at=None):
    """Note what a message is on."""
    record.write_now(lambda tx: tx.keep_thread(number, message, matters, at or after()))


def matters(record, number, *messages):
    """Ask what messages are on."""
    return record.read_now(lambda reader: reader.thread_matters(number, messages))


def test_what_answers_a_message_is_found(record):
    """Any of several messages leads to its matters, each named once; none leads to none."""
    rosa = party(record, ROSA)
    keep(record, rosa, "<a@example.org>", CASE, OTHER)
    keep(record, rosa, "<b@example.org>", CASE)
    assert matters(record, rosa, "<b@example.org>") == (CASE,)
    assert matters(record, rosa, "<x@example.org>", "<b@example.org>", "<a@example.org>") == (CASE, OTHER)
    assert matters(record, rosa, "<x@example.org>") == ()
    assert matters(record, rosa) == ()


def test_a_thread_is_one_partys(record):
    """Another party that answers the same message is on nothing."""
    rosa, omar = party(record, ROSA), party(record, name="Omar")
    keep(record, rosa, "<a@example.org>", CASE)
    assert matters(record, omar, "<a@example.org>") == ()


def test_a_message_is_noted_once(record):
    """A retry adds nothing, and what has no Message-ID is not noted."""
    rosa = party(record, ROSA)
    for message in ("<a@example.org>", "<a@example.org>", ""):
        keep(record, rosa, message, CASE)
    count = record.read_now(lambda reader: reader.link.plain("SELECT count(*) FROM threads", {}))
    assert count == [(1,)]
    assert matters(record, rosa, "") == ()


def test_only_the_newest_are_known(record, monkeypatch):
    """The oldest are forgotten, of this party alone."""
    monkeypatch.setattr(threads, "MOST", 3)
    rosa, omar = party(record, ROSA), party(record, name="Omar")
    keep(record, omar, "<0@example.org>", CASE)
    for number in range(5):
        keep(record, rosa, f"<{number}@example.org>", CASE, at=after(hours=number))
    known = [number for number in range(5) if matters(record, rosa, f"<{number}@example.org>")]
    assert known == [2, 3, 4]
    assert matters(record, omar, "<0@example.org>") == (CASE,)


def test_nobody_has_no_thread(record):
    """A party that is not on record has none."""
    with pytest.raises(RecordRefused):
        keep(record, 99, "<a@example.org>", CASE)


def test_no_message_id_is_on_record(record, url):
    """What is kept tells nothing of who wrote or where (it may be an address)."""
    rosa = party(record, ROSA)
    keep(record, rosa, "<rosa.example@example.org>", CASE)
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            (row,) = connection.execute(text("SELECT * FROM threads"))
    finally:
        engine.dispose()
    assert not any("rosa" in str(value) for value in row)
    assert len(row.message) == 32


def test_sqlite_finds_and_forgets_by_index(sqlite_url, clock):
    """Neither walks through what is known of everybody."""
    with Record.open(sqlite_url, now=clock) as record:
        values = {"party_id": 1, "message": "x", "one": 1, "most": 3}
        for statement in (threads._FIND, threads._FORGET):
            explained = f"EXPLAIN QUERY PLAN {statement.text(SQLITE)}"
            plan = record.read_now(lambda reader, explained=explained: reader.link.plain(explained, values))
            assert all(row[3].startswith(("SEARCH", "SCALAR", "USE TEMP")) for row in plan), plan


def test_all_of_a_party_are_forgotten(record):
    """Those of another party stay."""
    rosa, omar = party(record, ROSA), party(record, name="Omar")
    for number in (rosa, omar):
        keep(record, number, "<a@example.org>", CASE, OTHER)
    assert record.write_now(lambda tx: tx.forget_threads(rosa)) == 2
    assert (matters(record, rosa, "<a@example.org>"), matters(record, omar, "<a@example.org>")) == ((), (CASE, OTHER))
