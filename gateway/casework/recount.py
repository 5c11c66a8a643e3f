"""Flags that no longer stand: the level is counted again after contacts were found to be somebody else's.

Belongs here: looking at open flags once more. A flag that falls is dismissed with its reason in the chain of acts; none
is raised, for nobody has contacted the office.
"""

from __future__ import annotations

from rules.policies import Policy, Threshold
from storage.entries import Flag, FlagState
from storage.transaction import Transaction

_MOST_FLAGS = 1000


def recount(tx: Transaction, policy: Policy, whose: str, by: str, why: str) -> int:
    """Dismiss the open flags of `whose` (`party:12`, `email:x@example.org`) whose level is no longer reached."""
    thresholds = {one.name: one for one in policy.thresholds}
    fallen = 0
    for flag in tx.flags(whose=whose, state=FlagState.OPEN, limit=_MOST_FLAGS):
        threshold = thresholds.get(flag.threshold)
        if threshold is None or _still(tx, policy, flag, threshold):
            continue
        tx.settle_flag(flag.id, FlagState.DISMISSED)
        tx.act(by, "recounted", flag.id, {"why": why})
        fallen += 1
    return fallen


def _still(tx: Transaction, policy: Policy, flag: Flag, threshold: Threshold) -> bool:
    since = threshold.span.since(flag.at, policy.zone)
    if threshold.count is not None:
        times = tx.newest(flag.whose, threshold.channels, threshold.count, until=flag.at)
        return len(times) >= threshold.count and times[threshold.count - 1] >= since
    assert threshold.talk_minutes is not None  # a threshold has one of the two
    return tx.talk_seconds(flag.whose, since, flag.at) >= threshold.talk_minutes * 60
