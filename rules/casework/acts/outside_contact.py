"""Tell of contact outside the office: a manager hears of it first and decides whether it is recorded (SPSO-45)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text, Words
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy


class OutsideContact(Act):
    """Say with which manager it was discussed and what they decided; what happened stays off the file unless they did.

    Where it is not recorded, only that it was discussed is kept.
    """

    name: ClassVar[str] = "outside_contact"
    staff_words: ClassVar[str] = (
        "The person met you or wrote to you outside work. Talk to your manager first, who decides what is put on file."
    )

    discussed_with: Annotated[Text, Field(max_length=200, description="The manager with whom you discussed it.")]
    recorded: Annotated[bool, Field(description="Whether the manager decided that it is put on file.")]
    reason: Annotated[Text, Field(description="Why the manager decided so.")]
    what: Annotated[Words, Field(description="What happened, as fact, where it is recorded.")] = ""
    day: Annotated[date | None, Field(description="The day it happened, where it is recorded.")] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it, without what happened where that is not recorded; refused where nobody else was asked."""
        if self.discussed_with.casefold() == by.name.casefold():
            raise Refused(
                "It is discussed with a manager first.",
                clause=policy.clause(self.name),
                way="Name the manager with whom you discussed it.",
            )
        if not self.recorded:
            return self.model_copy(update={"what": "", "day": None})
        if not self.what.strip():
            raise Refused("Say what happened, as it is to be recorded.")
        if self.day is not None and self.day > now.astimezone(policy.zone).date():
            raise Refused(f"{self.day} is still to come.")
        return self
