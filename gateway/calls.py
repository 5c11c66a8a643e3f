"""Receives calls by Twilio: what each is answered, and what its keys and callbacks lead to.

Belongs here: the script put into the provider's documents, the first of them replayed byte for byte. What a call
counts, and that callbacks late, doubled or out of order change nothing, is `call_decision` (THREATS T2).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial

import structlog

from adapters.phone.call import (
    CallProgress,
    CallStatus,
    DialEnded,
    DialStatus,
    IncomingCall,
    Pressed,
    Recording,
    Turn,
)
from adapters.phone.twilio_calls import TwilioSettings, render_answer, render_ending, render_hangup
from gateway.call_danger import CallDanger
from gateway.call_decision import CallDecisions, DecidedCall
from gateway.call_script import CallScript
from gateway.call_warnings import plan
from gateway.clock import Clock
from gateway.failpoints import Failpoint, nothing
from gateway.incident import where
from gateway.silent_calls import note_answered, note_left
from rules import identity
from rules.decision import Outcome
from rules.policies.phone import Key
from storage.entries import State
from storage.record import Record
from storage.transaction import Reader, Transaction

log = structlog.get_logger()


class CallReception:
    """Answer calls, keys and callbacks; the phone door's `Calls`."""

    def __init__(
        self,
        record: Record,
        decisions: CallDecisions,
        danger: CallDanger,
        script: CallScript,
        twilio: TwilioSettings,
        *,
        clock: Clock,
        failpoint: Failpoint = nothing,
        danger_within_s: float = 2.0,
    ) -> None:
        """Take the parts; `danger_within_s` is how long a caller in danger waits for the record, in seconds."""
        self._record = record
        self._decisions = decisions
        self._danger = danger
        self._danger_within_s = danger_within_s
        self._script = script
        self._twilio = twilio
        self._clock = clock
        self._failpoint = failpoint
        # The same answer makes the same document, and most calls get the same answer.
        self._rendered = lru_cache(maxsize=1024)(partial(render_answer, settings=twilio))

    async def incoming(self, call: IncomingCall) -> str:
        """Decide once per call and give the document; asked again, give the stored one."""
        self._failpoint("call.heard")
        now = self._clock()
        document = await self._record.write(lambda tx: self._decisions.once(tx, call, now, self._begun))
        self._failpoint("call.recorded")
        return document

    def _begun(self, decided: DecidedCall) -> str:
        return self._rendered(self._script.begin(decided))

    async def pressed(self, pressed: Pressed) -> str:
        """Give what a key leads to; one that leads nowhere leads on like silence."""
        turn, call = pressed.turn, pressed.call
        if pressed.keys == Key.DANGER:
            return await self._in_danger(pressed)
        if turn.waits:
            return await self._waited(pressed)
        if pressed.keys == Key.AGAIN:
            return await self._again(pressed)
        if pressed.keys == Key.PERSON and turn.person:
            return self._rendered(self._script.person(turn, call))
        if pressed.keys == Key.MESSAGE and turn.person and self._script.takes_messages:
            return self._rendered(self._script.voicemail(turn))
        return self._rendered(self._script.lead_on(turn, call))

    async def _in_danger(self, pressed: Pressed) -> str:
        """Tell staff, and say what to do: a record that fails or hangs keeps nobody from hearing it (THREATS T4).

        What is asked of a record that hangs is still done when it goes on.
        """
        document = self._rendered(self._script.danger(pressed.turn, pressed.call))
        sid, now = pressed.call.sid, self._clock()
        try:
            async with asyncio.timeout(self._danger_within_s):
                if not await self._record.write(lambda tx: self._danger.note(tx, sid, now)):
                    log.error("danger key not on record", call=sid)
                if pressed.turn.waits:  # who waited for a named contact waits no longer
                    await self._settle(sid, answered=False, duration_s=None)
        except Exception as fault:  # whatever it is, the caller must hear what to do
            log.error("danger key not on record", call=sid, **where(fault))
        return document

    async def _again(self, pressed: Pressed) -> str:
        call = await self._record.read(lambda reader: reader.call(pressed.call.sid))
        return call.document if call else self._rendered(self._script.lead_on(pressed.turn, pressed.call))

    async def _waited(self, pressed: Pressed) -> str:
        """Take a message of somebody who waits no longer; any other key goes on waiting."""
        if pressed.keys != Key.MESSAGE:
            onward = await self._record.read(partial(_routed, pressed.call.sid))
            if onward is not None:
                following = Turn(
                    pressed.turn.language, pressed.turn.round + 1, limited=pressed.turn.limited, waits=True
                )
                return self._rendered(self._script.again(*onward, following))
        await self._settle(pressed.call.sid, answered=False, duration_s=None)
        return self._rendered(self._script.voicemail(pressed.turn))

    async def numbered(self, pressed: Pressed) -> str:
        """Decide once more on a call whose caller keyed in a number; without one it is connected."""
        now = self._clock()
        caller, known = identity.caller(pressed.keys, self._twilio.region)
        call = replace(pressed.call, caller=caller, number=known.value if known else "", keyed=True)
        document = await self._record.write(lambda tx: self._decisions.keyed(tx, call, now, self._begun))
        return document or self._rendered(self._script.without_number(call))

    async def dial_ended(self, ended: DialEnded) -> str:
        """Settle the talk time by the provider's word; where nobody picked up, the caller may leave a message."""
        turn, answered = ended.turn, ended.status.answered
        if turn.told:  # in the conference: what the office's leg lasted in all is reported of the leg
            return self._over(turn)
        if answered and turn.warns_s and await self._record.read(lambda reader: reader.warned(ended.sid)):
            return self._rendered(self._script.told_caller(ended.sid, turn))
        if turn.danger:  # the duty manager's line: it counts towards nothing
            return render_hangup() if answered else self._rendered(self._script.voicemail(turn))
        if ended.status is DialStatus.BUSY and self._script.may_wait(turn):
            onward = await self._record.read(partial(_routed, ended.sid))
            if onward is not None:
                return self._rendered(self._script.engaged(*onward, turn))
        await self._settle(ended.sid, answered=answered, duration_s=ended.duration_s, from_menu=turn.person)
        self._failpoint("call.settled")
        if not answered:
            return self._rendered(self._script.voicemail(turn))
        return self._over(turn)

    def _over(self, turn: Turn) -> str:
        said = self._script.over(turn)
        return render_ending(said, self._twilio) if said else render_hangup()

    async def status(self, status: CallProgress) -> None:
        """Settle a call that ended without the dial's own report: the leg that was dialled ended, or the caller left.

        That the caller's own call is completed says nothing of whether anybody answered: its leg's report does, and
        where none comes, the clock settles it (`LeftCalls`). That an engaged line was not reached says nothing either,
        where the caller may wait for it.
        """
        if status.parent_sid and status.status is CallStatus.IN_PROGRESS:
            await self._record.write(partial(_picked_up, status, self._clock()))
            return
        completed = status.status is CallStatus.COMPLETED
        if completed and not status.parent_sid:
            await self._record.write(lambda tx: note_left(tx, status.sid))
            return
        if not status.status.final or (completed and status.duration_s is None):
            return
        if status.turn.waits and not completed:
            return
        await self._settle(status.call_sid, answered=completed, duration_s=status.duration_s)

    async def recorded(self, recording: Recording) -> str:
        """Put a message before staff and thank the caller."""
        now = self._clock()
        await self._record.write(
            lambda tx: self._decisions.message_left(
                tx, recording.sid, recording.recording_sid, now, recording.duration_s
            )
        )
        return render_ending(self._script.thanks(recording.turn), self._twilio)

    async def _settle(self, sid: str, *, answered: bool, duration_s: int | None, from_menu: bool = False) -> None:
        now = self._clock()

        def job(tx: Transaction) -> None:
            self._decisions.settle(tx, sid, answered=answered, duration_s=duration_s, now=now, from_menu=from_menu)

        await self._record.write(job)


def _picked_up(status: CallProgress, now: datetime, tx: Transaction) -> None:
    plan(tx, status, now)
    note_answered(tx, status.parent_sid)


def _routed(sid: str, reader: Reader) -> tuple[str, int | None] | None:
    """Give to whom a call that is still under way was routed, and for how long at most; None where it is over."""
    call = reader.call(sid)
    entry = reader.contact(call.contact_id) if call else None
    if entry is None or entry.state is not State.RINGING or entry.carried is not Outcome.ROUTE:
        return None
    return entry.targets[0].to, entry.reserved_s
