"""What staff are alerted of, how urgent each kind is, and when by the clock those leave that can wait.

Belongs here: the names and pure times. Times are aware UTC; hours are the office's, across its clock changes (W7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Severity(StrEnum):
    """Say how long an alert can wait: not at all, until the office is awake, until the next digest."""

    URGENT = "urgent"
    SOON = "soon"
    ROUTINE = "routine"


class AlertKind(StrEnum):
    """Name what staff are alerted of; these names stand in settings, the API and webhooks."""

    RISK_TO_LIFE = "risk_to_life"
    DANGER = "danger"
    """A caller pressed the key for danger."""
    ZERO_TOLERANCE = "zero_tolerance"
    SAFEGUARD = "safeguard"
    """A message that must be read by a person and speaks of no risk to life."""
    PAPER = "paper"
    """An act that a manager must hear of."""
    FLAG = "flag"
    HELD = "held"
    SUSPENDED = "suspended"
    MAILBOX = "mailbox"
    RECORDING = "recording"
    PROVIDER = "provider"
    NOT_ENTERED = "not_entered"
    PHONE = "phone"
    WEBHOOK = "webhook"
    OVERDUE = "overdue"
    """What waits for a person is overdue, or soon will be, as the policy says."""


ALWAYS_URGENT = frozenset({AlertKind.RISK_TO_LIFE, AlertKind.DANGER, AlertKind.ZERO_TOLERANCE})
"""What no setting makes less than urgent (PHSO-2, PHSO-27, SPSO-32)."""
_ROUTINE = frozenset({AlertKind.WEBHOOK})
SEVERITIES: Mapping[AlertKind, Severity] = {
    kind: Severity.URGENT if kind in ALWAYS_URGENT else Severity.ROUTINE if kind in _ROUTINE else Severity.SOON
    for kind in AlertKind
}
"""How urgent each kind is unless the office says otherwise."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hold the hours of the day in which only what is urgent leaves; overnight where they end before they begin."""

    begins: time
    ends: time

    def over(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Give the moment at which the quiet hours that hold `now` end; None where they do not hold it."""
        local = now.astimezone(zone)
        at = local.time()
        overnight = self.ends <= self.begins
        if not (self.begins <= at or at < self.ends if overnight else self.begins <= at < self.ends):
            return None
        day = local.date() + timedelta(days=1) if overnight and at >= self.begins else local.date()
        end = datetime.combine(day, self.ends, zone).astimezone(UTC)
        # In the second of the two hours of an October night, the first such end is past.
        return end if end > now else datetime.combine(day, self.ends, zone).replace(fold=1).astimezone(UTC)


def last_due(now: datetime, at: time, zone: ZoneInfo, weekday: int | None = None) -> datetime:
    """Give the newest moment, `now` or before, at which a digest was due: one a day, or a week on `weekday` (0 Monday).

    An hour that an October night has twice is the first of them; one that a March night leaves out is just after it.
    """
    day = now.astimezone(zone).date() + timedelta(days=1)
    while True:
        due = datetime.combine(day, at, zone).astimezone(UTC)
        if due <= now and weekday in (None, day.weekday()):
            return due
        day -= timedelta(days=1)
