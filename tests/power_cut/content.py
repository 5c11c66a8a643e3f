"""The bytes of one file as a disk holds them: what is read now, and what a loss of power would leave.

Promise: only what was synced is sure; the rest survives not at all, or (seeded) in any sectors, in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

SECTOR = 512
PAGE = 4096


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put at an offset."""

    offset: int
    data: bytes

    def apply(self, to: bytearray) -> None:
        """Put the bytes into the buffer, with zeros in a gap before them."""
        if len(to) < self.offset:
            to.extend(bytes(self.offset - len(to)))
        to[self.offset : self.offset + len(self.data)] = self.data

    def blocks(self, grain: int) -> Iterator[Write]:
        """Split at block borders: the disk writes whole blocks."""
        start = 0
        while start < len(self.data):
            end = start + grain - (self.offset + start) % grain
            yield Write(self.offset + start, self.data[start:end])
            start = end


@dataclass(frozen=True, slots=True)
class Resize:
    """A change of size, shorter or longer (then with zeros)."""

    size: int

    def apply(self, to: bytearray) -> None:
        """Cut the buffer off, or fill it up with zeros."""
        if self.size < len(to):
            del to[self.size :]
        else:
            to.extend(bytes(self.size - len(to)))


@dataclass(slots=True)
class Content:
    """A file's bytes: `now` as programs see them, `safe` as last synced, `pending` what lies between in order."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytearray = field(default_factory=bytearray)
    pending: list[Write | Resize] = field(default_factory=list)

    @classmethod
    def stored(cls, data: bytes) -> Content:
        """Make the content of a file that has been on the disk all along."""
        return cls(bytearray(data), bytearray(data))

    def write(self, offset: int, data: bytes) -> None:
        """Write without syncing."""
        self._change(Write(offset, data))

    def resize(self, size: int) -> None:
        """Truncate or extend without syncing."""
        if size != len(self.now):
            self._change(Resize(size))

    def _change(self, change: Write | Resize) -> None:
        change.apply(self.now)
        self.pending.append(change)

    def sync(self) -> None:
        """Make all of it durable."""
        for change in self.pending:
            change.apply(self.safe)
        self.pending.clear()

    def survive(self, chance: Random | None, grain: int = SECTOR) -> bytes:
        """Give what is left after a loss of power: the synced bytes, and with `chance` any blocks of the rest."""
        if chance is None or not self.pending:
            return bytes(self.safe)
        return _survive(bytearray(self.safe), _until_lost_cut(self.pending, chance), chance, grain)


def _until_lost_cut(pending: list[Write | Resize], chance: Random) -> list[Write | Resize]:
    """Drop everything from a chosen resize on: sizes are kept in order, as a journal of metadata keeps them."""
    resizes = [index for index, change in enumerate(pending) if isinstance(change, Resize)]
    keep = chance.randint(0, len(resizes))
    return pending if keep == len(resizes) else pending[: resizes[keep]]


def _survive(left: bytearray, changes: list[Write | Resize], chance: Random, grain: int) -> bytes:
    """Keep for each block some first few of its writes, and any size that the file had on the way."""
    versions = Counter(part.offset // grain for part in _parts(changes, grain))
    kept = {block: chance.randint(0, count) for block, count in versions.items()}
    size, sizes = len(left), [len(left)]
    for change in changes:
        if isinstance(change, Resize):
            change.apply(left)
            size, sizes = change.size, [change.size]
            continue
        for part in change.blocks(grain):
            if kept[part.offset // grain] > 0:
                kept[part.offset // grain] -= 1
                part.apply(left)
        size = max(size, change.offset + len(change.data))
        sizes.append(size)
    Resize(chance.choice(sizes)).apply(left)
    return bytes(left)


def _parts(changes: list[Write | Resize], grain: int) -> Iterator[Write]:
    for change in changes:
        if isinstance(change, Write):
            yield from change.blocks(grain)
