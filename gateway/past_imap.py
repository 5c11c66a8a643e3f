"""Reads mail of the past from folders of a mailbox by IMAP, which stay as they are: nothing is marked, moved or made.

Belongs here: the way from a folder to contacts of the past. What came since the mailbox is watched is the watcher's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.mail.imap import SET, Imap, ImapFault
from adapters.mail.imap_arrival import Arrival
from adapters.mail.imap_mailbox import ImapMailbox
from adapters.mail.line_ends import to_crlf
from gateway.past_contact import LeftAside, Read
from gateway.past_mail import Reading, read_message

INBOX = "INBOX"
TAKEN = "Parley took it when it came."
_NO_FOLDER = "There is no such folder in the mailbox."
_MOVED = "It was taken away while the folder was read."
_OCTETS_AT_ONCE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Folders:
    """Say what is read of a mailbox; `watched` is since when it is watched, None where it never was."""

    name: str
    box: ImapMailbox
    folders: Sequence[str]
    reading: Reading
    watched: datetime | None = None

    def read(self, heard: Callable[[int], None] = lambda octets: None) -> Iterator[Read]:
        """Give what lies in the folders, the oldest arrival first; raises ImapFault."""
        imap = self.box.open()
        try:
            for folder in self.folders:
                if folder != INBOX and not imap.folder_exists(folder):
                    yield LeftAside(f"{self.name}/{folder}", _NO_FOLDER, wrong=True)
                else:
                    yield from self._folder(imap, folder, heard)
        finally:
            imap.close()

    def _folder(self, imap: Imap, folder: str, heard: Callable[[int], None]) -> Iterator[Read]:
        numbers = imap.examine(folder).uidvalidity
        after = 0
        while arrivals := imap.arrivals(after, SET):
            after = arrivals[-1].uid
            for part in _parts([one for one in arrivals if not self._taken(one)]):
                octets = imap.read(part, self.box.most)
                yield from (self._message(folder, one, octets) for one in part)
                heard(sum(one.size for one in part))
            yield from (LeftAside(self._place(folder, one), TAKEN) for one in arrivals if self._taken(one))
        if imap.examine(folder).uidvalidity != numbers:
            raise ImapFault("The server numbered the folder anew while it was read; call again to go on.")

    def _taken(self, one: Arrival) -> bool:
        return one.done or (self.watched is not None and one.arrived >= self.watched)

    def _message(self, folder: str, one: Arrival, octets: dict[int, bytes]) -> Read:
        place = self._place(folder, one)
        if one.uid not in octets:
            return LeftAside(place, _MOVED)
        return read_message(self.reading, to_crlf(octets[one.uid]), place, arrived=one.arrived)

    def _place(self, folder: str, one: Arrival) -> str:
        return f"{self.name}/{folder}:{one.uid}"


def _parts(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """Cut arrivals into parts that are held in memory at once."""
    part: list[Arrival] = []
    octets = 0
    for one in arrivals:
        if part and octets + one.size > _OCTETS_AT_ONCE:
            yield part
            part, octets = [], 0
        part.append(one)
        octets += one.size
    if part:
        yield part
