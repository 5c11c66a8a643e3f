"""End the shield of a colleague (PHSO-24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class Unshield(Act):
    """Name the shield, say why it can end, and what the colleague said to that."""

    name: ClassVar[str] = "unshield"
    staff_words: ClassVar[str] = "This person's mail and calls may reach the colleague again. Ask the colleague first."

    shield: Annotated[Id, Field(description="The shield.")]
    reason: Annotated[Text, Field(description="Why it can end.")]
    asked: Annotated[Text, Field(description="What the colleague said to it.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused where there is no such shield in force."""
        found = shelf_of(file, policy).shields.get(self.shield)
        if found is None or not found.stands(now):
            raise Refused("There is no such shield in force on this file.")
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It has ended."""
        shelf.shields[self.shield] = replace(shelf.shields[self.shield], until=paper.at)
