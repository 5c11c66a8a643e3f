"""Watches one mailbox: takes what is new, has it sorted, puts it where it belongs, and waits for more.

Belongs here: the loop, its place in the mailbox, and what happens when anything breaks. It sorts what has arrived and
cannot prevent. Where the record cannot be written the mailbox is left as it is (DESIGN: never losing, never doubling).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import ParamSpec, TypeVar

import structlog

from adapters.mail.imap import SET, Imap, ImapFault
from adapters.mail.imap_arrival import Arrival
from adapters.mail.imap_mailbox import READ, ImapMailbox, Place
from gateway.clock import Clock
from gateway.ending import FATAL, Ending
from gateway.incident import where
from gateway.letters import Letters
from gateway.sorting import Sorting, Verdict
from storage.alerts import Raised
from storage.faults import RecordUnavailable
from storage.mailboxes import Cursor, Seen
from storage.record import Record
from storage.transaction import Reader, Transaction

P = ParamSpec("P")
T = TypeVar("T")

SORTS = "What comes into a watched mailbox is sorted after it has arrived: nothing is kept from arriving, or refused."
KNOWN_FOR = timedelta(days=400)
"""How long a message is known again; one that arrived earlier is never taken for new."""
_SKEW = timedelta(days=1)
_AT_ONCE, _OCTETS_AT_ONCE = 1000, 16 * 1024 * 1024
_LEASE, _RENEWED_AFTER_S = timedelta(minutes=2), 30.0
_BREATH_S, _SOON_S = 0.5, 2.0
_PATIENCE_S = 10.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Watched:
    """Say which mailbox is watched: its name on record, its door, and every how many seconds it is looked at anew.

    After trouble it is tried again in `first_pause_s`, and then after ever longer pauses, up to `longest_pause_s`.
    """

    name: str
    box: ImapMailbox
    poll_s: float
    first_pause_s: float = 1.0
    longest_pause_s: float = 300.0


class Watcher:
    """Watch one mailbox, in a task and a thread of its own, as long as no other process does."""

    def __init__(
        self,
        watched: Watched,
        sorting: Sorting,
        record: Record,
        ending: Ending,
        *,
        clock: Clock,
        node: str,
    ) -> None:
        self.name = watched.name
        self.watched = watched
        self.trouble = ""
        """Why it is not being read, in a sentence; empty while it is."""
        self._sorting = sorting
        self._record = record
        self._ending = ending
        self._clock = clock
        self._node = node
        self._pause_s = watched.first_pause_s
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._leased_at = float("-inf")
        self._numbers = 0
        self._handled: set[int] = set()
        self._parts = 0

    # Beginning and ending

    def start(self) -> None:
        """Begin, or begin again."""
        self._stopping.clear()
        self._thread = ThreadPoolExecutor(1, f"watch-{self.name}")
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """End; what is being sorted is put into its place first."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=_PATIENCE_S)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._session()
            except FATAL as fault:
                self._ending.require(fault)
                return
            except ImapFault as fault:
                self._troubled(str(fault))
            except RecordUnavailable:
                self._troubled("The record cannot be written.")
            except Exception as fault:  # the one broad except of this loop: the mailbox is as it was, and tried again
                log.error("watching failed", mailbox=self.name, **where(fault))
                self._troubled("A fault of ours.")
            await self._pause(self._pause_s)
            self._pause_s = min(self._pause_s * 2, self.watched.longest_pause_s)
        with contextlib.suppress(RecordUnavailable):
            await self._record.write(lambda tx: tx.leave_mailbox(self.name, self._node, self._clock()))

    def _troubled(self, why: str) -> None:
        self.trouble = why
        log.warning("mailbox not read", mailbox=self.name, why=why)

    # One connection

    async def _session(self) -> None:
        """Watch over one connection until it breaks, we stop, or another process has the mailbox."""
        self._leased_at = float("-inf")
        if not await self._lease():
            self.trouble = ""
            self._pause_s = _RENEWED_AFTER_S
            return
        imap = await self._apart(self.watched.box.open)
        try:
            told, retry_s = False, self.watched.first_pause_s
            while not self._stopping.is_set() and await self._lease():
                before = self._parts
                waiting = await self._look(imap)
                news = not told or self._parts > before
                if not told:
                    told = True
                    self._say(imap)
                self.trouble = ""
                self._pause_s = self.watched.first_pause_s
                if waiting:
                    await self._pause(retry_s)
                    retry_s = min(retry_s * 2, self.watched.poll_s)
                else:
                    retry_s = self.watched.first_pause_s
                    # What comes between a look and the wait is told by no server: after news, another look soon.
                    await self._wait(imap, min(_SOON_S, self.watched.poll_s) if news else self.watched.poll_s)
        finally:
            await self._apart(imap.close)

    def _say(self, imap: Imap) -> None:
        able = imap.abilities
        log.info("watching", mailbox=self.name, idle=able.idle, keyword=able.keyword, sorts_only=SORTS)
        if not able.takes_out:
            log.warning(
                "server without MOVE and UIDPLUS: filed mail is copied and stays in the inbox", mailbox=self.name
            )

    async def _lease(self) -> bool:
        """Keep the watch over the mailbox, asked for again before it runs out."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._leased_at < _RENEWED_AFTER_S:
            return True
        now = self._clock()
        ours = await self._record.write(lambda tx: tx.lease_mailbox(self.name, self._node, now, now + _LEASE))
        if ours:
            self._leased_at = now_s
        return ours

    async def _wait(self, imap: Imap, seconds: float) -> None:
        """Wait for news, or until it is time to look anyway (THREATS M3)."""
        loop, told = asyncio.get_running_loop(), imap.abilities.idle
        until = loop.time() + seconds
        if told:
            await self._apart(imap.begin_waiting)
        while not self._stopping.is_set() and (left := until - loop.time()) > 0:
            if not told:
                await self._pause(min(_RENEWED_AFTER_S, left))
            elif await self._apart(imap.hear, min(_BREATH_S, left)):
                break
            if not await self._lease():
                break
        if told and not self._stopping.is_set():
            await self._apart(imap.end_waiting)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _apart(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what blocks in this mailbox's own thread."""
        assert self._thread is not None  # `start` made it
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *args, **kwargs))

    # What is new

    async def _look(self, imap: Imap) -> bool:
        """Take all that is new; True where some of it must be tried again soon."""
        cursor = await self._cursor(imap)
        after, waiting = cursor.last_uid, False
        while not self._stopping.is_set():
            arrivals = await self._apart(imap.arrivals, after, _AT_ONCE)
            if not arrivals:
                break
            for part in _parts([one for one in arrivals if one.uid not in self._handled]):
                verdicts = await self._take(imap, cursor, part)
                late = {verdict.uid for verdict in verdicts if verdict.wait}
                self._handled |= {one.uid for one in part} - late
                if not waiting and not late:
                    cursor = replace(cursor, last_uid=part[-1].uid)
                elif not waiting:
                    cursor = replace(cursor, last_uid=min(late) - 1)
                waiting = waiting or bool(late)
                await self._settle(cursor, verdicts)
                self._pause_s = self.watched.first_pause_s
                self._parts += 1
                await self._lease()
            after = arrivals[-1].uid
            if not waiting:
                self._handled.clear()
                cursor = replace(cursor, last_uid=after)
        await self._settle(cursor, ())
        return waiting

    async def _cursor(self, imap: Imap) -> Cursor:
        """Open the inbox and say from where on it is to be read."""
        selected = await self._apart(imap.select, self.watched.box.folders[Place.INBOX])
        cursor = await self._record.read(lambda reader: reader.mailbox_cursor(self.name))
        assert cursor is not None  # the lease put it on record
        if self._numbers != selected.uidvalidity:
            self._numbers = selected.uidvalidity
            self._handled.clear()
        if cursor.uidvalidity == selected.uidvalidity:
            return cursor
        newest = selected.uidnext - 1 if selected.uidnext else await self._newest(imap)
        if cursor.uidvalidity == 0:
            log.info("mailbox watched from now on", mailbox=self.name, left_alone=selected.messages)
            cursor = replace(cursor, uidvalidity=selected.uidvalidity, last_uid=newest)
        else:
            log.warning("the server numbers the mailbox anew: it is looked through again", mailbox=self.name)
            cursor = replace(cursor, uidvalidity=selected.uidvalidity, last_uid=0, rescan_to=newest)
        await self._settle(cursor, ())
        return cursor

    async def _newest(self, imap: Imap) -> int:
        found = await self._apart(imap.arrivals, 0, 2**31)
        return found[-1].uid if found else 0

    async def _take(self, imap: Imap, cursor: Cursor, part: Sequence[Arrival]) -> list[Verdict]:
        """Have messages decided on, put that on record, and only then touch the mailbox."""
        new = [one for one in part if self._is_new(one, cursor)]
        octets = await self._apart(imap.read, new, self.watched.box.most) if new else {}
        verdicts = await self._sorting.sort(new, octets)
        verdicts = await self._unmoved(imap, cursor, verdicts)
        moving = [one.seen for one in verdicts if one.seen is not None and one.place is not Place.INBOX]
        if moving:
            await self._record.write(lambda tx: tx.keep_seen(moving))
        again = [one for one in verdicts if one.again]
        copied = await self._apart(self._copied, imap, cursor, again) if again else frozenset()
        await self._apart(_put, imap, self.watched.box, verdicts, copied)
        return verdicts

    async def _unmoved(self, imap: Imap, cursor: Cursor, verdicts: list[Verdict]) -> list[Verdict]:
        """Leave alone what a person moved here; another copy that came in the same second lies in its place as well.

        Where nothing can be taken out of the inbox, what lies there says nothing (THREATS M4).
        """
        asked = [one for one in verdicts if one.unless_moved]
        if not asked:
            return verdicts
        lying = await self._apart(self._copied, imap, cursor, asked) if imap.abilities.takes_out else frozenset()
        return [one if not one.unless_moved or one.uid in lying else Verdict(one.uid) for one in verdicts]

    def _copied(self, imap: Imap, cursor: Cursor, verdicts: Sequence[Verdict]) -> frozenset[int]:
        """Give those that lie in their places and in the inbox too, for the server was killed in the midst."""
        found: set[int] = set()
        box = self.watched.box
        for place in Place:
            here = [(one.uid, one.seen) for one in verdicts if one.place is place and one.seen is not None]
            if not here or place is Place.INBOX:
                continue
            copies = box.copied(imap, place, {seen.digest: seen.arrived for _, seen in here})
            for uid, seen in here:
                if copies[seen.digest]:
                    copies[seen.digest] -= 1
                    found.add(uid)
        if imap.select(box.folders[Place.INBOX]).uidvalidity != cursor.uidvalidity:
            raise ImapFault("The server numbers the mailbox anew.")
        return frozenset(found)

    def _is_new(self, arrival: Arrival, cursor: Cursor) -> bool:
        """Tell whether a message came since the watch began; an old one that a person moved here is none of ours.

        Where the server numbers anew everything looks new, so there only what came later counts.
        """
        margin = timedelta() if arrival.uid <= cursor.rescan_to else _SKEW
        return arrival.arrived >= max(cursor.since - margin, self._clock() - KNOWN_FOR)

    async def _settle(self, cursor: Cursor, verdicts: Sequence[Verdict]) -> None:
        placed = [replace(one.seen, placed=True) for one in verdicts if one.seen is not None]
        await self._record.write(partial(_put_on_record, replace(cursor, synced=self._clock()), placed))


