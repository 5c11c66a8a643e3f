"""Opening the record, reading it, and what happens when it cannot be used."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from storage.faults import RecordBroken, RecordFull, RecordLocked, RecordRefused, RecordUnavailable
from storage.record import Record
from storage.sqlite import SqliteLink, fault
from tests.storage.office import AT, ROSA, add, entry, party


async def test_what_is_written_is_read(record):
    """A contact comes back as it went in, field by field."""
    made = entry(updated_at=AT)
    assert await record.write(lambda tx: tx.add_contact(made))
    assert await record.read(lambda reader: reader.find(made.key)) == made


def test_it_is_still_there_after_closing(url, clock):
    """What was written is read by whoever opens the record next."""
    with Record.open(url, now=clock) as record:
        made = add(record)
    with Record.open(url, now=clock) as record:
        assert record.read_now(lambda reader: reader.contact(made.id)).key == made.key


def test_every_thread_reads_at_once(record):
    """Threads have connections of their own, which are closed when they end."""
    made = add(record)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(record.read_now(lambda reader: reader.find(made.key))))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.id for each in found] == [made.id] * 5


def test_a_reader_cannot_write(record):
    """What is given to read with cannot change the record, not even by mistake."""
    from storage.contacts import add_contact

    with pytest.raises(RecordUnavailable):
        record.read_now(lambda reader: add_contact(reader, entry()))
    assert record.read_now(lambda reader: reader.contacts()) == ()


async def test_a_read_that_raises_leaves_a_usable_record(record):
    """What a job raises comes to its caller, and the next read works."""

    def job(reader):
        reader.contacts()
        raise LookupError("no such thing")

    with pytest.raises(LookupError):
        await record.read(job)
    assert await record.read(lambda reader: reader.contacts()) == ()


async def test_a_read_sees_one_moment(record, url, clock):
    """What another process commits meanwhile is not seen half."""
    with Record.open(url, now=clock) as other:

        def job(reader):
            before = len(reader.contacts())
            add(other)
            return before, len(reader.contacts())

        assert record.read_now(job) == (0, 0)
    assert len(record.read_now(lambda reader: reader.contacts())) == 1


def test_a_closed_record_says_so(url, clock):
    """After closing, reading and writing are refused in words, and closing again does nothing."""
    record = Record.open(url, now=clock)
    add(record)
    record.read_now(lambda reader: reader.contacts())
    record.close()
    record.close()
    with pytest.raises(RecordUnavailable, match="closed"):
        record.write_now(lambda tx: tx.add_contact(entry()))
    with pytest.raises(RecordUnavailable):
        record.read_now(lambda reader: reader.contacts())


async def test_a_closed_record_refuses_to_be_read_from_an_event_loop(url, clock):
    """A record that is closed is unavailable, whichever way it is asked."""
    record = Record.open(url, now=clock)
    record.close()
    with pytest.raises(RecordUnavailable):
        await record.read(lambda reader: reader.contacts())


def test_a_record_never_used_closes(url, clock):
    """Opening and closing without any write is nothing special."""
    record = Record.open(url, now=clock)
    record.close()
    assert record.commits == 0


def test_an_interpreter_that_forgets_to_close_ends_cleanly(url):
    """A program that never closes the record ends by itself, and what it wrote is there."""
    program = (
        "import sys\n"
        "from tests.storage.office import Clock, add\n"
        "from storage.record import Record\n"
        "record = Record.open(sys.argv[1], now=Clock())\n"
        "add(record)\n"
        "print(len(record.read_now(lambda reader: reader.contacts())))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, url], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        pytest.param("mysql://x/y", "sqlite or postgresql", id="another database"),
        pytest.param("sqlite://", "must be in a file", id="a record in memory"),
        pytest.param("sqlite:///:memory:", "must be in a file", id="a record in memory, by name"),
    ],
)
def test_a_wrong_url_is_said_in_a_sentence(bad, words, clock):
    """A URL that cannot hold the record is a ValueError that says what to write."""
    with pytest.raises(ValueError, match=words):
        Record.open(bad, now=clock)


def test_a_folder_that_is_not_there(tmp_path, clock):
    """Where the file cannot be made, the sentence names it."""
    with pytest.raises(RecordUnavailable, match="nowhere"):
        Record.open(f"sqlite:///{tmp_path}/nowhere/parley.db", now=clock)


def test_a_server_that_is_not_there(tmp_path, clock):
    """Where PostgreSQL does not answer, the record is unavailable."""
    with pytest.raises(RecordUnavailable, match="cannot be reached"):
        Record.open(f"postgresql://postgres@/parley?host={tmp_path}", now=clock)


def test_a_server_that_does_not_sync_is_refused(postgres, clock):
    """PostgreSQL with full_page_writes off is not safe, and the record says so."""
    name = postgres.database("with_tables")
    postgres.run("ALTER SYSTEM SET full_page_writes = off")
    postgres.run("SELECT pg_reload_conf()")
    try:
        with pytest.raises(RecordUnavailable, match="full_page_writes is off"):
            for _ in range(1000):  # until every new connection has heard of it
                Record.open(postgres.url(name), now=clock).close()
    finally:
        postgres.run("ALTER SYSTEM RESET full_page_writes")
        postgres.run("SELECT pg_reload_conf()")
        postgres.drop(name)


def test_commits_wait_for_the_disk_even_where_the_database_says_no(postgres_url, postgres, clock):
    """A database whose synchronous_commit is off is used with it on."""
    from storage.postgres import PostgresLink

    name = postgres_url.split("?")[0].rpartition("/")[2]
    postgres.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
    link = PostgresLink(postgres_url, busy_s=1, writes=True)
    assert link.plain("SHOW synchronous_commit", {}) == [("on",)]
    link.close()


# SQLite's own


def test_sqlite_is_as_safe_as_promised(sqlite_url, clock, tmp_path):
    """Write-ahead log, synchronous FULL and foreign keys are on for writers and readers; readers cannot write."""
    Record.open(sqlite_url, now=clock).close()
    for writes in (True, False):
        link = SqliteLink(tmp_path / "parley.db", busy_s=0.25, writes=writes)
        assert link.pragma("journal_mode") == "wal"
        assert link.pragma("synchronous") == 2
        assert link.pragma("foreign_keys") == 1
        assert link.pragma("busy_timeout") == 250
        assert link.pragma("query_only") == (0 if writes else 1)
        link.close()


def test_a_disk_without_a_log_is_refused(tmp_path, monkeypatch):
    """Where SQLite cannot do what was asked (here: a log kept in memory), the record does not open."""
    monkeypatch.setattr("storage.sqlite._MEANT", {"journal_mode": "memory"})
    with pytest.raises(RecordUnavailable, match="journal_mode is wal, not memory"):
        SqliteLink(tmp_path / "parley.db", busy_s=1, writes=True)


def test_the_file_is_for_its_owner_only(sqlite_url, clock, tmp_path):
    """The record and its log hold messages: nobody else on the machine can read them."""
    with Record.open(sqlite_url, now=clock) as record:
        add(record)
        for file in tmp_path.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_a_locked_file_is_unavailable_in_time_and_then_works_again(sqlite_url, clock, tmp_path):
    """While another program holds the file, writes fail after the wait; afterwards they work. Reads always do."""
    with (
        Record.open(sqlite_url, now=clock, busy_s=0.1) as record,
        closing(sqlite3.connect(tmp_path / "parley.db", isolation_level=None)) as other,
    ):
        add(record)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordLocked, match="locked"):
            add(record)
        assert len(record.read_now(lambda reader: reader.contacts())) == 1
        other.execute("ROLLBACK")
        add(record)


def test_a_locked_row_is_unavailable_in_time_and_then_works_again(postgres_url, clock):
    """While another program holds a party's row, what needs it fails after the wait; afterwards it works."""
    import psycopg

    with Record.open(postgres_url, now=clock, busy_s=0.1) as record, psycopg.connect(postgres_url) as other:
        rosa = party(record, ROSA)
        other.execute("SELECT 1 FROM parties FOR UPDATE")
        with pytest.raises(RecordLocked, match="locked"):
            record.write_now(lambda tx: tx.lock_party(rosa))
        other.rollback()
        record.write_now(lambda tx: tx.lock_party(rosa))


