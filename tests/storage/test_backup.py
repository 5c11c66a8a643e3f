"""Copies of the record made while it is in use."""

import sqlite3
import stat
import threading
from contextlib import closing

import pytest

from storage.backup import backup
from storage.faults import RecordUnavailable
from storage.record import Record
from tests.storage.office import add, entry


def test_a_copy_is_a_whole_record(sqlite_url, clock, tmp_path):
    """What was on record is in the copy, which is one file, for its owner only."""
    with Record.open(sqlite_url, now=clock) as record:
        made = add(record)
        backup(sqlite_url, tmp_path / "copy.db")
        add(record)
    assert sorted(each.name for each in tmp_path.glob("copy*")) == ["copy.db"]
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    with Record.open(f"sqlite:///{tmp_path}/copy.db", now=clock) as copy:
        assert [each.id for each in copy.read_now(lambda reader: reader.contacts())] == [made.id]


def test_a_copy_made_under_load_is_of_one_moment(sqlite_url, clock, tmp_path):
    """While contacts are written in pairs, every copy has whole pairs only."""
    with Record.open(sqlite_url, now=clock) as record:
        add(record, id="first"), add(record, id="second")
        ended = threading.Event()

        def write():
            while not ended.is_set():
                pair = entry(), entry()
                record.write_now(lambda tx, pair=pair: [tx.add_contact(each) for each in pair])

        writing = threading.Thread(target=write)
        writing.start()
        try:
            for number in range(5):
                backup(sqlite_url, tmp_path / f"copy{number}.db")
        finally:
            ended.set()
            writing.join()
    for number in range(5):
        with closing(sqlite3.connect(tmp_path / f"copy{number}.db")) as copy:
            assert copy.execute("SELECT count(*) % 2 FROM contacts").fetchone() == (0,)


def test_a_copy_never_overwrites(sqlite_url, clock, tmp_path):
    """A file that is there already stays as it is."""
    Record.open(sqlite_url, now=clock).close()
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(FileExistsError, match="another name"):
        backup(sqlite_url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_what_was_left_of_an_earlier_copy_is_no_trouble(sqlite_url, clock, tmp_path):
    """A copy that was interrupted is begun anew."""
    Record.open(sqlite_url, now=clock).close()
    (tmp_path / "copy.db.part").write_text("half")
    backup(sqlite_url, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db.part").exists()


def test_a_damaged_record_makes_no_copy(sqlite_url, clock, tmp_path):
    """A copy that is not sound is not kept, and the sentence says why."""
    with Record.open(sqlite_url, now=clock) as record:
        for _ in range(200):
            add(record)
    file = tmp_path / "parley.db"
    octets = bytearray(file.read_bytes())
    for page in range(4, len(octets) // 4096):
        octets[page * 4096 + 100 : page * 4096 + 400] = b"\xff" * 300
    file.write_bytes(octets)
    with pytest.raises(RecordUnavailable, match=r"not sound|cannot be made"):
        backup(sqlite_url, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_where_there_is_nothing_to_copy_from_or_to(sqlite_url, clock, tmp_path):
    """A record that is not there and a folder that is not there are said in a sentence."""
    with pytest.raises(RecordUnavailable, match="no record"):
        backup(sqlite_url, tmp_path / "copy.db")
    Record.open(sqlite_url, now=clock).close()
    with pytest.raises(RecordUnavailable, match="cannot be made"):
        backup(sqlite_url, tmp_path / "nowhere" / "copy.db")


def test_postgresql_has_its_own_tools(tmp_path):
    """For PostgreSQL the sentence says what to use."""
    with pytest.raises(ValueError, match="pg_dump"):
        backup("postgresql://postgres@/parley", tmp_path / "copy.db")
