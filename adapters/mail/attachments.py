"""What is attached to a message, known by the digest of its octets and never opened.

Belongs here: telling one attachment from another. The promise (THREATS C7): octets are undone from base64 and hashed,
and that is all that is ever done with them; no name and no type of a sender's choosing is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from adapters.mail.parts import Cut

LARGEST = 64 * 1024 * 1024
"""Octets of one attachment that are hashed."""
LEAST = 256
"""Octets below which it says nothing: a pixel, a vCard's stub, an empty file."""
MOST = 40
TOO_MANY = "It has more attachments than are read."
_WRITTEN = frozenset(("text/plain", "text/html"))


@dataclass(frozen=True, slots=True)
class Attachment:
    """Hold SHA-256 of an attachment, hexadecimal, and its octets."""

    digest: str
    size: int


def attachments(raw: bytes, pieces: Cut) -> tuple[tuple[Attachment, ...], str]:
    """Hash what is attached, each once, in its order; and say what was left out, if anything."""
    found: dict[str, Attachment] = {}
    for part in pieces.parts:
        if part.picture or (not part.attached and part.kind in _WRITTEN):
            continue
        if len(found) >= MOST:
            return tuple(found.values()), TOO_MANY
        octets = part.octets(raw, LARGEST)
        if len(octets) >= LEAST:
            digest = sha256(octets).hexdigest()
            found.setdefault(digest, Attachment(digest, len(octets)))
    return tuple(found.values()), ""