async def _with_page_limit(record, pages):
    """Limit both connections that write: the thread's and the event loop's."""

    def job(tx):
        tx.link.plain(f"PRAGMA max_page_count = {pages}", {})

    record.write_now(job)
    await record.write(job)


async def test_a_full_disk_refuses_what_does_not_fit_and_takes_what_does(sqlite_url, clock):
    """A message that does not fit is refused; a small contact that waited beside it is kept, and later ones are too."""
    with Record.open(sqlite_url, now=clock) as record:
        add(record)
        await _with_page_limit(record, 200)
        first, small = add(record), entry()

        async def big():
            await record.write(lambda tx: tx.keep_raw(first.id, "<>", b"x" * 4_000_000))

        answers = await asyncio.gather(
            big(), record.write(lambda tx: tx.add_contact(small)), big(), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [RecordFull, bool, RecordFull]
        assert record.read_now(lambda reader: reader.contact(small.id)) is not None
        assert record.read_now(lambda reader: reader.raw(first.id)) is None
        add(record)


def test_a_fault_that_a_job_swallows_is_not_committed(record):
    """A job that goes on after a fault keeps nothing: PostgreSQL would answer its COMMIT with success."""
    made = add(record)

    def job(tx):
        tx.add_contact(entry(id="kept?"))
        try:
            tx.add_contact(entry(id=made.id))
        except RecordRefused:
            return "fine"

    with pytest.raises(RecordRefused):
        record.write_now(job)
    assert record.read_now(lambda reader: reader.contact("kept?")) is None


def test_a_disk_that_turns_read_only_is_unavailable_and_then_works_again(sqlite_url, clock):
    """A write that SQLite refuses as read-only is unavailable, and the next one is tried on a new connection."""
    with Record.open(sqlite_url, now=clock) as record:
        add(record)

        def job(tx):
            tx.link.plain("PRAGMA query_only = on", {})
            tx.add_contact(entry())

        with pytest.raises(RecordUnavailable, match="READONLY"):
            record.write_now(job)
        add(record)


def test_a_server_that_goes_away_is_reached_again(postgres_url, postgres, clock):
    """Connections that the server ended are made anew, for reading and for writing."""
    with Record.open(postgres_url, now=clock) as record:
        add(record)
        record.read_now(lambda reader: reader.contacts())
        postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley'")
        add(record)
        assert len(record.read_now(lambda reader: reader.contacts())) == 2


def test_a_connection_lost_in_the_middle_is_unavailable(postgres_url, postgres, clock):
    """A job whose connection ends before the commit is not kept, and its caller hears so."""
    with Record.open(postgres_url, now=clock) as record:

        def job(tx):
            tx.add_contact(entry(id="lost"))
            postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley'")
            tx.contacts()

        with pytest.raises(RecordUnavailable):
            record.write_now(job)
        assert record.read_now(lambda reader: reader.contact("lost")) is None
        add(record)


def test_after_an_io_error_nothing_is_written_any_more(url, clock):
    """After a failed fsync every later write fails at once, though the disk may claim to be well (THREATS S17)."""
    errors = [RecordBroken("fsync failed")]

    def failpoint(name):
        if name == "record.before_commit" and errors and armed:
            raise errors.pop()

    armed = False
    with Record.open(url, now=clock, failpoint=failpoint) as record:
        made = add(record)
        armed = True
        for _ in range(3):
            with pytest.raises(RecordBroken, match="fsync failed"):
                add(record)
        assert [each.id for each in record.read_now(lambda reader: reader.contacts())] == [made.id]


def _sqlite_error(code, name):
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param("SQLITE_FULL", RecordFull, id="no room on the disk"),
        pytest.param("SQLITE_BUSY", RecordLocked, id="somebody else writes"),
        pytest.param("SQLITE_BUSY_SNAPSHOT", RecordLocked, id="somebody else wrote"),
        pytest.param("SQLITE_READONLY", RecordUnavailable, id="a read-only disk"),
        pytest.param("SQLITE_READONLY_DBMOVED", RecordUnavailable, id="a file that was moved away"),
        pytest.param("SQLITE_CANTOPEN", RecordUnavailable, id="a file that cannot be opened"),
        pytest.param("SQLITE_IOERR_FSYNC", RecordBroken, id="an fsync that failed"),
        pytest.param("SQLITE_IOERR_WRITE", RecordBroken, id="a write that failed"),
        pytest.param("SQLITE_IOERR_SHMSIZE", RecordUnavailable, id="no room for the log's index"),
        pytest.param("SQLITE_CORRUPT", RecordBroken, id="a damaged file"),
        pytest.param("SQLITE_NOTADB", RecordBroken, id="another kind of file"),
        pytest.param("SQLITE_CONSTRAINT_PRIMARYKEY", RecordRefused, id="an id that is taken"),
        pytest.param("SQLITE_TOOBIG", RecordRefused, id="a value that is too big"),
    ],
)
def test_what_sqlite_says_is_said_in_our_terms(code, kind):
    """Each of SQLite's errors is one of ours; only those that leave nothing certain end all writing."""
    assert type(fault(_sqlite_error(getattr(sqlite3, code), code))) is kind


def test_a_file_that_is_no_record_is_said(tmp_path, clock):
    """A file of another kind is not opened, and not touched."""
    (tmp_path / "parley.db").write_bytes(b"Dear Sir or Madam, " * 100)
    with pytest.raises(RecordBroken):
        Record.open(f"sqlite:///{tmp_path}/parley.db", now=clock)
    assert (tmp_path / "parley.db").read_bytes() == b"Dear Sir or Madam, " * 100
