"""Our record beside plain SQL group commit: same disk, same columns and indexes, same callers, same moment."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvloop

from rules.contact import Channel
from rules.decision import Outcome, Reason
from storage.contacts import _values
from storage.entries import Entry, Goal, State
from storage.record import Record
from storage.transaction import Transaction
from tests.bench.peers.record import CALLERS, from_database, insert_rows

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
_REASONS = (Reason("", "", "", "No restriction is in force on this sender"),)
_TARGETS = (Goal("help@example.org", Outcome.DELIVER, "help@example.org", True),)


def entry(number: int) -> Entry:
    """Make a contact as the mail path records it."""
    return Entry(
        id=f"{number:021}",
        channel=Channel.EMAIL,
        at=NOW,
        whose=f"email:p{number % 5000}@example.org",
        state=State.DELIVERED,
        decided=Outcome.DELIVER,
        carried=Outcome.DELIVER,
        key=f"{number:040x}",
        sender=f"email:p{number % 5000}@example.org",
        size=5120,
        reasons=_REASONS,
        targets=_TARGETS,
        node="bench",
        updated_at=NOW,
    )


def round_of(count: int) -> tuple[float, float]:
    """Give contacts a second of ours and of the peer, one after the other."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        path = Path(folder) / "parley.db"
        with Record.open(f"sqlite:///{path}", now=lambda: NOW) as record:
            seconds = uvloop.run(_insert(record, count))
        table = from_database(path, "contacts", lambda number: tuple(_values(entry(number), 0).values()))
        peer = insert_rows(Path(folder) / "plain.db", count, table=table)
    return count / seconds, peer.per_second


async def _insert(record: Record, count: int) -> float:
    numbers = iter(range(count))

    async def call() -> None:
        for number in numbers:
            await record.write(partial(_add, entry(number)))

    begin = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(CALLERS)))
    return time.perf_counter() - begin


def _add(one: Entry, tx: Transaction) -> None:
    tx.add_contact(one)
