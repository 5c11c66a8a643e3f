"""Letters that a party is owed of what stands without them: a lifting, a review, an appeal, a contract, an end.

Belongs here: what is owed since when, by whom, about what, read from the papers and the clock alone (SPSO-23, HO-6);
and the page of arrangements that was sent last. What stands only once told is the restriction's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.casework.shelf import RestrictionOnFile, Shelf


@dataclass(frozen=True, slots=True)
class LetterOnFile:
    """Hold one letter that is or was owed; times are aware UTC.

    `about` is the id of the paper that decided, or of the restriction where its time ended. `told_at` is when the
    letter left, or when the reason for none (`no_notice`) was put on record; `by` is who owes it.
    """

    about: str
    restriction: str
    since: datetime
    by: str
    told_at: datetime | None = None
    no_notice: str = ""
    came_back: bool = False


@dataclass(frozen=True, slots=True)
class PageOnFile:
    """Hold the page of arrangements that a party got last: its `digest`, which letter it went with, when, to where."""

    digest: str
    about: str
    at: datetime
    to: str = ""


def letters_owed(shelf: Shelf, now: datetime) -> Iterator[LetterOnFile]:
    """Give the letters that are owed at `now` (aware UTC): of decisions, and of ends by the clock."""
    yield from (one for one in shelf.letters.values() if one.told_at is None)
    for one in shelf.restrictions.values():
        if one.id not in shelf.letters and _ended(one, now) and not _before_us(one, shelf):
            yield _of_end(one)


def letter_about(about: str, shelf: Shelf, now: datetime) -> LetterOnFile | None:
    """Give the letter of this id, owed or told; None where what it names stands only once the party is told."""
    found = shelf.letters.get(about)
    if found is not None:
        return found
    one = shelf.restrictions.get(about)
    return _of_end(one) if one is not None and _ended(one, now) else None


def _of_end(one: RestrictionOnFile) -> LetterOnFile:
    return LetterOnFile(one.id, one.id, one.ends, one.owner)


def _ended(one: RestrictionOnFile, now: datetime) -> bool:
    """Tell whether it was in force, the party knew, and its time is over (not lifted: that has a paper)."""
    return one.known and one.enforced() is not None and one.ends <= now and one.stops == one.ends


def _before_us(one: RestrictionOnFile, shelf: Shelf) -> bool:
    """Tell whether it was over before the file was opened: history that was brought in."""
    return one.imported and shelf.opened is not None and one.ends <= shelf.opened
