"""The one writer: a thread that takes all waiting jobs, does them in one transaction, and answers after the commit.

Promises that nobody is told of success before it is on disk, and that a job that fails harms none of its neighbours.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent import futures
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from storage.desk import Link
from storage.faults import RecordBroken, RecordContended, RecordFull, RecordLocked, RecordRefused, RecordUnavailable
from storage.transaction import Transaction
from storage.visit import Visit

T = TypeVar("T")
_MOST_JOBS = 256
_GATHER_S = 0.001
"""How long to wait at most for company, where jobs come in company: a commit for ten costs little more than for two."""
_TRIES = 5


class _Task(NamedTuple):
    job: Callable[[Transaction], Any]
    future: asyncio.Future[Any] | futures.Future[Any]
    loop: asyncio.AbstractEventLoop | None


class _Done(NamedTuple):
    task: _Task
    value: Any = None
    error: BaseException | None = None


class _Undone(Exception):
    """A job of the batch failed by its own fault, and took the batch with it."""


class Writer:
    """Do jobs in the order in which they come; `connect` opens a link, `failpoint` is called at the named steps."""

    def __init__(
        self, connect: Callable[[], Link], desk: Callable[[Link], Transaction], failpoint: Callable[[str], None]
    ) -> None:
        self._connect = connect
        self._desk = desk
        self._failpoint = failpoint
        self._transaction: Transaction | None = None
        self._waiting: SimpleQueue[_Task | None] = SimpleQueue()
        self._ended: RecordUnavailable | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._usual = 1
        self.commits = 0

    # Asking

    async def write(self, job: Callable[[Transaction], T]) -> T:
        """Do a job; returns when it is on disk."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Task(job, future, loop))
        return await future

    def write_now(self, job: Callable[[Transaction], T]) -> T:
        """Do a job while the calling thread waits; not for event loops, and not from inside a job."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a job cannot wait for another job")
        future: futures.Future[T] = futures.Future()
        self._put(_Task(job, future, None))
        return future.result()

    def _put(self, task: _Task) -> None:
        if self._thread is None:
            self._start()
        ended = self._end()
        if ended is not None:
            raise ended
        self._waiting.put(task)
        ended = self._end()
        if ended is not None:
            # It ended between the two looks: whoever empties the queue, this task is answered.
            self._refuse_waiting(ended)

    def _end(self) -> RecordUnavailable | None:
        """Say why there is no more writing, in words of its own for each who asks."""
        return None if self._ended is None else _again(self._ended)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and self._ended is None:
                self._thread = threading.Thread(target=self._work, name="record-writer", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Do what is waiting, then end; later jobs meet RecordUnavailable."""
        with self._starting:
            if self._thread is None:
                self._ended = self._ended or RecordUnavailable("the record is closed")
                return
        self._waiting.put(None)
        self._thread.join()

    # Working

    def _work(self) -> None:
        ended: RecordUnavailable = RecordBroken("the record's writer has died")
        batch: list[_Task] = []
        try:
            while batch := self._next_batch():
                _answer(self._carry_out(batch))
                if self._ended is not None:
                    ended = self._ended
                    return
            ended = RecordUnavailable("the record is closed")
        except BaseException as death:
            # Whatever it was, waiting for ever is the one thing that must not happen to those who ask.
            ended.__cause__ = death
            _answer(_Done(task, error=_again(ended)) for task in batch)
        finally:
            self._drop_link()
            self._ended = ended
            self._refuse_waiting(ended)

    def _next_batch(self) -> list[_Task]:
        """Wait for a job and take all that came meanwhile; empty when told to end and nothing is left.

        Waits a moment for as many as usual, and not on when they are there: that halved the rate for twenty callers.
        """
        first = self._waiting.get()
        if first is None:
            return []
        batch, until = [first], monotonic() + _GATHER_S
        try:
            while len(batch) < _MOST_JOBS:
                enough = len(batch) >= self._usual
                task = self._waiting.get(timeout=0 if enough else max(0, until - monotonic()))
                if task is None:
                    self._waiting.put(None)
                    break
                batch.append(task)
        except Empty:
            pass
        self._usual = max(len(batch), self._usual * 3 // 4)
        return batch

    def _refuse_waiting(self, error: RecordUnavailable) -> None:
        try:
            while True:
                task = self._waiting.get_nowait()
                if task is not None:
                    _answer([_Done(task, error=_again(error))])
        except Empty:
            return

    def _carry_out(self, batch: list[_Task]) -> list[_Done]:
        """Do a batch in the cheapest way that gives each job its own answer."""
        try:
            try:
                return self._together(batch)
            except _Undone:
                return self._apart(batch)
        except (RecordContended, RecordFull):
            return self._one_by_one(batch)
        except RecordUnavailable as error:
            return self._unavailable(batch, error)
        except RecordRefused as error:
            # Not a job but the transaction itself was refused: the link is not what we think it is.
            return self._unavailable(batch, RecordUnavailable(str(error)))

    def _unavailable(self, batch: Iterable[_Task], error: RecordUnavailable) -> list[_Done]:
        self._drop_link()
        if isinstance(error, RecordBroken):
            self._ended = error
        return [_Done(task, error=_again(error)) for task in batch]

    def _together(self, batch: list[_Task]) -> list[_Done]:
        """Do all jobs in one transaction; raises _Undone where one failed by its own fault, with nothing done."""
        transaction = self._begin()
        link = transaction.link
        done: list[_Done] = []
        try:
            self._do_all(batch, transaction, done)
            self._commit(link)
        except RecordUnavailable:
            link.rollback()
            raise
        except Exception as error:
            link.rollback()
            if len(batch) > 1:
                raise _Undone from None
            return [_Done(batch[0], error=error)]
        self._failpoint("record.after_commit")
        return done

    def _do_all(self, batch: list[_Task], transaction: Transaction, done: list[_Done]) -> None:
        """Do the jobs, in the loop that asked for all of them where the record answers at once, else in this thread."""
        link = transaction.link

        def work() -> None:
            for task in batch:
                done.append(_Done(task, task.job(transaction)))
                if link.spoiled is not None:
                    raise link.spoiled

        loop = batch[0].loop
        if loop is None or not link.quick or any(task.loop is not loop for task in batch):
            work()
        else:
            Visit(work).pay(loop)

    def _apart(self, batch: list[_Task]) -> list[_Done]:
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

    def _saved(self, task: _Task, transaction: Transaction) -> _Done:
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
            return _Done(task, error=error)
        link.plain("RELEASE SAVEPOINT job", {})
        return _Done(task, value)

    def _one_by_one(self, batch: list[_Task]) -> list[_Done]:
        """Do each job in a transaction of its own, those that others hinder several times."""
        done: list[_Done] = []
        for number, task in enumerate(batch):
            try:
                done += self._patiently(task)
            except RecordFull as error:
                done.append(_Done(task, error=error))
            except RecordUnavailable as error:
                return done + self._unavailable(batch[number:], error)
        return done

    def _patiently(self, task: _Task) -> list[_Done]:
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
                self._drop_link()
        self._transaction = self._desk(self._connect())
        self._transaction.link.begin()
        return self._transaction

    def _commit(self, link: Link) -> None:
        self._failpoint("record.before_commit")
        link.commit()
        self.commits += 1

    def _drop_link(self) -> None:
        if self._transaction is not None:
            self._transaction.link.close()
            self._transaction = None


def _again(error: RecordUnavailable) -> RecordUnavailable:
    """Make an error of one's own for each who is told: what is raised gathers the marks of where it went."""
    own = type(error)(*error.args)
    own.__cause__ = error.__cause__
    return own


def _answer(done: Iterable[_Done]) -> None:
    """Give every job's caller its answer, waking each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Done]] = {}
    for each in done:
        if each.task.loop is not None:
            by_loop.setdefault(each.task.loop, []).append(each)
        else:
            _tell([each])
    for loop, theirs in by_loop.items():
        try:
            loop.call_soon_threadsafe(_tell, theirs)
        except RuntimeError:
            # The loop was closed: nobody is waiting any more.
            continue


def _tell(done: list[_Done]) -> None:
    for task, value, error in done:
        if task.future.done():
            continue
        if error is None:
            task.future.set_result(value)
        elif isinstance(error, StopIteration):
            # A future cannot carry one.
            task.future.set_exception(RuntimeError("a job raised StopIteration"))
        else:
            task.future.set_exception(error)
