"""To whom alerts go and when, as the settings say: rows by kind and severity, quiet hours, digests, repeats.

Belongs here: looking it up. Promises that every alert has somebody: what no row takes goes to the staff address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from gateway.alerts.links import Links
from rules.alerts import SEVERITIES, AlertKind, Quiet, Severity
from storage.alerts import Alert

_FOR = "role:"
Leave = Literal["at_once", "daily", "weekly"]


def for_role(role: str) -> str:
    """Say that an alert is for a role of the policy: what stands in its `about`."""
    return f"{_FOR}{role}"


def role_of(alert: Alert) -> str:
    """Give the role that an alert is for; empty where it is for everybody who is told of its kind."""
    return alert.about.removeprefix(_FOR) if alert.about.startswith(_FOR) else ""


@dataclass(frozen=True, slots=True)
class Row:
    """Hold who is told of which alerts, `after` an alert that nobody has acknowledged was first told.

    Empty `kinds` and `severities` are all of them. Mail addresses, numbers, names of webhooks. A row that stands for a
    `role` is told nothing that is for another one.
    """

    mail: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    webhook: tuple[str, ...] = ()
    kinds: frozenset[AlertKind] = frozenset()
    severities: frozenset[Severity] = frozenset()
    after: timedelta = timedelta(0)
    role: str = ""

    def takes(self, alert: Alert) -> bool:
        """Tell whether an alert is one of its."""
        return (
            (not self.kinds or alert.kind in self.kinds)
            and (not self.severities or alert.severity in self.severities)
            and (not self.role or role_of(alert) in ("", self.role))
        )


@dataclass(frozen=True, slots=True)
class Routes:
    """Hold the office's choices; `staff` is the address of alerts, `digest_at` an hour of the office's day.

    `people` are the mail addresses of those who have a role; `links` lead to the desk, where it has an address.
    """

    staff: str
    zone: ZoneInfo
    rows: Sequence[Row] = ()
    severities: Mapping[AlertKind, Severity] = field(default_factory=dict)
    soon: Leave = "at_once"
    routine: Leave = "daily"
    repeat: timedelta = timedelta(minutes=30)
    quiet: Quiet | None = None
    digest_at: time = time(8)
    weekly_on: int = 0
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: Links = field(default_factory=Links)

    def severity(self, kind: AlertKind) -> Severity:
        """Give how urgent a kind is in this office."""
        return self.severities.get(kind, SEVERITIES[kind])

    def leaves(self, severity: Severity) -> Leave:
        """Say when alerts of a severity leave."""
        if severity is Severity.URGENT:
            return "at_once"
        return self.soon if severity is Severity.SOON else self.routine

    def rows_of(self, alert: Alert) -> tuple[Row, ...]:
        """Give the rows of an alert in the order in which it reaches them; the first is always reached at once."""
        found = sorted((row for row in self.rows if row.takes(alert)), key=lambda row: row.after)
        theirs = self.people.get(role_of(alert), ())
        if theirs:
            found.insert(0, Row(mail=theirs))
        if not found or found[0].after:
            found.insert(0, Row(mail=(self.staff,)))
        return tuple(found)

    def reached(self, alert: Alert, now: datetime) -> tuple[Row, ...]:
        """Give the rows that an alert has reached at `now`: never fewer than it had."""
        since = now - (alert.told_at or now)
        rows = self.rows_of(alert)
        return tuple(row for number, row in enumerate(rows) if number < alert.step or row.after <= since)

    def held_back(self, severity: Severity, now: datetime) -> datetime | None:
        """Give when the quiet hours end that hold back an alert of this severity at `now`; None where none do."""
        return self.quiet.over(now, self.zone) if self.quiet and severity is not Severity.URGENT else None

    def next_at(self, alert: Alert, now: datetime) -> datetime | None:
        """Say when an alert that is told at `now` is told next: repeated if urgent, or in its next row."""
        times = [now + self.repeat] if alert.severity is Severity.URGENT else []
        told = alert.told_at or now
        ahead = self.rows_of(alert)[alert.step : alert.step + 1]
        times += [max(told + row.after, now) for row in ahead]
        return min(times, default=None)
