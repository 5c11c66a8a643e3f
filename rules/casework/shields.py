"""Shielded colleagues: who must never again meet this party's mail and calls, and who takes over (PHSO-24).

Belongs here: the view that decisions are to be made by. A shield stands in every mode, observing too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.casework.shelf import Shelf


@dataclass(frozen=True, slots=True)
class ShieldOnFile:
    """Hold one shield; an inbox or a number is empty where the colleague has none. Times are aware UTC."""

    id: str
    colleague: str
    inbox: str
    phone: str
    manager_inbox: str
    manager_phone: str
    since: datetime
    until: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Tell whether it is in force at `now` (aware UTC)."""
        return self.since <= now and (self.until is None or now < self.until)

    def ways(self) -> dict[str, str]:
        """Give each inbox and number of the colleague with that of the manager who takes over."""
        pairs = ((self.inbox, self.manager_inbox), (self.phone, self.manager_phone))
        return {own: instead for own, instead in pairs if own}


def shields(shelf: Shelf, now: datetime) -> tuple[ShieldOnFile, ...]:
    """Give the shields in force at `now` (aware UTC), the oldest first."""
    return tuple(one for one in shelf.shields.values() if one.stands(now))


def taken_over(shelf: Shelf, now: datetime) -> Mapping[str, str]:
    """Give every shielded inbox and number with that of the manager to whom its mail and calls go instead."""
    return {own: instead for one in shields(shelf, now) for own, instead in one.ways().items()}
