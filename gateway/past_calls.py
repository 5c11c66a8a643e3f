"""Reads calls of the past from the CSV of call logs: one row at a time, whatever program wrote the file.

Belongs here: encodings, separators, and a row's way to a `PastContact`. Promises that a wrong row is named by its line
and by what is wrong with it, never by what stands in it, and that the rest goes on.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from gateway.past_call_columns import Columns, Field, Log, Way, answered, columns_of, way_of
from gateway.past_contact import LeftAside, PastContact, Read
from gateway.past_files import NO_FILE, regular
from gateway.past_times import Days, moment_in, seconds_in
from rules import identity
from rules.contact import Caller, Channel, Contact
from rules.levels.particulars import particulars_of
from rules.policies import Policy

NO_NUMBER = "nobody"
OURS = "It is a call of ours."
AHEAD = "Its time is still to come"
_LEG = "It is a leg of a call that has a row of its own."
_MEETING = "It is a call into a meeting."
_INTERNAL = "It is a call between extensions."
_OUR_LINE = "It is a call from a line of ours."
_LONGEST_EXTENSION = 6
_AT_ONCE = 1024 * 1024
_SEPARATORS = ",;\t|"
_MOST_CELLS = 500
_MOST_LINES = 10
_AFTER = "after"
_NO_END = "The row has a cell without an end: a quotation mark is missing."


class NoLog(Exception):
    """Say why a file is no call log that can be read, in a sentence."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Say how call logs are read: `chosen` is None where a log is told by its columns; `named` names columns by hand.

    `zone` is that of times without one, None for the log's own: UTC where its makers say so, else the policy's.
    `lines` are numbers of ours; a call from one of them is ours.
    """

    policy: Policy
    now: datetime
    chosen: Log | None = None
    named: tuple[tuple[Field, str], ...] = ()
    zone: ZoneInfo | None = None
    days: Days = Days.DMY
    lines: frozenset[str] = frozenset()


def calls_in(file: Path, terms: Terms, heard: Callable[[int], None]) -> Iterator[Read]:
    """Read a call log row by row; raises NoLog before the first row where it cannot be read at all.

    `heard` is told of octets read, roughly.
    """
    if not regular(file):
        raise NoLog(NO_FILE)
    try:
        with file.open(encoding=_encoding(file), errors="replace", newline="") as opened:
            yield from _rows(file, opened, terms, heard)
    except OSError as fault:
        raise NoLog(f"It cannot be read ({fault.strerror or fault}).") from None


def _rows(file: Path, opened: TextIO, terms: Terms, heard: Callable[[int], None]) -> Iterator[Read]:
    separator = _separator(opened)
    rows = _cells(_Lines(opened, number=int(opened.tell() > 0)), separator)
    start, first = next(rows, (0, None))
    if not isinstance(first, list):
        raise NoLog("There is no row in it." if first is None else "Its first row cannot be read.")
    columns = columns_of(first, terms.chosen, dict(terms.named))
    if isinstance(columns, str):
        raise NoLog(columns)
    if columns.headless:
        yield _row(first, columns, terms, f"{file}:{start}")
    for line, cells in rows:
        place = f"{file}:{line}"
        heard(sum(map(len, cells)) + len(cells) + 1 if isinstance(cells, list) else 0)
        yield _row(cells, columns, terms, place) if isinstance(cells, list) else LeftAside(place, cells, wrong=True)


@dataclass(slots=True)
class _Lines:
    """Give lines of a file one after the other, those first that are given back; `number` is that of the last."""

    file: TextIO
    number: int = 0
    again: deque[str] = field(default_factory=deque)

    def next(self) -> str:
        """Give the next line; empty at the end. One that is longer than any row comes in pieces."""
        line = self.again.popleft() if self.again else self.file.readline(_AT_ONCE)
        self.number += bool(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        """Have lines read once more."""
        self.again.extendleft(reversed(lines))
        self.number -= len(lines)


def _cells(lines: _Lines, separator: str) -> Iterator[tuple[int, list[str] | str]]:
    """Give rows that hold anything, each with the line it begins on; in place of one that cannot be read, a sentence.

    A quotation mark without an end costs its line alone: what follows is read as rows of its own.
    """
    width = None
    while first := lines.next():
        line, taken = lines.number, [first]
        row = _cells_of(taken, separator)
        while row is None and len(taken) < _MOST_LINES and (more := lines.next()):
            taken.append(more)
            row = _cells_of(taken, separator)
        if row is None or (width and _swallowed(taken, row, width, separator)):
            lines.give_back(taken[1:])
            yield line, _NO_END
        elif len(row) > _MOST_CELLS:
            yield line, "The row has more cells than any log."
        elif any(cell.strip() for cell in row):
            width = width or len(row)
            yield line, row


def _swallowed(lines: Sequence[str], row: Sequence[str], width: int, separator: str) -> bool:
    """Tell whether several rows were taken for one: more than one of its lines has as many cells as a row."""
    whole = sum(line.count(separator) >= width - 1 for line in lines)
    return len(lines) > 1 and (len(row) != width or whole > 1)


def _cells_of(lines: Sequence[str], separator: str) -> list[str] | None:
    """Give the cells of one row; None where one of them has no end yet, or the lines are no single row."""
    try:
        # Of a cell of several lines the end must be plain, or another cell's quotation mark would be taken for it.
        rows = list(csv.reader([*lines, _AFTER], delimiter=separator, strict=len(lines) > 1))
    except csv.Error:
        return None
    return rows[0] if rows[1:] == [[_AFTER]] else None


def _row(cells: Sequence[str], columns: Columns, terms: Terms, place: str) -> Read:
    try:
        return _call(cells, columns, terms, place)
    except ValueError as fault:
        return LeftAside(place, f"{fault}.", wrong=True)


def _call(cells: Sequence[str], columns: Columns, terms: Terms, place: str) -> Read:
    if len(cells) < columns.least:
        raise ValueError("The row has fewer cells than the log has columns")

    def cell(one: Field) -> str:
        """Give a cell as it was meant: an apostrophe or ="..." around a number is the spreadsheet's."""
        at = columns.at.get(one)
        text = cells[at].strip() if at is not None and at < len(cells) else ""
        if text.startswith('="') and text.endswith('"'):
            return text[2:-1]
        return text[1:] if text.startswith("'") else text

    if cell(Field.PARENT):
        return LeftAside(place, _LEG)
    way = way_of(columns.log, cell(Field.DIRECTION)) if Field.DIRECTION in columns.at else Way.IN
    if way is not Way.IN:
        return LeftAside(place, _MEETING if way is Way.MEETING else OURS)
    caller, number = identity.caller(_bare(cell(Field.FROM)))
    if caller is Caller.ODD and cell(Field.FROM).isdigit() and len(cell(Field.FROM)) <= _LONGEST_EXTENSION:
        return LeftAside(place, _INTERNAL)
    if number is not None and number.value in terms.lines:
        return LeftAside(place, _OUR_LINE)
    at, twice = moment_in(_time(cell), terms.zone or columns.log.zone or terms.policy.zone, terms.days)
    if at > terms.now:
        raise ValueError(AHEAD)
    talk_s = seconds_in(cell(Field.DURATION))
    if Field.STATUS in columns.at and not answered(cell(Field.STATUS)):
        talk_s = 0
    to = _line(cell(Field.TO))
    own = cell(Field.ID)
    sid = own if columns.log is Log.TWILIO else ""
    said = number.value if number is not None else caller.value
    contact = Contact(place, Channel.CALL, at, number, caller=caller, recipients=(to,) if to else ())
    return PastContact(
        place,
        f"past call {sid}" if sid else f"past {_digest(columns.log, own, at, said, to, talk_s)}",
        Channel.CALL,
        at,
        number,
        number is not None,
        recipients=contact.recipients,
        talk_s=talk_s,
        sid=sid,
        folded=twice,
        known=particulars_of(contact, terms.policy),
    )


