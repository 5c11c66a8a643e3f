"""Plain SQL group commit on SQLite: the most that a durable record can do on this disk.

One writer thread takes whatever is queued as one transaction (WAL, synchronous FULL); a caller waits until its row is
durable. Callers are asyncio tasks, woken once a batch.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import uvloop

from tests.bench.peers.load import Rate

Value = str | int | float | bytes | None
Row = tuple[Value, ...]
_Waiting = tuple[Row, "asyncio.Future[None]"]

CALLERS = 20


@dataclass(frozen=True, slots=True)
class Table:
    """The statements of a record: the tables and indexes, and one insert with a `?` for each value of a row."""

    create: tuple[str, ...]
    insert: str
    row: Callable[[int], Row] = field(repr=False)


def contact_row(number: int) -> Row:
    """Make the row of one contact, with the sizes that a real one has."""
    at = f"2026-03-09 10:{number // 60 % 60:02}:{number % 60:02}.000000"
    sender = f"p{number % 5000}@example.org"
    reasons = '[{"restriction": 12, "measure": "volume_limit", "clause": "5.2", "text": "the 4th mail this week"}]'
    key = f"{number:032x}"
    contact = (key, "email", at, sender, number % 5000, "claimed", "office@example.org", "a question", 5120)
    return (*contact, "deliver", "deliver", "office@example.org", "delivered", reasons, at)


CONTACTS = Table(
    create=(
        "create table contact (id integer primary key, key text not null, channel text not null, at text not null,"
        " sender text, identifier_id integer, assurance text, recipients text, subject text, size integer,"
        " outcome text, carried_out text, target text, state text, reasons text, recorded_at text)",
        "create unique index contact_key on contact (key)",
        "create index contact_identifier on contact (identifier_id, at)",
        "create index contact_state on contact (state, at)",
    ),
    insert="insert into contact (key, channel, at, sender, identifier_id, assurance, recipients, subject, size,"
    " outcome, carried_out, target, state, reasons, recorded_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    row=contact_row,
)
"""A table shaped as a contact with its decision, three indexes; pass your own to follow the real schema."""


def from_database(path: Path, table: str, row: Callable[[int], Row]) -> Table:
    """Take the columns and indexes of a table of ours as they stand in a migrated SQLite file, without foreign keys.

    `row` gives the values of all columns, in their order.
    """
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        columns = connection.execute(f"select name, type, pk from pragma_table_info('{table}')").fetchall()
        indexes = connection.execute(
            "select sql from sqlite_master where type = 'index' and tbl_name = ? and sql is not null", (table,)
        ).fetchall()
    connection.close()
    keys = [name for name, _, pk in columns if pk]
    primary = [f"primary key ({', '.join(keys)})"] if keys else []
    create = f"create table {table} ({', '.join([f'{name} {kind}' for name, kind, _ in columns] + primary)})"
    marks = ", ".join("?" * len(columns))
    return Table((create, *(sql for (sql,) in indexes)), f"insert into {table} values ({marks})", row)


class GroupCommit:
    """Write rows durably from any number of tasks; `add` returns when the row is on the disk."""

    def __init__(self, path: Path, table: Table) -> None:
        """Make the database; `open` begins."""
        self.path, self.table = path, table
        self.batches = 0
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writer = threading.Thread(target=self._write, daemon=True)

    async def __aenter__(self) -> GroupCommit:
        """Start the writer."""
        self._loop = asyncio.get_running_loop()
        with sqlite3.connect(self.path) as connection:
            connection.execute("pragma journal_mode = wal")
            for statement in self.table.create:
                connection.execute(statement)
        connection.close()
        self._writer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the writer."""
        self._queue.put(None)
        await asyncio.to_thread(self._writer.join, 10)

    async def add(self, row: Row) -> None:
        """Write a row."""
        assert self._loop is not None
        done = self._loop.create_future()
        self._queue.put((row, done))
        await done

    def _write(self) -> None:
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("pragma synchronous = full")
        while batch := self._take():
            connection.execute("begin immediate")
            connection.executemany(self.table.insert, [row for row, _ in batch])
            connection.execute("commit")
            self.batches += 1
            assert self._loop is not None
            self._loop.call_soon_threadsafe(_wake, [done for _, done in batch])
        connection.close()

    def _take(self) -> list[_Waiting]:
        """Wait for a row and take all that are there with it; nothing when it is over."""
        first = self._queue.get()
        batch = []
        while first is not None:
            batch.append(first)
            if self._queue.empty():
                break
            first = self._queue.get()
        if first is None and batch:
            self._queue.put(None)
        return batch


def _wake(waiting: Sequence[asyncio.Future[None]]) -> None:
    for done in waiting:
        if not done.done():
            done.set_result(None)


def insert_rows(path: Path, rows: int, *, callers: int = CALLERS, table: Table = CONTACTS) -> Rate:
    """Write rows into a new database at `path` from `callers` tasks; CPU seconds are those of this whole process."""

    async def write() -> float:
        numbers = iter(range(rows))
        async with GroupCommit(path, table) as record:
            begin = time.perf_counter()
            await asyncio.gather(*(_call(record, table, numbers) for _ in range(callers)))
            return time.perf_counter() - begin

    cpu = _own_cpu()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        seconds = runner.run(asyncio.wait_for(write(), 300))
    return Rate(rows, seconds, _own_cpu() - cpu)


async def _call(record: GroupCommit, table: Table, numbers: Iterator[int]) -> None:
    for number in numbers:
        await record.add(table.row(number))


def _own_cpu() -> float:
    times = os.times()
    return times.user + times.system
