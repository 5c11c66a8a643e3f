"""The clock's work: what is held is released, letters leave, old keys are forgotten. Each run may be repeated safely.

Belongs here: which job runs how often, on APScheduler. That a job did not run never restricts anybody (THREATS W8).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from gateway.clock import Clock
from gateway.ending import FATAL, Ending
from gateway.holds import Holds
from gateway.incident import where
from gateway.outbox import Outbox
from storage.faults import RecordUnavailable
from storage.record import Record

Job = tuple[str, Callable[[], Awaitable[object]], int]
"""A job's name, its work, and every how many seconds it is done."""
KEY_LIFE = timedelta(days=7)
_PATIENCE_S = 10.0

# That a round takes longer than until the next is no news: on a busy machine it would be said every second.
logging.getLogger("apscheduler.executors").setLevel(logging.ERROR)
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
log = structlog.get_logger()


class Jobs:
    """Run the jobs while the process lives; one scheduler, its jobs in memory. Without `holds`, another releases."""

    def __init__(
        self,
        record: Record,
        outbox: Outbox,
        holds: Holds | None,
        ending: Ending,
        *,
        clock: Clock,
        more: Sequence[Job] = (),
    ) -> None:
        self._record = record
        self._outbox = outbox
        self._holds = holds
        self._ending = ending
        self._clock = clock
        self._more = tuple(more)
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin; every job runs at once, so that what came due while we were down is done first."""
        all_work: list[Job] = [("letters", self._outbox.send_due, 1)]
        if self._holds is not None:
            all_work.append(("holds", self._holds.release_due, 5))
        all_work += [("keys", self._forget_keys, 3600), *self._more]
        for name, work, every_s in all_work:
            self._scheduler.add_job(
                self._run,
                "interval",
                (name, work),
                id=name,
                seconds=every_s,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
            self._begin(name, work)
        self._scheduler.start()

    async def stop(self) -> None:
        """End; a job under way is done first, so that no letter is left half way."""
        self._scheduler.pause()
        if self._at_work:
            await asyncio.wait(self._at_work.values(), timeout=_PATIENCE_S)
        self._scheduler.shutdown(wait=False)

    async def _run(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        self._begin(name, work)

    def _begin(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do a job, unless it is being done, in a task of our own: the scheduler would cancel its own when it ends."""
        if name not in self._at_work:
            task = self._at_work[name] = asyncio.ensure_future(self._guarded(name, work))
            task.add_done_callback(lambda _: self._at_work.pop(name))

    async def _guarded(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except FATAL as fault:
            self._ending.require(fault)
        except RecordUnavailable as fault:
            log.error("job put off", job=name, fault=type(fault).__name__)
        except Exception as fault:  # the one broad except of this loop: the job runs again at its next time
            log.error("job failed", job=name, **where(fault))

    async def _forget_keys(self) -> None:
        before = self._clock() - KEY_LIFE
        await self._record.write(lambda tx: tx.forget_keys(before))
        await self._record.write(lambda tx: tx.gather_strays())
