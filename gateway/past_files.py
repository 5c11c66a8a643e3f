"""Mail of the past as it lies in files: which files hold what, where one message ends, when it came.

Belongs here: mbox, Maildir, .eml, folders of them, for `parley replay` and `parley import-contacts`. Promises that
nothing is dropped silently: what cannot be read is named, what is no mail is listed.
"""

from __future__ import annotations

import mmap
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from adapters.mail.line_ends import to_crlf
from adapters.mail.message import NULL_PATH, Heading, Incoming, read
from gateway import mail_contact
from gateway.contact_lines import LATEST
from gateway.past_times import EARLIEST_PAST
from rules.contact import Contact

LINES, MBOX, MESSAGE = "lines", "mbox", "message"
NO_FILE, TOO_LONG = "It is no file.", "It is longer than any message."
MOST_OCTETS = 256 * 1024 * 1024
"""Of one message, or one line; a mailbox may have more."""
_LINES = {".jsonl", ".ndjson", ".json"}
_MAIL = {".eml", ".mbox", ".mbx", ".mbs"}
_DELIVERED = {"cur", "new"}
# Every length is bounded: a hostile line must not cost more than it is long.
_ENVELOPE = re.compile(
    rb"(?:\A[\r\n]*|\n\r?\n)From (?P<words>(?=[^\r\n]{0,320}(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    rb"[^\r\n:]{1,8}:\d\d)[^\r\n]{0,400})(?=\r?\n|\Z)"
)
_ENVELOPE_TIME = re.compile(
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(?P<day>\d{1,2})\s+(?P<time>\d\d?:\d\d(?::\d\d)?)"
    r"(?:\s+(?P<before>[A-Z]{1,5}|[+-]\d{4}))?\s+(?P<year>\d{4})(?:\s+(?P<after>[+-]\d{4}))?"
)
_RETURN_PATH = re.compile(rb"(?im)^return-path[ \t]*+:[ \t]*+<?([^<>\s]*+)>?[ \t]*+\r$")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_DELIVERY = re.compile(r"(\d{9,10})\.")
_HEAD = 64 * 1024
_MAPPED_AT_ONCE = 64 * 1024 * 1024

Fault = Callable[[str], None]
"""Is told of what cannot be read, in a sentence that names the file."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Say where one message lies: in which file, the how manieth (0: it is the whole file), and its `From ` line."""

    file: Path
    number: int
    start: int
    end: int
    envelope: bytes = b""

    @property
    def place(self) -> str:
        """Name the place to a person."""
        return f"{self.file}:{self.number}" if self.number else str(self.file)


@dataclass(frozen=True, slots=True)
class Dated:
    """Hold a message as a contact; `at` is None where nothing in it gives its time, and the contact's is of no use.

    `received` tells that it is the time of its topmost Received field.
    """

    contact: Contact
    heading: Heading
    mail_from: str
    at: datetime | None
    received: bool = False


def files_at(path: Path, fault: Fault, aside: Callable[[Path], None]) -> Iterator[tuple[Path, str]]:
    """Give the files at a path with what each is; `aside` is told of files in folders that hold no mail.

    What a file is, is `lines`, `mbox`, `message`, or a sentence that says why it is none of these.
    """
    if path.is_dir():
        found = False
        for file, kind in _in_folder(path, aside):
            found = True
            yield file, kind
        if not found:
            fault(f"{path}: There is no mail in this folder: no Maildir, no .eml, .mbox or .jsonl files.")
    elif path.exists():
        yield path, kind_of(path) if regular(path) else NO_FILE
    else:
        fault(f"{path}: There is no such file.")


def _in_folder(folder: Path, aside: Callable[[Path], None]) -> Iterator[tuple[Path, str]]:
    for place, folders, files in os.walk(folder):
        folders.sort()
        here = Path(place)
        delivered = here.name in _DELIVERED
        if not delivered and _DELIVERED & set(folders) and "tmp" in folders:
            folders.remove("tmp")  # what a Maildir has not delivered yet
        for name in sorted(files):
            file = here / name
            if not regular(file):
                yield file, NO_FILE
                continue
            kind = MESSAGE if delivered and not name.startswith(".") else _kind_in_folder(file)
            if kind:
                yield file, kind
            else:
                aside(file)


def _kind_in_folder(file: Path) -> str:
    if file.suffix.lower() in _LINES | _MAIL:
        return kind_of(file)
    return MBOX if not file.suffix and begin_of(file).startswith(b"From ") else ""


def kind_of(file: Path) -> str:
    """Say what a file is: lines, mbox or message; else why it is none."""
    if not file.is_file():
        return NO_FILE
    suffix, begin = file.suffix.lower(), begin_of(file)
    if suffix in _LINES or begin.startswith((b"{", b"\xef\xbb\xbf{")):
        return LINES
    if suffix == ".eml":
        return MESSAGE
    if begin.startswith(b"From ") or (not begin and suffix in _MAIL):
        return MBOX
    if _FIELD.match(begin) and b"\0" not in begin:
        return MESSAGE
    return foreign(begin) or "It is no mailbox that can be read: neither mbox, Maildir, a message nor JSON Lines."


