"""Which attached files are documents: what somebody would print, and what has pages.

Belongs here: telling them by their first octets. Promises that no name and no type of a sender's choosing is looked at
(THREATS C7). Pictures are none: a photograph or a logo cannot be told from a page that was scanned.
"""

from __future__ import annotations

from enum import Enum, auto


class Document(Enum):
    """Say what a document is, as far as its pages are concerned; those of `OTHER` are not counted."""

    PDF = auto()
    TIFF = auto()
    """What scanners and fax machines write."""
    ZIPPED = auto()
    """A Word or OpenDocument file, and whatever else is a ZIP."""
    OTHER = auto()


_PDF_WITHIN = 1024
"""Octets within which `%PDF-` stands, as readers of PDF take it; ISO 32000 wants it first."""
_BEGINS: tuple[tuple[bytes, Document], ...] = (
    (b"II*\0", Document.TIFF),
    (b"MM\0*", Document.TIFF),
    (b"PK\x03\x04", Document.ZIPPED),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Document.OTHER),  # Word before 2007
    (b"{\\rtf", Document.OTHER),
    (b"Rar!\x1a\x07", Document.OTHER),
    (b"7z\xbc\xaf\x27\x1c", Document.OTHER),
)


def document_of(octets: bytes) -> Document | None:
    """Say what kind of document a file is; None where it is none."""
    for begins, document in _BEGINS:
        if octets.startswith(begins):
            return document
    return Document.PDF if b"%PDF-" in octets[:_PDF_WITHIN] else None
