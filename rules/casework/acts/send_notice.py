"""Say that a notice left: from then on the party is told (PHSO-20, HO-5, SPSO-64)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Words
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import on_file
from rules.casework.notices import ARRANGEMENTS
from rules.casework.owed import PageOnFile, letter_about
from rules.casework.refused import Refused
from rules.casework.shelf import Change, RestrictionState, Shelf, shelf_of
from rules.policies import Policy

LIVE = (RestrictionState.AWAITING_NOTICE, RestrictionState.AHEAD, RestrictionState.IN_FORCE)
"""The states in which a restriction is approved and not over."""
PAGE_WAY = "Draft the page with parley notice arrangements, read it, and send, post or close it there."


class SendNotice(Act):
    """Name what the notice is about: a restriction or its end, or a paper that changed, reviewed or lifted one."""

    name: ClassVar[str] = "send_notice"
    staff_words: ClassVar[str] = "A person has read the notice and it has left. Nothing is in force before that."

    about: Annotated[
        Id, Field(description="The restriction, or the paper of the change, review, lifting or appeal, it tells of.")
    ]
    how: Annotated[Words, Field(description="By email or by post.")] = ""
    digest: Annotated[Words, Field(description="The digest of what was sent.")] = ""
    read_by: Annotated[Words, Field(description="Who read it before it left; you unless given.")] = ""
    to: Annotated[Words, Field(description="The address that it went to, where it went by email.")] = ""
    page: Annotated[Words, Field(description="The digest of the page of arrangements that went with it.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for what is not approved, is over, or was told of before."""
        shelf = shelf_of(file, policy)
        owing(self.about, shelf, now)
        if self.about == ARRANGEMENTS and not self.page:
            raise Refused("Which page it was is not said.", way=PAGE_WAY)
        return self.model_copy(update={"read_by": self.read_by or by.name})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The party is told."""
        told(self.about, shelf, paper.at, "")
        paged(self.page, self.about, shelf, paper.at, self.to)


def owing(about: str, shelf: Shelf, now: datetime) -> None:
    """Pass what a notice can be sent of under this id; raises Refused for what was told before, or is over."""
    if about == ARRANGEMENTS:
        return
    not_given_way(about, shelf)
    letter = letter_about(about, shelf, now)
    if letter is not None:
        if letter.told_at is not None:
            raise Refused("The person was told of this before.")
        return
    for one in shelf.restrictions.values():
        if any(number == about for number, _ in one.untold):
            on_file(one.id, shelf, now, *LIVE)
            return
    found = on_file(about, shelf, now, *LIVE)
    if found.told_at is not None and not found.came_back:
        raise Refused("The person was told of this before.")


def not_given_way(about: str, shelf: Shelf) -> None:
    """Raise Refused for a change whose place a later one took before the party was told (SPSO-22, HO-6)."""
    if any(about in one.given_way for one in shelf.restrictions.values()):
        raise Refused("A later change has taken its place.", way="Name the later one.")


def told(about: str, shelf: Shelf, at: datetime, why_none: str) -> None:
    """Put down that the party was told, or why not: a restriction can bite, a change takes its place."""
    letter = letter_about(about, shelf, at)
    if letter is not None:
        shelf.letters[about] = replace(letter, told_at=at, no_notice=why_none, came_back=False)
        return
    for one in list(shelf.restrictions.values()):
        change = dict(one.untold).get(about)
        if change is not None:
            _changed(one.id, about, change, shelf)
            return
    if about in shelf.restrictions:
        first = shelf.restrictions[about].told_at or at
        shelf.change(about, told_at=first, no_notice=why_none, came_back=False)


def _changed(number: str, about: str, change: Change, shelf: Shelf) -> None:
    untold = shelf.restrictions[number].untold
    shelf.give_way(number, change, untold[: [each for each, _ in untold].index(about)])
    one = shelf.restrictions[number]
    before = Change(one.measures, one.ends, one.approval, one.contract_agreed)
    shelf.change(
        number,
        untold=tuple(each for each in one.untold if each[0] != about),
        told_changes=(*one.told_changes, (about, change, before)),
        measures=change.measures or one.measures,
        ends=change.ends or one.ends,
        approval=change.approval or one.approval,
        approved_since=one.approved_since or (one.approval.at if one.approval else None),
        # New measures may hold new conditions, which nobody has agreed to (PHSO-M4).
        contract_agreed=None if change.measures else one.contract_agreed,
    )


def paged(page: str, about: str, shelf: Shelf, at: datetime, to: str = "") -> None:
    """Put down which page of arrangements the party has now; nothing where none went with the letter."""
    if page:
        shelf.page = PageOnFile(page, about, at, to)
