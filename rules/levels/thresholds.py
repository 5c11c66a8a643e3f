"""Levels of contact and the thresholds they cross. A flag is for a person to act on; it restricts nobody.

Belongs here: which questions the levels ask of the record, and what the answers mean (PHSO-25, HO-2, SPSO-51).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """Tell whether levels see the contact: every attempt of a known sender, save forged ones and automatic replies.

    What nobody can say who sent it, or a withheld number, falls to nobody (THREATS I4, T5).
    """
    return contact.sender is not None and contact.assurance is not Assurance.FAILED and not contact.automatic


def crossings(
    contact: Contact,
    policy: Policy,
    *,
    now: datetime,
    newest: Callable[[frozenset[Channel], int], Sequence[datetime]],
) -> tuple[Crossing, ...]:
    """Name the count thresholds that this contact, already on record, crosses at `now`.

    A threshold of 3 is crossed by the third contact in the window and not by the fourth: it must fall below 3 first.
    So the count-th newest is inside the window and the next older one is not. `newest` asks the record for the times
    of so many contacts by these channels, the newest first; it is asked once for each set of channels.
    """
    if not counted(contact):
        return ()
    found = []
    for channels, thresholds in policy.counted_by_channels.items():
        if contact.channel in channels:
            times = newest(channels, max(threshold.count or 0 for threshold in thresholds) + 1)
            found += [one for one in thresholds if _crossed(times, one, now, policy)]
    return tuple(_counted_crossing(threshold) for threshold in found)


def _crossed(times: Sequence[datetime], threshold: Threshold, now: datetime, policy: Policy) -> bool:
    count = threshold.count or 0
    if len(times) < count:
        return False
    since = threshold.span.since(now, policy.zone)
    return times[count - 1] >= since and (len(times) == count or times[count] < since)


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
