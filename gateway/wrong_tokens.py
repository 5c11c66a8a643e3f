"""Wrong tokens, counted by who shows them: past a few in a minute nothing more is tried (THREATS W2: spraying).

Belongs here: the one limit of all doors that take tokens. Whoever came in with a token lately is not kept out by others
who guess from the same address, as behind a proxy. Each process counts its own: a token is too long to be guessed at
any pace, so this spares our work and no more, and a count on record would let strangers write there.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from hashlib import sha256

from gateway.clock import Clock

MOST_WRONG = 10
WITHIN = timedelta(minutes=1)
_KNOWN_FOR = timedelta(hours=1)
_MOST_REMEMBERED = 10_000


class WrongTokens:
    """Remember for a minute who showed a wrong token; threads may share it, as each change is one step."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._right: OrderedDict[bytes, datetime] = OrderedDict()

    def wait_s(self, client: str, shown: str) -> int:
        """Say in how many seconds this client may try this token; 0 where it may now."""
        now = self._clock()
        times = self._wrong.get(client)
        if times is None or len(times) < MOST_WRONG or now - times[0] >= WITHIN:
            return 0
        known = self._right.get(_digest(shown))
        if known is not None and now - known < _KNOWN_FOR:
            return 0
        return max(1, math.ceil((times[0] + WITHIN - now).total_seconds()))

    def wrong(self, client: str) -> None:
        """Note that a client showed a token that opens nothing."""
        times = self._wrong.setdefault(client, deque(maxlen=MOST_WRONG))
        times.append(self._clock())
        self._wrong.move_to_end(client)
        if len(self._wrong) > _MOST_REMEMBERED:
            self._wrong.popitem(last=False)

    def right(self, shown: str) -> None:
        """Note that a token opened the door."""
        digest = _digest(shown)
        self._right[digest] = self._clock()
        self._right.move_to_end(digest)
        if len(self._right) > _MOST_REMEMBERED:
            self._right.popitem(last=False)


def _digest(shown: str) -> bytes:
    return sha256(shown.encode("utf-8", "replace")).digest()
