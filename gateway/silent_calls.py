"""Settles calls of a PBX that never said how they ended, as after a restart of it: their minutes are free again (T7).

Belongs here: how long is waited for the word, and that nothing counts of which nothing is known. An end that is told
after all corrects it, once (`LateCalls.correct`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog

from adapters.phone.sip import PREFIX
from gateway.clock import Clock
from storage.entries import State
from storage.record import Record
from storage.transaction import Reader, Transaction

UNTOLD = "nobody told how it ended"
GIVEN_BACK = f"{UNTOLD}; its place in the limits is free again"
"""Details of a call that was settled without a word; the second of one that had been counted."""
LONGEST = timedelta(hours=12)
"""A call without a limit is over by then: deploy/kamailio ends it there."""
RINGS = timedelta(minutes=4)
"""A phone has been picked up by then, or is not: from there a limit runs."""
GRACE = timedelta(minutes=5)
_MOST = 5000

log = structlog.get_logger()


class SilentCalls:
    """Settle by the clock what a PBX has not; each run may be repeated."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    async def settle_due(self) -> int:
        """Settle each call whose limit and grace have passed without a word; gives how many those were."""
        now = self._clock()
        due = await self._record.read(partial(_due, now))
        settled = 0
        for sid in due:
            settled += await self._record.write(partial(_settle, sid))
        if settled:
            log.warning("calls ended without a word of the PBX", calls=settled)
        return settled


def _due(now: datetime, reader: Reader) -> tuple[str, ...]:
    ringing = reader.ringing_calls(now - RINGS - GRACE, PREFIX, _MOST)
    return tuple(sid for sid, came in ringing if came + RINGS + GRACE + _longest(reader, sid) <= now)


def _longest(reader: Reader, sid: str) -> timedelta:
    call = reader.call(sid)
    entry = reader.contact(call.contact_id) if call else None
    return LONGEST if entry is None or entry.reserved_s is None else timedelta(seconds=entry.reserved_s)


def _settle(sid: str, tx: Transaction) -> bool:
    call = tx.call(sid)
    entry = tx.contact(call.contact_id) if call else None
    if entry is None or entry.state is not State.RINGING:
        return False
    detail = GIVEN_BACK if entry.counted_at is not None else UNTOLD
    return tx.settle_call(sid, talk_s=0, state=State.MISSED, counted=False, detail=detail)
