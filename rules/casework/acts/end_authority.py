"""End an advocate's authority before its last day (PHSO-M13, SPSO-21.3)."""

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


class EndAuthority(Act):
    """Name the authority and say why it ends."""

    name: ClassVar[str] = "end_authority"
    staff_words: ClassVar[str] = "The advocate no longer speaks for this person, who can reach us themselves again."

    authority: Annotated[Id, Field(description="The authority.")]
    reason: Annotated[Text, Field(description="Why: the person, the advocate, or we ended it.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused where there is no such authority in force."""
        found = shelf_of(file, policy).authorities.get(self.authority)
        if found is None or not found.stands(now, policy.zone):
            raise Refused("There is no such authority in force on this file.")
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It has ended."""
        shelf.authorities[self.authority] = replace(shelf.authorities[self.authority], ended_at=paper.at)
