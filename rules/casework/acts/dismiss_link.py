"""Dismiss a suggestion that two parties, or a party and a sender, are one (THREATS I3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text
from rules.casework.file import CaseFile
from rules.casework.identifiers import AnIdentifier
from rules.casework.links import dismissed
from rules.casework.refused import Refused
from rules.policies import Policy


class DismissLink(Act):
    """Name the other party, or the sender whom nobody knows, and how you know that they are not one."""

    name: ClassVar[str] = "dismiss_link"
    staff_words: ClassVar[str] = (
        "Say that a suggestion is wrong: these are two. It is suggested no more, for whatever reason; restore_link "
        "undoes it."
    )

    other: Annotated[int | None, Field(ge=1, le=2**62, description="The number of the other party.")] = None
    sender: Annotated[AnIdentifier | None, Field(description="The sender, where nobody has put it on a party.")] = None
    reason: Annotated[Text, Field(description="How you know that they are two.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for both or neither, for the party itself, and for what is dismissed."""
        if (self.other is None) == (self.sender is None):
            raise Refused("Name the other party or the sender, one of the two.")
        if self.other == file.party.id:
            raise Refused("A party is one with itself.")
        if (self.other, self.sender) in dismissed(file).values():
            raise Refused("This was dismissed already.")
        return self
