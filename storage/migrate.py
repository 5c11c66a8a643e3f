"""Bring a database to the tables of this version. Promises that two processes that start at once do it once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage.faults import RecordUnavailable

HEAD = "0001"
"""The newest migration; a test compares it with the folder."""
_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7_304_115_872  # any number that no one else locks in this database


def upgrade(url: str) -> None:
    """Make or change the tables of the record at `url`, all or nothing; RecordUnavailable where that fails."""
    engine = create_engine(driver_url(url))
    if engine.dialect.name == "sqlite":
        # The driver's own transactions leave out changes to tables.
        event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            _upgrade(connection)
    except DBAPIError as error:
        raise RecordUnavailable(f"the tables of the record cannot be made: {error.orig}") from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    # Only when there is something to do: importing it takes longer than everything else at start.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise RecordUnavailable(f"the record was written by another version of Parley: {error}") from error


def driver_url(url: str) -> URL:
    """Read a URL and choose the driver; a database that is neither SQLite nor PostgreSQL is a ValueError."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("it is no database's address; write it as sqlite:///var/parley.db") from None
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise ValueError(f"the record can be in sqlite or postgresql, not in {parsed.get_backend_name()}")
