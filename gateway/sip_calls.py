"""Receives calls by a PBX that asks: what it is told of each, and what follows when it says how the call ended.

Belongs here: the decision put into a PBX's answer, replayed byte for byte. What a call counts is `call_decision`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from adapters.phone.call import IncomingCall, Spoken
from adapters.phone.sip import BUSY, DECLINE, SipAnswer, SipEnded, render_decision
from gateway.call_decision import CallDecisions, DecidedCall
from gateway.call_words import PERSON_ON_LINE, CallWords, has_form
from gateway.clock import Clock
from gateway.failpoints import Failpoint, nothing
from gateway.late_calls import LateCalls
from rules.decision import Outcome, Reason
from storage.entries import State
from storage.record import Record
from storage.transaction import Transaction

LATE = Reason("", "", "", "Told by the PBX afterwards: it was put through while we could not be asked.")
PUT_THROUGH = render_decision(SipAnswer(Outcome.CONNECT, ""))
"""What a call got that we were not asked about."""
_STATUSES = {"busy": BUSY, "decline": DECLINE}
_FURTHEST_BACK = timedelta(days=30)


class SipReception:
    """Answer a PBX's questions; the door's `SipCalls`. `refusal` is how a refused caller hears of it."""

    def __init__(
        self,
        record: Record,
        decisions: CallDecisions,
        late: LateCalls,
        words: CallWords,
        refusal: Literal["busy", "decline"],
        *,
        clock: Clock,
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._decisions = decisions
        self._late = late
        self._words = words
        self._status = _STATUSES[refusal]
        self._clock = clock
        self._failpoint = failpoint

    async def decide(self, call: IncomingCall) -> str:
        """Decide once per call and give the answer; asked again, give the stored one."""
        self._failpoint("call.heard")
        now = self._clock()
        answer = await self._record.write(lambda tx: self._decisions.once(tx, call, now, self._document))
        self._failpoint("call.recorded")
        return answer

    async def ended(self, ended: SipEnded) -> bool:
        """Settle the talk time by the PBX's word, once; a call that nobody asked about goes on record now.

        False where it is not known, and the PBX does not say what it was.
        """
        now = self._clock()
        known = await self._record.write(lambda tx: self._settle(tx, ended, now))
        self._failpoint("call.settled")
        return known

    def _settle(self, tx: Transaction, ended: SipEnded, now: datetime) -> bool:
        known = tx.call(ended.sid)
        if known is None:
            return self._enter(tx, ended, now)
        entry = tx.contact(known.contact_id)
        # To a PBX its recorded line answers a call as a person does: that is no talk.
        if entry is not None and entry.state is State.RINGING:
            self._decisions.settle(tx, ended.sid, answered=ended.answered, duration_s=ended.duration_s, now=now)
        elif entry is not None:
            self._late.correct(tx, entry, answered=ended.answered, duration_s=ended.duration_s, now=now)
        return True

    def _enter(self, tx: Transaction, ended: SipEnded, now: datetime) -> bool:
        """Put a call on record that the PBX put through by itself, at its own word for when that was."""
        if ended.call is None:
            return False
        at = ended.at if ended.at is not None and now - _FURTHEST_BACK <= ended.at <= now else now
        talk_s = ended.duration_s if ended.answered else None
        self._late.enter(tx, ended.call, at, talk_s=talk_s, message=False, now=now)
        return True

    def _document(self, decided: DecidedCall) -> str:
        decision, number = decided.decision, decided.entry.id
        if decision.carried.lets_through:
            answer = SipAnswer(decision.carried, number, target=decided.dial, limit_s=decision.time_limit_s)
        elif decision.carried is Outcome.REFUSE:
            answer = SipAnswer(decision.carried, number, self._status)
        else:
            answer = SipAnswer(decision.carried, number, self._status, said=self._said(decided))
            answer = replace(answer, person=has_form(decided.standing, PERSON_ON_LINE, decided.entry.at))
        return render_decision(answer)

    def _said(self, decided: DecidedCall) -> Spoken:
        language = self._words.language_of(decided.standing, decided.call.to, decided.entry.at)
        if decided.decision.carried is Outcome.VOICEMAIL:
            return self._words.spoken("voicemail", language)
        message = self._words.own(decided.decision.sender_text, language)
        danger = self._words.spoken("emergency", language)
        if message.play or danger.play or message.language != danger.language:
            return message
        # The PBX has no menu of ours: what to do in danger is said first, as it is there.
        return replace(message, say=f"{danger.say} {message.say}")
