"""A party's part of the time that contact takes an office, beside what is usual; an estimate.

Belongs here: median, 99th percentile and share, pure. Promises to be no level and no threshold: a share is never a
ground for a flag by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Usual:
    """Hold what contact takes an office in a window, in minutes by estimate, of all who contacted it.

    `office` is all of it, also of callers nobody knows; `parties` is how many known senders there were; `median` and
    `p99` are theirs, each the time of one of them (nearest rank), 0 where there was nobody.
    """

    office: float
    parties: int
    median: float
    p99: float

    def share(self, minutes: float) -> float:
        """Give a party's part of all, from 0 to 1."""
        return minutes / self.office if self.office else 0.0


def usual(minutes: Sequence[float], of_nobody: float = 0.0) -> Usual:
    """Give what is usual of the minutes of all known senders, beside the minutes of those whom nobody knows."""
    ranked = sorted(minutes)
    return Usual(sum(ranked) + of_nobody, len(ranked), _rank(ranked, 50), _rank(ranked, 99))


def _rank(ranked: Sequence[float], percent: int) -> float:
    return ranked[ceil(len(ranked) * percent / 100) - 1] if ranked else 0.0
