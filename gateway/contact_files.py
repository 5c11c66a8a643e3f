"""Reads contacts of the past for `parley replay`, from files of mail and JSON Lines, in the order of their time.

Belongs here: bringing them all into that order. Promises that nothing is dropped silently: what could not be dated is
placed and counted, what is no mail is left aside and counted.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from adapters.mail.line_ends import to_crlf
from adapters.mail.trace import content_key
from gateway import contact_lines
from gateway.matters import NOTHING, Contents
from gateway.past_files import (
    LINES,
    MBOX,
    MESSAGE,
    MOST_OCTETS,
    TOO_LONG,
    Piece,
    cleaned,
    dated,
    files_at,
    pieces_of,
    single,
)
from gateway.shunt import key_sender
from rules.contact import Contact
from rules.levels.particulars import Particulars

_MOST_FAULTS = 20
_READ_ANEW = 512 * 1024


class FilesRefused(Exception):
    """Say everything that is wrong with the files of the past; nothing of them was run."""


@dataclass(frozen=True, slots=True)
class Past:
    """Hold one contact of the past; `key` tells copies of one message (None: there are none).

    `contents` is read from the file anew where a measure asks: all of a mailbox at once would fill the memory.
    `known` is what the record keeps of it for levels, where it is from there.
    """

    contact: Contact
    key: str | None = None
    contents: Contents = NOTHING
    known: Particulars | None = None


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
        for file, kind in files_at(path, self.faults.append, self.left_aside.append):
            yield from self._file(file, kind)

    def _file(self, file: Path, kind: str) -> Iterator[_Dated]:
        if kind not in (LINES, MBOX, MESSAGE):
            self.faults.append(f"{file}: {kind}")
            return
        try:
            size = file.stat().st_size
            with file.open("rb") as opened:
                if kind == LINES:
                    yield from self._lines(file, iter(partial(opened.readline, MOST_OCTETS), b""))
                elif kind == MBOX and size:
                    with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                        for piece in pieces_of(file, mapped, self._fault):
                            self._short(piece.end - piece.start)
                            yield self._message(piece, cleaned(mapped[piece.start : piece.end]))
                elif kind == MESSAGE:
                    self._short(size)
                    raw = opened.read(MOST_OCTETS)
                    piece = single(file, raw)
                    yield self._message(piece, to_crlf(raw[piece.start :]))
            self.heard(size)
        except OSError as fault:
            self.faults.append(f"{file}: It cannot be read ({fault.strerror or fault}).")
        except ValueError as fault:  # what mmap says of a file that is none, and what is too long
            self.faults.append(f"{file}: It cannot be read ({fault}).")

    def _short(self, octets: int) -> None:
        if octets > MOST_OCTETS:
            raise ValueError(TOO_LONG.rstrip("."))

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

    def _message(self, piece: Piece, raw: bytes) -> _Dated:
        one = dated(raw, piece.envelope, piece.place, self.domains)
        contents = Contents(partial(_part, piece.file, piece.start, piece.end))
        key = content_key(key_sender(one.heading.sender, one.mail_from), raw)
        return _Dated(Past(one.contact, key, contents), one.at)


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
        for one in gathering.path(path):
            undated += one.at is None
            last = one.at or last
            if last is None:
                waiting.append(one.past)
                continue
            found += [(last, past) for past in (*waiting, one.past)]
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


def _part(file: Path, start: int, end: int) -> bytes:
    """Read a message anew, as far as anybody looks into it; nothing where the file is gone since."""
    try:
        with file.open("rb") as opened:
            opened.seek(start)
            return to_crlf(opened.read(min(end - start, _READ_ANEW)).lstrip(b"\r\n"))
    except OSError:
        return b""
