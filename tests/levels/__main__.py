"""`make levels`: 200,000 generated contacts over two years, their levels compared with a plain count.

Belongs here: the long form of what the test command does with some thousand.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path

from storage.record import Record
from tests.levels.generated import END, office
from tests.levels.test_levels_generated import POLICY, compared, looks
from tests.postgresql import WITH_TABLES, Server

CONTACTS = int(os.environ.get("PARLEY_LEVELS_CONTACTS", "200000"))
LOOKS = int(os.environ.get("PARLEY_LEVELS_LOOKS", "60"))


def main() -> int:
    """Compare on both databases; a difference is an AssertionError that names it."""
    with tempfile.TemporaryDirectory(prefix="parley-levels-") as folder:
        _compare("SQLite", f"sqlite:///{Path(folder) / 'parley.db'}")
    server = Server()
    try:
        _compare("PostgreSQL", server.url(server.database(WITH_TABLES)))
    finally:
        server.stop()
    return 0


def _compare(name: str, url: str) -> None:
    draw = random.Random(11)
    begin = time.perf_counter()
    with Record.open(url, now=lambda: END) as record:
        made = office(record, POLICY, CONTACTS, people=4000, on_file=200)
        put = time.perf_counter() - begin
        busy = compared(record, made, looks(made.contacts, draw, LOOKS), draw)
    took = time.perf_counter() - begin - put
    print(f"{name}: {CONTACTS} contacts put on record in {put:.0f} s")
    print(f"{name}: levels of {busy} windows with contact, over all channels and each, are equal; {took:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
