"""Where a message goes that we failed at: back to the sender's server twice, and the third time to a person.

Belongs here: keeping what a fault of ours would otherwise lose (THREATS S2). Nothing of the fault leaves the house.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import structlog

from adapters.mail.message import Incoming, read
from adapters.mail.trace import content_key
from gateway.letters import Letters
from gateway.serials import serial
from rules import identity
from rules.answers import Answer, Delivered, Temporary
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, Goal, State
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Transaction

LATER = "We cannot take your message now. Please try again later."
OWNER = "duty"
_MOST_FAILURES = 3

log = structlog.get_logger()


class Shunt:
    """Keep failed messages."""

    def __init__(self, record: Record, letters: Letters, node: str) -> None:
        self._record = record
        self._letters = letters
        self._node = node

    async def keep(self, incoming: Incoming, fault: Exception, now: datetime) -> Answer:
        """Answer 'later' to a message that we failed at; at the third failure take it, held, with an alert to staff."""
        incident = serial(now)
        log.error("message failed", incident=incident, fault=type(fault).__name__, exc_info=True)
        try:
            held = await self._record.write(partial(self._keep, incoming, incident, now))
        except RecordUnavailable:
            held = None
        return Delivered(held) if held else Temporary(f"{LATER} ({incident})")

    def _keep(self, incoming: Incoming, incident: str, now: datetime, tx: Transaction) -> str | None:
        key = _key(incoming)
        entry = tx.find(key)
        if entry is None:
            entry = self._entry(incoming, key, incident, now)
            tx.add_contact(entry)
            tx.keep_raw(entry.id, incoming.mail_from, incoming.raw)
        if tx.fail(key) < _MOST_FAILURES or entry.state not in {State.DEFERRED, State.INTENDED}:
            return None
        tx.keep_raw(entry.id, incoming.mail_from, incoming.raw)
        tx.settle(entry.id, state=State.HELD, detail=f"A fault of ours, incident {incident}", owner=OWNER)
        tx.enqueue(self._letters.alert_held(entry.id, f"we failed at it three times (incident {incident}).", now))
        tx.clear_failure(key)
        return entry.id

    def _entry(self, incoming: Incoming, key: str, incident: str, now: datetime) -> Entry:
        sender = identity.email(incoming.mail_from)
        return Entry(
            id=incident,
            channel=Channel.EMAIL,
            at=now,
            whose=str(sender) if sender else "email:uncertain",
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
    try:
        sender = read(incoming.raw).sender
    except Exception:  # whatever broke there must not break here
        sender = None
    return content_key(key_sender(sender, incoming.mail_from), incoming.raw)


def key_sender(sender: str | None, mail_from: str) -> str:
    """Say who stands in the key of a message: its author, else its envelope sender."""
    known = identity.email(sender) if sender else None
    return str(known or mail_from)
