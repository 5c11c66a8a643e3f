"""What a report is made of: tables of numbers with their words, whatever form they are shown in.

Belongs here: the values that counting gives, publication thins out, and each form writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.windows import end_of, local_midnight, months_after

EARLIEST = date(1971, 1, 2)


class Hidden(StrEnum):
    """Say instead of a number why it is not there."""

    FEW = "fewer than 5"
    KEPT = "not shown"
    """Fewer than 5 somewhere else could be worked out with it."""
    NONE = "none"
    """There is nothing to take the number of."""


@dataclass(frozen=True, slots=True)
class Median:
    """Hold a median in hours, and of how many it is."""

    hours: float
    of: int

    def __str__(self) -> str:
        return f"{self.hours:.1f} hours" if self.hours < 48 else f"{self.hours / 24:.1f} days"


Cell = int | Median | Hidden


class Adds(StrEnum):
    """Say how the rows of a table make up its whole."""

    UP = "up"
    """Each thing is in one row, so that the rows add up to the whole."""
    OVER = "over"
    """A thing may be in several rows, and is in one at least."""
    NOT = "not"
    """Rows of their own, which make up nothing together."""


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one row: `name` for programs, `label` for people; `sum_of` names other rows that come to the same."""

    name: str
    label: str
    cells: tuple[Cell, ...]
    sum_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Hold one table: `columns` by name and label; `whole` is what the rows make up, None where they do not.

    `coarse` are the rows in which it is published, each by name, label, and the rows that are taken together in it.
    `follows` names a table from which this one could be worked out in part: where that hides anything, so does this.
    """

    name: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    adds: Adds = Adds.NOT
    whole: tuple[Cell, ...] | None = None
    note: str = ""
    coarse: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """Hold a period by its first and last day in the office's zone."""

    first: date
    last: date

    def start(self, zone: ZoneInfo) -> datetime:
        """Give its first moment, aware UTC."""
        return local_midnight(self.first, zone)

    def end(self, zone: ZoneInfo) -> datetime:
        """Give the first moment after it, aware UTC."""
        return end_of(self.last, zone)


@dataclass(frozen=True, slots=True)
class Report:
    """Hold a report: `until` (aware UTC) is up to when it counts, `notes` what a reader must know.

    `inside` are notes for the office, which are not published.
    """

    title: str
    period: Period
    until: datetime
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    published: bool = False

    def table(self, name: str) -> Table:
        """Give the table of this name."""
        return next(one for one in self.tables if one.name == name)


def period_of(first: date | None, last: date | None, today: date) -> Period:
    """Give the period that was asked for: the twelve months up to `last`, or to today, where it has no beginning.

    Raises ValueError with a sentence where it cannot be counted.
    """
    until = last or today
    since = first or (months_after(until, -12) + timedelta(days=1) if until > EARLIEST else until)
    if not EARLIEST <= since <= until <= today:
        raise ValueError(f"The period from {since} to {until} cannot be counted: give days in order, none to come.")
    return Period(since, until)


def adding_up(
    name: str,
    title: str,
    columns: tuple[tuple[str, str], ...],
    counts: Sequence[Mapping[str, int]],
    labels: Mapping[str, str],
    note: str = "",
) -> Table:
    """Make a table whose rows add up, a column of `counts` each; every label has its row, also where nothing is."""
    rows = tuple(Row(key, label, tuple(each.get(key, 0) for each in counts)) for key, label in labels.items())
    whole = tuple(sum(each.get(key, 0) for key in labels) for each in counts)
    return Table(name, title, columns, rows, Adds.UP, whole, note)
