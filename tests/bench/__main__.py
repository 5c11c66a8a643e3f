"""`make bench-quick`: Parley beside its peers, interleaved in one run; prints medians with their spread.

Generator, target and next hop share this machine, so only ratios within one run mean anything (PERFORMANCE.md).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from rules.contact import Channel
from tests.bench import decision, offices, ours_record
from tests.bench.ours import TOKEN, Parley
from tests.bench.peers.load import Rate, measure_latency, send_messages
from tests.bench.peers.postfix import Postfix
from tests.bench.peers.processes import resident_bytes
from tests.bench.peers.sink import Sink, missing
from tests.bench.peers.webhook import BareWebhook, post_calls

SMALL, LARGE, WORKERS = 5_000, 50_000, 2
table = Table("what", "Parley", "peer", "ratio", "to reach", title="Parley beside its peers (median, least-most)")


def main() -> int:
    """Run every comparison and print the table; exit 1 where Debian's servers are missing."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--only", choices=["mail", "history", "webhook", "record", "decision"], nargs="*")
    given = arguments.parse_args()
    if reason := missing():
        print(f"The benchmark needs Debian's servers: {reason} (make servers)", file=sys.stderr)
        return 1
    parts = {"mail": mail, "history": history, "webhook": webhook, "record": record, "decision": one_decision}
    for name, part in parts.items():
        if not given.only or name in given.only:
            print(f"{name} ...", flush=True)
            part(given.rounds)
    Console(width=110).print(table)
    return 0


def mail(rounds: int) -> None:
    """Compare the whole mail path with Postfix as a filter that asks postfwd for a rate per sender.

    Postfix runs several processes for its sessions; ours is measured with two, and with one.
    """
    with (
        Sink() as sink,
        Parley(sink.port, workers=WORKERS) as parley,
        Parley(sink.port) as alone,
        Postfix(sink.port) as postfix,
    ):
        for port in (parley.port, alone.port, postfix.port):
            send_messages(port, 500, SMALL)
        for size, count in ((SMALL, 3000), (LARGE, 1500)):
            mine, single, peer = [], [], []
            for _ in range(rounds):
                mine.append(send_messages(parley.port, count, size, target=parley.pids))
                peer.append(send_messages(postfix.port, count, size, target=postfix.pids))
                single.append(send_messages(alone.port, count, size, target=alone.pids))
            what, small = f"mail {size // 1000} kB, 10 sessions", size == SMALL
            _compare_rates(f"{what}, {WORKERS} workers", "Postfix + postfwd", mine, peer, small=small)
            _compare_rates(f"{what}, 1 worker", "Postfix + postfwd", single, peer, small=small)
        sent = 500 + rounds * (3000 + 1500)
        for each in (parley, alone):
            if (kept := each.contacts()) != sent:
                raise SystemExit(f"{sent} messages were sent and {kept} are on record: the figures mean nothing")
        waits = [
            (measure_latency(parley.port, 1500, SMALL).p99_ms, measure_latency(postfix.port, 1500, SMALL).p99_ms)
            for _ in range(rounds)
        ]
        _row("mail 5 kB, p99 ms", [a for a, _ in waits], [b for _, b in waits], "<= 0.5", "Postfix + postfwd", places=1)
        table.add_row(
            "memory after the mail, 1 worker, MB", f"{resident_bytes(alone.pids) / 1e6:.0f}", "", "", "<= 150"
        )


def _compare_rates(what: str, whom: str, mine: Sequence[Rate], peer: Sequence[Rate], *, small: bool) -> None:
    goal = (">= 2", "<= 0.5") if small else ("", "")
    _row(f"{what}: messages/s", [r.per_second for r in mine], [r.per_second for r in peer], goal[0], whom)
    _row(f"{what}: CPU s/1000", [r.cpu_per_1000 for r in mine], [r.cpu_per_1000 for r in peer], goal[1], whom, places=2)


def history(rounds: int) -> None:
    """Compare a party under twenty measures with a long history among a million parties, and with none."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder, Sink() as sink:
        empty, full = Path(folder) / "empty", Path(folder) / "full"
        for state in (empty, full):
            state.mkdir()
        offices.empty(empty)
        offices.full(full, empty)
        rates: dict[Path, list[float]] = {full: [], empty: []}
        with Parley(sink.port, full) as long, Parley(sink.port, empty) as short:
            for _ in range(rounds):
                for state, parley in ((full, long), (empty, short)):
                    rates[state].append(send_messages(parley.port, 150, SMALL).per_second)
        _row(
            "mail, 20 measures, 100,000 contacts among 1,000,000 parties",
            rates[full],
            rates[empty],
            ">= 0.8",
            "empty record",
        )


def webhook(rounds: int) -> None:
    """Compare a call decided and recorded with a fixed document after the signature check."""
    with Sink() as sink, Parley(sink.port) as parley, BareWebhook() as bare:
        mine, peer = [], []
        for number in range(rounds + 1):
            first = number * 3000
            ours = post_calls(parley.web, 3000, token=TOKEN, url=f"{parley.url}/calls", first=first, target=parley.pids)
            theirs = post_calls(bare.port, 3000, token=bare.token, url=bare.url, first=first, target=bare.pids)
            if ours.statuses != {200: 3000} or theirs.statuses != {200: 3000}:
                raise SystemExit(f"calls were not answered: {ours.statuses} {theirs.statuses}")
            if number:
                mine.append(ours.rate.per_second)
                peer.append(theirs.rate.per_second)
        _row("webhook, calls/s", mine, peer, ">= 0.5", "bare Starlette")


def record(rounds: int) -> None:
    """Compare durable contacts a second with plain SQL group commit on the same disk and schema."""
    mine, peer = [], []
    for _ in range(rounds):
        a, b = ours_record.round_of(10_000)
        mine.append(a)
        peer.append(b)
    _row("record, contacts/s, 20 callers", mine, peer, ">= 0.6", "plain SQL")


def one_decision(rounds: int) -> None:
    """Print what one pure decision costs."""
    for channel in (Channel.EMAIL, Channel.CALL):
        cost = decision.median_us(channel)
        table.add_row(f"one decision, 5 measures, {channel.value}: us", f"{cost:.0f}", "", "", "<= 30")


def _row(what: str, mine: Sequence[float], peer: Sequence[float], goal: str, whom: str, *, places: int = 0) -> None:
    ratio = statistics.median(a / b for a, b in zip(mine, peer, strict=True))
    table.add_row(what, _spread(mine, places), f"{_spread(peer, places)} ({whom})", f"{ratio:.2f}", goal)


def _spread(values: Sequence[float], places: int) -> str:
    middle = f"{statistics.median(values):,.{places}f}"
    return f"{middle} ({min(values):,.{places}f}-{max(values):,.{places}f})"


if __name__ == "__main__":
    sys.exit(main())
