"""What changed between two texts, word by word, for a person who has read the first (PHSO-M3).

Belongs here: the comparison alone, pure and bounded: so many words of each text, in time that grows with their number
and not with what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_WORDS = 4_000
"""Words of each text that are compared: about ten pages."""
_WORDS = re.compile(r"\S+\s*")


class Kind(StrEnum):
    """Say of words whether both texts have them, or which."""

    SAME = "same"
    GONE = "gone"
    """In the first text alone."""
    NEW = "new"
    """In the second text alone."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold words in a row, with the whitespace after each, and which of the texts has them."""

    kind: Kind
    text: str


def changes(first: str, second: str) -> tuple[tuple[Piece, ...], bool]:
    """Give the words of both texts in order, what is gone before what is new; and whether either was too long.

    Words are the same whatever whitespace follows them: a text that is wrapped anew has not changed.
    """
    ours, theirs = _words(first), _words(second)
    cut = len(ours) > MOST_WORDS or len(theirs) > MOST_WORDS
    return tuple(_together(_pieces(ours[:MOST_WORDS], theirs[:MOST_WORDS]))), cut


def _words(text: str) -> list[str]:
    return _WORDS.findall(text)


def _pieces(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Piece]:
    from rapidfuzz.distance import Indel  # megabytes, which a process that compares nothing never loads

    # By bits in C: the standard library's comparison takes minutes over a text that says one thing again and again.
    for step in Indel.opcodes([word.strip() for word in ours], [word.strip() for word in theirs]):
        if step.tag == "equal":
            yield Piece(Kind.SAME, "".join(theirs[step.dest_start : step.dest_end]))
            continue
        if step.src_end > step.src_start:
            yield Piece(Kind.GONE, "".join(ours[step.src_start : step.src_end]))
        if step.dest_end > step.dest_start:
            yield Piece(Kind.NEW, "".join(theirs[step.dest_start : step.dest_end]))


def _together(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Give what is gone in a row before what is new in the same place, so that it reads as one change."""
    gone, new = "", ""
    for piece in pieces:
        if piece.kind is Kind.GONE:
            gone += piece.text
        elif piece.kind is Kind.NEW:
            new += piece.text
        else:
            yield from _change(gone, new)
            gone = new = ""
            yield piece
    yield from _change(gone, new)


def _change(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece(Kind.GONE, gone)
    if new:
        yield Piece(Kind.NEW, new)
