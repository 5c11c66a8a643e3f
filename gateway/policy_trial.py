"""Says whom a policy would flag today, beside the office's own, before anything is changed.

Belongs here: asking the levels as they are now. Who asked is on record; no flag is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.casework.outline import READ_FILE
from gateway.flags import levels_were_read
from gateway.levels import name_of
from gateway.measured import measured_of
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.levels.thresholds import LONGEST, reached
from rules.policies import Policy
from storage.levels import NOBODY
from storage.record import Record
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class Reached:
    """Hold that a level is at a threshold now, of our own policy, of the other one, or of both."""

    whose: str
    who: str
    threshold: str
    level: int
    text: str
    ours: bool
    other: bool


def who_is_flagged(
    reader: Reader, ours: Policy, other: Policy, now: datetime, heard: Callable[[int, int], None]
) -> list[Reached]:
    """List whose levels are at a threshold of either policy at `now`; `heard` is told how many parties were asked."""
    office = reader.tally_office(now - LONGEST, now, cut_s=ours.counted_call_s)
    everybody = sorted({taken.whose for taken in office} - {NOBODY})
    found: list[Reached] = []
    for number, whose in enumerate(everybody, start=1):
        found += _of_one(reader, whose, ours, other, now)
        heard(number, len(everybody))
    return found


def tried(
    record: Record, ours: Policy, other: Policy, by: Actor, now: datetime, heard: Callable[[int, int], None]
) -> list[Reached]:
    """Say to a person whom another policy would flag, as `who_is_flagged`; that they saw it is on record.

    Raises Refused to those who may not read files by the office's own policy.
    """
    allowed(READ_FILE, ours, by)
    found = record.read_now(lambda reader: who_is_flagged(reader, ours, other, now, heard))
    record.write_now(lambda tx: levels_were_read(tx, by, "policy", (one.whose for one in found)))
    return found


def _of_one(reader: Reader, whose: str, ours: Policy, other: Policy, now: datetime) -> Iterator[Reached]:
    today, then = _levels(reader, whose, ours, now), _levels(reader, whose, other, now)
    who = name_of(reader, whose) if today or then else ""
    for name, (level, text) in (then | today).items():
        yield Reached(whose, who, name, level, text, name in today, name in then)


def _levels(reader: Reader, whose: str, policy: Policy, now: datetime) -> dict[str, tuple[int, str]]:
    measured = measured_of(reader, whose, policy)
    found = {}
    for threshold in policy.thresholds:
        level = reached(threshold, policy, at=now, measured=measured)
        if level is not None:
            found[threshold.name] = level, f"{threshold.said(level)} (from {threshold.at_least:,})"
    return found
