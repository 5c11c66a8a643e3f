"""Reads contacts of the past from mbox, Maildir, .eml and JSON Lines, in the order of their time.

Belongs here: which files hold what, where one message ends, when it came. Promises that nothing is dropped silently:
what could not be dated is placed and counted, what is no mail is left aside and counted.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

from adapters.mail.line_ends import to_crlf
from adapters.mail.message import NULL_PATH, Heading, Incoming, read
from adapters.mail.trace import content_key
from gateway import contact_lines, mail_contact
from gateway.contact_lines import EARLIEST, LATEST
from gateway.matters import NOTHING, Contents
from gateway.shunt import key_sender
from rules.contact import Contact

_LINES = {".jsonl", ".ndjson", ".json"}
_MAIL = {".eml", ".mbox", ".mbx", ".mbs"}
_DELIVERED = {"cur", "new"}
_MOST_FAULTS = 20
# Every length is bounded: a hostile line must not cost more than it is long.
_ENVELOPE = re.compile(
    rb"(?:\A[\r\n]*|\n\r?\n)From (?P<words>(?=[^\r\n]{0,320}(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    rb"[^\r\n:]{1,8}:\d\d)[^\r\n]{0,400})(?=\r?\n|\Z)"
)
_ENVELOPE_TIME = re.compile(
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(?P<day>\d{1,2})\s+(?P<time>\d\d?:\d\d(?::\d\d)?)"
    r"(?:\s+(?P<before>[A-Z]{1,5}|[+-]\d{4}))?\s+(?P<year>\d{4})(?:\s+(?P<after>[+-]\d{4}))?"
)
_RETURN_PATH = re.compile(rb"(?im)^return-path[ \t]*:[ \t]*<?([^<>\s]*)>?[ \t]*\r$")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_HEAD = 64 * 1024
_READ_ANEW = 512 * 1024


class FilesRefused(Exception):
    """Say everything that is wrong with the files of the past; nothing of them was run."""


@dataclass(frozen=True, slots=True)
class Past:
    """Hold one contact of the past; `key` tells copies of one message (None: there are none).

    `contents` is read from the file anew where a measure asks: all of a mailbox at once would fill the memory.
    """

    contact: Contact
    key: str | None = None
    contents: Contents = NOTHING


@dataclass(slots=True)
class Gathered:
    """Hold all contacts in the order of their time, and what was not plain about them.

    `undated` is how many have the time of the one before them in their file; `left_aside` are files in folders that
    hold no mail.
    """

    pasts: list[Past] = field(default_factory=list)
    undated: int = 0
    left_aside: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Dated:
    past: Past
    at: datetime | None


@dataclass(slots=True)
class _Gathering:
    """Gather from one file after another; `domains` are the office's, `heard` is told of bytes read."""

    domains: frozenset[str]
    heard: Callable[[int], None]
    faults: list[str] = field(default_factory=list)
    left_aside: list[Path] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def path(self, path: Path) -> Iterator[_Dated]:
        """Read whatever a path is."""
        if path.is_dir():
            found = False
            for file, kind in self._in_folder(path):
                found = True
                yield from self._file(file, kind)
            if not found:
                self.faults.append(
                    f"{path}: There is no mail in this folder: no Maildir, no .eml, .mbox or .jsonl files."
                )
        elif path.exists():
            yield from self._file(path, _kind(path))
        else:
            self.faults.append(f"{path}: There is no such file.")

    def _in_folder(self, folder: Path) -> Iterator[tuple[Path, str]]:
        for place, folders, files in os.walk(folder):
            folders.sort()
            here = Path(place)
            delivered = here.name in _DELIVERED
            if not delivered and _DELIVERED & set(folders) and "tmp" in folders:
                folders.remove("tmp")  # what a Maildir has not delivered yet
            for name in sorted(files):
                file = here / name
                kind = "message" if delivered and not name.startswith(".") else self._kind_in_folder(file)
                if kind:
                    yield file, kind
                else:
                    self.left_aside.append(file)

    def _kind_in_folder(self, file: Path) -> str:
        if file.suffix.lower() in _LINES | _MAIL:
            return _kind(file)
        return "mbox" if not file.suffix and _begins(file).startswith(b"From ") else ""

    def _file(self, file: Path, kind: str) -> Iterator[_Dated]:
        try:
            size = file.stat().st_size
            with file.open("rb") as opened:
                if kind == "lines":
                    yield from self._lines(file, opened)
                elif kind == "mbox" and size:
                    with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                        yield from self._mbox(file, mapped)
                elif kind == "message":
                    yield self._single(file, opened.read())
                elif kind != "mbox":
                    self.faults.append(f"{file}: {kind}")
            self.heard(size)
        except OSError as fault:
            self.faults.append(f"{file}: It cannot be read ({fault.strerror or fault}).")
        except ValueError as fault:  # what mmap says of a file that is none
            self.faults.append(f"{file}: It cannot be read ({fault}).")

    def _lines(self, file: Path, lines: Iterable[bytes]) -> Iterator[_Dated]:
        for number, raw in enumerate(lines, start=1):
            if not raw.strip():
                continue
            place = f"{file}:{number}"
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                contact = contact_lines.contact_of(text, place)
                self._new_id(contact.id)
            except UnicodeDecodeError:
                self._fault(f"{place}: It is not UTF-8 text.")
            except ValueError as fault:
                self._fault(f"{place}: {fault}.")
            else:
                yield _Dated(Past(contact), contact.at)

    def _new_id(self, number: str) -> None:
        if number in self.ids:
            raise ValueError(f"id {number!r} stands on an earlier line as well")
        self.ids.add(number)

    def _fault(self, sentence: str) -> None:
        self.faults.append(sentence)
        if len(self.faults) >= _MOST_FAULTS:
            raise FilesRefused("\n".join([*self.faults, "There may be more; these are the first."]))

    def _mbox(self, file: Path, mapped: mmap.mmap) -> Iterator[_Dated]:
        """Cut at `From ` lines that follow a blank line and have a date."""
        envelopes = list(_ENVELOPE.finditer(mapped))
        if not envelopes:
            self._fault(f"{file}: It begins like an mbox, but its first `From ` line has no date.")
        ends = [envelope.start() for envelope in envelopes[1:]] + [len(mapped)]
        for number, (envelope, end) in enumerate(zip(envelopes, ends, strict=True), start=1):
            raw = mapped[envelope.end() : end].removeprefix(b"\r").removeprefix(b"\n")
            contents = Contents(partial(_part, file, envelope.end(), end))
            yield self._message(f"{file}:{number}", raw, envelope["words"], contents)

    def _single(self, file: Path, raw: bytes) -> _Dated:
        envelope, rest = b"", raw
        if raw.startswith((b"From ", b">From ")):
            envelope, _, rest = raw.partition(b"\n")
        contents = Contents(partial(_part, file, len(raw) - len(rest), len(raw)))
        return self._message(str(file), rest, envelope.strip().partition(b"From ")[2], contents)

    def _message(self, number: str, raw: bytes, envelope: bytes, contents: Contents) -> _Dated:
        raw = to_crlf(raw)
        heading = read(raw)
        words = envelope.decode("utf-8", "replace")
        mail_from = _mail_from(raw, words, heading)
        times = (heading.received_at, _envelope_time(words), heading.date)
        at = next((time for time in times if time is not None and EARLIEST <= time < LATEST), None)
        incoming = Incoming("", "", mail_from, self._recipients(heading), raw)
        contact = mail_contact.contact_of(incoming, heading, number, at or datetime.min.replace(tzinfo=UTC))
        return _Dated(Past(contact, content_key(key_sender(heading.sender, mail_from), raw), contents), at)

    def _recipients(self, heading: Heading) -> tuple[str, ...]:
        """Give whom it was written to: of these the office's own, where it is known which those are."""
        named = tuple(dict.fromkeys((*heading.to, *heading.cc)))
        if not self.domains:
            return named
        return tuple(one for one in named if one.rpartition("@")[2].lower() in self.domains)


