"""A notice as a value: its kind, its title, its blocks, and a digest by which what was sent can be proven.

Belongs here: the shape of a notice, whatever it says and in whatever form it goes out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """Name what a notice is for (PHSO-20, HO-5)."""

    ARRANGEMENTS = "arrangements"
    WARNING = "warning"
    RESTRICTION = "restriction"
    CHANGE = "change"
    EXTENSION = "extension"
    REVIEW_OUTCOME = "review_outcome"
    END = "end"
    APPEAL_OUTCOME = "appeal_outcome"


@dataclass(frozen=True, slots=True)
class Heading:
    """Hold the heading of what follows; `picture` is what Easy Read shows beside it."""

    text: str
    level: int = 1
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Hold sentences that belong together; `picture` is what Easy Read shows beside them."""

    text: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Hold items, each a sentence or more."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Hold rows under a head; every row has as many cells. `pictures` are those of each row's first two cells."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    pictures: tuple[tuple[str, str], ...] = ()


Block = Heading | Paragraph | Listing | Table


@dataclass(frozen=True, slots=True)
class Copy:
    """Hold to whom a copy goes, who agreed to it with the party."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold one notice; `language` is as `en-GB`, `office` whom it is from, `copies` go to advocates with consent."""

    kind: Kind
    language: str
    office: str
    title: str
    blocks: tuple[Block, ...]
    copies: tuple[Copy, ...] = ()
    easy: bool = False

    @property
    def digest(self) -> str:
        """Give the SHA-256 of all it says, in hexadecimal: the same words give the same digest, on any machine."""
        parts = [[type(block).__name__, asdict(block)] for block in self.blocks]
        copies = [[copy.name, copy.address] for copy in self.copies]
        said = ["parley-notice-1", self.kind, self.language, self.office, self.title, self.easy, parts, copies]
        return hashlib.sha256(json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def lasting(self) -> str:
        """Give the SHA-256 of all but its opening, which has the day: by it a page is told from one of another day."""
        return replace(self, blocks=self.blocks[1:]).digest

    def texts(self) -> Iterator[str]:
        """Give all that it says, piece by piece, in order."""
        yield self.title
        for block in self.blocks:
            yield from block_texts(block)


def block_texts(block: Block) -> Iterator[str]:
    """Give what a block says, piece by piece, in order."""
    if isinstance(block, Listing):
        yield from block.items
    elif isinstance(block, Table):
        yield from block.head
        for row in block.rows:
            yield from row
    else:
        yield block.text
