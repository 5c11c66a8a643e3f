"""`make bench-levels`: levels of an office with a million contacts, and one contact more where the history is long.

The record is filled with plain SQL; what is measured is the product alone, on SQLite and PostgreSQL.
"""

from __future__ import annotations

import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from gateway.party_levels import office_levels, party_levels, windows
from rules.casework.actor import Actor
from rules.contact import Channel
from rules.decision import Outcome, Reason
from rules.levels.particulars import Particulars
from rules.windows import Mode
from storage.contacts import _values
from storage.entries import Entry, Goal, State
from storage.record import Record
from storage.schema import contacts
from storage.schema_levels import particulars
from storage.statements import SQLITE, add
from storage.transaction import Transaction
from tests.postgresql import WITH_TABLES, Server
from tests.rules.policies.shipped import SHIPPED

CONTACTS = int(os.environ.get("PARLEY_LEVELS_CONTACTS", "1000000"))
LOOKS = 5
SHORT, LONG, ROUNDS = 100, 100_000, 400
NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
TWO_YEARS = timedelta(days=730)
POLICY = SHIPPED["default"]
BY = Actor("bench", frozenset(POLICY.roles))
_REASONS = (Reason("", "", "", "No restriction is in force on this sender"),)
_TARGETS = (Goal("help@example.org", Outcome.DELIVER, "help@example.org", True),)


def entry(number: int, whose: str, at: datetime) -> Entry:
    """Make a contact as the mail path records it, every fifth one a call of two minutes."""
    call = number % 5 == 0
    return Entry(
        id=f"{number:022}",
        channel=Channel.CALL if call else Channel.EMAIL,
        at=at,
        whose=whose,
        party_id=int(whose[6:]) if whose.startswith("party:") else None,
        state=State.ANSWERED if call else State.DELIVERED,
        decided=Outcome.CONNECT if call else Outcome.DELIVER,
        carried=Outcome.CONNECT if call else Outcome.DELIVER,
        key=f"{number:040x}",
        sender="email:p@example.org",
        size=5120,
        words=None if call else 120,
        talk_s=120 if call else None,
        reasons=_REASONS,
        targets=_TARGETS,
        updated_at=NOW,
    )


def rows(count: int, whose: Callable[[int], str], begin: int = 0) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give rows of contacts over the two years before NOW, in order of time, with their particulars."""
    for number in range(count):
        at = NOW - TWO_YEARS + number * TWO_YEARS / count
        values = _values(entry(begin + number, whose(number), at), 0)
        known = {"contact_id": values["id"], "place": number % 9, "matter": number % 1000, "repeats": ""}
        yield (
            values,
            known
            | {"only_cc": False, "out_of_hours": number % 4 == 0, "pages": 0, "files_not_counted": 0, "minutes": None},
        )


def fill(url: str, found: Iterator[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Put rows into a record with plain SQL."""
    (_sqlite if url.startswith("sqlite") else _postgres)(url, found)


