"""A party's file: the papers that acts left on it, in order, and what an import or an older hand put on record.

Belongs here: the values, not what they mean; each view of the file has a module of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from rules.contact import Identifier
from rules.standing import Adjustment, Party, Restriction

if TYPE_CHECKING:
    from rules.casework.acts.act import Act

A = TypeVar("A", bound="Act")


@dataclass(frozen=True, slots=True)
class Paper:
    """Hold one act that was accepted: who did it, in which role, and when (aware UTC). Papers are never changed."""

    id: str
    at: datetime
    by: str
    role: str
    act: Act


@dataclass(frozen=True, slots=True)
class Mark:
    """Hold one identifier of a party with how, when and by whom it was established, and last confirmed."""

    identifier: Identifier
    shared: bool = False
    exception: bool = False
    how: str = ""
    by: str = ""
    established: datetime | None = None
    confirmed: datetime | None = None


def imported_name(number: int | str) -> str:
    """Name an adjustment that no paper agreed by its number on record."""
    return f"imported-{number}"


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Hold all that is on a party's file.

    `version` goes up with every change; who acts on an older one is told. `imported` are restrictions that no paper
    made; `imported_adjustments` likewise, each with the name by which acts mean it, its own on whatever file it is.
    """

    party: Party
    version: int = 1
    papers: tuple[Paper, ...] = ()
    marks: tuple[Mark, ...] = ()
    imported: tuple[Restriction, ...] = ()
    imported_adjustments: tuple[tuple[str, Adjustment], ...] = ()

    def of(self, kind: type[A]) -> Iterator[tuple[Paper, A]]:
        """Give the papers of one kind of act with the act itself, the oldest first."""
        return ((paper, paper.act) for paper in self.papers if isinstance(paper.act, kind))

    def paper(self, number: str) -> Paper | None:
        """Give the paper of this id."""
        return next((paper for paper in self.papers if paper.id == number), None)

    def with_paper(self, paper: Paper) -> CaseFile:
        """Give the file with one paper more."""
        return CaseFile(
            self.party,
            self.version + 1,
            (*self.papers, paper),
            self.marks,
            self.imported,
            self.imported_adjustments,
        )
