"""Reads what a message says beyond its header, where a measure on its sender asks for it, and remembers its thread.

Belongs here: the way from the bytes to a contact's `opening` and `cases`. Promises that nobody else's mail is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.mail.message import Thread, thread
from adapters.mail.opening import opening
from rules.contact import Assurance, Contact
from rules.standing import Standing
from storage.transaction import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Inside:
    """Hold what was read: the first part of the text, the message's own id and those that it answers."""

    opening: str
    thread: Thread


class Contents:
    """Hold the way to a message's bytes, which are read once and only when somebody asks."""

    __slots__ = ("_inside", "_raw")

    def __init__(self, raw: Callable[[], bytes]) -> None:
        self._raw = raw
        self._inside: Inside | None = None

    def read(self) -> Inside:
        """Read the message; no exception whatever the bytes."""
        if self._inside is None:
            raw = self._raw()
            self._inside = Inside(opening(raw), thread(raw))
        return self._inside

    def octets(self) -> bytes:
        """Give the message itself."""
        return self._raw()

    async def read_apart(self) -> None:
        """Read the message in a thread, so that nobody else waits for it (THREATS C1)."""
        if self._inside is None:
            await asyncio.to_thread(self.read)


NOTHING = Contents(lambda: b"")


def asked(standing: Standing, now: datetime) -> bool:
    """Tell whether a measure in force on the sender must know what the message says."""
    return any(measure.reads_opening for restriction in standing.in_force(now) for measure in restriction.bearing(now))


def with_matters(reader: Reader, contact: Contact, contents: Contents, standing: Standing, now: datetime) -> Contact:
    """Give the contact with its opening and the matters of its thread, where a measure asks for them."""
    if standing.party is None or not asked(standing, now):
        return contact
    inside = contents.read()
    known = reader.thread_matters(standing.party.id, inside.thread.answers)
    return replace(contact, opening=contact.opening or inside.opening, cases=contact.cases + known)


def remember(tx: Transaction, contact: Contact, contents: Contents, standing: Standing, now: datetime) -> None:
    """Note the matters that a message is on, so that what answers it is on them too.

    Forged mail is left out: nobody else decides what the party's replies are about (THREATS I4).
    """
    if standing.party is None or contact.assurance is Assurance.FAILED or not asked(standing, now):
        return
    bearing = [measure for restriction in standing.in_force(now) for measure in restriction.bearing(now)]
    matters = dict.fromkeys(matter for measure in bearing for matter in measure.matters(contact))
    if matters:
        tx.keep_thread(standing.party.id, contents.read().thread.message_id, matters, now)
