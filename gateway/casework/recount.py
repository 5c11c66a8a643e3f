"""Flags that no longer stand: the level is counted again after contacts were found to be somebody else's.

Belongs here: looking at open flags once more. A flag that falls, or is one with another, is dismissed with its reason
in the chain of acts; none is raised, for nobody has contacted the office.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.measured import measured_of
from rules.levels.thresholds import reached, same_hill
from rules.policies import Policy, Threshold
from storage.entries import Flag, FlagState
from storage.transaction import Transaction

RECOUNTED = "recounted"
_MOST_FLAGS = 1000


def recount(tx: Transaction, policy: Policy, whose: str, by: str, why: str) -> int:
    """Dismiss the open flags of `whose` (`party:12`, `email:x@example.org`) whose level is no longer reached."""
    measured = measured_of(tx, whose, policy)
    fallen = 0
    for flag in tx.flags(whose=whose, state=FlagState.OPEN, limit=_MOST_FLAGS):
        threshold = policy.threshold(flag.threshold) or Threshold.named(flag.threshold)
        if threshold is not None and reached(threshold, policy, at=flag.at, measured=measured) is None:
            _dismiss(tx, flag, by, why)
            fallen += 1
    return fallen


def one_flag_a_hill(tx: Transaction, policy: Policy, whose: str, by: str, why: str) -> int:
    """Dismiss all open flags of one hill but the first: two parties that turn out to be one had one each."""
    kept: list[Flag] = []
    dismissed = 0
    for flag in reversed(tx.flags(whose=whose, state=FlagState.OPEN, limit=_MOST_FLAGS)):
        threshold = policy.threshold(flag.threshold) or Threshold.named(flag.threshold)
        others = (one for one in kept if one.threshold == flag.threshold)
        if threshold is not None and any(same_hill(threshold, policy, one.at, flag.at) for one in others):
            _dismiss(tx, flag, by, why)
            dismissed += 1
        else:
            kept.append(flag)
    return dismissed


def _dismiss(tx: Transaction, flag: Flag, by: str, why: str) -> None:
    tx.settle_flag(replace(flag, state=FlagState.DISMISSED, settled_at=tx.now(), settled_by=by, why=why))
    tx.act(by, RECOUNTED, flag.id, {"why": why})
