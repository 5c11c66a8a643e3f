"""What one decision costs: `python -m tests.bench.decision` prints the median of `decide` with five measures, in us.

Belongs here: the pure decision only, as reception makes it: a new moment, a standing with its usage already loaded.
PERFORMANCE.md asks for 30 us or less on a quiet core. Nothing asserts a time: other work on the machine would decide.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rules.contact import Channel, Contact, Identifier, IdentifierKind
from rules.decide import decide
from rules.measures import parse
from rules.standing import Party, Restriction, Standing, Used, needs
from tests.rules.office import POLICY

NOW = datetime(2026, 3, 9, 10, 30, tzinfo=UTC)
ROUNDS, EACH = 60, 500

MEASURES = (
    {"kind": "named_contact", "inbox": "casework@example.org", "phone": "+441632960100"},
    {"kind": "volume_limit", "channels": ["call", "email"], "count": 5, "per": "week"},
    {"kind": "talk_time_limit", "minutes": 60, "per": "week"},
    {"kind": "call_length_limit", "minutes": 15},
    {"kind": "time_window", "channels": ["call", "email"], "days": ["mon", "thu"], "from": "10:00", "to": "12:00"},
)
PARTY = Party(1, "R. Example")


def standing() -> Standing:
    """Give a party under one restriction of five measures, with usage that leaves something of each limit."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    restriction = Restriction(
        "1", tuple(map(parse, MEASURES)), start, start + timedelta(days=180), approved_by="Head of Casework"
    )
    used = {need: Used(seconds=600) for need in needs((restriction,), POLICY, now=NOW)}
    return Standing(PARTY, (restriction,), used=used)


def contact(channel: Channel) -> Contact:
    """Give one contact of the party by `channel`."""
    kind = IdentifierKind.PHONE if channel is Channel.CALL else IdentifierKind.EMAIL
    sender = Identifier(kind, "+441632960001" if channel is Channel.CALL else "r.example@example.org")
    to = "+441632960999" if channel is Channel.CALL else "enquiries@example.org"
    return Contact("c1", channel, NOW, sender, (sender,), recipients=(to,))


def median_us(channel: Channel) -> float:
    """Give the median cost of a decision in microseconds, over rounds of many."""
    one, known = contact(channel), standing()
    moments = [NOW + timedelta(milliseconds=step) for step in range(EACH)]

    def decide_all() -> None:
        for moment in moments:
            decide(one, known, POLICY, now=moment)

    return statistics.median(_seconds(decide_all) for _ in range(ROUNDS)) / EACH * 1e6


def _seconds(act: Callable[[], None]) -> float:
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


def main() -> None:
    """Print one line a channel."""
    for channel in (Channel.EMAIL, Channel.CALL):
        print(f"decide with {len(MEASURES)} measures, {channel.value:5}: {median_us(channel):6.1f} us (median)")


if __name__ == "__main__":
    main()
