"""The record in a SQLite file: write-ahead log, synced at every commit, foreign keys on.

Belongs here: connections, and what SQLite's errors mean for us. Refuses a file that is not as safe as promised.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from storage.desk import Link, Row
from storage.faults import RecordBroken, RecordFull, RecordLocked, RecordRefused, RecordUnavailable
from storage.statements import SQLITE, Statement, Values

_MEANT = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
# Trouble with the shared-memory index loses nothing; every other I/O error may have.
_HARMLESS = {
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_SHMMAP,
}
_BROKEN = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSED = {sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_ERROR}
_BEGIN = {False: "BEGIN", True: "BEGIN IMMEDIATE"}


def fault(error: sqlite3.Error) -> Exception:
    """Say in our terms what went wrong."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        closed = "closed database" in str(error)
        return RecordUnavailable("the record is closed") if closed else RecordRefused(f"the record refused: {error}")
    plain = code & 0xFF
    if plain == sqlite3.SQLITE_FULL:
        return RecordFull("the record has no room left on its disk")
    if plain in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return RecordLocked("the record is locked by another program")
    if plain in _BROKEN and code not in _HARMLESS:
        return RecordBroken(f"the record's file failed: {error} ({error.sqlite_errorname})")
    if plain in _REFUSED:
        return RecordRefused(f"the record refused: {error}")
    return RecordUnavailable(f"the record cannot be used: {error} ({error.sqlite_errorname})")


def create(path: Path) -> None:
    """Make the file, for its owner's eyes only, so that a power cut cannot take its name away again."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError:
        return
    except OSError as error:
        raise RecordUnavailable(f"the record cannot be made at {path}: {error.strerror}") from error


class SqliteLink(Link):
    """Hold one connection to a SQLite file; `busy_s` is how long it waits for others, in seconds."""

    dialect = SQLITE

    def __init__(self, path: Path, *, busy_s: float, writes: bool) -> None:
        self._writes = writes
        try:
            # The writer's thread opens, another may close: one at a time, which is all that SQLite asks.
            self._raw = sqlite3.connect(
                path, timeout=busy_s, isolation_level=None, check_same_thread=False, cached_statements=256
            )
        except sqlite3.Error as error:
            raise fault(error) from error
        try:
            self._prepare()
        except BaseException:
            self._raw.close()
            raise
        self._cursor = self._raw.cursor()
        self._begin = _BEGIN[writes]

    def _prepare(self) -> None:
        try:
            self._raw.execute("PRAGMA journal_mode = wal").fetchall()
            self._raw.execute("PRAGMA synchronous = full").fetchall()
            self._raw.execute("PRAGMA foreign_keys = on").fetchall()
            self._raw.execute(f"PRAGMA cache_size = {-16_384 if self._writes else -8_192}").fetchall()
            # 16 MB of log before it is copied into the file: pages are hit at random, and 4 MB were a quarter slower.
            self._raw.execute("PRAGMA wal_autocheckpoint = 4000").fetchall()
            if not self._writes:
                self._raw.execute("PRAGMA query_only = on").fetchall()
            for name, meant in _MEANT.items():
                found = self.pragma(name)
                if found != meant:
                    raise RecordUnavailable(f"the record is not safe on this disk: {name} is {found}, not {meant}")
        except sqlite3.Error as error:
            raise fault(error) from error

    def pragma(self, name: str) -> object:
        """Read one of SQLite's own settings."""
        return self._raw.execute(f"PRAGMA {name}").fetchone()[0]

    def _failed(self, error: sqlite3.Error) -> Exception:
        self.spoiled = fault(error)
        return self.spoiled

    def begin(self, *, reads: bool = False) -> None:
        self.spoiled = None
        try:
            self._cursor.execute("BEGIN" if reads else self._begin)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def commit(self) -> None:
        if self.spoiled is not None:
            raise self.spoiled
        try:
            self._cursor.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def rollback(self) -> None:
        try:
            if self._raw.in_transaction:
                self._raw.rollback()
        except sqlite3.Error:
            self._raw.close()

    def rows(self, statement: Statement, values: Values) -> list[Row]:
        try:
            text, ordered = statement.by_position()
            return self._cursor.execute(text, ordered(values)).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def run(self, statement: Statement, values: Values) -> int:
        try:
            text, ordered = statement.by_position()
            return self._cursor.execute(text, ordered(values)).rowcount
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def plain(self, text: str, values: Values) -> list[Row]:
        try:
            return self._cursor.execute(text, values).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def lock(self, name: str) -> None:
        """Do nothing: a transaction that began has the file for itself."""

    def close(self) -> None:
        self._raw.close()