def _time(cell: Callable[[Field], str]) -> str:
    """Give a call's time; of one whose day and time are in two columns, both."""
    return " ".join(part for part in (cell(Field.DAY), cell(Field.AT)) if part)


def _bare(text: str) -> str:
    """Give the number of "Name" <number>, which is how some systems write whoever called."""
    if text.endswith(">") and "<" in text:
        return text[text.rindex("<") + 1 : -1]
    return text


def _line(text: str) -> str:
    """Give the line that was called, in the form that policies have, where it is a number."""
    known = identity.phone(_bare(text))
    return known.value if known is not None else " ".join(text.split())[:100]


def _digest(log: Log, own: str, at: datetime, said: str, to: str, talk_s: int) -> str:
    """Name a row by its own id, else by all that it says; two rows that say the same are one call."""
    parts = (own,) if own else (at.isoformat(), said, to, str(talk_s))
    whole = "\n".join((log.value if own else "", *parts)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=20, usedforsecurity=False).hexdigest()


# What a file is written in


def _encoding(file: Path) -> str:
    """Tell in what a file is written: by its mark, else UTF-8 where it is that, else what Windows writes."""
    with file.open("rb") as opened:
        begin = opened.read(_AT_ONCE)
        if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if begin.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if b"\0" in begin[:400]:
            return "utf-16-le" if begin[1:2] == b"\0" else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while begin:
                decoder.decode(begin)
                begin = opened.read(_AT_ONCE)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _separator(opened: TextIO) -> str:
    """Tell what stands between cells: what the first line says, or has most of."""
    line = opened.readline(_AT_ONCE)
    if line.lower().startswith("sep=") and len(line.strip()) == len("sep=") + 1:
        return line[4]
    opened.seek(0)
    outside = "".join(line.split('"')[::2])
    return max(_SEPARATORS, key=outside.count)
