"""How many pages a document has: of a PDF those in its tree, of a TIFF its images, of a Word file what it says itself.

Belongs here: reading one file's octets, which are hostile. It promises nothing of time or memory, and may raise
anything: it is for the child alone, which is under limits (`adapters.documents.child`).
"""

from __future__ import annotations

import re
import struct
from io import BytesIO
from zipfile import ZipFile

from adapters.documents.kinds import Document

MOST_PAGES = 10_000
"""Of one file; one with more is not counted. A letter that staff log has no more either."""
_MOST_SAID = 64 * 1024
# Where a program writes how many pages it made of a document: ECMA-376 part 1, 22.2; OpenDocument 1.3 part 3, 4.3.2.18.
_SAID = (
    ("docProps/app.xml", re.compile(rb"<Pages>(\d{1,5})</Pages>")),
    ("meta.xml", re.compile(rb'meta:page-count="(\d{1,5})"')),
)
_SUBFILE, _REDUCED = 254, 1
"""The TIFF field that marks an image as a small version of another (TIFF 6.0, NewSubfileType)."""


def pages_of(octets: bytes, document: Document) -> int | None:
    """Count the pages of a document; None where that cannot be done. Raises whatever the file makes it."""
    found = {Document.PDF: _of_pdf, Document.TIFF: _of_tiff, Document.ZIPPED: _said}.get(document, _none)(octets)
    return found if found and 0 < found <= MOST_PAGES else None


def _none(octets: bytes) -> None:
    return None


def _of_pdf(octets: bytes) -> int | None:
    """Count what stands in the tree of pages; what the file says of their number is not believed.

    One that is encrypted is counted where it opens without a password, as most do that only forbid printing.
    """
    from pypdf import PasswordType, PdfReader  # a quarter of a second: the child asks for it where there is a PDF

    reader = PdfReader(BytesIO(octets))
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        return None
    return reader.get_num_pages()


def _of_tiff(octets: bytes) -> int:
    """Count the images of a TIFF that are no small versions of others; its directories are a chain, which may loop."""
    order = "<" if octets.startswith(b"I") else ">"
    (at,) = struct.unpack_from(f"{order}I", octets, 4)
    seen: set[int] = set()
    pages = 0
    while at and at not in seen and pages <= MOST_PAGES:
        seen.add(at)
        (fields,) = struct.unpack_from(f"{order}H", octets, at)
        directory = octets[at + 2 : at + 2 + 12 * fields]
        said = [value for tag, value in struct.iter_unpack(f"{order}H6xI", directory) if tag == _SUBFILE]
        pages += bool(fields) and not (said and said[0] & _REDUCED)
        (at,) = struct.unpack_from(f"{order}I", octets, at + 2 + 12 * fields)
    return pages


def _said(octets: bytes) -> int | None:
    """Give the pages that a document's program wrote into it: it has none of its own before it is set."""
    with ZipFile(BytesIO(octets)) as zipped:
        names = set(zipped.namelist())
        for name, said in _SAID:
            if name in names:
                with zipped.open(name) as opened:
                    found = said.search(opened.read(_MOST_SAID))
                return int(found[1]) if found else None
    return None
