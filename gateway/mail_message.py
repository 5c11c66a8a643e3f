"""One message on its way through, with what was read of it. Belongs here: the value that the mail path hands around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adapters.mail.message import Heading, Incoming
from gateway.delivery import Parcel
from gateway.matters import Contents
from rules.contact import Contact


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message on its way through, with what was read of it; `contents` is read where a measure asks."""

    incoming: Incoming
    heading: Heading
    contact: Contact
    key: str
    digest: str
    now: datetime
    contents: Contents

    @property
    def parcel(self) -> Parcel:
        """Give what is handed on."""
        return Parcel(self.contact.id, self.incoming.mail_from, self.incoming.raw, self.digest)
