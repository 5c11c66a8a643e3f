"""Serial numbers of contacts, letters and restrictions: sortable by time, unguessable, safe in any file name."""

from __future__ import annotations

import secrets
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing that a person reads wrongly


def serial(now: datetime) -> str:
    """Give a new serial: ten characters of milliseconds since 1970 UTC, then eleven (55 bits) of chance."""
    number = (int(now.timestamp() * 1000) << 55) | secrets.randbits(55)
    characters = []
    for _ in range(21):
        characters.append(_ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(characters))
