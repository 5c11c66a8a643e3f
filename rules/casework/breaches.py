"""Data breaches to assess: the wrong person was met, and the law gives 72 hours to say what follows (UK GDPR 33).

Belongs here: which corrections still wait, read from the papers, and by when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.casework.acts.assess_breach import AssessBreach
from rules.casework.acts.correct import Correct
from rules.casework.file import Paper
from rules.casework.waiting import Waiting
from rules.waiting_for import WaitingFor

CLOCK = timedelta(hours=72)
"""From when the office knew, which is when somebody said so; hours, whatever day it is (UK GDPR, article 33)."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Hold one correction that nobody assessed yet: `id` is its paper's, `due` when the law's time is over."""

    id: str
    at: datetime
    by: str
    identifier: str
    reason: str
    due: datetime

    def overdue(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return self.due <= now


def open_of(papers: Iterable[Paper]) -> tuple[Breach, ...]:
    """Give the corrections among papers that no assessment names, the oldest first."""
    found: dict[str, Breach] = {}
    for paper in papers:
        if isinstance(paper.act, Correct):
            act = paper.act
            found[paper.id] = Breach(paper.id, paper.at, paper.by, act.identifier, act.reason, paper.at + CLOCK)
        elif isinstance(paper.act, AssessBreach):
            found.pop(paper.act.correction, None)
    return tuple(sorted(found.values(), key=lambda one: (one.due, one.id)))


def as_waiting(breach: Breach) -> Waiting:
    """Give a breach as it waits for a person beside all else that waits."""
    return Waiting(WaitingFor.BREACH, breach.id, breach.at, breach.due, breach.by)
