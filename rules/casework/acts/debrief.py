"""Look after a colleague: a debrief, time away, removal from a case on request (SPSO-60-63, PHSO-24)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, Words
from rules.casework.acts.note_incident import known_incidents
from rules.casework.debriefs import DebriefOnFile
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf
from rules.policies import Policy


class Debrief(Act):
    """Say to which colleague it was offered, what came of it, and what else they asked for."""

    name: ClassVar[str] = "debrief"
    staff_words: ClassVar[str] = (
        "Offer the colleague a talk, time away, and to be taken off the case. Write nothing of what was said."
    )

    incident: Annotated[Id, Field(description="What happened.")]
    colleague: Annotated[Text, Field(max_length=200, description="The colleague.")]
    offered: Annotated[date | None, Field(description="The day it was offered; today unless given.")] = None
    outcome: Annotated[Literal["offered", "taken", "declined"], Field(description="What came of it so far.")] = (
        "offered"
    )
    time_away: Annotated[Words, Field(description="Time away that was agreed, such as the rest of the day.")] = ""
    off_case: Annotated[Words, Field(description="The case that they asked to be taken off.")] = ""
    taken_over_by: Annotated[Words, Field(description="Who takes that case over.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its day; refused for a day to come, and where nobody takes the case over."""
        known_incidents(file, (self.incident,))
        today = now.astimezone(policy.zone).date()
        if self.offered is not None and self.offered > today:
            raise Refused(f"{self.offered} is still to come.")
        if bool(self.off_case.strip()) != bool(self.taken_over_by.strip()):
            raise Refused(
                "A colleague who is taken off a case hands it to somebody.",
                clause=policy.clause(self.name),
                way="Name both the case and who takes it over.",
            )
        if self.off_case and self.taken_over_by.strip().casefold() == self.colleague.casefold():
            raise Refused(f"{self.colleague} cannot take over their own case.", way="Name somebody else.")
        return self.model_copy(update={"offered": self.offered or today})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """This is the last word on it."""
        assert self.offered is not None  # judge fills it
        shelf.debriefs[self.incident, self.colleague] = DebriefOnFile(
            self.incident,
            self.colleague,
            self.offered,
            self.outcome,
            self.time_away,
            self.off_case,
            self.taken_over_by,
        )
