"""A notice in the form that a person needs: plain text, PDF, large print, coloured, Easy Read, mail (HO-3, PHSO-23).

Belongs here: forms and their digests. What was sent can be proven later: the same notice, look and day give the same
octets, on any machine with the same typesetter.
"""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from adapters.pdf.letter import Look, Part, Press, PrintedLetter, pages
from gateway.notices.notice import Block, Heading, Kind, Listing, Notice, Paragraph, Table

PLAIN_PAPER = Look(size=12)
LARGE_PRINT = Look(size=18)
_ONE_PAGE = (12, 11, 10)
"""Sizes in points that the page of arrangements is tried in; smaller letters are no kindness."""
_LARGE = 14
PAPERS = {"cream": "#fdf5e1", "yellow": "#fff7b0", "blue": "#dcecf9", "green": "#e0f3dc", "pink": "#fce4ec"}
INKS = {"black": "#000000", "dark blue": "#0b2a5b", "dark green": "#0f3d1e", "dark red": "#6b0f1a"}


class Form(StrEnum):
    """Name a form; adjustments ask for them by these names."""

    PLAIN_TEXT = "plain_text"
    PDF = "pdf"
    LARGE_PRINT = "large_print"
    COLOURED = "coloured"
    EASY_READ = "easy_read"
    TRANSLATED = "translated"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Rendered:
    """Hold a notice in one form, as octets; `digest` is their SHA-256 in hexadecimal, `kind` which notice it is."""

    form: Form
    content: bytes
    kind: Kind | None = None

    @property
    def digest(self) -> str:
        """Give the SHA-256 of the octets."""
        return hashlib.sha256(self.content).hexdigest()


def coloured(paper: str = "cream", ink: str = "black", size: int = 12) -> Look:
    """Give the look of coloured paper or text; raises ValueError with the colours that there are."""
    if paper not in PAPERS and paper != "white":
        raise ValueError(f"there is no paper {paper!r}; there are white, {', '.join(PAPERS)}")
    if ink not in INKS:
        raise ValueError(f"there is no ink {ink!r}; there are {', '.join(INKS)}")
    return Look(size=size, paper=PAPERS.get(paper, "#ffffff"), ink=INKS[ink])


def look_of(form: Form) -> Look:
    """Give the look that a form has unless the person asked for another."""
    return {
        Form.LARGE_PRINT: LARGE_PRINT,
        Form.COLOURED: coloured(),
        Form.EASY_READ: Look(size=16),
    }.get(form, PLAIN_PAPER)


def as_text(notice: Notice) -> Rendered:
    """Give a notice as plain text in UTF-8, read in order by any reader of screens: no table, no drawn lines."""
    return Rendered(Form.PLAIN_TEXT, plain_text(notice).encode(), notice.kind)


def as_pdf(notice: Notice, press: Press, at: datetime, form: Form = Form.PDF, look: Look | None = None) -> Rendered:
    """Give a notice as tagged PDF; `at` (aware) is its date. Raises adapters' Unprintable with a sentence."""
    if look is not None or form is not Form.PDF or notice.kind is not Kind.ARRANGEMENTS:
        return Rendered(form, press.print(_letter(notice, at, look or look_of(form))), notice.kind)
    printed = [b""]
    for size in _ONE_PAGE:
        printed.append(press.print(_letter(notice, at, Look(size=size, airy=size == _ONE_PAGE[0]))))
        if pages(printed[-1]) == 1:
            return Rendered(form, printed[-1], notice.kind)
    return Rendered(form, printed[1], notice.kind)  # too much for a page that anybody could read


def _letter(notice: Notice, at: datetime, look: Look) -> PrintedLetter:
    parts = tuple(part for block in notice.blocks for part in _parts(block, large=look.size > _LARGE))
    return PrintedLetter(notice.title, notice.office, notice.language, at, parts, look)


def proof(notice: Notice, forms: Iterable[Rendered]) -> str:
    """Give one digest of what a notice says and of every form that it was sent in."""
    sent = sorted(f"{one.form}:{one.digest}" for one in forms)
    return hashlib.sha256("\n".join(["parley-proof-1", notice.digest, *sent]).encode()).hexdigest()


def plain_text(notice: Notice) -> str:
    """Write a notice as lines of at most 72 characters, headings underlined."""
    pieces = [_underlined(notice.title, "=")]
    pieces += ["\n".join(_lines(block)) for block in notice.blocks]
    return "\n\n".join(pieces) + "\n"


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield _underlined(block.text, "-") if block.level == 1 else block.text
    elif isinstance(block, Paragraph):
        yield _wrapped(block.text)
    elif isinstance(block, Listing):
        for item in block.items:
            yield _wrapped(item, "* ")
    else:
        yield from _rows(block)


def _rows(table: Table) -> Iterator[str]:
    """Write each row as a paragraph of its own, every cell under its head; an empty one says nothing."""
    for number, (first, *rest) in enumerate(table.rows):
        if number:
            yield ""
        yield first
        for head, cell in zip(table.head[1:], rest, strict=True):
            if cell != "-":
                yield _wrapped(f"{head.rstrip('?')}: {cell}", "  ", "    ")


def _underlined(text: str, sign: str) -> str:
    return f"{text}\n{sign * min(len(text), 72)}"


def _wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    further = " " * len(first) if rest is None else rest
    return textwrap.fill(
        text, 72, initial_indent=first, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )


def _parts(block: Block, *, large: bool) -> Iterator[Part]:
    if isinstance(block, Heading):
        yield Part("heading", (block.text,), level=block.level, picture=block.picture)
    elif isinstance(block, Paragraph):
        yield Part("paragraph", (block.text,), picture=block.picture)
    elif isinstance(block, Listing):
        yield Part("list", block.items)
    elif large:  # four columns leave no room for large letters
        yield from _rows_in_parts(block)
    else:
        yield Part("table", block.head, block.rows)


def _rows_in_parts(table: Table) -> Iterator[Part]:
    """Give each row a heading of its own, and every cell that says something an item beneath it."""
    for first, *rest in table.rows:
        cells = [(head, cell) for head, cell in zip(table.head[1:], rest, strict=True) if cell != "-"]
        yield Part("heading", (first,), level=2)
        yield Part("list", tuple(f"{_asked(head)} {cell}" for head, cell in cells))


def _asked(head: str) -> str:
    return head if head.endswith("?") else f"{head}:"
