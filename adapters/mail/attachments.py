"""What is attached to a message, known by the digest of its octets and never opened here.

Belongs here: telling one attachment from another. The promise (THREATS C7): octets are undone from base64 and hashed,
and of the first few it is seen whether they have pages; no name and no type of a sender's choosing is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from adapters.documents.kinds import Document, document_of
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
    """Hold SHA-256 of an attachment, hexadecimal, its octets, and what kind of document it is, if any."""

    digest: str
    size: int
    document: Document | None = None


def attachments(raw: bytes, pieces: Cut) -> tuple[tuple[Attachment, ...], str]:
    """Hash what is attached, each once, in its order; and say what was left out, if anything."""
    files = _files(raw, pieces)
    found = tuple(Attachment(digest, len(octets), document_of(octets)) for digest, octets in islice(files, MOST))
    return found, TOO_MANY if next(files, None) is not None else ""


def documents(raw: bytes, pieces: Cut) -> Iterator[tuple[bytes, Document]]:
    """Give the octets of each document that `attachments` finds, in its order; they are for a child under limits."""
    for _, octets in islice(_files(raw, pieces), MOST):
        if (document := document_of(octets)) is not None:
            yield octets, document


def _files(raw: bytes, pieces: Cut) -> Iterator[tuple[str, bytes]]:
    """Give what is attached with its digest, each once, in its order."""
    seen: set[str] = set()
    for part in pieces.parts:
        if part.picture or (not part.attached and part.kind in _WRITTEN):
            continue
        octets = part.octets(raw, LARGEST)
        if len(octets) < LEAST:
            continue
        digest = sha256(octets).hexdigest()
        if digest not in seen:
            seen.add(digest)
            yield digest, octets
