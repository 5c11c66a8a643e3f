"""Reads calls of the past from the CSV of call logs: one row at a time, whatever program wrote the file.

Belongs here: finding the row of names, and a row's way to a `PastContact`. Promises that a wrong row is named by
its line and by what is wrong with it, never by what stands in it, and that the rest goes on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from gateway.past_call_columns import Columns, Field, Log, Way, answered, columns_of, way_of
from gateway.past_call_writing import Cells, Lines, encoding_of, order_of_days, separators_of
from gateway.past_contact import LeftAside, PastContact, Read, sentence
from gateway.past_files import NO_FILE, begin_of, foreign, regular
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
_LONGEST_EXTENSION, _LONGEST_NAMED = 6, 200
_MOST_ABOVE = 20
"""Rows that may stand above the row of names: a title, the office, the day of the export."""
_UNREADABLE = "Its first row cannot be read."
_BOTH_WAYS = (
    "Some of its days can only be read with the day first, others with the month first: say --dates dmy or mdy."
)
_SHORTENED = "A spreadsheet shortened its number (4.47701E+11): make that column text, and export it again"
_SUMMED = re.compile(r"(?P<before>\d)(?:[.,](?P<behind>\d{1,20}))?[eE]\+?(?P<power>\d{1,2})")
_NAMED = re.compile(r"[^()]*[A-Za-z][^()]*\((?P<number>\+?[\d ]{1,30})\)")


class NoLog(Exception):
    """Say why a file is no call log that can be read, in a sentence."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Say how call logs are read: `chosen` is None where a log is told by its columns; `named` names columns by hand.

    `zone` is that of times without one, None for the log's own: UTC where its makers say so, else the policy's. `days`
    is None where each file tells by its days which number is the day; one that does not has the day first.
    `lines` are numbers of ours; a call from one of them is ours.
    """

    policy: Policy
    now: datetime
    chosen: Log | None = None
    named: tuple[tuple[Field, str], ...] = ()
    zone: ZoneInfo | None = None
    days: Days | None = None
    lines: frozenset[str] = frozenset()
    told: Callable[[str], None] = lambda words: None
    """Is told how each log is read, for a person to see before anything is written."""


def calls_in(file: Path, terms: Terms, heard: Callable[[int], None]) -> Iterator[Read]:
    """Read a call log row by row; raises NoLog before the first row where it cannot be read at all.

    `heard` is told of octets read, roughly.
    """
    if not regular(file):
        raise NoLog(NO_FILE)
    if told := foreign(begin_of(file)):
        raise NoLog(told)
    try:
        with file.open(encoding=encoding_of(file), errors="replace", newline="") as opened:
            yield from _rows(file, opened, terms, heard)
    except OSError as fault:
        raise NoLog(f"It cannot be read ({fault.strerror or fault}).") from None


def _rows(file: Path, opened: TextIO, terms: Terms, heard: Callable[[int], None]) -> Iterator[Read]:
    rows, start, first, columns = _begun(opened, terms)
    terms, unsure = _dated(file, opened.encoding, terms, rows.separator, columns)
    terms.told(_as_read(file, first, columns, terms))
    if columns.headless:
        yield _row(first, columns, terms, f"{file}:{start}", unsure=unsure)
    for line, cells in rows:
        place = f"{file}:{line}"
        if isinstance(cells, list):
            heard(sum(map(len, cells)) + len(cells) + 1)
            yield _row(cells, columns, terms, place, unsure=unsure)
        else:
            yield LeftAside(place, cells, wrong=True)


def _begun(opened: TextIO, terms: Terms) -> tuple[Cells, int, list[str], Columns]:
    """Find the row of names, which a title or the day of the export may stand above; the rest is read behind it."""
    separators = separators_of(opened)
    begin, why = opened.tell(), ""
    for separator in separators:
        opened.seek(begin)
        rows = Cells(Lines(opened, number=int(begin > 0)), separator)
        for line, cells in islice(rows, _MOST_ABOVE):
            found = columns_of(cells, terms.chosen, dict(terms.named)) if isinstance(cells, list) else _UNREADABLE
            if isinstance(found, Columns):
                rows.width = len(cells)
                return rows, line, list(cells), found
            why = why or found
    raise NoLog(why or "There is no row in it.")


def _dated(file: Path, encoding: str, terms: Terms, separator: str, columns: Columns) -> tuple[Terms, bool]:
    """Say which number of its days is the day, as the whole file tells; and whether nothing in it does.

    Raises NoLog where it tells both: half of such a file would be on wrong days, and nobody would see which.
    """
    if terms.days is not None:
        return terms, False
    at = columns.at[Field.DAY if Field.DAY in columns.at else Field.AT]
    with file.open(encoding=encoding, errors="replace", newline="") as whole:
        told, numbers = order_of_days(whole, separator, at)
    if len(told) > 1:
        raise NoLog(_BOTH_WAYS)
    return replace(terms, days=next(iter(told), Days.DMY)), numbers and not told


def _as_read(file: Path, first: Sequence[str], columns: Columns, terms: Terms) -> str:
    """Say which column is taken for what, by its name; by its place where the log has no names."""
    taken = ", ".join(
        f"{one.value}={at + 1 if columns.headless else first[at].strip()}" for one, at in columns.at.items()
    )
    each = "" if columns.each == 1.0 else f"; a length of 1 is {columns.each:g} seconds"
    return (
        f"{file}: read as {columns.log.value}: {taken}{each}; times without a zone are of {_zone(columns, terms).key}."
    )


def _row(cells: Sequence[str], columns: Columns, terms: Terms, place: str, *, unsure: bool) -> Read:
    try:
        return _call(cells, columns, terms, place, unsure)
    except ValueError as fault:
        return LeftAside(place, sentence(str(fault)), wrong=True)


def _call(cells: Sequence[str], columns: Columns, terms: Terms, place: str, unsure: bool) -> Read:
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
    caller, number = identity.caller(_number(cell(Field.FROM)))
    if caller is Caller.ODD and cell(Field.FROM).isdigit() and len(cell(Field.FROM)) <= _LONGEST_EXTENSION:
        return LeftAside(place, _INTERNAL)
    if number is not None and number.value in terms.lines:
        return LeftAside(place, _OUR_LINE)
    at, twice = moment_in(_time(cell), _zone(columns, terms), terms.days or Days.DMY)
    if at > terms.now:
        raise ValueError(AHEAD)
    talk_s = seconds_in(cell(Field.DURATION), columns.each)
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
        unsure=unsure,
        known=particulars_of(contact, terms.policy),
    )


def _time(cell: Callable[[Field], str]) -> str:
    """Give a call's time; of one whose day and time are in two columns, both."""
    return " ".join(part for part in (cell(Field.DAY), cell(Field.AT)) if part)


