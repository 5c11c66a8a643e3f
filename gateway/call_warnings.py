"""Tells both sides of a limited call before it ends, in a conference in which they go on (HO-3).

Belongs here: when, and what each side is sent. Promises that a call ends in time whether or not this works: its
limit is the provider's from the beginning, and what cannot be said changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from adapters.phone.call import CallProgress, CallStatus, Provider
from adapters.phone.twilio_calls import TwilioSettings, render_answer
from gateway.call_script import CallScript
from gateway.clock import Clock
from rules.answers import Delivered
from storage.call_warnings import CallWarning
from storage.entries import State
from storage.record import Record
from storage.transaction import Transaction

_LATEST = timedelta(seconds=10)
"""A warning that could not be said by then is not said: the end would be there."""
log = structlog.get_logger()


def plan(tx: Transaction, status: CallProgress, now: datetime) -> bool:
    """Note when a call that has just been answered is to be told; True where it is one."""
    if not status.turn.warns_s or not status.parent_sid or status.status is not CallStatus.IN_PROGRESS:
        return False
    call = tx.call(status.parent_sid)
    entry = tx.contact(call.contact_id) if call else None
    if call is None or entry is None or entry.state is not State.RINGING or entry.reserved_s is None:
        return False
    due = now + timedelta(seconds=entry.reserved_s - status.turn.warns_s)
    return tx.plan_warning(CallWarning(call.sid, status.sid), due)


class CallWarnings:
    """Say what is due; a run may be repeated, and done by several at once."""

    def __init__(
        self, record: Record, script: CallScript, twilio: TwilioSettings, provider: Provider, clock: Clock
    ) -> None:
        self._record = record
        self._script = script
        self._twilio = twilio
        self._provider = provider
        self._clock = clock

    async def say_due(self) -> int:
        """Bring the office's side of each call that is due into its conference; gives how many.

        The caller's side follows by itself: the provider asks what comes after the connection (`CallReception`).
        """
        now = self._clock()
        due = await self._record.write(lambda tx: tx.claim_warnings(now - _LATEST, now))
        for one in due:
            await self._say(one)
        return len(due)

    async def _say(self, one: CallWarning) -> None:
        document = render_answer(self._script.told_office(one.sid), self._twilio)
        answer = await self._provider.change_call(one.leg, document)
        if not isinstance(answer, Delivered):
            log.warning("call not told of its end", call=one.sid)
            await self._record.write(lambda tx: tx.drop_warning(one.sid))
