"""Gathers the jobs of one event loop, so that many share one commit.

Reason: a commit for ten costs little more than one for two. Promises that nothing waits longer than a moment once the
writer is free, and that what comes alone hardly waits at all.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
# A commit for ten costs what one for four does, and a moment of 3 ms brings about ten together where 1 ms brought four.
_MOMENT_S = 0.003


class Gathering(Generic[T]):
    """Hold jobs until there are as many as usual or a moment has passed; while the writer is busy, until it is free.

    `do` is given what was gathered, in the loop; it says whether the writer is free again.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, do: Callable[[list[T]], bool]) -> None:
        self.loop = loop
        self._do = do
        self._jobs: list[T] = []
        self._due: asyncio.Handle | None = None
        self._waits = False
        self._busy = False
        self._usual = 1
        self._taking = threading.Lock()

    def add(self, job: T) -> None:
        """Take a job; called in the loop."""
        self._jobs.append(job)
        if not self._busy:
            self._plan()

    def answered(self) -> None:
        """Hear that the writer is free again; called in the loop."""
        self._busy = False
        if self._jobs:
            self._plan()

    def hand_over(self, take: Callable[[list[T]], None]) -> None:
        """Give everything to somebody else, from whichever thread: this loop's turn may never come."""
        if jobs := self.take():
            self._busy = True
            take(jobs)

    def _plan(self) -> None:
        """Begin when this turn of the loop is over where enough is there, else after a moment."""
        enough = len(self._jobs) >= self._usual
        if self._due is None:
            self._waits = not enough
            self._due = self.loop.call_soon(self._begin) if enough else self.loop.call_later(_MOMENT_S, self._begin)
        elif enough and self._waits:
            self._due.cancel()
            self._waits = False
            self._due = self.loop.call_soon(self._begin)

    def _begin(self) -> None:
        self._due = None
        if self._busy:
            return
        jobs = self.take()
        if jobs:
            self._usual = max(len(jobs), self._usual * 3 // 4)
            self._busy = True
            self._busy = not self._do(jobs)

    def take(self) -> list[T]:
        """Give what was gathered so far, to whoever answers it."""
        with self._taking:
            jobs, self._jobs = self._jobs, []
        return jobs
