"""Passages that staff marked in a message, so that it can go back with them highlighted (PHSO-M3).

Belongs here: where a passage stands and whether a text still has it there. The words themselves are not kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_FURTHEST = 10_000_000


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
