"""The one writer: takes all waiting jobs, does them in one transaction, and answers after the commit.

Promises that nobody is told of success before it is on disk, and that a job that fails harms none of its neighbours.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent import futures
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TypeVar

from storage.batches import Batches, Done, Task, again
from storage.desk import Link
from storage.faults import RecordBroken, RecordLocked, RecordUnavailable
from storage.gathering import Gathering
from storage.transaction import Reader, Transaction

T = TypeVar("T")
_MOST_JOBS = 256
# Another process of ours holds the record for about a millisecond: looking again costs less than the thread.
_SHORTLY_S = 0.001
_LOOKS = 20
_DEATH = "the record's writer has died"


class Writer:
    """Do jobs in the order in which they come; `connect` opens a link, `failpoint` is called at the named steps.

    A thread does them, for a disk may take its time. Where `connect_at_once` opens a link that never waits for others
    and the disk is quick, the jobs of an event loop are done in that loop instead: each statement lets go of the
    interpreter, and a thread beside a busy loop fights it for every one (0.74 s of CPU for 1,000 messages, not 0.45).
    After a batch that took longer than `quick_s` the next one goes to the thread.
    """

    def __init__(
        self,
        connect: Callable[[], Link],
        desk: Callable[[Link], Transaction],
        failpoint: Callable[[str], None],
        connect_at_once: Callable[[], Link] | None = None,
        *,
        quick_s: float = 0.005,
    ) -> None:
        self._batches = Batches(connect, desk, failpoint)
        self._at_once = Batches(connect_at_once, desk, failpoint) if connect_at_once else None
        self._in_loop = threading.Lock()
        self._quick_s = quick_s
        self._quick = quick_s > 0
        self._waiting: SimpleQueue[list[Task] | None] = SimpleQueue()
        self._ended: RecordUnavailable | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._gathering: Gathering[Task] | None = None
        self._put_off: list[Task] = []

    @property
    def commits(self) -> int:
        """Say how many transactions were committed."""
        return self._batches.commits + (self._at_once.commits if self._at_once else 0)

    # Asking

    async def write(self, job: Callable[[Transaction], T]) -> T:
        """Do a job; returns when it is on disk."""
        loop = asyncio.get_running_loop()
        gathering = self._gathering
        if gathering is None or gathering.loop is not loop:
            gathering = self._gather(loop)
        future: asyncio.Future[T] = loop.create_future()
        gathering.add(Task(job, future, loop))
        return await future

    def _gather(self, loop: asyncio.AbstractEventLoop) -> Gathering[Task]:
        """Begin to gather for a loop; what was gathered for another one is handed on."""
        if self._gathering is not None:
            self._gathering.hand_over(self._put)
            self._put(self._take_put_off())
        self._gathering = Gathering(loop, self._do_in_loop)
        return self._gathering

    def read(self, job: Callable[[Reader], T]) -> T:
        """Do a job that only reads over the loop's own connection; RecordLocked where it is not to be had just now."""
        if self._at_once is None or self._ended is not None or not self._in_loop.acquire(blocking=False):
            raise RecordLocked("the loop's connection is not free")
        try:
            return self._at_once.read(job)
        finally:
            self._in_loop.release()

    def write_now(self, job: Callable[[Transaction], T]) -> T:
        """Do a job while the calling thread waits; not for event loops, and not from inside a job."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a job cannot wait for another job")
        future: futures.Future[T] = futures.Future()
        self._put([Task(job, future, None)])
        return future.result()

    def _do_in_loop(self, tasks: list[Task], looks: int = _LOOKS) -> bool:
        """Do what a loop gathered, in that loop where that is quick; False where it is done later or by the thread."""
        at_once = self._at_once if self._quick and self._ended is None else None
        if at_once is None or not self._in_loop.acquire(blocking=False):
            self._put(tasks)
            return False
        try:
            done = self._timed(at_once, tasks[:_MOST_JOBS])
        except BaseException as death:
            self._ended = _died(death)
            at_once.drop_link()
            done = [Done(task, error=again(self._ended)) for task in tasks]
        finally:
            self._in_loop.release()
        if done is None:
            self._do_shortly(tasks, looks)
            return False
        self._ended = at_once.broken or self._ended
        _tell(done)
        return len(tasks) <= _MOST_JOBS or self._do_in_loop(tasks[_MOST_JOBS:])

    def _do_shortly(self, tasks: list[Task], looks: int) -> None:
        """Look again in a moment, for another program is writing; after so many looks the thread waits for it."""
        loop = tasks[0].loop
        if not looks or loop is None:
            self._put(tasks)
            return
        self._put_off = tasks
        loop.call_later(_SHORTLY_S, self._look_again, looks - 1)

    def _take_put_off(self) -> list[Task]:
        with self._starting:
            tasks, self._put_off = self._put_off, []
        return tasks

    def _look_again(self, looks: int) -> None:
        """Try once more, together with what came meanwhile: with several processes, that is half of each batch."""
        tasks, gathering = self._take_put_off(), self._gathering
        if not tasks:
            return
        if gathering is not None and gathering.loop is tasks[0].loop:
            tasks += gathering.take()
        if self._do_in_loop(tasks, looks) and gathering is not None:
            gathering.answered()

    def _timed(self, batches: Batches, tasks: list[Task]) -> list[Done] | None:
        """Carry out a batch and see whether that was quick; None, and nothing done, where another program writes."""
        begin = monotonic()
        done = batches.carry_out(tasks, waits=batches is self._batches)
        self._quick = monotonic() - begin < self._quick_s
        return done

    def _put(self, tasks: list[Task]) -> None:
        """Hand tasks to the thread; where there is no more writing, they are answered so."""
        if not tasks:
            return
        if self._thread is None:
            self._start()
        for begin in range(0, len(tasks), _MOST_JOBS):
            self._waiting.put(tasks[begin : begin + _MOST_JOBS])
        ended = self._ended
        if ended is not None:
            self._refuse_waiting(ended)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and self._ended is None:
                self._thread = threading.Thread(target=self._work, name="record-writer", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Do what is waiting, then end; later jobs meet RecordUnavailable."""
        if self._gathering is not None:
            self._gathering.hand_over(self._put)
        self._put(self._take_put_off())
        with self._starting:
            if self._thread is None:
                self._ended = self._ended or RecordUnavailable("the record is closed")
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
        with self._in_loop:
            if self._at_once is not None:
                self._at_once.drop_link()

    # Working

    def _work(self) -> None:
        ended: RecordUnavailable = RecordBroken(_DEATH)
        batch: list[Task] = []
        try:
            while batch := self._next_batch():
                self._answer(self._timed(self._batches, batch) or ())
                ended = self._batches.broken or ended
                if self._batches.broken is not None:
                    return
            ended = RecordUnavailable("the record is closed")
        except BaseException as death:
            # Whatever it was, waiting for ever is the one thing that must not happen to those who ask.
            ended = _died(death)
            self._answer(Done(task, error=again(ended)) for task in batch)
        finally:
            self._batches.drop_link()
            self._ended = self._ended or ended
            self._refuse_waiting(ended)

    def _next_batch(self) -> list[Task]:
        """Wait for jobs and take as many as a batch may hold; empty when told to end and nothing is left."""
        batch = self._waiting.get() or []
        while batch and len(batch) < _MOST_JOBS:
            try:
                more = self._waiting.get_nowait()
            except Empty:
                break
            room = _MOST_JOBS - len(batch)
            batch += (more or [])[:room]
            if more is None or len(more) > room:
                # It goes to the end of the queue: jobs that wait at once have no order among them.
                self._waiting.put(more if more is None else more[room:])
                break
        return batch

    def _refuse_waiting(self, error: RecordUnavailable) -> None:
        try:
            while True:
                tasks = self._waiting.get_nowait()
                self._answer(Done(task, error=again(error)) for task in tasks or ())
        except Empty:
            return

    def _answer(self, done: Iterable[Done]) -> None:
        """Give every job's caller its answer, waking each event loop once."""
        by_loop: dict[asyncio.AbstractEventLoop, list[Done]] = {}
        for each in done:
            if each.task.loop is not None:
                by_loop.setdefault(each.task.loop, []).append(each)
            else:
                _tell([each])
        for loop, theirs in by_loop.items():
            try:
                loop.call_soon_threadsafe(self._tell_in, loop, theirs)
            except RuntimeError:
                # The loop was closed: nobody is waiting any more.
                continue

    def _tell_in(self, loop: asyncio.AbstractEventLoop, done: list[Done]) -> None:
        _tell(done)
        if self._gathering is not None and self._gathering.loop is loop:
            self._gathering.answered()


def _died(death: BaseException) -> RecordBroken:
    ended = RecordBroken(_DEATH)
    ended.__cause__ = death
    return ended


def _tell(done: list[Done]) -> None:
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
