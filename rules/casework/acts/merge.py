"""Merge two parties that turn out to be one; it can be undone (THREATS W10)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy


class Merge(Act):
    """Name the party that this one is too: all that is on it comes to this one."""

    name: ClassVar[str] = "merge"
    staff_words: ClassVar[str] = (
        "Say that two parties are one. Identifiers, contacts, levels, papers, restrictions and adjustments of the "
        "other come to this one; its name still finds them. split undoes it."
    )

    other: Annotated[int, Field(ge=1, le=2**62, description="The number of the party that comes to this one.")]
    reason: Annotated[Text, Field(description="How you know that they are one.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused with itself. What the other's file says is judged where both are known."""
        if self.other == file.party.id:
            raise Refused("A party cannot be merged with itself.")
        return self
