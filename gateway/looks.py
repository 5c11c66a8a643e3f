"""Looking at what waits: a contact shown to a person, and marked as looked at by name (DESIGN: the human clock).

Belongs here: who may, and what is put on record. A mark made twice is made once, and says who made it.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.mail.text import Shown, show
from gateway.casework.outline import READ_FILE
from gateway.clock import Clock
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.refused import Refused
from rules.policies import Policy
from storage.entries import Entry, State
from storage.record import Record
from storage.transaction import Transaction

LOOKED = "looked"
WAITS_FOR_A_LOOK = frozenset({State.FILED, State.VOICEMAIL, State.UNCLEAR})


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold a contact as a person is shown it: `message` where the record keeps it, `looks` that it waits for a look."""

    entry: Entry
    message: Shown | None = None

    @property
    def looks(self) -> bool:
        """Tell whether it waits for a look that is noted here; a message is marked where it is heard."""
        return self.entry.state in WAITS_FOR_A_LOOK - {State.VOICEMAIL}


class Looks:
    """Show contacts to those who may read files, and note their looks. Its methods wait; not for event loops."""

    def __init__(self, record: Record, policy: Policy, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._clock = clock

    def show(self, contact_id: str, by: Actor) -> Seen:
        """Give a contact with its message; that somebody read it is put on record (THREATS W4). Raises Refused."""
        allowed(READ_FILE, self._policy, by)

        def job(tx: Transaction) -> Seen:
            entry = known(tx, contact_id)
            about = f"party:{entry.party_id}" if entry.party_id is not None else entry.id
            tx.act(by.name, READ_FILE, about, {"of": "contact"})
            raw = tx.raw(entry.id)
            return Seen(entry, show(raw.message) if raw is not None else None)

        return self._record.write_now(job)

    def look(self, contact_id: str, by: Actor) -> Entry:
        """Note that somebody looked, and give the contact as it is now; raises Refused where it waits for no look."""
        allowed(READ_FILE, self._policy, by)

        def job(tx: Transaction) -> Entry:
            if known(tx, contact_id).state is State.VOICEMAIL:
                raise Refused("What was left by phone is marked where it is heard.", way="Look at the messages.")
            return looked(contact_id, by, self._clock, tx)

        return self._record.write_now(job)


def looked(contact_id: str, by: Actor, clock: Clock, tx: Transaction) -> Entry:
    """Note a look by name; one that was noted before stays as it is. Raises Refused where it waits for none."""
    if tx.look(contact_id, by.name, clock()):
        tx.act(by.name, LOOKED, contact_id)
    entry = known(tx, contact_id)
    if entry.state is not State.LOOKED_AT:
        raise Refused(f"This waits for no look: it is {entry.state.value.replace('_', ' ')}.")
    return entry


def known(tx: Transaction, contact_id: str) -> Entry:
    """Give a contact that is on record; raises Refused where there is none of this number."""
    entry = tx.contact(contact_id)
    if entry is None:
        raise Refused("No contact on record has this number.")
    return entry
