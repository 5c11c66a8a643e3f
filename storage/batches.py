"""Batches of jobs: many in one transaction, each with its own answer, whatever becomes of its neighbours.

Belongs here: one connection that writes, and what its faults mean for the jobs at hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent import futures
from typing import Any, NamedTuple, TypeVar

from storage.desk import Link
from storage.faults import RecordBroken, RecordContended, RecordFull, RecordLocked, RecordRefused, RecordUnavailable
from storage.transaction import Reader, Transaction

T = TypeVar("T")
_TRIES = 5


class Task(NamedTuple):
    """Hold a job and who waits for it."""

    job: Callable[[Transaction], Any]
    future: asyncio.Future[Any] | futures.Future[Any]
    loop: asyncio.AbstractEventLoop | None


class Done(NamedTuple):
    """Hold what became of a task."""

    task: Task
    value: Any = None
    error: BaseException | None = None


class _Undone(Exception):
    """A job of the batch failed by its own fault, and took the batch with it."""


class Batches:
    """Carry out batches over one connection; not to be used by two threads at once.

    `broken` is the fault after which nothing may be written any more (THREATS S17).
    """

    def __init__(
        self, connect: Callable[[], Link], desk: Callable[[Link], Transaction], failpoint: Callable[[str], None]
    ) -> None:
        self._connect = connect
        self._desk = desk
        self._failpoint = failpoint
        self._transaction: Transaction | None = None
        self._reader: Reader | None = None
        self.commits = 0
        self.broken: RecordBroken | None = None

    def carry_out(self, batch: list[Task], *, waits: bool = True) -> list[Done] | None:
        """Do a batch in the cheapest way that gives each job its own answer.

        None, and nothing done, where another program is writing and this one does not wait for it.
        """
        try:
            try:
                return self._together(batch)
            except _Undone:
                return self._apart(batch)
        except (RecordContended, RecordFull):
            return self._one_by_one(batch)
        except RecordUnavailable as error:
            if isinstance(error, RecordLocked) and not waits:
                return None
            return self._unavailable(batch, error)
        except RecordRefused as error:
            # Not a job but the transaction itself was refused: the link is not what we think it is.
            return self._unavailable(batch, RecordUnavailable(str(error)))

    def read(self, job: Callable[[Reader], T]) -> T:
        """Do a job that only reads, between batches; RecordLocked where that is not to be had just now.

        Reason: a connection of its own would have to read every page anew that was written here.
        """
        if self._reader is None:
            raise RecordLocked("nothing was written yet")
        link = self._reader.link
        try:
            link.begin(reads=True)
            value = job(self._reader)
            link.commit()
        except RecordLocked:
            link.rollback()
            raise
        except RecordUnavailable:
            self.drop_link()
            raise
        except BaseException:
            link.rollback()
            raise
        return value

    def _unavailable(self, batch: Iterable[Task], error: RecordUnavailable) -> list[Done]:
        self.drop_link()
        if isinstance(error, RecordBroken):
            self.broken = error
        return [Done(task, error=again(error)) for task in batch]

    def _together(self, batch: list[Task]) -> list[Done]:
        """Do all jobs in one transaction; raises _Undone where one failed by its own fault, with nothing done."""
        transaction = self._begin()
        link = transaction.link
        done: list[Done] = []
        try:
            for task in batch:
                done.append(Done(task, task.job(transaction)))
                if link.spoiled is not None:
                    raise link.spoiled
            self._commit(link)
        except RecordUnavailable:
            link.rollback()
            raise
        except Exception as error:
            link.rollback()
            if len(batch) > 1:
                raise _Undone from None
            return [Done(batch[0], error=error)]
        self._failpoint("record.after_commit")
        return done

    def _apart(self, batch: list[Task]) -> list[Done]:
        """Do all jobs in one transaction, each of which can be undone by itself."""
        transaction = self._begin()
        link = transaction.link
        done = []
        try:
            for task in batch:
                done.append(self._saved(task, transaction))
            self._commit(link)
        except RecordUnavailable:
            link.rollback()
            raise
        self._failpoint("record.after_commit")
        return done

    def _saved(self, task: Task, transaction: Transaction) -> Done:
        link = transaction.link
        link.plain("SAVEPOINT job", {})
        try:
            value = task.job(transaction)
            if link.spoiled is not None:
                raise link.spoiled
        except RecordUnavailable:
            raise
        except Exception as error:
            link.spoiled = None
            link.plain("ROLLBACK TO SAVEPOINT job", {})
            return Done(task, error=error)
        link.plain("RELEASE SAVEPOINT job", {})
        return Done(task, value)

    def _one_by_one(self, batch: list[Task]) -> list[Done]:
        """Do each job in a transaction of its own, those that others hinder several times."""
        done: list[Done] = []
        for number, task in enumerate(batch):
            try:
                done += self._patiently(task)
            except RecordFull as error:
                done.append(Done(task, error=error))
            except RecordUnavailable as error:
                return done + self._unavailable(batch[number:], error)
        return done

    def _patiently(self, task: Task) -> list[Done]:
        for _ in range(_TRIES - 1):
            try:
                return self._together([task])
            except RecordContended:
                continue
        return self._together([task])

    def _begin(self) -> Transaction:
        """Begin a transaction, on a new link where the one at hand turns out to be dead."""
        if self._transaction is not None:
            try:
                self._transaction.link.begin()
                return self._transaction
            except RecordLocked:
                raise
            except RecordUnavailable:
                self.drop_link()
        made = self._transaction = self._desk(self._connect())
        self._reader = Reader(made.link, made.now, made.files)
        made.link.begin()
        return made

    def _commit(self, link: Link) -> None:
        self._failpoint("record.before_commit")
        link.commit()
        self.commits += 1

    def drop_link(self) -> None:
        """Close the connection; the next batch opens one."""
        if self._transaction is not None:
            self._transaction.link.close()
            self._transaction = self._reader = None


def again(error: RecordUnavailable) -> RecordUnavailable:
    """Make an error of one's own for each who is told: what is raised gathers the marks of where it went."""
    own = type(error)(*error.args)
    own.__cause__ = error.__cause__
    return own
