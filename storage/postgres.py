"""The record in PostgreSQL, for more than one machine.

Belongs here: connections by psycopg, and what PostgreSQL's errors mean for us. Refuses a server that does not sync.
"""

from __future__ import annotations

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.desk import Link, Row
from storage.faults import RecordContended, RecordFull, RecordLocked, RecordRefused, RecordUnavailable
from storage.statements import POSTGRESQL, Statement, Values

_CONTENDED = {"40001", "40P01"}
# Classes of SQLSTATE that are about the job's own values, not about the server.
_REFUSED = {"22", "23", "42"}
_LOCKED = "55P03"
_BEGIN = {False: b"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", True: b"BEGIN ISOLATION LEVEL READ COMMITTED"}
_FULL = "53100"


def fault(error: psycopg.Error) -> Exception:
    """Say in our terms what went wrong; the server's detail stays out, because it holds addresses."""
    state = error.sqlstate or ""
    words = error.diag.message_primary or type(error).__name__
    if state in _CONTENDED:
        return RecordContended(f"the record was wanted by others too: {words}")
    if state == _LOCKED:
        return RecordLocked("the record is locked by another program")
    if state == _FULL:
        return RecordFull("the record has no room left on its disk")
    if state[:2] in _REFUSED or isinstance(error, psycopg.DataError | psycopg.ProgrammingError):
        return RecordRefused(f"the record refused: {words}")
    return RecordUnavailable(f"the record cannot be reached: {words} {state}".rstrip())


def _with_defaults(conninfo: str) -> str:
    """Add what an office need not say; what it does say wins."""
    given = conninfo_to_dict(conninfo)
    return make_conninfo(
        conninfo,
        connect_timeout=int(given.get("connect_timeout") or 5),
        application_name=str(given.get("application_name") or "parley"),
    )


class PostgresLink(Link):
    """Hold one connection to PostgreSQL; `busy_s` is how long it waits for others' locks, in seconds."""

    dialect = POSTGRESQL

    def __init__(self, conninfo: str, *, busy_s: float, writes: bool) -> None:
        try:
            self._raw = psycopg.Connection.connect(_with_defaults(conninfo), autocommit=True)
        except psycopg.Error as error:
            raise RecordUnavailable(f"the record cannot be reached: {type(error).__name__}") from error
        try:
            self._prepare(busy_s)
        except psycopg.Error as error:
            self.close()
            raise fault(error) from error
        except RecordUnavailable:
            self.close()
            raise
        self._cursor = self._raw.cursor(binary=True)
        self._begin = _BEGIN[writes]

    def _prepare(self, busy_s: float) -> None:
        self._raw.execute("SELECT set_config('lock_timeout', %s, false)", [f"{round(busy_s * 1000)}ms"])
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            found = self._raw.execute("SELECT current_setting(%s)", [name]).fetchone()
            if found == ("off",) and name == "synchronous_commit":
                self._raw.execute("SET synchronous_commit = on")
            elif found == ("off",):
                raise RecordUnavailable(f"the record is not safe on this server: {name} is off")

    def _failed(self, error: psycopg.Error) -> Exception:
        self.spoiled = fault(error)
        return self.spoiled

    def begin(self, *, reads: bool = False) -> None:
        self.spoiled = None
        try:
            self._cursor.execute(_BEGIN[False] if reads else self._begin)
        except psycopg.Error as error:
            raise self._failed(error) from error

    def commit(self) -> None:
        if self.spoiled is not None:
            raise self.spoiled
        try:
            self._cursor.execute(b"COMMIT")
        except psycopg.Error as error:
            raise self._failed(error) from error

    def rollback(self) -> None:
        try:
            self._raw.rollback()
        except psycopg.Error:
            self.close()

    def rows(self, statement: Statement, values: Values) -> list[Row]:
        try:
            return self._cursor.execute(statement.text(POSTGRESQL).encode(), values).fetchall()
        except psycopg.Error as error:
            raise self._failed(error) from error

    def run(self, statement: Statement, values: Values) -> int:
        try:
            return self._cursor.execute(statement.text(POSTGRESQL).encode(), values).rowcount
        except psycopg.Error as error:
            raise self._failed(error) from error

    def plain(self, text: str, values: Values) -> list[Row]:
        try:
            cursor = self._cursor.execute(text.encode(), values or None)
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise self._failed(error) from error

    def lock(self, name: str) -> None:
        self.plain("SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))", {"name": name})

    def close(self) -> None:
        try:
            self._raw.close()
        except psycopg.Error:
            return
