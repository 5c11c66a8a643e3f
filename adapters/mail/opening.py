"""The first part of what a message says: the sender's own words, without quotes and signature, for matching only.

Belongs here: how much of a body a measure gets to see. The promise (THREATS C1): no exception whatever the bytes,
bounded work, no attachment opened.
"""

from __future__ import annotations

from adapters.mail.body import body

LONGEST_OPENING = 2_000
"""Characters that are given: about the first page of a letter."""
_MOST_OCTETS = 64 * 1024


def opening(raw: bytes) -> str:
    """Give the first part of what was written, `LONGEST_OPENING` characters at most; empty where it cannot be read."""
    return body(raw[:_MOST_OCTETS], with_attachments=False).text[:LONGEST_OPENING]
