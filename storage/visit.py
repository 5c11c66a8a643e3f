"""Has the jobs of an event loop done in that loop, while the writing thread waits and then commits.

Reason: every SQLite statement lets go of the interpreter, and a thread that works beside a busy loop fights it for each
one. Only the commit, which waits for the disk, is worth a thread. Promises that the work is done once, here or there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

_PATIENCE_S = 0.05


class Visit:
    """Do a piece of work in a loop that is not this thread's."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._taken = threading.Lock()
        self._over = threading.Lock()
        self._over.acquire()
        self._error: BaseException | None = None

    def pay(self, loop: asyncio.AbstractEventLoop) -> None:
        """Return when the work is done, and raise what it raised.

        A loop that has stopped, or that itself waits for the writer, never comes to it: what no loop has taken up after
        a moment is done here, whatever the reason.
        """
        try:
            loop.call_soon_threadsafe(self._do)
        except RuntimeError:
            self._do()
        while not self._over.acquire(timeout=_PATIENCE_S):
            self._do()
        if self._error is not None:
            raise self._error

    def _do(self) -> None:
        if not self._taken.acquire(blocking=False):
            return
        try:
            self._work()
        except BaseException as error:  # it is the writer's to judge, whatever it is
            self._error = error
        finally:
            self._over.release()
