"""Decides on a call once, whatever door it came through: the entry, the minutes reserved, the owners told; settles it.

Belongs here: what every door for calls shares, inside the record's transaction and without a provider's words. A call
asked about again gets its stored document; reports that are late, doubled or out of order change nothing (T2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.phone.call import IncomingCall
from gateway.letters import Letters
from gateway.levels import Levels
from gateway.mail_contact import DUTY, OBSERVE, entry_of
from gateway.particulars import keep_particulars
from gateway.serials import serial
from gateway.standing import standing_of
from gateway.suspensions import tell_owners
from gateway.text_contact import line_of
from rules import identity
from rules.contact import Assurance, Caller, Channel, Contact
from rules.decide import ASK, decide
from rules.decision import Decision, Outcome, Reason
from rules.on_file import shielded
from rules.policies import Policy
from rules.standing import Standing
from rules.workdays import look_by
from storage.entries import Call, Entry, State
from storage.faults import RecordContended
from storage.recordings import RecordingEntry
from storage.transaction import Transaction

CONNECTED = frozenset({Outcome.CONNECT, Outcome.ROUTE})
_KEYED = Reason("", "keyed", "", "The number was keyed in by the caller, so the call counts towards nothing")
_ATTESTED = {
    "tn-validation-passed-a": "The network says that the caller may use the number (A)",
    "tn-validation-passed-b": "The network knows the caller, and not whether the number is theirs (B)",
    "tn-validation-passed-c": "The network only passed the call on (C)",
    "tn-validation-failed-a": "The network's mark on the number is not valid (A)",
    "tn-validation-failed-b": "The network's mark on the number is not valid (B)",
    "tn-validation-failed-c": "The network's mark on the number is not valid (C)",
    "tn-validation-failed": "The network's mark on the number is not valid",
    "no-tn-validation": "The network gave no mark that could be read",
}
"""STIR's marks in words: they are recorded, and change nothing (THREATS T5)."""
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
        return self.by_line.get(line_of(line), self.switchboard)


@dataclass(frozen=True, slots=True)
class DecidedCall:
    """Hold a call with what was decided on it; `dial` is the office's own number to connect to, "" where none is.

    What is carried out is `decision.carried`; the longest that it may last, in seconds, is `decision.time_limit_s`.
    `asks` tells that the caller, who has none, is asked for a number first, where the door can ask (THREATS T5).
    """

    call: IncomingCall
    entry: Entry
    decision: Decision
    standing: Standing
    dial: str = ""
    asks: bool = False


