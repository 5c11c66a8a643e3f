"""Reconciles with the phone provider's own log: calls and texts that came while we were down, minutes never settled.

Belongs here: which part of the log is read, and what of it goes on record, once by the provider's id (THREATS T7).
Promises that nothing is counted twice, and that a provider that cannot be asked is asked again from the same place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from adapters.phone.call import IncomingCall
from adapters.phone.twilio_log import LoggedCall, LoggedRecording, LoggedText
from adapters.phone.twilio_rest import CALLS_BEGIN, ProviderFault
from gateway.call_decision import CallDecisions
from gateway.clock import Clock
from gateway.ending import FATAL
from gateway.incident import where
from gateway.late_calls import LateCalls
from gateway.letters import Letters
from gateway.levels import Levels
from rules.decision import Reason
from rules.policies import Policy
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.recordings import RecordingEntry
from storage.transaction import Reader, Transaction

READ_UNTIL = "phone log read until"
"""The setting that says up to when the provider's log was read, as an ISO time in UTC."""
READ_FROM = "phone log read from"
"""The setting that says when it was first looked at; what came before that is none of ours."""
LATE = Reason("", "", "", "Entered from the phone provider's log: it came while we could not be asked.")
# A call that the provider began to tell us of has come to us by then, or never will.
_GRACE = timedelta(minutes=5)
# Twilio's longest call: one that began so long ago, and was under way when the log was last read, has ended.
_LONGEST_CALL = timedelta(hours=4, minutes=10)
_FURTHEST_BACK = timedelta(days=30)
_SLICE = timedelta(hours=6)
_MOST_SLICES = 24
_GIVEN_UP, _ALARM_AFTER = timedelta(days=1), timedelta(days=1)
_NOTHING_MORE = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

log = structlog.get_logger()


class Provider(Protocol):
    """Name what is asked of the provider's log; faults are `ProviderFault`."""

    async def call(self, sid: str) -> LoggedCall | None:
        """Give one call."""
        ...

    async def legs_of(self, sid: str) -> tuple[LoggedCall, ...]:
        """List the legs dialled for a call."""
        ...

    async def recordings_of(self, call_sid: str) -> tuple[LoggedRecording, ...]:
        """List the recordings of a call."""
        ...

    async def calls_since(self, since: datetime, until: datetime) -> tuple[LoggedCall, ...]:
        """List calls by when they began."""
        ...

    async def texts_since(self, since: datetime, until: datetime) -> tuple[LoggedText, ...]:
        """List texts by when they were sent."""
        ...


MissedText = Callable[[LoggedText], Awaitable[object]]
"""Takes a text of the log, which it may have taken before."""


