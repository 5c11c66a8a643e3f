"""Levels of contact and the thresholds they cross. A flag is for a person to act on; it restricts nobody.

Belongs here: which questions the levels ask of the record, and what the answers mean (PHSO-25, HO-2, SPSO-51).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rules.contact import Assurance, Channel, Contact
from rules.measures.measure import channel_words
from rules.policies import Policy, Threshold


@dataclass(frozen=True, slots=True)
class Crossing:
    """Hold a threshold that a contact crossed, with the level it reached, in words for staff."""

    threshold: str
    level: int
    text: str


def counted(contact: Contact) -> bool:
    """Tell whether levels see the contact: every attempt, save forged ones and automatic replies to us (THREATS I4)."""
    return contact.assurance is not Assurance.FAILED and not contact.automatic


def crossings(
    contact: Contact,
    policy: Policy,
    *,
    now: datetime,
    nth_newest: Callable[[frozenset[Channel], int], datetime | None],
) -> tuple[Crossing, ...]:
    """Name the count thresholds that this contact, already on record, crosses at `now`.

    A threshold of 3 is crossed by the third contact in the window and not by the fourth: it must fall below 3 first.
    So the count-th newest is inside the window and the next older one is not. `nth_newest` asks the record.
    """
    if not counted(contact):
        return ()
    return tuple(
        _counted_crossing(threshold)
        for threshold in policy.thresholds
        if threshold.count is not None
        and contact.channel in threshold.channels
        and _crossed(nth_newest, threshold, threshold.count, threshold.span.since(now, policy.zone))
    )


def _crossed(
    nth_newest: Callable[[frozenset[Channel], int], datetime | None], threshold: Threshold, count: int, since: datetime
) -> bool:
    nth = nth_newest(threshold.channels, count)
    if nth is None or nth < since:
        return False
    older = nth_newest(threshold.channels, count + 1)
    return older is None or older < since


def _counted_crossing(threshold: Threshold) -> Crossing:
    level = threshold.count or 0
    text = f"{level} contacts by {channel_words(threshold.channels)} {threshold.span.in_words()}"
    return Crossing(threshold.name, level, text)


def talk_crossings(
    policy: Policy, *, now: datetime, before: Callable[[datetime], int], talk_s: int
) -> tuple[Crossing, ...]:
    """Name the talk-time thresholds that a call of `talk_s` seconds, ended at `now`, crosses.

    `before` gives the seconds of talk since a moment without this call.
    """
    found = []
    for threshold in policy.thresholds:
        if threshold.talk_minutes is None:
            continue
        earlier = before(threshold.span.since(now, policy.zone))
        if earlier < threshold.talk_minutes * 60 <= earlier + talk_s:
            level = (earlier + talk_s) // 60
            found.append(Crossing(threshold.name, level, f"{level} minutes of talk {threshold.span.in_words()}"))
    return tuple(found)
