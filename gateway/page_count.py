"""Counts the pages of what a party's mail has attached, after its sender was answered (PHSO's volume; HO-2).

Belongs here: what waits to be counted, at hand in this process and nowhere else: Parley is no archive. On record each
file is not counted until it is, so that a kill loses nothing but the count, and nobody guesses (THREATS C7, W6).
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial

import structlog

from adapters.documents.counter import Counter
from gateway.fingerprints import documents_in
from gateway.incident import where
from gateway.levels import Levels
from gateway.mail_message import Message
from storage.entries import Entry
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Transaction

MOST_WAITING = 32 * 1024 * 1024
"""Octets of messages that wait to be counted; one message always may. What comes beyond them is not counted."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Waiting:
    number: str
    raw: bytes
    documents: int


class PageCount:
    """Count pages for one process, a message at a time: mail never waits for it, nor fails because of it."""

    def __init__(self, record: Record, levels: Levels, most_waiting: int = MOST_WAITING) -> None:
        self._record = record
        self._levels = levels
        self._most_waiting = most_waiting
        self._waiting: deque[_Waiting] = deque()
        self._octets = 0
        self._at_work = asyncio.Lock()
        self._counter = Counter()
        self._closed = False

    def take(self, mail: Message, entry: Entry) -> None:
        """Take a message, on record as `entry`, that may have documents attached."""
        documents = documents_in(mail.said, entry)
        if not documents:
            return
        size = len(mail.incoming.raw)
        if self._waiting and self._octets + size > self._most_waiting:
            log.warning("attached files not counted: too much waits", contact=entry.id, files=documents)
            return
        self._octets += size
        self._waiting.append(_Waiting(entry.id, mail.incoming.raw, documents))

    async def run(self) -> int:
        """Count all that waits, by one child; gives how many messages that were."""
        done = 0
        async with self._at_work:
            try:
                while self._waiting and not self._closed:
                    await self._count_first()
                    done += 1
            finally:
                await self._counter.close()
        return done

    async def close(self, within_s: float) -> None:
        """Count what waits for so many seconds at most; what is left stays not counted."""
        try:
            async with asyncio.timeout(within_s):
                await self.run()
        except Exception as fault:  # the one broad except of a stop: nothing here keeps the process from ending
            if not isinstance(fault, TimeoutError):
                log.error("pages not counted", **where(fault))
            self._closed = True
            self._counter.kill()

    async def _count_first(self) -> None:
        one = self._waiting[0]
        try:
            pages = await self._counter.count(one.raw)
            await self._record.write(partial(self._keep, one, pages))
        except RecordUnavailable:
            raise  # it stays the first, and is counted anew
        except BaseException:
            self._drop_first()
            raise
        self._drop_first()

    def _drop_first(self) -> None:
        self._octets -= len(self._waiting.popleft().raw)

    def _keep(self, one: _Waiting, pages: tuple[int, ...], tx: Transaction) -> None:
        """Put pages on record, and mark the levels that they add to: a flag follows within seconds."""
        rest = max(0, one.documents - len(pages))
        if rest:
            log.warning("attached files not counted", contact=one.number, files=rest)
        if tx.count_pages(one.number, sum(pages), rest) and (entry := tx.contact(one.number)) is not None:
            self._levels.after_settling(tx, entry)
