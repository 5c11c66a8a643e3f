"""Serial numbers of contacts, letters and restrictions: sortable by time, unguessable, safe in any file name."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing that a person reads wrongly
_PAIRS = [one + other for one in _ALPHABET for other in _ALPHABET]


def serial(now: datetime) -> str:
    """Give a new serial: ten characters of milliseconds since 1970 UTC, then twelve (60 bits) of chance."""
    return _written(int(now.timestamp() * 1000), 5) + _written(_chance(), 6)


def serial_of(at: datetime, key: str) -> str:
    """Give the serial of what has a key of its own: the same whenever it is asked for, sortable by `at`."""
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8, usedforsecurity=False).digest()
    return _written(int(at.timestamp() * 1000), 5) + _written(int.from_bytes(digest, "big"), 6)


def _chance() -> int:
    """Draw 64 bits, in lots: asking the system for each costs more than all the rest. Threads may share the lot."""
    try:
        return _lot.pop()
    except IndexError:
        drawn = os.urandom(4096)
        _lot.extend(int.from_bytes(drawn[at : at + 8], "big") for at in range(8, len(drawn), 8))
        return int.from_bytes(drawn[:8], "big")


def made_at(number: str) -> datetime | None:
    """Tell when a serial was given, to the millisecond, aware UTC; None for what is none."""
    if len(number) != 22 or not set(number) <= set(_ALPHABET):
        return None
    read = 0
    for character in number[:10]:
        read = read << 5 | _ALPHABET.index(character)
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=read)
    except OverflowError:
        return None


_lot: list[int] = []
# Two processes must not draw the same.
os.register_at_fork(after_in_child=_lot.clear)


def _written(number: int, pairs: int) -> str:
    """Write a number's lowest ten bits for each pair of characters, the highest first."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(10 * pairs - 10, -1, -10)])