def gather(
    paths: Iterable[Path],
    *,
    now: datetime,
    domains: frozenset[str] = frozenset(),
    heard: Callable[[int], None] = lambda size: None,
) -> Gathered:
    """Read everything at `paths`; raises FilesRefused with a sentence for each fault.

    `domains` are the office's own, `now` is the time of what nothing dates. `heard` is told of bytes read.
    """
    gathering = _Gathering(domains, heard)
    found: list[tuple[datetime, Past]] = []
    undated = 0
    for path in paths:
        waiting: list[Past] = []
        last: datetime | None = None
        for dated in gathering.path(path):
            undated += dated.at is None
            last = dated.at or last
            if last is None:
                waiting.append(dated.past)
                continue
            found += [(last, past) for past in (*waiting, dated.past)]
            waiting.clear()
        found += [(now, past) for past in waiting]
    if gathering.faults:
        raise FilesRefused("\n".join(gathering.faults))
    found.sort(key=lambda one: one[0])
    pasts = [
        past if past.contact.at == at else replace(past, contact=replace(past.contact, at=at)) for at, past in found
    ]
    return Gathered(pasts, undated, gathering.left_aside)


def size_of(paths: Iterable[Path]) -> int:
    """Give how many bytes there are to read, for a progress bar."""
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else (path,)))
    return sum(file.stat().st_size for file in files if file.is_file())


def _kind(file: Path) -> str:
    """Say what a file is: lines, mbox or message; else why it is none."""
    if not file.is_file():
        return "It is no file."
    suffix, begin = file.suffix.lower(), _begins(file)
    if suffix in _LINES or begin.startswith((b"{", b"\xef\xbb\xbf{")):
        return "lines"
    if suffix == ".eml":
        return "message"
    if begin.startswith(b"From ") or (not begin and suffix in _MAIL):
        return "mbox"
    if _FIELD.match(begin) and b"\0" not in begin:
        return "message"
    return "It is no mailbox that can be read: neither mbox, Maildir, a message nor JSON Lines."


def _part(file: Path, start: int, end: int) -> bytes:
    """Read a message anew, as far as anybody looks into it; nothing where the file is gone since."""
    try:
        with file.open("rb") as opened:
            opened.seek(start)
            return to_crlf(opened.read(min(end - start, _READ_ANEW)).lstrip(b"\r\n"))
    except OSError:
        return b""


def _begins(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_HEAD).lstrip(b"\r\n \t")
    except OSError:
        return b"From "  # opened once more as an mbox, which then says what is wrong


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
