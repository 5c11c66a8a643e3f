"""Looks whether what people did is on record as it was written. Belongs here: bringing chain and papers together."""

from __future__ import annotations

from dataclasses import dataclass

from storage.record import Record


@dataclass(frozen=True, slots=True)
class Verified:
    """Hold what was found: acts that are sound, the hash of the last of them, the first that is not, bad papers.

    `papers_removed` is of how many papers retention deleted the contents.
    """

    length: int
    head: str
    broken_at: int | None
    papers_wrong: tuple[str, ...]
    papers_removed: int = 0

    @property
    def sound(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.broken_at is None and not self.papers_wrong


def verified(record: Record) -> Verified:
    """Follow the whole chain of acts, and compare every paper and confidential record with its link in it."""
    chain, papers, removed = record.read_now(
        lambda reader: (
            reader.verify_acts(),
            (*reader.verify_papers(), *reader.verify_confidential()),
            reader.papers_removed(),
        )
    )
    return Verified(chain.length, chain.head, chain.broken_at, papers, removed)
