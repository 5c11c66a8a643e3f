"""One message on its way through, with what was read of it. Belongs here: the value that the mail path hands around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adapters.mail.message import Heading, Incoming
from gateway.delivery import Parcel
from gateway.fingerprints import Said
from gateway.matters import Contents
from rules.contact import Contact
from storage.entries import Letter


@dataclass(frozen=True, slots=True)
class About:
    """Hold which letter of ours a message is on, with what status, and how many reports on it there were before."""

    letter: Letter
    status: str
    before: int


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message on its way through, with what was read of it; `contents` is read where a measure asks.

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
    def parcel(self) -> Parcel:
        """Give what is handed on."""
        incoming = self.incoming
        return Parcel(self.contact.id, incoming.mail_from, incoming.raw, self.digest, self.received, incoming.wishes)

    @property
    def kept(self) -> bytes:
        """Give what is kept of it: the original bytes with our own Received in front."""
        return self.received + self.incoming.raw
