"""Puts before staff that a caller pressed the key for danger (PHSO-27, SPSO-32).

Belongs here: the mark on the contact and the alert, in one commit. It is told once a call, and never in a flood.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.alerts.keys import unanswered
from gateway.letters import Letters
from gateway.mail_contact import DUTY
from rules.decision import Reason
from rules.policies import Policy
from storage.entries import Entry, State
from storage.transaction import Transaction

MEASURE = "danger_key"
_MOST_ALERTS = 10
_HOUR, _QUARTER_S = timedelta(hours=1), 900


class CallDanger:
    """Mark a call in which somebody said to be in danger, and alert staff."""

    def __init__(self, policy: Policy, letters: Letters) -> None:
        self._policy = policy
        self._letters = letters

    def note(self, tx: Transaction, sid: str, now: datetime) -> bool:
        """Note it once for a call, to be looked at now; False where no such call is on record."""
        call = tx.call(sid)
        entry = tx.contact(call.contact_id) if call else None
        if entry is None:
            return False
        if any(one.measure == MEASURE for one in entry.reasons):
            return True
        reason = Reason("", MEASURE, self._policy.clause("safeguard"), "The caller pressed the key for danger")
        state = State.VOICEMAIL if entry.state is State.AUTOMATED_LINE else entry.state
        # As mail that speaks of a risk to life: before a person at once, and towards no level.
        tx.settle(entry.id, state=state, reasons=(*entry.reasons, reason), look_by=now, owner=DUTY, counts=False)
        tx.enqueue(self._letters.alert_danger(entry.id, self._once(tx, entry, now), now))
        return True

    def _once(self, tx: Transaction, entry: Entry, now: datetime) -> str:
        """Say under which key it is told: each call by itself, as long as there are not too many (THREATS C4)."""
        if tx.alerts_lately(entry.party_id, now - _HOUR) < _MOST_ALERTS:
            return f"danger:{entry.id}"
        return unanswered(tx, f"danger:{entry.whose}:{int(now.timestamp()) // _QUARTER_S}")
