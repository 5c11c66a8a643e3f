"""Say that a notice left: from then on the party is told (PHSO-20, HO-5, SPSO-64)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Words
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import on_file
from rules.casework.refused import Refused
from rules.casework.shelf import Change, RestrictionOnFile, RestrictionState, Shelf, shelf_of
from rules.policies import Policy

LIVE = (RestrictionState.AWAITING_NOTICE, RestrictionState.AHEAD, RestrictionState.IN_FORCE)
"""The states in which a restriction is approved and not over."""


class SendNotice(Act):
    """Name what the notice is about: a restriction, or an extension or other change of one."""

    name: ClassVar[str] = "send_notice"
    staff_words: ClassVar[str] = "A person has read the notice and it has left. Nothing is in force before that."

    about: Annotated[Id, Field(description="The restriction, or the change of one, that the notice tells of.")]
    how: Annotated[Words, Field(description="By email or by post.")] = ""
    digest: Annotated[Words, Field(description="The digest of what was sent.")] = ""
    read_by: Annotated[Words, Field(description="Who read it before it left; you unless given.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for what is not approved, is over, or was told of before."""
        shelf = shelf_of(file, policy)
        owing(self.about, shelf, now)
        return self.model_copy(update={"read_by": self.read_by or by.name})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The party is told."""
        told(self.about, shelf, paper.at, "")


def owing(about: str, shelf: Shelf, now: datetime) -> RestrictionOnFile:
    """Give the restriction whose notice is owed under this id; raises Refused where none is."""
    for one in shelf.restrictions.values():
        if any(number == about for number, _ in one.untold):
            on_file(one.id, shelf, now, *LIVE)
            return one
    found = on_file(about, shelf, now, *LIVE)
    if found.told_at is not None and not found.came_back:
        raise Refused("The person was told of this before.")
    return found


def told(about: str, shelf: Shelf, at: datetime, why_none: str) -> None:
    """Put down that the party was told, or why not: a restriction can bite, a change takes its place."""
    for one in list(shelf.restrictions.values()):
        change = dict(one.untold).get(about)
        if change is None:
            continue
        rest = tuple(each for each in one.untold if each[0] != about)
        before = Change(one.measures, one.ends, one.approval)
        shelf.change(
            one.id,
            untold=rest,
            told_changes=(*one.told_changes, (about, change, before)),
            measures=change.measures or one.measures,
            ends=change.ends or one.ends,
            approval=change.approval or one.approval,
            approved_since=one.approved_since or (one.approval.at if one.approval else None),
            # New measures may hold new conditions, which nobody has agreed to (PHSO-M4).
            contract_agreed=None if change.measures else one.contract_agreed,
        )
        return
    if about in shelf.restrictions:
        first = shelf.restrictions[about].told_at or at
        shelf.change(about, told_at=first, no_notice=why_none, came_back=False)
