"""Several equal processes that share the doors of one installation, and the one that watches over them.

Belongs here: starting them, passing signals on, and ending all when one ends. Promises that none goes on alone: where
one dies, all end, and whoever watches over the service starts it anew.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import structlog

from gateway.ending import EXIT_CODE

log = structlog.get_logger()

Work = Callable[[int, int], None]
"""What a worker does, given its number, from 1 on, and its lifeline (`gateway.serve.run`)."""


def run(count: int, work: Work) -> int:
    """Do `work` in so many processes until SIGINT, SIGTERM or the end of one; give the exit code of the service.

    To be called where no thread and no event loop runs yet, and nothing of the record is open.
    """
    lifeline, held = os.pipe()
    crew = Crew()
    signals = {signal.SIGINT, signal.SIGTERM}
    # Not before all are there: one that starts while the others are told to end would never hear of it.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    for number in range(1, count + 1):
        child = os.fork()
        if not child:
            os.close(held)
            _be_worker(number, lifeline, work, signals)
        crew.living.add(child)
    os.close(lifeline)
    before = {each: signal.signal(each, crew.stop) for each in signals}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    try:
        return crew.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        os.close(held)


def _be_worker(number: int, lifeline: int, work: Work, signals: set[signal.Signals]) -> NoReturn:
    """Work, and end this process as `sys.exit` would; never go back to what the parent was doing."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        work(number, lifeline)
        code = 0
    except SystemExit as asked:
        code = asked.code if isinstance(asked.code, int) else int(asked.code is not None)
    except KeyboardInterrupt:
        code = 0  # before the doors were open
    except BaseException as fault:  # whatever it was, the process ends here and says so
        log.critical("a worker failed", worker=number, fault=type(fault).__name__)
    finally:
        os._exit(code)


class Crew:
    """Hold the workers that live."""

    def __init__(self) -> None:
        self.living: set[int] = set()
        self._stopping = False

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Tell all to end as they do on SIGTERM; also a signal handler."""
        self._stopping = True
        for child in self.living:
            os.kill(child, signal.SIGTERM)

    def wait(self) -> int:
        """Wait until all have ended; give the first code that is not 0, and EXIT_CODE where one ended unasked."""
        code = 0
        while self.living:
            child, status = os.wait()
            ended = os.waitstatus_to_exitcode(status)
            asked = self._stopping
            self.living.discard(child)
            if ended or not asked:
                code = code or (ended if ended > 0 else EXIT_CODE)
            if not asked:
                log.critical("a worker has ended, so all end", code=ended)
                self.stop()
        return code