class CallLog:
    """Read the provider's log by the clock; each run may be repeated, and begins where the last one ended."""

    def __init__(
        self,
        record: Record,
        policy: Policy,
        decisions: CallDecisions,
        levels: Levels,
        letters: Letters,
        provider: Provider,
        *,
        clock: Clock,
        node: str,
        missed_text: MissedText | None = None,
    ) -> None:
        self._record = record
        self._decisions = decisions
        self._late = LateCalls(policy, levels, node=node, why=LATE, document=_NOTHING_MORE)
        self._letters = letters
        self._provider = provider
        self._clock = clock
        self._missed_text = missed_text

    async def reconcile(self) -> int:
        """Settle calls that nobody settled and enter those that nobody told us of; gives how many those were.

        A provider that cannot be asked is waited for; after a day staff are told.
        """
        try:
            return await self._settle_ringing() + await self._enter_missed()
        except ProviderFault as fault:
            log.warning("the provider's log was not read", why=str(fault))
            await self._record.write(partial(self._alarm, str(fault), self._clock()))
            return 0

    # Minutes never settled

    async def _settle_ringing(self) -> int:
        now, settled = self._clock(), 0
        ringing = await self._record.read(lambda reader: reader.ringing_calls(now - _GRACE, CALLS_BEGIN))
        for sid, came in ringing:
            own = await self._provider.call(sid)
            if (own is None and now - came < _GIVEN_UP) or (own is not None and not own.status.final):
                continue  # it goes on, or the log does not have it yet
            talk_s = await self._talk_s(sid) if own is not None else None
            await self._record.write(partial(self._settle, sid, talk_s, now))
            settled += 1
        return settled

    def _settle(self, sid: str, talk_s: int | None, now: datetime, tx: Transaction) -> None:
        self._decisions.settle(tx, sid, answered=talk_s is not None, duration_s=talk_s, now=now)

    async def _talk_s(self, sid: str) -> int | None:
        """Give the talk time of a call that is over, in seconds; None where nobody answered."""
        return talked(await self._provider.legs_of(sid))

    # What nobody told us of

    async def _enter_missed(self) -> int:
        now = self._clock()
        since = await self._record.write(partial(_begun, now))
        entered, until = 0, now - _GRACE
        for _ in range(_MOST_SLICES):
            if since >= until:
                break
            ends = min(since + _SLICE, until)
            entered += await self._enter_slice(since, ends)
            await self._record.write(partial(_read_until, ends))
            since = ends
        return entered

    async def _enter_slice(self, since: datetime, until: datetime) -> int:
        entered, first = 0, await self._record.read(_first_look)
        for call in await self._provider.calls_since(max(since - _LONGEST_CALL, first), until):
            if call.inbound and call.status.final and await self._record.read(partial(_unknown, call.sid)):
                entered += await self._guarded(call.sid, partial(self._enter_call, call))
        if self._missed_text is not None:
            # The provider lists the newest first, and START after STOP is not STOP after START.
            for text in reversed(await self._provider.texts_since(max(since - _GRACE, first), until)):
                if text.inbound:
                    await self._guarded(text.sid, partial(self._missed_text, text))
        return entered

    async def _guarded(self, sid: str, work: Callable[[], Awaitable[object]]) -> bool:
        """Do one thing of the log; what we fail at is told to staff, and keeps the others from nothing."""
        try:
            return bool(await work())
        except (ProviderFault, RecordUnavailable, *FATAL):
            raise
        except Exception as fault:  # the one broad except of this loop
            log.error("not entered from the provider's log", sid=sid, **where(fault))
            letter = self._letters.alert_not_entered(sid, self._clock())
            await self._record.write(lambda tx: tx.enqueue(letter))
            return False

    async def _enter_call(self, call: LoggedCall) -> bool:
        talk_s = await self._talk_s(call.sid)
        left = await self._provider.recordings_of(call.sid) if talk_s is None else ()
        return await self._record.write(partial(self._enter, call, talk_s, left))

    def _enter(self, call: LoggedCall, talk_s: int | None, left: Sequence[LoggedRecording], tx: Transaction) -> bool:
        now = self._clock()
        heard = IncomingCall(call.sid, "", call.caller, call.number, call.to)
        entry = self._late.enter(tx, heard, call.started_at or now, talk_s=talk_s, message=bool(left), now=now)
        if entry is None:
            return False
        for one in left:
            tx.add_recording(RecordingEntry(one.sid, entry.id, now, now, one.duration_s))
        return True

    def _alarm(self, why: str, now: datetime, tx: Transaction) -> None:
        known = tx.setting(READ_UNTIL)
        if known is not None and now - datetime.fromisoformat(known) >= _ALARM_AFTER:
            tx.enqueue(self._letters.alert_provider(why, now))


def talked(legs: Sequence[LoggedCall]) -> int | None:
    """Give how long a caller talked with the office, by the legs that were dialled; None where nobody answered."""
    answered = [leg.duration_s for leg in legs if leg.status.final and leg.duration_s]
    return max(answered, default=None)


def _unknown(sid: str, reader: Reader) -> bool:
    return reader.call(sid) is None


def _begun(now: datetime, tx: Transaction) -> datetime:
    """Say from when on the log is read; what came before our first look is none of ours."""
    known = tx.setting(READ_UNTIL)
    if known is None:
        tx.set_setting(READ_FROM, now.isoformat())
        _read_until(now, tx)
        return now
    return max(datetime.fromisoformat(known), now - _FURTHEST_BACK)


def _first_look(reader: Reader) -> datetime:
    return datetime.fromisoformat(reader.setting(READ_FROM) or "1970-01-01T00:00:00+00:00")


def _read_until(until: datetime, tx: Transaction) -> None:
    tx.set_setting(READ_UNTIL, until.isoformat())
