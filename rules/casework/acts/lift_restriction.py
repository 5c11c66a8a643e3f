"""Lift a restriction before its end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.acts.send_notice import LIVE
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import on_file
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class LiftRestriction(Act):
    """Name the restriction and say why it is not needed any more."""

    name: ClassVar[str] = "lift_restriction"
    staff_words: ClassVar[str] = "End a restriction now. The person is told; what is held for them is decided anew."

    restriction: Annotated[Id, Field(description="The restriction.")]
    reason: Annotated[Text, Field(description="Why it is lifted.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for what is over or was never approved."""
        on_file(self.restriction, shelf_of(file, policy), now, *LIVE)
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It bites no more; the person is owed a letter."""
        shelf.owe(paper, self.restriction)
        shelf.change(self.restriction, lifted_at=paper.at, untold=())
