"""The round of flags: sums that changed are looked at within seconds of their contact, and flags that slept are woken.

Promises that a kill loses nothing: what is due stays marked until its flags are on record, and each is raised once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

import structlog

from gateway.clock import Clock
from gateway.incident import where
from gateway.levels import Found, Levels
from storage.due_levels import DueLevels
from storage.entries import Flag
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Reader, Transaction

_AT_ONCE = 200
ROUND_S = 0.25
"""Seconds of every one that looking at levels may take: in a flood mail and calls go first, and flags come later."""

log = structlog.get_logger()


class FlagRound:
    """Look at what is due; any number of processes may, and one flag is raised for one hill.

    A round begins no further look after `most_s` seconds: what is left is due in the next, and mail and calls go first.
    """

    def __init__(self, record: Record, levels: Levels, clock: Clock, most_s: float = float("inf")) -> None:
        self._record = record
        self._levels = levels
        self._clock = clock
        self._most_s = most_s
        self._turns: dict[str, int] = {}

    async def run(self) -> int:
        """Look at all levels that are due, and at those whose flag has slept; gives how many parties were looked at."""
        for flag in await self._record.read(lambda reader: reader.waking_flags(self._clock(), _AT_ONCE)):
            await self._record.write(partial(self._wake, flag))
        due = await self._record.read(lambda reader: reader.due_levels(_AT_ONCE))
        now_s, looked_at = asyncio.get_running_loop().time, 0
        until_s = now_s() + self._most_s
        for one in self._in_turn(due):
            looked_at += await self._guarded(one)
            if now_s() >= until_s:
                break
        return looked_at

    def _in_turn(self, due: Sequence[DueLevels]) -> Iterator[DueLevels]:
        """Give those first whose turn is longest ago: who writes without end is due again at once, and not first."""
        self._turns = {one.whose: self._turns.get(one.whose, 0) for one in due}
        turn = max(self._turns.values(), default=0) + 1
        for one in sorted(due, key=lambda one: self._turns[one.whose]):
            self._turns[one.whose] = turn
            yield one

    async def _guarded(self, due: DueLevels) -> bool:
        try:
            # Added up aside: mail and calls do not wait for it.
            found, rest = await asyncio.to_thread(self._record.read_now, partial(self._find, due))
            await self._record.write(partial(self._raise, due, found, rest))
        except RecordUnavailable:
            raise
        except Exception as fault:  # the one broad except of this loop: the others' levels are looked at all the same
            log.error("levels not looked at", **where(fault))
            return False
        return True

    def _find(self, due: DueLevels, reader: Reader) -> tuple[list[Found], datetime | None]:
        whose = _became(reader, due.whose)
        found, rest = self._levels.sums(reader, whose, due.since, due.last)
        return found + (self._levels.joined(reader, whose, self._clock()) if due.joined else []), rest

    def _raise(self, due: DueLevels, found: list[Found], rest: datetime | None, tx: Transaction) -> None:
        whose = _became(tx, due.whose)
        # In the order of a contact, which marks before it locks: else each could wait for the other.
        if tx.levels_looked_at(due) and rest is not None:
            tx.mark_levels(whose, rest, last=max(rest, due.last))
        if found:
            tx.lock_levels(whose)
            self._levels.raise_flags(tx, whose, self._levels.still(tx, whose, found), self._clock())

    def _wake(self, flag: Flag, tx: Transaction) -> None:
        tx.lock_levels(flag.whose)
        if tx.wake_flag(flag.id):
            self._levels.woken(tx, flag, self._clock())


def _became(reader: Reader, whose: str) -> str:
    """Follow a party to the one that it was merged into meanwhile."""
    kind, _, number = whose.partition(":")
    into = reader.merged_into(int(number)) if kind == "party" else None
    return f"party:{into}" if into is not None else whose
