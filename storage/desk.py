"""Where statements are carried out: a connection to one of the two databases, and what the rooms of storage share.

Belongs here: what readers and transactions have in common. Only a link knows which database it speaks to.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Executable

from storage.entries import PartyFile
from storage.statements import Statement, Values, written

Row = tuple[Any, ...]
Files = dict[int, tuple[int, PartyFile]]


class Link(ABC):
    """Hold one connection; not to be used by two threads at once.

    Every method raises `storage.faults` only, for whatever is wrong with the record. `spoiled` is the fault that a
    statement of this transaction met: it must not be committed, whatever a job made of that fault, for PostgreSQL would
    answer COMMIT with success and keep nothing.
    """

    dialect: Dialect
    spoiled: Exception | None = None

    @abstractmethod
    def begin(self, *, reads: bool = False) -> None:
        """Begin a transaction: for readers a view of one moment, for writers one that others wait for.

        `reads` has a writer's link begin as a reader's does.
        """

    @abstractmethod
    def commit(self) -> None:
        """End the transaction; when this returns, it is on disk. A spoiled one raises its fault."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo the transaction, if there is one; never raises."""

    @abstractmethod
    def rows(self, statement: Statement, values: Values) -> list[Row]:
        """Run a statement and give all rows."""

    @abstractmethod
    def run(self, statement: Statement, values: Values) -> int:
        """Run a statement and give the number of rows that it changed."""

    @abstractmethod
    def plain(self, text: str, values: Values) -> list[Row]:
        """Run a text that is used once; gives its rows, if it has any."""

    @abstractmethod
    def lock(self, name: str) -> None:
        """Make other writers that lock the same name wait until this transaction ends; SQLite has one writer anyway."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection; never raises."""


class Desk:
    """Carry out statements in the transaction that is going on.

    `keeps` tells whether what is read may be kept in `files`: never in a transaction that may still be undone, or a
    version number would stand for two different files.
    """

    __slots__ = ("files", "link", "now", "rows", "run")

    keeps = False

    def __init__(self, link: Link, now: Callable[[], datetime], files: Files) -> None:
        self.link = link
        self.now = now
        self.files = files
        self.rows = link.rows
        self.run = link.run

    def row(self, statement: Statement, values: Values) -> Row | None:
        """Run a statement that finds one row at most."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def ask(self, statement: Executable) -> list[Row]:
        """Run a statement that is made for this one occasion, with its values inside; for the rare ways."""
        return self.link.plain(*written(statement, self.link.dialect))
