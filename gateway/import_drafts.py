"""What a file of parties says, as written: tables with the lines they stand on, and faults with theirs.

Belongs here: the words that the readers of TOML and CSV share with what checks and loads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Hold what is wrong, in a sentence with its cure, and the line of the file where; 0 where it is the file."""

    line: int
    text: str


class ImportRefused(Exception):
    """Say everything that is wrong with a file; nothing of it was loaded."""

    def __init__(self, file: Path, faults: Iterable[Fault]) -> None:
        self.file = file
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(self.sentences))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Give each fault as `office.toml:12: what is wrong, and the cure.`"""
        return tuple(
            f"{self.file}:{one.line}: {one.text}" if one.line else f"{self.file}: {one.text}" for one in self.faults
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold one table of the file: its line, its fields, and the lines of those that stand on others."""

    line: int
    fields: Mapping[str, object]
    lines: Mapping[str, int] = field(default_factory=dict)

    def at(self, key: str) -> int:
        """Give the line of a field."""
        return self.lines.get(key, self.line)


@dataclass(frozen=True, slots=True)
class MeasureDraft:
    """Hold one measure as written: its line, and plain data for `rules.measures.parse`."""

    line: int
    data: object


@dataclass(frozen=True, slots=True)
class RestrictionDraft:
    """Hold one restriction as written; its measures are apart from its fields."""

    table: Draft
    measures: tuple[MeasureDraft, ...]


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """Hold one party as written, with all that stands under it."""

    table: Draft
    restrictions: tuple[RestrictionDraft, ...] = ()
    adjustments: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """Hold what a whole file says; `notes` are sentences on how it was understood, for whoever brought it."""

    parties: tuple[PartyDraft, ...]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
