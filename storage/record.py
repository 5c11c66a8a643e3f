"""The record, opened: reading and writing it from event loops and from the command line.

Promises that a write returned is on disk (SQLite: WAL with synchronous FULL; PostgreSQL: synchronous_commit on).
"""

from __future__ import annotations

import asyncio
import atexit
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import URL

from storage import migrate
from storage.desk import Files, Link
from storage.faults import RecordLocked, RecordRefused, RecordUnavailable
from storage.migrate import driver_url
from storage.transaction import Reader, Transaction
from storage.writer import Writer

T = TypeVar("T")
Connect = Callable[[bool], Link]
_READING_THREADS = 4


def _no_failpoint(name: str) -> None:
    """Do nothing; crash tests put something else here."""


class Record:
    """Hold the record open; `Record.open` makes one, `close` ends it."""

    def __init__(
        self,
        connect: Connect,
        *,
        now: Callable[[], datetime],
        failpoint: Callable[[str], None],
        at_once: Connect | None = None,
        quick_s: float = 0.005,
    ) -> None:
        self._connect = connect
        self._now = now
        self._files: Files = {}
        self._own = threading.local()
        self._seats: weakref.WeakSet[_Seat] = weakref.WeakSet()
        self._seating = threading.Lock()
        self._closed = False
        # What does not answer at once is read in threads.
        self._pool = None if at_once else ThreadPoolExecutor(_READING_THREADS, "record-reader")
        self._writer = Writer(
            lambda: connect(True),
            lambda link: Transaction(link, now, self._files),
            failpoint,
            (lambda: at_once(True)) if at_once else None,
            quick_s=quick_s,
        )
        atexit.register(self.close)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        now: Callable[[], datetime],
        failpoint: Callable[[str], None] = _no_failpoint,
        busy_s: float = 5.0,
        quick_s: float = 0.005,
    ) -> Self:
        """Open the record at a URL (`sqlite:///var/parley.db`, `postgresql://...`), making or changing its tables.

        `now` gives aware UTC. `failpoint` is called with `record.before_commit` and `record.after_commit`. `busy_s` is
        how long to wait for other programs, `quick_s` how long a commit may hold up an event loop (after a slower one
        a thread does the next; 0: always), both in seconds. RecordUnavailable with a sentence where it is not there or
        not safe to use, ValueError for another kind of URL.
        """
        target = driver_url(url)
        quick = target.get_backend_name() == "sqlite"
        connect = _to_sqlite(target, busy_s) if quick else _to_postgres(target, busy_s)
        if _version(connect) != migrate.HEAD:
            migrate.upgrade(url)
        return cls(
            connect, now=now, failpoint=failpoint, at_once=_to_sqlite(target, 0) if quick else None, quick_s=quick_s
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def commits(self) -> int:
        """Say how many transactions the writer has committed; one holds many jobs."""
        return self._writer.commits

    # Writing

    def write(self, job: Callable[[Transaction], T]) -> Coroutine[object, object, T]:
        """Do a job in a transaction together with others that wait; returns its result when it is on disk.

        The job may be run twice, the first run undone: it does nothing but what it does to the transaction, takes the
        time from outside, and lets faults of storage pass through. What it raises goes to its caller, and nothing of it
        is kept. RecordUnavailable means that nothing was kept, or (a connection lost at the commit) that nobody knows.
        """
        return self._writer.write(job)

    def write_now(self, job: Callable[[Transaction], T]) -> T:
        """Do a job as `write` does, while the calling thread waits; not for event loops."""
        return self._writer.write_now(job)

    # Reading

    async def read(self, job: Callable[[Reader], T]) -> T:
        """Do a job that only reads, on the record as it is at one moment.

        SQLite answers in microseconds, so it is asked at once; PostgreSQL is asked in a thread.
        """
        if self._pool is None:
            try:
                return self._writer.read(job)
            except RecordLocked:
                return self.read_now(job)
        try:
            answer = self._pool.submit(self.read_now, job)
        except RuntimeError as error:
            raise RecordUnavailable("the record is closed") from error
        return await asyncio.wrap_future(answer)

    def read_now(self, job: Callable[[Reader], T]) -> T:
        """Do a job that only reads, in the calling thread, which has a connection of its own."""
        reader = self._begin()
        link = reader.link
        try:
            value = job(reader)
            link.commit()
        except RecordUnavailable:
            self._leave()
            raise
        except BaseException:
            link.rollback()
            raise
        return value

    def _begin(self) -> Reader:
        """Begin to read, on a new link where this thread has none or its own turns out to be dead."""
        try:
            seat: _Seat | None = self._own.seat
        except AttributeError:
            seat = None
        if seat is not None:
            try:
                seat.reader.link.begin()
                return seat.reader
            except RecordLocked:
                raise
            except RecordUnavailable:
                self._leave()
        reader = self._sit().reader
        reader.link.begin()
        return reader

    def _sit(self) -> _Seat:
        with self._seating:
            if self._closed:
                raise RecordUnavailable("the record is closed")
            seat = _Seat(Reader(self._connect(False), self._now, self._files))
            self._seats.add(seat)
        self._own.seat = seat
        return seat

    def _leave(self) -> None:
        seat: _Seat = self._own.seat
        seat.reader.link.close()
        del self._own.seat

    def close(self) -> None:
        """Do the writes that wait, then close every connection; reading and writing are RecordUnavailable from then on.

        Reads that go on in other threads are cut off: stop what reads before.
        """
        atexit.unregister(self.close)
        self._writer.close()
        if self._pool is not None:
            self._pool.shutdown()
        with self._seating:
            self._closed = True
            for seat in list(self._seats):
                seat.reader.link.close()


class _Seat:
    """Hold a thread's own reader, and close its connection when the thread is gone."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def __del__(self) -> None:
        self.reader.link.close()


def _to_sqlite(url: URL, busy_s: float) -> Connect:
    from storage.sqlite import SqliteLink, create

    if not url.database or url.database == ":memory:":
        raise ValueError("the record must be in a file; write it as sqlite:///var/parley.db")
    path = Path(url.database)
    create(path)
    return lambda writes: SqliteLink(path, busy_s=busy_s, writes=writes)


def _to_postgres(url: URL, busy_s: float) -> Connect:
    from storage.postgres import PostgresLink

    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return lambda writes: PostgresLink(conninfo, busy_s=busy_s, writes=writes)


def _version(connect: Connect) -> str | None:
    """Say which migration the tables come from; None where there are no tables yet."""
    link = connect(True)
    try:
        link.begin()
        rows = link.plain("SELECT version_num FROM alembic_version", {})
    except RecordRefused:
        return None
    else:
        return str(rows[0][0]) if rows else None
    finally:
        link.rollback()
        link.close()