def _put(imap: Imap, box: ImapMailbox, verdicts: Sequence[Verdict], copied: Collection[int]) -> None:
    """Put messages into their places, in sets; what a person took away meanwhile is not there to be moved.

    Those that are `copied` lie there already, and only leave the inbox.
    """
    for place in Place:
        uids = [verdict.uid for verdict in verdicts if verdict.place is place]
        imap.mark(uids, seen=place in READ)
        if place is not Place.INBOX:
            imap.move([uid for uid in uids if uid not in copied], box.folders[place])
            imap.remove([uid for uid in uids if uid in copied])


def _put_on_record(cursor: Cursor, placed: Sequence[Seen], tx: Transaction) -> None:
    tx.keep_seen(placed)
    tx.move_cursor(cursor)


def _parts(arrivals: Sequence[Arrival]) -> list[list[Arrival]]:
    """Cut what is new into parts that are read at once: so many messages, so many octets."""
    parts: list[list[Arrival]] = []
    octets = 0
    for one in arrivals:
        if not parts or len(parts[-1]) >= SET or octets + one.size > _OCTETS_AT_ONCE:
            parts.append([])
            octets = 0
        parts[-1].append(one)
        octets += one.size
    return parts


class Watchdog:
    """Tell staff of a mailbox that has not been read for too long (THREATS M2)."""

    def __init__(
        self,
        record: Record,
        letters: Letters,
        watchers: Sequence[Watcher],
        after: dict[str, timedelta],
        *,
        clock: Clock,
    ) -> None:
        self._record = record
        self._letters = letters
        self._watchers = {watcher.name: watcher for watcher in watchers}
        self._after = after
        self._clock = clock
        self._began = clock()

    async def look(self) -> None:
        """Look at the last good reading of every mailbox, and alert once a day where it is too long ago."""
        now = self._clock()
        for name, after in self._after.items():
            cursor = await self._record.read(partial(_cursor_of, name))
            synced = cursor.synced if cursor is not None else None
            last = max(filter(None, (synced, self._began)))
            if now - last >= after:
                watcher = self._watchers.get(name)
                why = watcher.trouble if watcher is not None else ""
                log.error("mailbox not read for too long", mailbox=name, since=(synced or self._began).isoformat())
                raised = self._letters.alert_mailbox(name, synced, why, now)
                await self._record.write(partial(_raise, raised))

    async def forget(self) -> None:
        """Forget messages that are so old that they are never taken for new."""
        before = self._clock() - KNOWN_FOR
        await self._record.write(lambda tx: tx.forget_seen(before))


def _raise(raised: Raised, tx: Transaction) -> None:
    tx.raise_alert(raised)


def _cursor_of(name: str, reader: Reader) -> Cursor | None:
    return reader.mailbox_cursor(name)
