"""Passages that staff marked in a message, so that it can go back with them highlighted (PHSO-M3).

Belongs here: where a passage stands, and whether a text still has it, there or anywhere. The words themselves are not
kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_FURTHEST = 10_000_000
_WORD = re.compile(r"\w+")


def quoted(words: str) -> str:
    """Give the digest of marked words: SHA-256 of them as UTF-8; halves of surrogate pairs as question marks."""
    return sha256(words.encode("utf-8", "replace")).hexdigest()


class Passage(BaseModel):
    """Hold one passage: characters of the message's text from `start` up to, not including, `end`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Annotated[int, Field(ge=0, le=_FURTHEST, description="Its first character, counted from 0.")]
    end: Annotated[int, Field(ge=1, le=_FURTHEST, description="The first character after it.")]
    digest: Annotated[
        str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the marked words, in hexadecimal digits.")
    ]

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.end <= self.start:
            raise ValueError("a passage ends after it begins")
        return self

    def stands_in(self, text: str) -> bool:
        """Tell whether these very words still stand there in a text."""
        return self.end <= len(text) and quoted(text[self.start : self.end]) == self.digest


def apart(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Give passages in the order of the text; raises ValueError where two overlap."""
    ordered = sorted(passages, key=lambda one: one.start)
    for one, following in pairwise(ordered):
        if following.start < one.end:
            raise ValueError("two passages overlap")
    return tuple(ordered)


def marked(text: str, words: Iterable[str]) -> tuple[Passage, ...]:
    """Mark words in a text wherever they stand, in the order of the text; lines may break between them.

    Raises ValueError, which repeats no word of them, where some are not in the text or two passages overlap.
    """
    spans: set[tuple[int, int]] = set()
    for number, each in enumerate(words, 1):
        found = set(_standing(each, text))
        if not found:
            raise ValueError(f"the words of passage {number} are not in the text of the message")
        spans |= found
    return apart(Passage(start=start, end=end, digest=quoted(text[start:end])) for start, end in spans)


def _standing(words: str, text: str) -> Iterator[tuple[int, int]]:
    """Give where words stand in a text; whitespace between them is any whitespace."""
    parts = words.split()
    if parts:
        # Between two parts there is nothing but whitespace, of which no part has any: one way to match, no search back.
        pattern = re.compile(r"\s+".join(map(re.escape, parts)))
        yield from (match.span() for match in pattern.finditer(text))


def without(text: str, passages: Iterable[Passage]) -> str:
    """Give a text without its passages, each of which leaves a line break; they stand apart, in order."""
    kept, at = [], 0
    for one in passages:
        kept.append(text[at : one.start])
        at = one.end
    return "\n".join([*kept, text[at:]])


def still_there(passages: Sequence[Passage], first: str, now: str) -> int:
    """Count the passages of a text whose words stand in another in a row, whatever case, layout and punctuation.

    A passage without a word (a row of signs) is looked for as it is. One whose words the first text has elsewhere too,
    where nobody marked them, says nothing.
    """
    rest = without(first, passages)
    said, unmarked = _row(now), _row(rest)
    words = (first[one.start : one.end] for one in passages)
    return sum(_stands(one, said, now) and not _stands(one, unmarked, rest) for one in words)


def _stands(words: str, said: str, text: str) -> bool:
    row = _row(words)
    return row in said if row.strip() else words in text


def _row(text: str) -> str:
    """Give the words of a text in small letters, one space around each."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
