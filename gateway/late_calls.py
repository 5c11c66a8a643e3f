"""Puts calls on record that went by while we could not be asked, as somebody else's log has them (THREATS T7).

Belongs here: what such a call counts: limits count what they would have let through, as in observe mode, levels all.
Promises that a call is entered once by its id, and an end that comes late is heard once, whoever tells of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from adapters.phone.call import IncomingCall
from gateway.call_decision import contact_of
from gateway.levels import Levels
from gateway.mail_contact import entry_of
from gateway.particulars import keep_particulars
from gateway.silent_calls import GIVEN_BACK, UNTOLD
from gateway.standing import standing_of
from rules.contact import Contact
from rules.decide import decide
from rules.decision import Decision, Reason
from rules.policies import Policy
from rules.standing import Standing
from rules.workdays import look_by
from storage.entries import Call, Entry, State
from storage.transaction import Transaction


class LateCalls:
    """Enter calls after they ended, inside the transaction that is given; `why` says on record where they come from."""

    def __init__(self, policy: Policy, levels: Levels, *, node: str, why: Reason, document: str) -> None:
        self._policy = policy
        self._levels = levels
        self._node = node
        self._why = why
        self._document = document

    def enter(
        self, tx: Transaction, call: IncomingCall, at: datetime, *, talk_s: int | None, message: bool, now: datetime
    ) -> Entry | None:
        """Put one call on record as it was; None, and nothing done, where it is there already.

        `at` is when it came, `talk_s` the seconds of talk, None where nobody answered; `message` tells that the caller
        left one.
        """
        contact = contact_of(call, at)
        standing, decision = self._decided(tx, contact, at)
        state = State.ANSWERED if talk_s is not None else State.VOICEMAIL if message else State.MISSED
        entry = entry_of(contact, standing, decision, state, node=self._node, look_by=self._look_by(now, state))
        counts = talk_s is not None and talk_s >= self._policy.counted_call_s
        entry = replace(
            entry,
            key=f"call {call.sid}",
            talk_s=talk_s or 0,
            counted_at=entry.counted_at if counts else None,
            reasons=(*entry.reasons, self._why),
        )
        # The key, not the call, keeps two nodes apart: a call goes on record after its contact.
        if tx.call(call.sid) is not None or not _makes_way(tx, call.sid) or not tx.add_contact(entry):
            return None
        keep_particulars(tx, contact, entry.id, self._policy)
        tx.add_call(Call(call.sid, entry.id, self._document, settled=True))
        self._levels.after_late_contact(tx, contact, entry, now)
        return entry

    def correct(self, tx: Transaction, entry: Entry, *, answered: bool, duration_s: int, now: datetime) -> None:
        """Put right a call that was settled without a word, now that its end is told, `duration_s` of talk; once."""
        if entry.state is not State.MISSED or entry.detail not in (UNTOLD, GIVEN_BACK):
            return
        talk_s = duration_s if answered else 0
        counts = answered and talk_s >= self._policy.counted_call_s and entry.detail == GIVEN_BACK
        first = tx.settle(
            entry.id,
            among=(State.MISSED,),
            state=State.ANSWERED if answered else State.MISSED,
            talk_s=talk_s,
            counted_at=entry.at if counts else None,
            detail="",
        )
        if first:
            self._levels.after_settling(tx, entry)

    def _decided(self, tx: Transaction, contact: Contact, at: datetime) -> tuple[Standing, Decision]:
        standing = standing_of(tx, contact, self._policy, now=at)
        if standing.party is not None:
            tx.lock_party(standing.party.id)
            standing = standing_of(tx, contact, self._policy, now=at)
        return standing, decide(contact, standing, self._policy, now=at, observe=True)

    def _look_by(self, now: datetime, state: State) -> datetime | None:
        if state is not State.VOICEMAIL:
            return None
        return look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)


def _makes_way(tx: Transaction, sid: str) -> bool:
    """Take out the same call where an import of the past brought it in; False where papers name that one: it stays."""
    past = tx.find(f"past call {sid}")
    if past is None or past.state is not State.PAST:
        return True
    said, _ = tx.mentioned()
    return past.id not in said and tx.take_out([past.id]) == 1
