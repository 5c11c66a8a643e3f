"""Confirm that an identifier is the party's still: numbers are recycled."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text
from rules.casework.acts.remove_identifier import on_the_file
from rules.casework.file import CaseFile
from rules.casework.identifiers import AnIdentifier
from rules.casework.refused import Refused
from rules.policies import Policy


class ConfirmIdentifier(Act):
    """Name the identifier and how you know."""

    name: ClassVar[str] = "confirm_identifier"
    staff_words: ClassVar[str] = "Say that an address or number was found to be this person's still, and how."

    identifier: Annotated[AnIdentifier, Field(description="The identifier.")]
    how: Annotated[Text, Field(description="How you know.")]
    on: Annotated[date | None, Field(description="The day it was confirmed; today unless given.")] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its day; refused for what is not on the file, a day to come, or one before what is known."""
        mark = on_the_file(file, self.identifier)
        today = now.astimezone(policy.zone).date()
        day = self.on or today
        if day > today:
            raise Refused(f"{day} is still to come.")
        if mark.confirmed is not None and day < mark.confirmed.astimezone(policy.zone).date():
            raise Refused(f"It was confirmed since then, on {mark.confirmed.astimezone(policy.zone).date()}.")
        return self.model_copy(update={"on": day})
