"""A program that commits rows to SQLite for ever and says after each, outside the disk, that it is committed."""

from __future__ import annotations

import os
import sqlite3
import sys
from itertools import count


def main(database: str, acknowledged: str, journal: str, synchronous: str) -> None:
    """Commit rows 1, 2, ... one a transaction until killed; append a byte to `acknowledged` for each."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute(f"pragma journal_mode = {journal}")
    connection.execute(f"pragma synchronous = {synchronous}")
    connection.execute("pragma wal_autocheckpoint = 40")
    connection.execute("create table row (id integer primary key, words text)")
    connection.execute("create index row_words on row (words)")
    done = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in count(1):
        connection.execute("insert into row values (?, ?)", (number, f"{number * 7919 % 10007} of the day" * 9))
        os.write(done, b".")


if __name__ == "__main__":
    main(*sys.argv[1:])
