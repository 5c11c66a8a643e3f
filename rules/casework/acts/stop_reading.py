"""Stop reading a contact and pass it to a manager (SPSO-59)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, Words
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class StopReading(Act):
    """Name the contact and the manager who reads it instead."""

    name: ClassVar[str] = "stop_reading"
    staff_words: ClassVar[str] = "You may stop reading at any moment. A manager reads the rest; you need not say why."

    contact: Annotated[Id, Field(min_length=1, description="The contact.")]
    passed_to: Annotated[Text, Field(max_length=200, description="The manager who reads it instead.")]
    reason: Annotated[Words, Field(description="Why, if you want to say so.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused where it is passed to oneself, or to the manager who has it."""
        if self.passed_to.casefold() == by.name.casefold():
            raise Refused("You cannot pass it to yourself.", way="Name the manager who reads it instead.")
        if shelf_of(file, policy).stopped.get(self.contact, "").casefold() == self.passed_to.casefold():
            raise Refused(f"{self.passed_to} has it already.")
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The manager has it."""
        shelf.stopped[self.contact] = self.passed_to
