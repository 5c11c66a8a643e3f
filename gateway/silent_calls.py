"""Settles calls of which nobody said how they ended, by a PBX or a caller who left: their minutes are free again (T7).

Belongs here: how long is waited for the word, and that nothing counts of which nothing is known. An end that a PBX
tells after all corrects it, once (`LateCalls.correct`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog

from adapters.phone.sip import PREFIX
from gateway.clock import Clock
from storage.entries import Entry, State
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
ANSWERED = "somebody answered"
"""The detail of a call that goes on: whoever was dialled for it picked up."""
LEFT = "the caller hung up, and nobody had answered"
"""The detail of a call whose caller's side is over, until the grace for other reports has passed."""
LEFT_GRACE = timedelta(minutes=2)
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


class LeftCalls:
    """Settle by the clock calls whose callers hung up before anybody answered; each run may be repeated.

    While somebody waits for an engaged line, no leg is there whose end could be told: only that they left is.
    """

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    async def settle_due(self) -> int:
        """Settle each of them for which no other report came within the grace; gives how many those were."""
        until = self._clock() - LEFT_GRACE
        due = await self._record.read(lambda reader: reader.calls_marked(LEFT, until))
        return sum([await self._record.write(partial(_settle_left, sid)) for sid in due])


def note_answered(tx: Transaction, sid: str) -> None:
    """Note that somebody answered a call that goes on."""
    entry = _ringing(tx, sid)
    if entry is not None:
        tx.settle(entry.id, among=(State.RINGING,), state=State.RINGING, detail=ANSWERED)


def note_left(tx: Transaction, sid: str) -> None:
    """Note that the caller's side of a call is over; where somebody answered it, that says nothing of its end."""
    entry = _ringing(tx, sid)
    if entry is not None and not entry.detail:
        tx.settle(entry.id, among=(State.RINGING,), state=State.RINGING, detail=LEFT)


def _ringing(tx: Transaction, sid: str) -> Entry | None:
    call = tx.call(sid)
    entry = tx.contact(call.contact_id) if call else None
    return entry if entry is not None and entry.state is State.RINGING else None


def _settle_left(sid: str, tx: Transaction) -> bool:
    entry = _ringing(tx, sid)
    if entry is None or entry.detail != LEFT:
        return False
    return tx.settle_call(sid, talk_s=0, state=State.MISSED, counted=False)


def _due(now: datetime, reader: Reader) -> tuple[str, ...]:
    ringing = reader.ringing_calls(now - RINGS - GRACE, PREFIX, _MOST)
    return tuple(sid for sid, came in ringing if came + RINGS + GRACE + _longest(reader, sid) <= now)


def _longest(reader: Reader, sid: str) -> timedelta:
    call = reader.call(sid)
    entry = reader.contact(call.contact_id) if call else None
    return LONGEST if entry is None or entry.reserved_s is None else timedelta(seconds=entry.reserved_s)


def _settle(sid: str, tx: Transaction) -> bool:
    entry = _ringing(tx, sid)
    if entry is None:
        return False
    detail = GIVEN_BACK if entry.counted_at is not None else UNTOLD
    return tx.settle_call(sid, talk_s=0, state=State.MISSED, counted=False, detail=detail)