def _sqlite(url: str, found: Iterator[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    texts = [add(table).text(SQLITE) for table in (contacts, particulars)]
    with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None) as raw:
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("BEGIN")
        for one, beside in found:
            raw.execute(texts[0], one)
            raw.execute(texts[1], beside)
        raw.execute("COMMIT")
        raw.execute("ANALYZE")
    raw.close()


def _postgres(url: str, found: Iterator[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    names = [[column.name for column in table.columns] for table in (contacts, particulars)]
    with psycopg.connect(url, autocommit=True) as link:
        lot: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for pair in found:
            lot.append(pair)
            if len(lot) == 20_000:
                _copy(link, names, lot)
                lot = []
        _copy(link, names, lot)
        link.execute("ANALYZE")


def _copy(link: psycopg.Connection[Any], names: list[list[str]], lot: list[tuple[dict[str, Any], ...]]) -> None:
    for place, table in enumerate(("contacts", "particulars")):
        columns = ", ".join(f'"{name}"' for name in names[place])
        with link.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:  # ours
            for pair in lot:
                copy.write_row([pair[place][name] for name in names[place]])


def office(url: str) -> dict[str, tuple[float, float]]:
    """Fill a record and give the seconds that levels take, the median of some looks."""
    draw = random.Random(5)
    with Record.open(url, now=lambda: NOW) as record:
        parties = record.write_now(lambda tx: [tx.add_party(f"P {number}") for number in range(5000)])
    senders = [f"party:{number}" for number in parties] + [f"email:p{number}@example.org" for number in range(45_000)]
    heavy = senders[0]
    fill(url, rows(CONTACTS, lambda number: heavy if number % 10 == 0 else draw.choice(senders)))
    found = {}
    with Record.open(url, now=lambda: NOW) as record:
        for mode in Mode:
            for span in windows(mode, NOW, POLICY):
                assert span.window is not None  # the life of a case is not asked for
                label = f"office, {span.window.per} {mode}"
                found[label] = _median(lambda span=span: office_levels(record, span, POLICY, BY))
        spans = windows(Mode.ROLLING, NOW, POLICY)
        found["one party, four windows"] = _median(lambda: party_levels(record, heavy, spans, POLICY, BY, now=NOW))
    return found


def _median(job: Callable[[], object]) -> tuple[float, float]:
    """Give the median seconds of some looks, by the wall clock and of this process; PostgreSQL's own are not in it."""
    taken = []
    for _ in range(LOOKS):
        begin, used = time.perf_counter(), time.process_time()
        job()
        taken.append((time.perf_counter() - begin, time.process_time() - used))
    return statistics.median(wall for wall, _ in taken), statistics.median(cpu for _, cpu in taken)


def one_more(record: Record, rounds: int, short: str, long: str) -> float:
    """Give how much more it costs to put a contact with its particulars on record where the history is long.

    Both are done in turn, so that whatever else the machine does meets both; the ratio is of their medians.
    """
    taken: dict[str, list[float]] = {short: [], long: []}
    for number in range(rounds):
        for whose in (short, long):
            one = replace(entry(10**9 + 2 * number + (whose == long), whose, NOW), key=f"{whose} {number}")
            begin = time.perf_counter()
            record.write_now(lambda tx, one=one: _add(tx, one))
            taken[whose].append(time.perf_counter() - begin)
    return statistics.median(taken[long]) / statistics.median(taken[short])


def _add(tx: Transaction, one: Entry) -> None:
    assert tx.add_contact(one)
    tx.keep_particulars(one.id, Particulars((1,), (2,)))


def histories(url: str, short: int, long: int) -> tuple[str, str]:
    """Fill a record with two parties, of a short and a long history; names both."""
    with Record.open(url, now=lambda: NOW) as record:
        first, second = record.write_now(lambda tx: (tx.add_party("Short"), tx.add_party("Long")))
    fill(url, rows(short, lambda _: f"party:{first}"))
    fill(url, rows(long, lambda _: f"party:{second}", begin=10**6))
    return f"party:{first}", f"party:{second}"


def main() -> int:
    """Measure both on both databases; 1 where a level takes a second, or a long history costs more than 1.3 times."""
    server = Server()
    worst = 0.0
    try:
        with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
            urls = {
                "SQLite": lambda: f"sqlite:///{Path(folder) / f'{time.monotonic_ns()}.db'}",
                "PostgreSQL": lambda: server.url(server.database(WITH_TABLES)),
            }
            for name, url in urls.items():
                for label, (seconds, cpu) in office(url()).items():
                    took = f"{seconds * 1000:.0f} ms, {cpu * 1000:.0f} of them ours"
                    print(f"{name}, {CONTACTS} contacts, {label}: {took}", flush=True)
                    worst = max(worst, seconds)
                where = url()
                short, long = histories(where, SHORT, LONG)
                with Record.open(where, now=lambda: NOW) as record:
                    ratio = one_more(record, ROUNDS, short, long)
                print(f"{name}, one contact more at {LONG} beside {SHORT}: {ratio:.2f} times", flush=True)
                worst = max(worst, ratio / 1.3)
    finally:
        server.stop()
    return int(worst >= 1)


if __name__ == "__main__":
    sys.exit(main())
