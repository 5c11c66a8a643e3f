"""Levels of contact and the thresholds they cross. A flag is for a person to act on; it restricts nobody.

Belongs here: which questions the levels ask of the record, and what the answers mean (PHSO-25, HO-2, SPSO-51).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.contact import Assurance, Channel, Contact
from rules.levels.kinds import Level
from rules.policies import Policy, Threshold
from rules.windows import MICROSECOND

Newest = Callable[[frozenset[Channel], int], Sequence[datetime]]
"""The times of so many attempts by these channels, the newest first."""
Measured = Callable[[Level, frozenset[Channel], datetime, datetime], int]
"""A level over these channels between two moments, both inclusive."""
LONGEST = timedelta(days=32)
"""No window of a threshold is longer: a month of 31 days, an hour more where the clocks go back."""
OF_OUTCOMES = frozenset({Level.CONTACTS, Level.LET_THROUGH, Level.TALK_MINUTES, Level.STAFF_MINUTES})
"""Levels to which a call adds nothing while it rings: only what becomes of it does."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Hold a threshold that a contact crossed, with the level it reached, in words for staff."""

    threshold: str
    level: int
    text: str


def counted(contact: Contact) -> bool:
    """Tell whether levels see the contact: every attempt of a known sender, save forged ones and automatic replies.

    What nobody can say who sent it, or a withheld number, falls to nobody (THREATS I4, T5).
    """
    return contact.sender is not None and contact.assurance is not Assurance.FAILED and not contact.automatic


def crossings(contact: Contact, policy: Policy, *, now: datetime, newest: Newest) -> tuple[Crossing, ...]:
    """Name the count thresholds that this contact, already on record, crosses at `now`.

    A threshold of 3 is crossed by the third contact in the window and not by the fourth: it must fall below 3 first.
    So the third newest is inside the window and the next older one is not. `newest` is asked once for each set of
    channels.
    """
    if not counted(contact):
        return ()
    found = []
    for channels, thresholds in policy.counted_by_channels.items():
        if contact.channel in channels:
            times = newest(channels, max(threshold.at_least for threshold in thresholds) + 1)
            found += [one for one in thresholds if _crossed(times, one, now, policy)]
    return tuple(_crossing(threshold, threshold.at_least) for threshold in found)


def _crossed(times: Sequence[datetime], threshold: Threshold, now: datetime, policy: Policy) -> bool:
    count = threshold.at_least
    if len(times) < count:
        return False
    since = threshold.span.since(now, policy.zone)
    return times[count - 1] >= since and (len(times) == count or times[count] < since)


def _crossing(threshold: Threshold, level: int) -> Crossing:
    return Crossing(threshold.name, level, threshold.said(level))


def summed_crossings(
    policy: Policy, *, at: datetime, measured: Measured, among: Iterable[Threshold] | None = None
) -> Iterator[Crossing]:
    """Name the thresholds on what is added up that whatever came at `at` crosses: below without it, reached with it.

    All of the policy's are asked for unless `among` names some.
    """
    for threshold in policy.summed if among is None else among:
        level = reached(threshold, policy, at=at, measured=measured)
        if level is None:
            continue
        since = threshold.span.since(at, policy.zone)
        if measured(threshold.level, threshold.channels, since, at - MICROSECOND) < threshold.at_least:
            yield _crossing(threshold, level)


def reached(threshold: Threshold, policy: Policy, *, at: datetime, measured: Measured) -> int | None:
    """Give the level of a threshold in the window that ends at `at`, inclusive; None where it is below."""
    level = measured(threshold.level, threshold.channels, threshold.span.since(at, policy.zone), at)
    return level if level >= threshold.at_least else None


def within_reach(policy: Policy, *, since: datetime, until: datetime, measured: Measured) -> tuple[Threshold, ...]:
    """Leave out the thresholds on sums that nothing from `since` to `until` can have crossed.

    No level is higher in a part of a window than in the whole: what all these windows together do not reach, none does.
    """

    def highest(threshold: Threshold) -> int:
        return measured(threshold.level, threshold.channels, threshold.span.since(since, policy.zone), until)

    return tuple(one for one in policy.summed if highest(one) >= one.at_least)


def same_hill(threshold: Threshold, policy: Policy, one: datetime, other: datetime) -> bool:
    """Tell whether two moments at which it was crossed are one: each lies in the other's window, or before it."""
    since = threshold.span.since
    return since(one, policy.zone) <= other and since(other, policy.zone) <= one
