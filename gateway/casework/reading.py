"""Files as lists read them: one that cannot be read is named, with the paper that is the reason, and the list goes on.

Belongs here: reading for an overview. Whoever acts on a file, or reads one by itself, is told of the fault instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.casework.file import CaseFile
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy
from rules.standing import Party
from storage.faults import PaperUnreadable
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class Shelved:
    """Hold a file with its shelf."""

    file: CaseFile
    shelf: Shelf

    @property
    def party(self) -> Party:
        """Give whose file it is."""
        return self.file.party


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Hold a party whose file cannot be read; `paper` is the id of the reason, empty where the papers contradict."""

    party: Party
    paper: str

    @property
    def words(self) -> str:
        """Say it to a person."""
        what = f"paper {self.paper} cannot be read" if self.paper else "its papers do not fit together"
        return f"Its file cannot be shown: {what}."


def read_for_list(reader: Reader, number: int, policy: Policy) -> Shelved | Unreadable | None:
    """Read a party's file for a list; None for no such party."""
    return next((found for _, found in read_for_lists(reader, (number,), policy)), None)


def read_for_lists(
    reader: Reader, numbers: Iterable[int], policy: Policy
) -> Iterator[tuple[int, Shelved | Unreadable]]:
    """Read the files of parties for a list, by number, without those that are not there."""
    for number, file in reader.case_files(numbers):
        found = _shelved(reader, number, file, policy)
        if found is not None:
            yield number, found


def _shelved(
    reader: Reader, number: int, file: CaseFile | PaperUnreadable, policy: Policy
) -> Shelved | Unreadable | None:
    if isinstance(file, PaperUnreadable):
        return _unreadable(reader, number, file.paper)
    try:
        return Shelved(file, shelf_of(file, policy))
    except (LookupError, ValueError, TypeError):  # a paper that somebody changed past the chain may name what is not
        return _unreadable(reader, number, "")


def _unreadable(reader: Reader, number: int, paper: str) -> Unreadable | None:
    party = reader.party(number)
    return Unreadable(party, paper) if party is not None else None
