"""Tells staff of a run of refused requests at the phone door: somebody tries it out, or it is set up wrongly (T1)."""

from __future__ import annotations

from gateway.clock import Clock
from gateway.letters import Letters
from storage.record import Record


class PhoneAlarm:
    """Write the alert; however often it is raised, one leaves a day."""

    def __init__(self, record: Record, letters: Letters, clock: Clock) -> None:
        self._record = record
        self._letters = letters
        self._clock = clock

    async def __call__(self, run: int, why: str) -> None:
        """Tell staff; `why` is the door's own word for the last refusal, nothing of the request."""
        letter = self._letters.alert_phone(run, why, self._clock())
        await self._record.write(lambda tx: tx.enqueue(letter))
