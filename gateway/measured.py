"""Gives the figures behind thresholds: one level of one party over channels and a span, from the record.

Belongs here: asking the record for it, each span once. What levels are made of is in `rules.levels`.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from math import floor

from rules.contact import Channel
from rules.levels.counting import Tally, levels
from rules.levels.kinds import Level
from rules.levels.thresholds import Measured
from rules.policies import Policy
from storage.transaction import Reader

_A_HAIR = 1e-6
"""Minutes are fractions: ten estimates of 0.1 are a whole one."""


def measured_of(reader: Reader, whose: str, policy: Policy) -> Measured:
    """Give what measures levels of `whose` (`party:12`, `email:x@example.org`); both ends of a span are inclusive."""

    @lru_cache(maxsize=64)
    def tally(since: datetime, until: datetime) -> Tally:
        return reader.tally(whose, since, until, cut_s=policy.counted_call_s)

    def measured(level: Level, channels: frozenset[Channel], since: datetime, until: datetime) -> int:
        if since > until:
            return 0
        return floor(levels(tally(since, until).of(channels), policy.staff_time)[level] + _A_HAIR)

    return measured
