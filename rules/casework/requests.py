"""Requests of ours to a party: what was asked, by when, and what came of it (PHSO-26, SPSO-53).

Belongs here: the views that keep an answer to us from being held against anyone. While a request is open, whatever
comes may be its answer, late ones too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rules.windows import end_of, local_midnight

if TYPE_CHECKING:
    from rules.casework.shelf import Shelf


@dataclass(frozen=True, slots=True)
class RequestOnFile:
    """Hold one request: `due`, `remind`, `reminded` and `answered` are days of the office, the others aware UTC.

    `judgement` is empty while nobody has judged it; `closed_at` is when it was answered or judged.
    """

    id: str
    what: str
    difficulty: str
    asked_at: datetime
    asked_by: str
    due: date
    remind: date
    reminded: date | None = None
    answered: date | None = None
    contact: str = ""
    judgement: str = ""
    closed_at: datetime | None = None

    def open_at(self, now: datetime) -> bool:
        """Tell whether it was asked by then, and neither answered nor judged."""
        return self.asked_at <= now and (self.closed_at is None or now < self.closed_at)

    def overdue(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether it is open past the last moment of its day."""
        return self.open_at(now) and end_of(self.due, zone) <= now

    def wants_reminder(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether the day of its reminder has come and nobody has reminded the person."""
        return self.open_at(now) and self.reminded is None and local_midnight(self.remind, zone) <= now


def open_requests(shelf: Shelf, now: datetime) -> tuple[RequestOnFile, ...]:
    """Give the requests that are open at `now` (aware UTC), the earliest due first."""
    found = (one for one in shelf.requests.values() if one.open_at(now))
    return tuple(sorted(found, key=lambda one: (one.due, one.id)))


def overdue_requests(shelf: Shelf, now: datetime) -> tuple[RequestOnFile, ...]:
    """Give the open requests whose day has passed."""
    return tuple(one for one in open_requests(shelf, now) if one.overdue(now, shelf.zone))


def reminders_due(shelf: Shelf, now: datetime) -> tuple[RequestOnFile, ...]:
    """Give the open requests of which the person should be reminded by now."""
    return tuple(one for one in open_requests(shelf, now) if one.wants_reminder(now, shelf.zone))


def answers_request(shelf: Shelf, now: datetime) -> bool:
    """Tell whether a contact that comes at `now` may be an answer to us, and so is never counted (PHSO-26)."""
    return any(one.open_at(now) for one in shelf.requests.values())