class CallDecisions:
    """Decide on calls and settle them, for any door; every method works inside the transaction that it is given."""

    def __init__(self, policy: Policy, levels: Levels, letters: Letters, lines: Lines, *, node: str) -> None:
        self._policy = policy
        self._levels = levels
        self._letters = letters
        self._lines = lines
        self._node = node

    def once(self, tx: Transaction, call: IncomingCall, now: datetime, document: Callable[[DecidedCall], str]) -> str:
        """Decide on a call by its provider's id and give the answer in the door's words; asked again, the stored one.

        `document` writes the answer, and is asked once; what it raises leaves nothing on record.
        """
        earlier = tx.call(call.sid)
        if earlier is not None:
            return earlier.document
        contact = contact_of(call, now)
        decided = self._decided(tx, call, contact, now)
        written = document(decided)
        # The key, not the call, keeps two nodes apart. Done again, the work finds what the other node answered.
        if not tx.add_contact(replace(decided.entry, key=f"call {call.sid}")):
            raise RecordContended("the same call is being decided elsewhere")
        keep_particulars(tx, contact, decided.entry.id, self._policy)
        tx.add_call(Call(call.sid, decided.entry.id, written))
        self._levels.after_contact(tx, contact, decided.entry, now)
        tell_owners(tx, self._letters, decided.standing, decided.decision, self._policy, now)
        return written

    def keyed(
        self, tx: Transaction, call: IncomingCall, now: datetime, document: Callable[[DecidedCall], str]
    ) -> str | None:
        """Decide anew, once, on a call that is on record and whose caller has keyed in `call.number`; give the answer.

        None where there is no such number, or the call is known to be over. It is enforced and counts for nothing:
        anybody can key in another's number (THREATS I4, T5).
        """
        earlier = tx.call(call.sid)
        entry = tx.contact(earlier.contact_id) if earlier else None
        if earlier is None or entry is None:
            return self.once(tx, call, now, document)
        if entry.sender:
            return earlier.document
        contact = replace(contact_of(call, entry.at), id=entry.id)
        if contact.sender is None or entry.state is not State.RINGING:
            return None
        decided = self._decided(tx, call, contact, now)
        written = document(decided)
        tx.restate(decided.entry, among=State.RINGING)
        tx.answer_anew(call.sid, written)
        tell_owners(tx, self._letters, decided.standing, decided.decision, self._policy, now)
        return written

    def _decided(self, tx: Transaction, call: IncomingCall, contact: Contact, now: datetime) -> DecidedCall:
        decision, standing, observe = self._decide(tx, contact, now)
        decision = _told(decision, call)
        entry = entry_of(
            contact,
            standing,
            decision,
            _STATES[decision.carried],
            node=self._node,
            reserved_s=_reserved(decision),
            look_by=self._look_by(now) if decision.carried is Outcome.VOICEMAIL else None,
        )
        if call.keyed:
            entry = replace(entry, counts=False, counted_at=None)
        asks = ASK in decision.marks and not observe and not call.keyed
        return DecidedCall(call, entry, decision, standing, self._dial(call, decision), asks)

    def settle(
        self,
        tx: Transaction,
        sid: str,
        *,
        answered: bool,
        duration_s: int | None,
        now: datetime,
        from_menu: bool = False,
    ) -> None:
        """Settle a connected call once by the provider's word, `duration_s` of talk; known before, nothing is done.

        `from_menu` tells that the automated line itself led to a person, who answered: that is talk too.
        """
        call = tx.call(sid)
        if call is None or call.settled:
            return
        entry = tx.contact(call.contact_id)
        led = from_menu and answered and entry is not None and entry.state is State.AUTOMATED_LINE
        if entry is None or not (led or entry.state is State.RINGING):
            return
        talk_s = (duration_s or 0) if answered else 0
        counts = answered and talk_s >= self._policy.counted_call_s
        state = State.ANSWERED if answered else State.MISSED
        tx.settle_call(sid, talk_s=talk_s, state=state, counted=counts)
        self._levels.after_settling(tx, entry)

    def message_left(
        self, tx: Transaction, sid: str, recording: str, now: datetime, duration_s: int | None = None
    ) -> None:
        """Put a message that a caller left before staff, once, and have it fetched, by the provider's id of it."""
        # Nobody leaves a message who was put through: where the dial's own report was lost, this one says the same.
        self.settle(tx, sid, answered=False, duration_s=None, now=now)
        call = tx.call(sid)
        entry = tx.contact(call.contact_id) if call else None
        if entry is None:
            return
        new = tx.add_recording(RecordingEntry(recording, entry.id, now, now, duration_s))
        if not new or entry.detail:  # a second message of one call: who looks at the call finds both
            return
        due = min(entry.look_by or self._look_by(now), self._look_by(now))
        tx.settle(entry.id, state=State.VOICEMAIL, detail=f"recording {recording}", look_by=due, owner=DUTY)
        self._levels.after_settling(tx, entry)

    def _decide(self, tx: Transaction, contact: Contact, now: datetime) -> tuple[Decision, Standing, bool]:
        standing = standing_of(tx, contact, self._policy, now=now)
        if standing.party is not None:
            tx.lock_party(standing.party.id)
            standing = standing_of(tx, contact, self._policy, now=now)
        observe = tx.setting(OBSERVE) == "on"
        decision = decide(contact, standing, self._policy, now=now, observe=observe)
        return self._past_shields(decision, contact, standing, now), standing, observe

    def _past_shields(self, decision: Decision, contact: Contact, standing: Standing, now: datetime) -> Decision:
        """Look past the line that was called to the number that serves it: it may be a shielded colleague's own."""
        if not standing.facts.shields or decision.carried is not Outcome.CONNECT:
            return decision
        served = tuple(replace(target, to=self._lines.serving(target.to)) for target in decision.targets)
        dialled = replace(decision, targets=served)
        past = shielded(dialled, contact, standing, self._policy, now)
        return decision if past is dialled else past

    def _dial(self, call: IncomingCall, decision: Decision) -> str:
        if decision.carried not in CONNECTED:
            return ""
        return decision.targets[0].to if decision.carried is Outcome.ROUTE else self._lines.serving(call.to)

    def _look_by(self, now: datetime) -> datetime:
        return look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)


def was_keyed(entry: Entry) -> bool:
    """Tell whether the number of a call was keyed in: anybody can key in another's (THREATS I4, T5)."""
    return any(one.measure == _KEYED.measure for one in entry.reasons)


def contact_of(call: IncomingCall, now: datetime) -> Contact:
    """Read a call as a contact received at `now`; a caller without a readable number is nobody's (THREATS T5).

    Its line is as settings and policy write it, for what is always open is known by that.
    """
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
        recipients=(line_of(call.to),),
    )


def _told(decision: Decision, call: IncomingCall) -> Decision:
    """Put what was told of the number beside the reasons: the network's mark, and that it was keyed in."""
    told: list[Reason] = []
    if call.attestation:
        mark = _ATTESTED.get(call.attestation.lower(), "The network's mark on the number is one we do not know")
        told.append(Reason("", "caller", "", mark))
    if call.keyed and call.number:
        told.append(_KEYED)
    return replace(decision, reasons=(*decision.reasons, *told)) if told else decision


def _reserved(decision: Decision) -> int | None:
    """Reserve what the call may last, so that two calls at once cannot use the same minutes."""
    return decision.time_limit_s if decision.carried in CONNECTED else None