def _zone(columns: Columns, terms: Terms) -> ZoneInfo:
    return terms.zone or columns.log.zone or terms.policy.zone


def _bare(text: str) -> str:
    """Give the number of "Name" <number>, or Name (number), which is how some systems write whoever called."""
    if text.endswith(">") and "<" in text:
        return text[text.rindex("<") + 1 : -1]
    named = _NAMED.fullmatch(text) if text.endswith(")") and len(text) <= _LONGEST_NAMED else None
    return named["number"] if named is not None else text


def _number(text: str) -> str:
    """Give a number as it was before a spreadsheet took it for a sum; ValueError where that cost digits of it."""
    text = _bare(text)
    summed = _SUMMED.fullmatch(text)
    if summed is None:
        return text.removesuffix(".0") if text[:-2].isdigit() else text
    behind = summed["behind"] or ""
    if len(behind) < int(summed["power"]):
        raise ValueError(_SHORTENED)
    return f"{summed['before']}{behind[: int(summed['power'])]}"


def _line(text: str) -> str:
    """Give the line that was called, in the form that policies have, where it is a number."""
    known = identity.phone(_bare(text))
    return known.value if known is not None else " ".join(text.split())[:100]


def _digest(log: Log, own: str, at: datetime, said: str, to: str, talk_s: int) -> str:
    """Name a row by its own id, else by all that it says; two rows that say the same are one call."""
    parts = (own,) if own else (at.isoformat(), said, to, str(talk_s))
    whole = "\n".join((log.value if own else "", *parts)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=20, usedforsecurity=False).hexdigest()
