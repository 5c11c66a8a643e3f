"""A mailbox with its folders: where a message lies that was delivered, filed, held, returned or passed on.

Belongs here: putting a message that we decided on into its place, whatever place it lies in now. Keeps nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from adapters.mail.imap import Imap, ImapFault, ImapSettings, SignIn, open_imap
from adapters.mail.line_ends import to_crlf
from adapters.mail.trace import content_digest
from rules.answers import Answer, Delivered, Permanent, Temporary


class Place(StrEnum):
    """Name the places of a mailbox."""

    INBOX = "inbox"
    FILED = "filed"
    HELD = "held"
    RETURNED = "returned"
    PASSED_ON = "passed_on"


READ = frozenset({Place.FILED, Place.RETURNED, Place.PASSED_ON})
"""Where a message is marked as read, so that it claims nobody's attention by accident."""


@dataclass(frozen=True)
class ImapMailbox:
    """Say which mailbox it is and what its folders are called; `most` is how many octets of a message are read."""

    settings: ImapSettings
    sign_in: SignIn
    folders: Mapping[Place, str]
    most: int

    def open(self) -> Imap:
        """Open a connection; raises ImapFault."""
        return open_imap(self.settings, self.sign_in)

    def put(self, place: Place, message: bytes, digest: str, arrived: datetime | None) -> Answer:
        """Have a message lie in a place: what lies elsewhere in this mailbox is moved there, else it is put there.

        `arrived` is when the mailbox got it, None where it did not: then nobody looks for it.
        """
        try:
            imap = self.open()
            try:
                return self._put(imap, place, message, digest, arrived)
            finally:
                imap.close()
        except ImapFault as fault:
            return Temporary(str(fault))

    def take_out(self, digest: str, arrived: datetime) -> Answer:
        """Have a message that was held or filed here lie among what was passed on, for it went elsewhere."""
        try:
            imap = self.open()
            try:
                for place in (Place.HELD, Place.FILED, Place.RETURNED):
                    self._move(imap, place, Place.PASSED_ON, self._lying_in(imap, place, digest, arrived))
            finally:
                imap.close()
        except ImapFault as fault:
            return Temporary(str(fault))
        return Delivered()

    def _put(self, imap: Imap, place: Place, message: bytes, digest: str, arrived: datetime | None) -> Answer:
        if arrived is not None:
            for where in (place, *(one for one in Place if one is not place)):
                uids = self._lying_in(imap, where, digest, arrived)
                if uids:
                    self._move(imap, where, place, uids)
                    return Delivered()
        if len(message) >= self.most:
            return Permanent("It is larger than what we read, and does not lie in the mailbox any more.")
        imap.append(self.folders[place], message, seen=place in READ, arrived=arrived)
        return Delivered()

    def _lying_in(self, imap: Imap, place: Place, digest: str, arrived: datetime) -> list[int]:
        return [uid for uid, found in self._digests(imap, place, {arrived}) if found == digest]

    def copied(self, imap: Imap, place: Place, messages: Mapping[str, datetime]) -> Counter[str]:
        """Count which messages lie in a place already, given by digest and arrival; another folder is open then.

        A server that was killed in the midst of a MOVE leaves them in both places.
        """
        found = self._digests(imap, place, set(messages.values()))
        return Counter(digest for _, digest in found if digest in messages)

    def _digests(self, imap: Imap, place: Place, arrived: set[datetime]) -> list[tuple[int, str]]:
        found = imap.find(self.folders[place], arrived, self.most)
        return [(uid, content_digest(to_crlf(octets))) for uid, octets in found.items()]

    def _move(self, imap: Imap, where: Place, to: Place, uids: list[int]) -> None:
        if not uids:
            return
        imap.mark(uids, seen=to in READ, unseen=to not in READ)
        if where is not to:
            imap.move(uids, self.folders[to])
