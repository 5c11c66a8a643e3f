"""Tells the next role of what is overdue, or soon will be, as the policy says: once for each thing and step.

Belongs here: a job that looks at all that waits and puts alerts into the outbox. Promises that it restricts nobody,
that a run too late tells what was missed, and that neither a clock that jumps nor two runs at once tell twice (W8).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from gateway.casework.overview import FilesRead
from gateway.clock import Clock
from gateway.human_clock import Thing, all_that_waits
from gateway.letters import Letters
from rules.policies import Policy
from rules.policies.overdue import Step
from rules.waiting_for import WaitingFor
from storage.record import Record
from storage.transaction import Reader, Transaction

EVERY_S = 300


class Escalation:
    """Tell roles of what is overdue or soon will be, in one alert for each run and step."""

    def __init__(self, record: Record, policy: Policy, letters: Letters, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._letters = letters
        self._clock = clock
        self._files = FilesRead()

    async def run(self) -> None:
        """Tell what has come due since; looking is done in a thread, so that nobody at a door waits for it."""
        now = self._clock()
        found = await asyncio.to_thread(self._record.read_now, partial(self._found, now))
        for step, things in found:
            await self._record.write(partial(self._tell, step, things, now))

    def _found(self, now: datetime, reader: Reader) -> list[tuple[Step, list[Thing]]]:
        """Give for each step what it should hear of and has not heard of."""
        if not self._policy.overdue.steps:
            return []
        told, found = reader.escalations(), []
        waiting = all_that_waits(reader, self._policy, now, self._files)
        for step in self._policy.overdue.steps:
            things = [one for one in waiting if self._ripe(one, step, now)]
            news = [
                one for one in things if (one.waiting.what, one.waiting.about, one.waiting.due, step.name) not in told
            ]
            if news:
                found.append((step, news))
        return found

    def _ripe(self, one: Thing, step: Step, now: datetime) -> bool:
        policy, due = self._policy, one.waiting.due
        if one.waiting.what is WaitingFor.ALERT_LOST:  # it would be told by the way that failed
            return False
        if one.overdue(now) is step.ahead:  # a run that is late does not speak of what is past as of what comes
            return False
        return step.meets(one.waiting.what) and step.told_from(due, policy.zone, policy.region) <= now

    def _tell(self, step: Step, things: Sequence[Thing], now: datetime, tx: Transaction) -> None:
        """Note each thing and put the alert into the outbox in one commit; what another noted meanwhile is its own."""
        news = [
            one for one in things if tx.add_escalation(one.waiting.what, one.waiting.about, one.waiting.due, step.name)
        ]
        if news:
            role = self._policy.roles.get(step.role, step.role)
            tx.enqueue(self._letters.alert_overdue([one.waiting for one in news], role, step, now))
