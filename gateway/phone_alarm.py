"""Tells staff when calls may not be reaching us: request after request refused, or our own signed one (THREATS T1)."""

from __future__ import annotations

import structlog

from gateway.clock import Clock
from gateway.config_parts import Phone
from gateway.doctor import SIGNATURE, Doctor, Knock, Verdict
from gateway.letters import Letters
from storage.record import Record

log = structlog.get_logger()


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


class SelfTest:
    """Send signed requests to our own public address: a proxy that changes it makes every signature fail (T1)."""

    def __init__(self, phone: Phone, knock: Knock, record: Record, letters: Letters, clock: Clock) -> None:
        self._doctor = Doctor(phone, None, knock)
        self._record = record
        self._letters = letters
        self._clock = clock

    async def look(self) -> None:
        """Tell staff of a signature that is refused; an address that cannot be reached from here proves nothing."""
        found = await self._doctor.look()
        wrong = [one for one in found if one.about.startswith(SIGNATURE) and one.verdict is Verdict.WRONG]
        if wrong:
            log.error("own signature refused", secrets=len(wrong))
            letter = self._letters.alert_signature(wrong[0].text, wrong[0].cure, self._clock())
            await self._record.write(lambda tx: tx.enqueue(letter))
