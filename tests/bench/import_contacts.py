"""How long an import of the past takes: `python -m tests.bench.import_contacts`, by mail and by call log.

Belongs here: made-up mail and calls, the import as the command does it, wall time and CPU of all its processes. It is
no comparison: what matters is that a million contacts are minutes, and that memory does not grow with them.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from gateway.config import read_policy
from gateway.import_contacts import ImportContacts
from gateway.past_calls import Terms
from gateway.past_mail import Reading
from gateway.past_sources import Sources
from rules import identity
from rules.standing import PartyKind
from storage.record import Record
from tests.postgresql import WITH_TABLES, Server

T = TypeVar("T")
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
POLICY = read_policy("default", Path())
SENDERS, PARTIES = 5000, 50
_WORDS = ("the", "letter", "about", "my", "case", "was", "on", "Monday", "still", "not", "answered", "by", "anybody")


def main() -> None:
    """Measure and print seconds, CPU seconds per 1,000, and the most memory that this process held."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=100_000)
    arguments.add_argument("--postgresql", action="store_true")
    arguments.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        mails, calls = folder / "past.mbox", folder / "calls.csv"
        write_mails(mails, given.count)
        write_calls(calls, given.count)
        with record_of(folder, postgresql=given.postgresql) as record:
            runs = [
                measure(name, partial(bring_in, record, path, given.processes), given.count)
                for name, path in (("mail", mails), ("calls", calls), ("mail again", mails))
            ]
            measure("undo", partial(ImportContacts(record, POLICY, lambda: NOW).undo, runs[0], "bench"), given.count)


def bring_in(record: Record, path: Path, processes: int) -> str:
    """Bring in a file as the command does; gives the import's number."""
    known = record.read_now(lambda reader: reader.addresses_of_parties())
    reading = Reading(frozenset({"office.example.org"}), "hello@office.example.org", known, NOW, POLICY)
    sources = Sources([path], reading, Terms(POLICY, NOW), processes)
    return ImportContacts(record, POLICY, lambda: NOW).bring_in(sources.read(), path.name, "bench").number


def measure(name: str, work: Callable[[], T], count: int) -> T:
    """Do some work, print what it took, and give what it gives."""
    wall, own, children = time.perf_counter(), time.process_time(), _of_children()
    done = work()
    wall = time.perf_counter() - wall
    cpu = time.process_time() - own + _of_children() - children
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {wall:.1f} s, {cpu / count * 1000:.3f} CPU s per 1,000, "
        f"a million in {wall / count * 1_000_000 / 60:.1f} minutes; {memory:.0f} MiB at most",
        flush=True,
    )
    return done


def write_mails(path: Path, count: int) -> None:
    """Write an mbox: mail of two years, of which a hundredth is of parties, some of it sent twice."""
    chance, at = random.Random(1), NOW - timedelta(days=730)
    step = timedelta(days=729) / count
    with path.open("w", encoding="ascii") as mbox:
        for number in range(count):
            sender = f"r{chance.randrange(SENDERS)}@example.org"
            when = at + number * step
            body = "\n".join(" ".join(chance.choices(_WORDS, k=12)) for _ in range(25))
            mbox.write(
                f"From {sender} {when:%a %b %e %H:%M:%S %Y}\n"
                f"Received: from mx.example.org (mx.example.org [192.0.2.1]) by border.office.example.org\n"
                f"\twith ESMTPS id {number}; {when:%a, %d %b %Y %H:%M:%S} +0000\n"
                f"From: R. Example <{sender}>\nTo: enquiries@office.example.org\nSubject: Case 2026-{number % 900:03}\n"
                f"Date: {when:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: <{number}@example.org>\n"
                f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n\n"
            )


def write_calls(path: Path, count: int) -> None:
    """Write a call log in Twilio's columns."""
    chance, at = random.Random(2), NOW - timedelta(days=730)
    step = timedelta(days=729) / count
    with path.open("w", encoding="ascii") as log:
        log.write("Call Sid,Start Time,From,To,Direction,Duration,Status\n")
        for number in range(count):
            caller = f"+441632960{chance.randrange(1000):03}"
            when = at + number * step
            log.write(f"CA{number:032x},{when:%Y-%m-%dT%H:%M:%SZ},{caller},+442079460000,inbound,312,completed\n")


@contextmanager
def record_of(folder: Path, *, postgresql: bool) -> Iterator[Record]:
    """Open a record with the parties on it."""
    if not postgresql:
        with Record.open(f"sqlite:///{folder}/parley.db", now=lambda: NOW) as record:
            _add_parties(record)
            yield record
        return
    server = Server()
    try:
        name = server.database(WITH_TABLES)
        with Record.open(server.url(name), now=lambda: NOW) as record:
            _add_parties(record)
            yield record
    finally:
        server.stop()


def _add_parties(record: Record) -> None:
    for number in range(PARTIES):
        sender = identity.email(f"r{number}@example.org")
        assert sender is not None

        def add(tx, sender=sender, number=number) -> None:  # type: ignore[no-untyped-def]  # a job of a benchmark
            tx.add_identifier(sender, tx.add_party(f"Party {number}", PartyKind.PERSON))

        record.write_now(add)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
