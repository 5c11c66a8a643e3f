"""Where a message goes that we failed at: back to the sender's server twice, and the third time to a person.

Belongs here: keeping what a fault of ours would otherwise lose (THREATS S2). Nothing of the fault leaves the house.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import structlog

from adapters.mail.message import Incoming, read
from adapters.mail.trace import content_key
from gateway.incident import where
from gateway.letters import Letters
from gateway.levels import Levels
from gateway.mail_contact import DUTY, LATER, NOBODY
from gateway.message_key import on_record
from gateway.serials import serial
from gateway.standing import sole_holder
from rules import identity
from rules.answers import Answer, Delivered, Temporary
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, Goal, State
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Transaction

_MOST_FAILURES = 3
_UNDONE = frozenset({State.INTENDED, State.DEFERRED})

log = structlog.get_logger()


class Shunt:
    """Keep failed messages."""

    def __init__(self, record: Record, letters: Letters, levels: Levels, node: str) -> None:
        self._record = record
        self._levels = levels
        self._letters = letters
        self._node = node

    async def keep(self, incoming: Incoming, fault: Exception, now: datetime) -> Answer:
        """Answer 'later' to a message that we failed at; at the third failure take it, held, with an alert to staff."""
        incident = serial(now)
        log.error("message failed", incident=incident, **where(fault))
        try:
            held = await self._record.write(partial(self._keep, incoming, incident, now))
        except RecordUnavailable:
            held = None
        return Delivered(held) if held else Temporary(f"{LATER} ({incident})")

    def _keep(self, incoming: Incoming, incident: str, now: datetime, tx: Transaction) -> str | None:
        key, entry = on_record(tx, _key(incoming), incoming.raw, now)
        if entry is None:
            entry = self._entry(incoming, key, incident, now, tx)
            tx.add_contact(entry)
        if entry.state in _UNDONE:
            tx.keep_raw(entry.id, incoming.mail_from, incoming.raw)
        # What was intended when it went wrong did not happen: it holds no place in a limit.
        tx.settle(entry.id, among=(State.INTENDED,), state=State.DEFERRED, counted_at=None)
        if tx.fail(key) < _MOST_FAILURES:
            return None
        known = {goal.recipient for goal in entry.targets}
        more = tuple(Goal(one, Outcome.HOLD, one) for one in incoming.recipients if one not in known)
        tx.keep_raw(entry.id, incoming.mail_from, incoming.raw)
        tx.settle(
            entry.id,
            state=State.HELD,
            targets=entry.targets + more,
            release_at=None,
            counted_at=None,
            detail=f"A fault of ours, incident {incident}",
            owner=DUTY,
        )
        self._levels.after_settling(tx, entry)
        tx.enqueue(self._letters.alert_held(entry.id, f"we failed at it three times (incident {incident}).", now))
        tx.clear_failure(key)
        return entry.id

    def _entry(self, incoming: Incoming, key: str, incident: str, now: datetime, tx: Transaction) -> Entry:
        """Write down what is known of the message; if it goes well next time, it counts for whose it is."""
        sender = identity.email(_author(incoming) or incoming.mail_from)
        holder = sole_holder(tx.holders((sender,))) if sender else None
        known_as = f"party:{holder.party_id}" if holder else str(sender)
        return Entry(
            id=incident,
            channel=Channel.EMAIL,
            at=now,
            whose=known_as if sender else NOBODY,
            party_id=holder.party_id if holder else None,
            state=State.DEFERRED,
            decided=Outcome.HOLD,
            carried=Outcome.HOLD,
            key=key,
            sender=str(sender) if sender else "",
            counts=False,
            size=len(incoming.raw),
            targets=tuple(Goal(one, Outcome.HOLD, one) for one in incoming.recipients),
            node=self._node,
        )


def _key(incoming: Incoming) -> str:
    """Give the key that reception gives the message, or, where reading it is what failed, one of its bytes alone."""
    return content_key(key_sender(_author(incoming), incoming.mail_from), incoming.raw)


def _author(incoming: Incoming) -> str | None:
    try:
        return read(incoming.raw).sender
    except Exception:  # whatever broke there must not break here
        return None


def key_sender(sender: str | None, mail_from: str) -> str:
    """Say who stands in the key of a message: its author, else its envelope sender."""
    known = identity.email(sender) if sender else None
    return str(known or mail_from)
