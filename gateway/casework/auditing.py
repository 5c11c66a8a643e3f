"""Looks whether what people did is on record as it was written, and whether what is enforced follows from it.

Belongs here: bringing chain, papers and rows together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.casework.auditing_rows import compared
from rules.policies import Policy
from storage.record import Record
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class Verified:
    """Hold what was found: acts that are sound, the hash of the last of them, the first that is not, bad papers.

    `papers_removed` is of how many papers retention deleted the contents. `differences` are sentences, one for each row
    that is not as papers and acts say; `unvouched` says how many rows could be compared with nothing, by what they are.
    """

    length: int
    head: str
    broken_at: int | None
    papers_wrong: tuple[str, ...]
    papers_removed: int = 0
    differences: tuple[str, ...] = ()
    unvouched: Mapping[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.broken_at is None and not self.papers_wrong and not self.differences


def verified(record: Record, policy: Policy) -> Verified:
    """Follow the whole chain of acts, and compare papers, confidential records and what is enforced with it."""

    def job(reader: Reader) -> Verified:
        chain = reader.verify_acts()
        wrong = (*reader.verify_papers(), *reader.verify_confidential())
        rows = compared(reader, policy)
        unvouched = {what: count for what, count in sorted(rows.unvouched.items()) if count}
        return Verified(
            *(chain.length, chain.head, chain.broken_at, wrong),
            papers_removed=reader.papers_removed(),
            differences=tuple(rows.differences),
            unvouched=unvouched,
        )

    return record.read_now(job)
