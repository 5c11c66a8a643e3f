"""One run: an office under load, killed so many times, then left to finish in peace, and judged.

Belongs here: when it is killed. A kill counts only if something was in flight: said to the end and not answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway.failpoints import NAMES
from storage.record import Record
from tests.crash.callers import Provider
from tests.crash.disk import Disk, read_mailboxes, read_record, read_taken
from tests.crash.forked import COUNT_ONLY
from tests.crash.ledger import Ledger, now_us
from tests.crash.office import FILED_TO, HOLD_S, RELEASED, Office
from tests.crash.oracle import Oracle, Verdict
from tests.crash.process import Ended, Served
from tests.crash.senders import Connection, Lost, Public
from tests.crash.sink import Sink
from tests.crash.texters import Texters, judge_texts
from tests.ports import free_port

MAILDIR, NEXT_HOP = "maildir", "next-hop"
MET = tuple(name for name in NAMES if not name.startswith("alert."))
"""The steps that this public makes the office pass: all of them."""
AT_RANDOM = "at random"
SESSIONS, LINES, TEXTERS = 6, 3, 2
_LONGEST_LIFE_S = 2.5
_FINISH_S = 60.0
# At which passing to kill, at most: about as many as there are in a second of load.
_PASSINGS = {"letter.claimed": 1, "letter.left": 4, "letter.settled": 4, "hold.released": 3, "call.settled": 6}
_PASSINGS |= {"mail.stored": 6, "mail.intended": 15, "call.heard": 8, "call.recorded": 8}
_PASSINGS |= {"text.heard": 4, "text.recorded": 4, "text.handed_on": 2}
_AT_START = {"record.before_commit": 4, "record.after_commit": 4}
"""Passings of every start: none that counts is before the doors open."""


@dataclass
class Report:
    """Hold the figures of a run."""

    variant: str
    kills: int = 0
    idle_kills: int = 0
    in_flight: Counter[str] = field(default_factory=Counter)
    at_kill: list[int] = field(default_factory=list)
    killed_at: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    replies: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    acknowledged: int = 0
    calls: int = 0
    texts: int = 0
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)
    log: Counter[str] = field(default_factory=Counter)


class Run:
    """Hold one office with its public; `folder` is where everything lies, `state` where the office is."""

    def __init__(
        self,
        folder: Path,
        variant: str,
        seed: int,
        seconds: float,
        *,
        sabotage: str = "none",
        names: Sequence[str] = MET,
    ) -> None:
        """Prepare; `seconds` is how long it may go on at most, `names` are the steps to kill at, each at least once."""
        self.chance = random.Random(f"{variant} {seed}")
        self.folder, self.variant, self.seconds, self.sabotage = folder, variant, seconds, sabotage
        self.state = folder / "state"
        self._names = tuple(names)
        self.ledger = Ledger()
        self.report = Report(variant)
        self.hop, self.outbound = Sink(self.chance, busy=0.02), Sink(self.chance)
        self.office = Office(self.state, free_port(), free_port())
        self._plans = self._plan()

    @property
    def maildir(self) -> bool:
        """Tell whether mail goes to Maildirs."""
        return self.variant == MAILDIR

    async def prepare(self, scale: int) -> None:
        """Open the other servers, write the settings, put the parties on record."""
        if not self.maildir:
            self.office.next_hop, self.office.outbound = await self.hop.start(), await self.outbound.start()
        self.office.write_settings()
        self.office.settle_parties(self.seconds + HOLD_S, scale)

    @contextlib.asynccontextmanager
    async def public(self) -> AsyncIterator[tuple[Public, Provider, list[asyncio.Task[None]]]]:
        """Let the public write, call and text as long as the block lasts, and till they are done."""
        public, provider = (
            Public(self.office, self.ledger, self.chance),
            Provider(self.office, self.ledger, self.chance),
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(public.session()) for _ in range(SESSIONS)]
            tasks += [group.create_task(provider.line()) for _ in range(LINES)]
            texters = Texters(provider, self.office, self.ledger, self.chance)
            tasks += [group.create_task(texters.line()) for _ in range(TEXTERS)]
            yield public, provider, tasks
            for task in tasks:
                task.cancel()

    # Killing

    def place(self, state: Path) -> None:
        """Say where the state lies now: the disk may have lost its power."""
        self.state = self.office.state = state

    def _plan(self) -> list[str]:
        names = [*self._names, *[AT_RANDOM] * (len(self._names) // 2)]
        self.chance.shuffle(names)
        return names

    def _next_plan(self) -> str:
        if not self._plans:
            self._plans = self._plan()
        return self._plans.pop()

    async def kill_often(self, served: Served, kills: int, *, until: float) -> None:
        """Kill until so many kills had work in flight and each step was met, or the time (monotonic) is up."""
        met = self.report.killed_at
        while (self.report.kills < kills or not met.keys() >= set(self._names)) and time.monotonic() < until:
            name = self._next_plan()
            before = met[name]
            await self.kill_once(served, name)
            if met[name] == before:
                self._plans.insert(0, name)  # not reached, or with nothing in flight: once more, later
            if self.report.kills % 50 == 0:
                print(f"{self.variant}: {self.report.kills} kills of {kills}", file=sys.stderr, flush=True)

    async def kill_once(self, served: Served, name: str) -> None:
        """Start, let the load come, kill at the named step or at random."""
        before = sum(self.ledger.cut_off.values())
        first = _AT_START.get(name, 0) + 1
        passing = first + self.chance.randrange(_PASSINGS.get(name, 25))
        end = await served.start(COUNT_ONLY if name == AT_RANDOM else f"{name}:{passing}")
        ours = await self._killed(served, end, name)
        ended = await end
        await self.until(lambda: not self.ledger.in_flight, 5.0)
        self._note(ended, AT_RANDOM if ours else name, sum(self.ledger.cut_off.values()) - before)
        if self.chance.random() < 0.1:
            await asyncio.to_thread(self._act)

    async def _killed(self, served: Served, end: asyncio.Task[Ended], name: str) -> bool:
        """Wait for the failpoint; tell whether it was us who killed."""
        answers = self.ledger.answers
        await self.until(lambda: end.done() or self.ledger.answers > answers, 10.0)
        life_s = 0.05 + self.chance.random() * 0.7 if name == AT_RANDOM else _LONGEST_LIFE_S
        await self.until(end.done, life_s, every_s=0.003)
        await self.until(lambda: end.done() or bool(self.ledger.in_flight), 1.0, every_s=0.0)
        if end.done():
            return False
        served.kill()
        return True

    async def until(self, true: Callable[[], bool], seconds: float, *, every_s: float = 0.005) -> bool:
        """Wait until it is so; False where that takes longer."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(every_s)
        return True

    def _note(self, ended: Ended, name: str, cut_off: int) -> None:
        report = self.report
        report.passed.update(ended.passed)
        if ended.code != -9:
            report.verdict.find(f"the process ended by itself, with {ended.code}; see its log")
        if not cut_off:
            report.idle_kills += 1
            return
        report.kills += 1
        report.at_kill.append(cut_off)
        report.killed_at[name] += 1

    def _act(self) -> None:
        """Write down an act from another process, as the command line does."""
        with Record.open(f"sqlite:///{self.state / 'parley.db'}", now=lambda: datetime.now(UTC)) as record:
            record.write_now(lambda tx: tx.act("test", "looked", f"kill {self.report.kills}"))

    # Finishing and judging

    async def finish(self, served: Served, public: Public, provider: Provider, tasks: list[asyncio.Task[None]]) -> None:
        """Kill no more: let every client be answered, holds be released, letters leave; then stop cleanly."""
        public.writing = provider.calling = False
        self.hop.busy = 0.0
        end = await served.start(COUNT_ONLY)
        await self._greeted(end)
        await asyncio.wait(tasks, timeout=_FINISH_S)
        if self.ledger.open_errands:
            self.report.verdict.find(
                f"{self.ledger.open_errands} messages, calls and texts were never answered for good"
            )
        written = {letter.party for letter in self.ledger.letters}
        ends = [party.ends for held in RELEASED for party in self.office.parties[held] if party.name in written]
        await asyncio.sleep(max([(end - datetime.now(UTC)).total_seconds() for end in ends if end], default=0) + 0.1)
        self._stopped(await served.stop())
        end = await served.start(COUNT_ONLY)  # the jobs run at once at a start
        await self._greeted(end)
        if not await self.until(lambda: end.done() or self._settled(), _FINISH_S, every_s=0.2):
            self.report.verdict.find("letters, holds or levels that are due stay where they are")
        self._stopped(await served.stop())

    async def _greeted(self, end: asyncio.Task[Ended]) -> None:
        """Wait until the office says hello: before that it would not stop cleanly."""
        connection = Connection(self.office.smtp)
        while not end.done():
            try:
                await connection.open()
            except Lost:
                await asyncio.sleep(0.02)
            else:
                break
        connection.close()

    def _stopped(self, ended: Ended) -> None:
        self.report.passed.update(ended.passed)
        if ended.code != 0:
            self.report.verdict.find(f"a clean stop ended with {ended.code}; see its log")

    def _settled(self) -> bool:
        query = (
            "select (select count(*) from outbox where state in ('queued', 'sending') and next_at <= :now)"
            " + (select count(*) from contacts where state = 'held' and release_at <= :now)"
            " + (select count(*) from due_levels)"
        )
        with contextlib.closing(sqlite3.connect(self.state / "parley.db", timeout=5)) as connection:
            return int(connection.execute(query, {"now": now_us()}).fetchone()[0]) == 0

    def read_disk(self, state: Path | None = None) -> Disk:
        """Read what lies in a state folder, and what other servers took."""
        disk = read_record(state or self.state)
        read_mailboxes(disk, state or self.state)
        read_taken(disk, self.hop.taken, FILED_TO)
        read_taken(disk, self.outbound.taken, FILED_TO)
        return disk

    def judge(self) -> Report:
        """Judge what is on the disk by what the public was told."""
        report, ledger = self.report, self.ledger
        disk = self.read_disk()
        oracle = Oracle(ledger, disk, maildir=self.maildir, kills=report.kills + report.idle_kills)
        verdict = oracle.judge()
        judge_texts(ledger, disk, verdict, maildir=self.maildir, kills=report.kills + report.idle_kills)
        report.verdict.findings += verdict.findings
        report.verdict.counts += verdict.counts
        report.in_flight, report.replies = ledger.cut_off, ledger.replies
        report.messages, report.calls = len(ledger.letters), len(ledger.calls)
        report.texts = len(ledger.texts)
        report.acknowledged = sum(bool(letter.ids) for letter in ledger.letters)
        report.log = log_events(self.folder / "serve.log")
        return report


