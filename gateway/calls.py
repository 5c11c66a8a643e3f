"""Receives calls: one decision for each, replayed byte for byte; minutes reserved at connect, settled by callbacks.

Belongs here: what a call counts and when. Callbacks that are late, doubled or out of order change nothing (THREATS T2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial

from adapters.phone.call import CallAnswer, CallProgress, CallStatus, DialEnded, IncomingCall, Recording
from adapters.phone.twilio_calls import TwilioSettings, render_answer, render_hangup, render_thanks
from gateway.clock import Clock
from gateway.failpoints import Failpoint, nothing
from gateway.letters import Letters
from gateway.levels import Levels
from gateway.mail_contact import OBSERVE, entry_of
from gateway.serials import serial
from gateway.standing import standing_of
from gateway.suspensions import tell_owners
from rules import identity
from rules.contact import Assurance, Caller, Channel, Contact
from rules.decide import decide
from rules.decision import Decision, Outcome
from rules.on_file import shielded
from rules.policies import Policy
from rules.standing import Standing
from rules.workdays import look_by
from storage.entries import Call, State
from storage.record import Record
from storage.transaction import Transaction

_CONNECTED = frozenset({Outcome.CONNECT, Outcome.ROUTE})
_STATES = {
    Outcome.CONNECT: State.RINGING,
    Outcome.ROUTE: State.RINGING,
    Outcome.VOICEMAIL: State.VOICEMAIL,
    Outcome.AUTOMATED_LINE: State.AUTOMATED_LINE,
    Outcome.REFUSE: State.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Lines:
    """Hold where calls are put through: the switchboard, or the number that serves a line of the office."""

    switchboard: str
    by_line: Mapping[str, str]

    def serving(self, line: str) -> str:
        """Give the number to dial for a call to `line`."""
        known = identity.phone(line)
        return self.by_line.get(known.value if known else line, self.switchboard)


class CallReception:
    """Decide on calls and settle them; the phone door's `Calls`."""

    def __init__(
        self,
        record: Record,
        policy: Policy,
        levels: Levels,
        letters: Letters,
        twilio: TwilioSettings,
        lines: Lines,
        office: str,
        *,
        clock: Clock,
        node: str,
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._policy = policy
        self._levels = levels
        self._letters = letters
        self._twilio = twilio
        self._lines = lines
        self._office = office
        self._clock = clock
        self._node = node
        self._failpoint = failpoint
        # The same answer makes the same document, and most calls get the same answer.
        self._document = lru_cache(maxsize=1024)(partial(render_answer, settings=twilio))

    async def incoming(self, call: IncomingCall) -> str:
        """Decide once per call and give the document; asked again, give the stored one."""
        self._failpoint("call.heard")
        document = await self._record.write(partial(self._decide_once, call, self._clock()))
        self._failpoint("call.recorded")
        return document

    def _decide_once(self, call: IncomingCall, now: datetime, tx: Transaction) -> str:
        earlier = tx.call(call.sid)
        if earlier is not None:
            return earlier.document
        contact = _contact(call, now)
        standing = standing_of(tx, contact, self._policy, now=now)
        if standing.party is not None:
            tx.lock_party(standing.party.id)
            standing = standing_of(tx, contact, self._policy, now=now)
        decision = decide(contact, standing, self._policy, now=now, observe=tx.setting(OBSERVE) == "on")
        decision = self._past_shields(decision, contact, standing, now)
        document = self._document(self._answer(call, decision))
        entry = entry_of(
            contact,
            standing,
            decision,
            _STATES[decision.carried],
            node=self._node,
            reserved_s=_reserved(decision),
            look_by=self._look_by(decision, now),
        )
        tx.add_contact(entry)
        tx.add_call(Call(call.sid, entry.id, document))
        self._levels.after_contact(tx, contact, entry, now)
        tell_owners(tx, self._letters, standing, decision, self._policy, now)
        return document

    def _past_shields(self, decision: Decision, contact: Contact, standing: Standing, now: datetime) -> Decision:
        """Look past the line that was called to the number that serves it: it may be a shielded colleague's own."""
        if not standing.facts.shields or decision.carried is not Outcome.CONNECT:
            return decision
        served = tuple(replace(target, to=self._lines.serving(target.to)) for target in decision.targets)
        dialled = replace(decision, targets=served)
        past = shielded(dialled, contact, standing, self._policy, now)
        return decision if past is dialled else past

    def _answer(self, call: IncomingCall, decision: Decision) -> CallAnswer:
        outcome, texts = decision.carried, self._policy.texts
        if outcome in _CONNECTED:
            to = decision.targets[0].to if outcome is Outcome.ROUTE else self._lines.serving(call.to)
            shown = call.to if call.caller is not Caller.NUMBER else ""
            return CallAnswer(outcome, dial=to, time_limit_s=decision.time_limit_s, shown=shown)
        words = texts.voicemail if outcome is Outcome.VOICEMAIL else decision.sender_text or texts.automated_line
        if outcome is Outcome.AUTOMATED_LINE and words.startswith("https://"):
            return CallAnswer(outcome, play=words)
        return CallAnswer(outcome, say=words.replace("{office}", self._office))

    def _look_by(self, decision: Decision, now: datetime) -> datetime | None:
        if decision.carried is not Outcome.VOICEMAIL:
            return None
        return look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)

    async def dial_ended(self, ended: DialEnded) -> str:
        """Settle the talk time by the provider's word; where nobody picked up, the caller may leave a message."""
        now = self._clock()
        await self._record.write(partial(self._settle, ended.sid, ended.status.answered, ended.duration_s, now))
        self._failpoint("call.settled")
        if ended.status.answered:
            return render_hangup()
        words = self._policy.texts.voicemail.replace("{office}", self._office)
        return render_answer(CallAnswer(Outcome.VOICEMAIL, say=words), self._twilio)

    async def status(self, status: CallProgress) -> None:
        """Settle a call that ended without the dial's own report: the leg that was dialled ended, or the caller left.

        That the caller's own call is completed says nothing of whether anybody answered: its leg's report does.
        """
        completed = status.status is CallStatus.COMPLETED
        if not status.status.final or (completed and (not status.parent_sid or status.duration_s is None)):
            return
        await self._record.write(partial(self._settle, status.call_sid, completed, status.duration_s, self._clock()))

    async def recorded(self, recording: Recording) -> str:
        """Put a message before staff and thank the caller."""
        await self._record.write(partial(self._note_recording, recording, self._clock()))
        return render_thanks(self._twilio)

    def _settle(self, sid: str, answered: bool, duration_s: int | None, now: datetime, tx: Transaction) -> None:
        call = tx.call(sid)
        if call is None or call.settled:
            return
        entry = tx.contact(call.contact_id)
        if entry is None or entry.state is not State.RINGING:
            return
        talk_s = (duration_s or 0) if answered else 0
        counts = answered and talk_s >= self._policy.counted_call_s
        state = State.ANSWERED if answered else State.MISSED
        tx.settle_call(sid, talk_s=talk_s, state=state, counted=counts)
        if talk_s:
            self._levels.after_talk(tx, entry, talk_s, now)

    def _note_recording(self, recording: Recording, now: datetime, tx: Transaction) -> None:
        # Nobody leaves a message who was put through: where the dial's own report was lost, this one says the same.
        self._settle(recording.sid, False, None, now, tx)
        call = tx.call(recording.sid)
        entry = tx.contact(call.contact_id) if call else None
        if entry is None or entry.detail:
            return
        due = look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)
        tx.settle(entry.id, state=State.VOICEMAIL, detail=f"recording {recording.recording_sid}", look_by=due)


def _contact(call: IncomingCall, now: datetime) -> Contact:
    sender = identity.phone(call.number) if call.caller is Caller.NUMBER else None
    caller = call.caller if sender or call.caller is not Caller.NUMBER else Caller.UNAVAILABLE
    return Contact(
        id=serial(now),
        channel=Channel.CALL,
        at=now,
        sender=sender,
        candidates=(sender,) if sender else (),
        assurance=Assurance.CLAIMED,
        caller=caller,
        recipients=(call.to,),
    )


def _reserved(decision: Decision) -> int | None:
    """Reserve what the call may last, so that two calls at once cannot use the same minutes."""
    return decision.time_limit_s if decision.carried in _CONNECTED else None
