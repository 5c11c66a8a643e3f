"""Decline a restriction that was drafted or proposed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import on_file
from rules.casework.shelf import RestrictionState, Shelf, shelf_of
from rules.policies import Policy


class DeclineRestriction(Act):
    """Name the restriction and say why it is not made."""

    name: ClassVar[str] = "decline_restriction"
    staff_words: ClassVar[str] = "Say no to a proposal, or take a draft back. It stays on the file with the reason."

    restriction: Annotated[Id, Field(description="The restriction.")]
    reason: Annotated[Text, Field(description="Why it is not made.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused once it is approved."""
        on_file(
            self.restriction,
            shelf_of(file, policy),
            now,
            RestrictionState.DRAFT,
            RestrictionState.AWAITING_APPROVAL,
        )
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It is not made."""
        shelf.change(self.restriction, declined=self.reason)
