"""End an adjustment: with advice, an equivalent route, and somebody who approves (PHSO-23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.combined import left_unapproved
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class EndAdjustment(Act):
    """Name the adjustment, the advice, what takes its place, and who asked for its end."""

    name: ClassVar[str] = "end_adjustment"
    staff_words: ClassVar[str] = (
        "Close again what an adjustment opened. Somebody other than who asks for it approves it, by doing this."
    )

    adjustment: Annotated[Id, Field(description="The adjustment.")]
    advice: Annotated[Text, Field(description="Whose advice was taken, and what it was.")]
    route: Annotated[Text, Field(description="The way in that is as good for this person.")]
    asked_by: Annotated[Text, Field(description="The colleague who asked for it.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused by one's own hand, for what has ended, and where it would leave no way in."""
        shelf = shelf_of(file, policy)
        found = shelf.adjustments.get(self.adjustment)
        if found is None or not found.value().in_force(now):
            raise Refused("There is no such adjustment in force on this file.")
        if policy.four_eyes and by.name == self.asked_by:
            raise Refused(f"{by.name} asked for it; nobody approves their own.", way="Ask a colleague to do it.")
        rest = [one.value() for one in shelf.adjustments.values() if one.id != self.adjustment]
        if left_unapproved(shelf, rest, now):
            raise Refused(
                "Without it no channel would be left: a total block that nobody approved.",
                clause=policy.clause("total_block"),
                way="Lift or change a restriction first, or have the block approved.",
            )
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It has ended."""
        shelf.adjustments[self.adjustment] = replace(shelf.adjustments[self.adjustment], ends=paper.at)
