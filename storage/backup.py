"""A copy of the record, made while it is in use.

Promises that what is at the given path is a whole and sound copy that is on disk, or nothing.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.faults import RecordUnavailable
from storage.migrate import driver_url


def backup(url: str, path: Path) -> None:
    """Copy the record at `url` into a new SQLite file at `path`, as it was at one moment.

    ValueError with a sentence for PostgreSQL, whose own tools do this; FileExistsError where there is a file already;
    RecordUnavailable where the copy cannot be made or is not sound.
    """
    source = driver_url(url)
    if source.get_backend_name() != "sqlite":
        raise ValueError("this record is in PostgreSQL: back it up with the database's own tools, such as pg_dump")
    if path.exists():
        raise FileExistsError(f"{path} is there already; give the copy another name")
    if not source.database or not Path(source.database).exists():
        raise RecordUnavailable("there is no record to copy yet")
    part = path.with_name(path.name + ".part")
    try:
        _copy(Path(source.database), part)
        _sync(part)
        # The name is taken first, so that a copy that somebody else makes meanwhile is not overwritten.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        os.replace(part, path)
        _sync(path.parent)
    except FileExistsError:
        raise
    except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
        # A damaged file makes SQLite quote the damage, which need not be text.
        raise RecordUnavailable(f"the copy cannot be made: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, part: Path) -> None:
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):
        # All pages in one step: one view of the record, however much is written meanwhile.
        original.backup(copy, pages=-1)
        # One file, with no log beside it that could be forgotten.
        copy.execute("PRAGMA journal_mode = delete").fetchall()
        problems = copy.execute("PRAGMA integrity_check").fetchall()
        if problems != [("ok",)]:
            raise RecordUnavailable(f"the copy is not sound: {problems[0][0]}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
