"""In what a call log is written: signs, separators, rows of several lines, and which number of its days comes first.

Belongs here: telling these by the file alone, whatever program wrote it. Promises that a row that cannot be read costs
that row and no other.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TextIO

from gateway.past_times import Days, days_told, written_by_numbers

SEPARATORS = ",;\t|"
_AT_ONCE = 1024 * 1024
_MOST_CELLS = 500
_MOST_LINES = 10
_TELLING = 1000
"""Lines after which a log that writes no day by numbers is taken for one that never does."""
_AFTER = "after"
_NO_END = "The row has a cell without an end: a quotation mark is missing."


@dataclass(slots=True)
class Lines:
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


@dataclass(slots=True)
class Cells:
    """Give rows that hold anything, each with the line it begins on; in place of one that cannot be read, a sentence.

    A quotation mark without an end costs its line alone: what follows is read as rows of its own. `width` is how many
    cells the row of names has, 0 while it is not found.
    """

    lines: Lines
    separator: str
    width: int = 0

    def __iter__(self) -> Iterator[tuple[int, list[str] | str]]:
        """Go through the rows."""
        lines = self.lines
        while first := lines.next():
            line, taken = lines.number, [first]
            row = _cells_of(taken, self.separator)
            while row is None and len(taken) < _MOST_LINES and (more := lines.next()):
                taken.append(more)
                row = _cells_of(taken, self.separator)
            if row is None or (self.width and _swallowed(taken, row, self.width, self.separator)):
                lines.give_back(taken[1:])
                yield line, _NO_END
            elif len(row) > _MOST_CELLS:
                yield line, "The row has more cells than any log."
            elif any(cell.strip() for cell in row):
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


def encoding_of(file: Path) -> str:
    """Tell in what a file is written: by its mark, else UTF-8 where it is that, else what Windows writes."""
    with file.open("rb") as opened:
        begin = opened.read(_AT_ONCE)
        if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if begin.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if begin[:400].count(0) > len(begin[:400]) // 4:
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


def separators_of(opened: TextIO) -> tuple[str, ...]:
    """Give what may stand between cells, the likeliest first; the file then stands where its rows begin.

    What its first line says is certain: spreadsheets write `sep=;`.
    """
    line = opened.readline(_AT_ONCE)
    if line.lower().startswith("sep=") and len(line.strip()) == len("sep=") + 1:
        return (line[4],)
    opened.seek(0)
    outside = "".join(line.split('"')[::2])
    return tuple(sorted(SEPARATORS, key=outside.count, reverse=True))


def order_of_days(opened: TextIO, separator: str, at: int) -> tuple[frozenset[Days], bool]:
    """Say in which orders the days of a column can only be read, and whether any is written by numbers at all.

    Line by line, so that a quotation mark without an end hides nothing of what follows.
    """
    found, numbers = set[Days](), False
    for number, line in enumerate(iter(partial(opened.readline, _AT_ONCE), "")):
        if number > _TELLING and not numbers:
            break
        cells = _cells_of([line], separator)
        if cells is not None and at < len(cells) and written_by_numbers(cells[at]):
            numbers = True
            found.update(days_told(cells[at]))
    return frozenset(found), numbers
