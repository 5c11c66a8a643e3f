"""The clock's part of alerts: what was answered ends, the urgent is repeated and escalated, the rest is gathered.

Belongs here: one round, which may be made by two processes at once, after any jump of the clock, and killed at any step
(THREATS W7): each telling is on record in one commit with how far its alert has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from gateway.alerts.routes import Routes, Row
from gateway.alerts.telling import Tellings
from gateway.clock import Clock
from gateway.failpoints import Failpoint, nothing
from rules.alerts import Severity, last_due
from storage.alerts import Alert
from storage.record import Record
from storage.transaction import Transaction

EVERY_S = 5
DAILY, WEEKLY = "daily", "weekly"
_SLACK = timedelta(minutes=1)
"""How far clocks of two machines may be apart."""
_MOST = 1000


class Rounds:
    """Make rounds over the open alerts of one record."""

    def __init__(
        self,
        record: Record,
        routes: Routes,
        tellings: Tellings,
        *,
        clock: Clock,
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._routes = routes
        self._tellings = tellings
        self._clock = clock
        self._failpoint = failpoint
        self._gathered: dict[str, datetime] = {}

    async def make(self) -> None:
        """Make one round: end what was answered, tell what is due, gather what waited for a digest."""
        if not await self._record.read(lambda reader: reader.alerts(only_open=True, limit=1)):
            return
        now = self._clock()
        await self._record.write(lambda tx: tx.settle_answered(now))
        await self._record.write(lambda tx: self._due(tx, now))
        self._failpoint("alert.told")
        for name in (DAILY, WEEKLY):
            due = self._digest_due(name, now)
            if self._gathered.get(name) != due:
                await self._record.write(partial(self._digest, name, due, now))
                self._failpoint("alert.gathered")
                self._gathered[name] = due

    def _digest_due(self, name: str, now: datetime) -> datetime:
        weekday = self._routes.weekly_on if name == WEEKLY else None
        return last_due(now, self._routes.digest_at, self._routes.zone, weekday)

    # What is due by itself

    def _due(self, tx: Transaction, now: datetime) -> None:
        half = self._routes.repeat / 2
        found = tx.due_alerts(now, soon=now + half, rested=now - half, ahead=now + _SLACK)
        urgent: list[Alert] = []
        others: list[Alert] = []
        for alert in found:
            if alert.last_at is not None and alert.last_at > now + _SLACK:
                # The clock was set back. Told it was, and not long ago as clocks go: its next time counts from now.
                told = min(alert.told_at or now, now)
                tx.move_alert(self._placed(replace(alert, told_at=told, last_at=now), now))
            else:
                (urgent if alert.severity is Severity.URGENT else others).append(alert)
        if any(one.next_at is not None and one.next_at <= now for one in urgent):
            self._tell(tx, urgent, now)
        self._tell(tx, self._awake(tx, others, now), now)

    def _awake(self, tx: Transaction, alerts: Iterable[Alert], now: datetime) -> list[Alert]:
        """Give those that quiet hours do not hold back; the others wait until these end."""
        found = []
        for alert in alerts:
            quiet = self._routes.held_back(alert.severity, now)
            if quiet is None:
                found.append(alert)
            else:
                tx.move_alert(replace(alert, next_at=quiet))
        return found

    def _tell(self, tx: Transaction, alerts: Sequence[Alert], now: datetime) -> None:
        """Tell alerts that are due, those for the same people together."""
        groups: dict[tuple[Row, ...], list[Alert]] = {}
        for alert in alerts:
            reached = self._routes.reached(alert, now)
            # What is not urgent is told once to each row.
            rows = reached if alert.severity is Severity.URGENT else reached[alert.step :]
            told = self._told(alert, len(reached), now)
            if tx.move_alert(told):
                groups.setdefault(rows, []).append(told)
        for rows, some in groups.items():
            tx.tell(some, self._tellings.again(some, rows, now))

    def _told(self, alert: Alert, step: int, now: datetime) -> Alert:
        escalated = now if alert.step and step > alert.step else alert.escalated_at
        told = replace(
            alert,
            told_at=alert.told_at or now,
            last_at=now,
            times=alert.times + 1,
            step=max(step, alert.step),
            escalated_at=escalated,
        )
        return self._placed(told, now)

    def _placed(self, alert: Alert, now: datetime) -> Alert:
        return replace(alert, next_at=self._routes.next_at(alert, now))

    # What waits for a digest

    def _digest(self, name: str, due: datetime, now: datetime, tx: Transaction) -> None:
        """Gather once for a day or week what was raised before: what is new, and by the week all that is still open."""
        if not tx.claim_job(f"alerts {name}", due):
            return
        # What was raised before the clock was set back stands ahead of every digest.
        waiting = [one for one in tx.untold_alerts() if one.raised_at <= due or one.raised_at > now + _SLACK]
        new = [one for one in waiting if self._routes.leaves(one.severity) in (name, "at_once")]
        told = [self._told(one, len(self._routes.reached(one, now)), now) for one in new]
        told = [one for one in told if tx.move_alert(one)]
        if name == WEEKLY:
            told = [one for one in tx.alerts(only_open=True, limit=_MOST) if one.raised_at <= due]
        by_address: dict[str, list[Alert]] = {}
        for alert in sorted(told, key=lambda one: (one.raised_at, one.id)):
            for to in self._tellings.recipients(alert):
                by_address.setdefault(to, []).append(alert)
        for to, some in by_address.items():
            tx.tell(some, self._tellings.digest(name, some, to, due, now))
