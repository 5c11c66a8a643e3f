"""Warn a party: the second stage (PHSO-6, PHSO-7, HO-4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, filled
from rules.casework.acts.note_incident import known_incidents
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, WarningOnFile
from rules.policies import Policy
from rules.windows import months_after


class Warn(Act):
    """Say what the party is warned of; a spoken warning runs at once, a written one when its letter has left."""

    name: ClassVar[str] = "warn"
    staff_words: ClassVar[str] = "Any colleague may warn. Follow a spoken warning up in writing where you can."

    incidents: Annotated[tuple[Id, ...], Field(min_length=1, description="The incidents that it is about.")]
    text: Annotated[Text, Field(description="What the person is warned of, in the words that they are told.")]
    spoken: Annotated[bool, Field(description="Whether it was said to the person.")] = False
    day: Annotated[date | None, Field(description="The day it was said; today unless given.")] = None
    last_day: Annotated[date | None, filled()] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its last day where it was spoken; refused for unknown incidents or a day to come."""
        known_incidents(file, self.incidents)
        if not self.spoken:
            if self.day is not None:
                raise Refused("A written warning has its day when it is communicated.", way="Leave the day out.")
            return self.model_copy(update={"last_day": None})
        return self.model_copy(update=span(self.day, policy, now))

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """A warning stands once it is communicated."""
        shelf.warnings[paper.id] = WarningOnFile(paper.id, self.incidents, self.text, paper.by, self.day, self.last_day)


def span(day: date | None, policy: Policy, now: datetime) -> dict[str, date]:
    """Give day and last day of a warning communicated on `day` (today); raises Refused for a day to come."""
    today = now.astimezone(policy.zone).date()
    if day is not None and day > today:
        raise Refused(f"{day} is still to come.")
    begins = day or today
    return {"day": begins, "last_day": months_after(begins, policy.durations.warning_months)}
