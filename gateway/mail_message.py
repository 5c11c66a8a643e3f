"""One message on its way through, with what was read of it. Belongs here: the value that the mail path hands around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.mail.message import Heading, Incoming
from gateway.delivery import Parcel
from gateway.fingerprints import Said
from gateway.matters import Contents
from rules.contact import Contact
from storage.entries import Letter

A_MOMENT = timedelta(minutes=10)
"""So long after it came a message counts as just come: what others bring meanwhile is counted against it."""


@dataclass(frozen=True, slots=True)
class About:
    """Hold which letter of ours a message is on, with what status, and how many reports on it there were before.

    `vouched` tells whether it is the word of a server that had the letter, as far as anybody can know.
    """

    letter: Letter
    status: str
    before: int
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message on its way through, with what was read of it; `contents` is read where a measure asks.

    It came at `contact.at` and is handled at `now`: hours or days later where nobody watched its mailbox meanwhile.
    `about` is the letter of ours that it is a report on, `said` the fingerprint of what a party's mail says.
    """

    incoming: Incoming
    heading: Heading
    contact: Contact
    key: str
    digest: str
    now: datetime
    contents: Contents
    received: bytes
    about: About | None = None
    said: Said | None = None

    @property
    def came(self) -> datetime:
        """Give when it came, by which it is judged: a mail a day is no three in an hour because we were away."""
        return self.contact.at

    @property
    def late(self) -> bool:
        """Tell whether it lay in its mailbox for longer than it takes to read one."""
        return self.now - self.came > A_MOMENT

    @property
    def until(self) -> datetime | None:
        """Give until when others that count are counted against it; None for all that are on record by now."""
        return self.came + A_MOMENT if self.late else None

    @property
    def parcel(self) -> Parcel:
        """Give what is handed on."""
        incoming = self.incoming
        return Parcel(self.contact.id, incoming.mail_from, incoming.raw, self.digest, self.received, incoming.wishes)

    @property
    def kept(self) -> bytes:
        """Give what is kept of it: the original bytes with our own Received in front."""
        return self.received + self.incoming.raw
