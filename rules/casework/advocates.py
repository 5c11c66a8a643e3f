"""Advocates who may speak for a party: for what, until when, and with what consent (PHSO-M13, SPSO-21.3, HO-4).

Belongs here: whose authority holds at a moment. An advocate may speak for several parties; each file says so itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rules.contact import Identifier
from rules.windows import end_of

if TYPE_CHECKING:
    from rules.casework.shelf import Shelf


@dataclass(frozen=True, slots=True)
class AuthorityOnFile:
    """Hold one authority: `scope` is empty where it is for everything, `last_day` a day of the office."""

    id: str
    name: str
    identifiers: frozenset[Identifier]
    scope: str
    consent: str
    consented: date
    since: datetime
    last_day: date
    ended_at: datetime | None = None

    def stands(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether it holds at `now` (aware UTC)."""
        ended = self.ended_at is not None and self.ended_at <= now
        return self.since <= now < end_of(self.last_day, zone) and not ended


def authorities(shelf: Shelf, now: datetime) -> tuple[AuthorityOnFile, ...]:
    """Give the authorities that hold at `now` (aware UTC), the oldest first."""
    return tuple(one for one in shelf.authorities.values() if one.stands(now, shelf.zone))
