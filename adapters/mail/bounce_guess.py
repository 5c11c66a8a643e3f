"""The guess whether a message without a readable report is a bounce: flufl.bounce, kept at arm's length.

Belongs here: the guard around the library. It is known to raise on wild mail, to see bounces where there are none and
to log 17 lines a message (THREATS C5): its exceptions mean "no bounce", it is silenced, and it gets a bounded piece.
"""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Iterable

from flufl.bounce import all_failures

_MOST_LINES = 1_000
_LONGEST_LINE = 998
_MOST_NESTING = 10
_MOST_PARTS = 50
_LONGEST_ADDRESS = 320
_NESTED = re.compile(rb"(?i)content-type[ \t]{0,9}:\s{0,9}(?:multipart|message)/")
_BOUNDARY = re.compile(rb"(?m)^--[^\r\n]{1,200}\r?$")
# What it logs holds addresses, and nobody reads it.
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())
logging.getLogger("flufl.bounce").propagate = False
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)


def guess(raw: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Guess for whom a message says that delivery failed, and for whom it is delayed."""
    lines = [line[:_LONGEST_LINE] for line in raw.split(b"\r\n", _MOST_LINES)[:_MOST_LINES]]
    piece = b"\n".join(lines)
    if len(_NESTED.findall(piece)) > _MOST_NESTING or len(_BOUNDARY.findall(piece)) > _MOST_PARTS:
        return (), ()
    try:
        delayed, failed = all_failures(email.message_from_bytes(piece))
        return _addresses(failed), _addresses(delayed)
    except Exception:  # AttributeError, LookupError, UnicodeError, TypeError have been seen; all mean: no bounce
        return (), ()


def _addresses(found: Iterable[bytes | str]) -> tuple[str, ...]:
    texts = (one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in found)
    return tuple(sorted(text for text in texts if "@" in text and len(text) <= _LONGEST_ADDRESS))