def log_events(log: Path) -> Counter[str]:
    """Count what the office complained of in its log."""
    colour, found = re.compile(r"\x1b\[[0-9;]*m"), Counter[str]()
    for line in log.read_text(errors="replace").splitlines() if log.exists() else ():
        event = re.search(r"\[(error|warning|critical)\s*\] ([^=]*?)\s+\S+=", colour.sub("", line) + " =")
        if event:
            found[f"{event[1]}: {event[2].strip()}"] += 1
        elif line.startswith(("Traceback", "  | Traceback")):
            found["traceback"] += 1
    return found


async def crash(
    folder: Path,
    variant: str,
    *,
    kills: int,
    seed: int,
    seconds: float,
    sabotage: str = "none",
    names: Sequence[str] = MET,
) -> Report:
    """Run one office from its first start to the verdict."""
    run = Run(folder, variant, seed, seconds, sabotage=sabotage, names=names)
    begin = time.monotonic()
    await run.prepare(scale=max(4, min(60, kills // 4)))
    try:
        async with (
            Served(run.state, folder / "serve.log", sabotage=sabotage) as served,
            run.public() as (public, provider, tasks),
        ):
            await run.kill_often(served, kills, until=begin + seconds)
            await run.finish(served, public, provider, tasks)
    finally:
        await run.hop.stop()
        await run.outbound.stop()
    report = run.judge()
    report.seconds = time.monotonic() - begin
    return report
