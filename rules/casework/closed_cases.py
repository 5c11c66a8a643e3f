"""Cases that are closed and were explained: mail on them may be logged unread where the policy says so (PHSO-22).

Belongs here: which references are closed now. What a contact is about is for `rules.case_references` to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.casework.shelf import Shelf


@dataclass(frozen=True, slots=True)
class ClosedCase:
    """Hold one closed case: `explained` is the day of the office on which the outcome was explained."""

    id: str
    reference: str
    explained: date
    closed_at: datetime
    reopened_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Tell whether it is closed at `now` (aware UTC)."""
        return self.closed_at <= now and (self.reopened_at is None or now < self.reopened_at)


def closed_cases(shelf: Shelf, now: datetime) -> tuple[ClosedCase, ...]:
    """Give the cases that are closed at `now` (aware UTC), the first closed first."""
    return tuple(one for one in shelf.closed.values() if one.stands(now))
