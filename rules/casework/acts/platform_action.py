"""Put on file what was done about an account on a platform (SPSO-31, SPSO-5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.acts.note_incident import known_incidents
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy


class PlatformAction(Act):
    """Name the platform and the account, what was done, and where the evidence is."""

    name: ClassVar[str] = "platform_action"
    staff_words: ClassVar[str] = (
        "You blocked or reported an account, or hid or removed what it wrote. Keep a copy first."
    )

    platform: Annotated[Text, Field(max_length=200, description="The platform.")]
    handle: Annotated[Text, Field(max_length=200, description="The account.")]
    action: Annotated[
        Literal["blocked", "unblocked", "muted", "reported", "hidden", "removed"], Field(description="What was done.")
    ]
    day: Annotated[date | None, Field(description="The day it was done; today unless given.")] = None
    evidence: Annotated[Text, Field(description="Where the copy of what was written is kept.")]
    incident: Annotated[Id, Field(description="The incident that it belongs to.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its day; refused for a day to come and an unknown incident."""
        known_incidents(file, (self.incident,) if self.incident else ())
        today = now.astimezone(policy.zone).date()
        if self.day is not None and self.day > today:
            raise Refused(f"{self.day} is still to come.")
        return self.model_copy(update={"day": self.day or today})
