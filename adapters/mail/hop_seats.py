"""The seats at which connections to a next hop sit: so many and no more, taken in the order of asking.

Belongs here: fairness and the bound. A seat holds at most one connection, which outlives the one who sat there.
"""

from __future__ import annotations

import asyncio
from collections import deque

from adapters.mail.hop_connection import HopConnection


class Seat:
    """Hold one connection, or none, and when it was last used (the loop's seconds)."""

    __slots__ = ("connection", "idle_since")

    def __init__(self) -> None:
        self.connection: HopConnection | None = None
        self.idle_since = 0.0


class Seats:
    """Hand out seats, those with a connection used last first; who waits is served in order."""

    def __init__(self, size: int) -> None:
        self._free = deque(Seat() for _ in range(size))
        self._waiters: deque[asyncio.Future[Seat]] = deque()

    def idle(self) -> list[tuple[Seat, HopConnection]]:
        """Give the free seats that hold a connection, with it."""
        return [(seat, seat.connection) for seat in self._free if seat.connection is not None]

    async def take(self, timeout_s: float) -> Seat:
        """Wait for a seat, at most so many seconds; raises TimeoutError after that."""
        if self._free:
            return self._free.pop()
        waiter: asyncio.Future[Seat] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                return await waiter
        except BaseException:
            # The seat may have been handed over in the moment in which the wait was given up.
            if waiter.done() and not waiter.cancelled():
                self.give_back(waiter.result())
            raise

    def give_back(self, seat: Seat) -> None:
        """Hand the seat to who has waited longest, or put it into the row."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(seat)
                return
        if seat.connection is None:
            self._free.appendleft(seat)
        else:
            self._free.append(seat)
