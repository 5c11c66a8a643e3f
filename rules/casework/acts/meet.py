"""Meet the party about what happened: an action on record with its day (PHSO-M2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, Words
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.casework.shelf import shelf_of
from rules.policies import Policy


class Meet(Act):
    """Say on which day and who meets; what came of it once it has been."""

    name: ClassVar[str] = "meet"
    staff_words: ClassVar[str] = "Plan a meeting, or put on record what came of one. Ask what the person needs for it."

    day: Annotated[date, Field(description="The day of the meeting.")]
    who: Annotated[tuple[Text, ...], Field(min_length=1, description="Who meets the person.")]
    place: Annotated[Words, Field(description="Where, or by which means.")] = ""
    needs: Annotated[Text, Field(description="What the person needs for it; or that they need nothing.")]
    outcome: Annotated[Words, Field(description="What came of it, once it has been.")] = ""
    restriction: Annotated[Id, Field(description="The restriction that it belongs to.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused with an outcome before its day, without one after it, for an unknown restriction."""
        today = now.astimezone(policy.zone).date()
        if self.day > today and self.outcome.strip():
            raise Refused(f"{self.day} is still to come.", way="Put down what came of it once it has been.")
        if self.day < today and not self.outcome.strip():
            raise Refused(f"{self.day} is past.", way="Say what came of it, or choose a day to come.")
        if self.restriction and self.restriction not in shelf_of(file, policy).restrictions:
            raise Refused(f"There is no restriction {self.restriction} on this file.")
        return self
