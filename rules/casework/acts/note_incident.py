"""Put an incident on a party's file (PHSO-3, PHSO-24, SPSO-65, MP-6, HO-5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text, Words
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.policies import Policy


class NoteIncident(Act):
    """Say what happened, when, by which channel, and where the evidence is."""

    name: ClassVar[str] = "note_incident"
    staff_words: ClassVar[str] = "Write down what happened, as fact and no more than is needed; your manager is told."

    category: Annotated[Text, Field(description="A ground of the policy, such as abusive_language.")]
    what: Annotated[Text, Field(description="What happened, as fact.")]
    day: Annotated[date | None, Field(description="The day it happened; today unless given.")] = None
    channel: Annotated[Channel | None, Field(description="How the contact came.")] = None
    evidence: Annotated[tuple[Words, ...], Field(description="Ids of contacts or where the evidence is kept.")] = ()
    reporter: Annotated[Words, Field(description="Who reports it, where that is somebody else.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its day; refused for a category that the policy does not name, or a day to come."""
        today = now.astimezone(policy.zone).date()
        if self.category not in policy.grounds:
            raise Refused(
                f"{self.category!r} is no ground of this policy.", way=f"Choose one of {', '.join(policy.grounds)}."
            )
        if self.day is not None and self.day > today:
            raise Refused(f"{self.day} is still to come.")
        return self.model_copy(update={"day": self.day or today})


def known_incidents(file: CaseFile, incidents: tuple[str, ...]) -> None:
    """Raise Refused where an incident is not on the file."""
    known = {paper.id for paper, _ in file.of(NoteIncident)}
    for one in incidents:
        if one not in known:
            raise Refused(f"There is no incident {one} on this file.", way="Note the incident first.")