_FOREIGN = {
    b"PK\x03\x04": "It is an Excel workbook, or a ZIP: save the sheet as CSV, or unpack it first.",
    b"\xd0\xcf\x11\xe0": "It is an old Excel workbook or a message of Outlook's: save it as CSV, or as .eml.",
    b"!BDN": "It is a mailbox of Outlook's (.pst): export its folders as mbox or .eml, or use --imap.",
    b"\x1f\x8b": "It is compressed: unpack it first.",
}


def foreign(begin: bytes) -> str:
    """Say what to do with a file of a kind that offices have and that we do not read; empty for all others."""
    return next((words for mark, words in _FOREIGN.items() if begin.startswith(mark)), "")


def regular(file: Path) -> bool:
    """Tell whether a path leads to a file on a disk: no pipe, which is waited at for ever, and no device."""
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except OSError:
        return True  # what opens it says what is wrong


def begin_of(file: Path) -> bytes:
    """Give how a file begins; like an mbox where it cannot be read, which then says what is wrong."""
    try:
        with file.open("rb") as opened:
            return opened.read(_HEAD).lstrip(b"\r\n \t")
    except OSError:
        return b"From "


def size_of(file: Path) -> int:
    """Give how many octets a file has; 0 where it cannot be read."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def pieces_of(file: Path, mapped: mmap.mmap, fault: Fault) -> Iterator[Piece]:
    """Cut an mbox at `From ` lines that follow a blank line and have a date."""
    before, number, let_go = None, 0, 0
    for envelope in _ENVELOPE.finditer(mapped):
        if envelope.start() - let_go >= _MAPPED_AT_ONCE:
            # What was looked through stays in the system's cache and no longer counts as this process's memory.
            mapped.madvise(mmap.MADV_DONTNEED, let_go, _MAPPED_AT_ONCE)
            let_go += _MAPPED_AT_ONCE
        if before is not None:
            number += 1
            yield Piece(file, number, before.end(), envelope.start(), before["words"])
        before = envelope
    if before is None:
        fault(f"{file}: It begins like an mbox, but its first `From ` line has no date.")
        return
    yield Piece(file, number + 1, before.end(), len(mapped), before["words"])


def single(file: Path, raw: bytes) -> Piece:
    """Give the one message of a file, which may begin with the `From ` line of an mbox."""
    envelope, rest = b"", raw
    if raw.startswith((b"From ", b">From ")):
        envelope, _, rest = raw.partition(b"\n")
    return Piece(file, 0, len(raw) - len(rest), len(raw), envelope.strip().partition(b"From ")[2])


def dated(raw: bytes, envelope: bytes, number: str, domains: frozenset[str]) -> Dated:
    """Read a message of the past, with CRLF line ends, as a contact; `envelope` are the words of its `From ` line.

    Its time is that of its topmost Received field, else of the `From ` line, else its Date. `domains` are the office's.
    """
    heading = read(raw)
    words = envelope.decode("utf-8", "replace")
    mail_from = _mail_from(raw, words, heading)
    at = _plausible(heading.received_at)
    received = at is not None
    # Each is read only where the one before says nothing: reading a date costs as much as a field of addresses.
    at = at or _plausible(_envelope_time(words)) or _plausible(heading.date)
    incoming = Incoming("", "", mail_from, _recipients(heading, domains), raw)
    contact = mail_contact.contact_of(incoming, heading, number, at or datetime.min.replace(tzinfo=UTC))
    return Dated(contact, heading, mail_from, at, received=received)


def _plausible(at: datetime | None) -> datetime | None:
    return at if at is not None and EARLIEST_PAST <= at < LATEST else None


def delivered_at(file: Path) -> datetime | None:
    """Give when a Maildir took a message, as the name of its file says; None where it says nothing.

    For want of anything better: what converts mailboxes writes the day of that into the name.
    """
    named = _DELIVERY.match(file.name) if file.parent.name in _DELIVERED else None
    return _plausible(datetime.fromtimestamp(int(named[1]), UTC)) if named is not None else None


def cleaned(raw: bytes) -> bytes:
    """Give a message as it was cut out of its file, with the line ends that messages have."""
    return to_crlf(raw.removeprefix(b"\r").removeprefix(b"\n"))


def _recipients(heading: Heading, domains: frozenset[str]) -> tuple[str, ...]:
    """Give whom it was written to: of these the office's own, where it is known which those are."""
    named = tuple(dict.fromkeys((*heading.to, *heading.cc)))
    if not domains:
        return named
    return tuple(one for one in named if one.rpartition("@")[2].lower() in domains)


def _mail_from(raw: bytes, envelope: str, heading: Heading) -> str:
    """Give the reverse-path as far as a mailbox keeps it; the author's address where nothing of it is left."""
    word = envelope.split(" ", 1)[0]
    if word.upper() == "MAILER-DAEMON":
        return NULL_PATH
    if "@" in word:
        return word
    end = raw.find(b"\r\n\r\n", 0, 4 * _HEAD)
    found = _RETURN_PATH.search(raw, 0, end + 2 if end >= 0 else _HEAD)
    if found:
        return found[1].decode("utf-8", "replace") or NULL_PATH
    return heading.sender or NULL_PATH


def _envelope_time(words: str) -> datetime | None:
    """Read the time of a `From ` line, which is UTC unless it says otherwise (RFC 4155)."""
    found = _ENVELOPE_TIME.search(words)
    if found is None:
        return None
    zone = found["before"] or found["after"] or "+0000"
    try:
        moment = parsedate_to_datetime(f"{found['day']} {found['month']} {found['year']} {found['time']} {zone}")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
