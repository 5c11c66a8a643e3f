"""Remind a party of a request of ours (PHSO-26, SPSO-53)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Words
from rules.casework.acts.request import open_request
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class RemindRequest(Act):
    """Name the request and the day on which the person was reminded."""

    name: ClassVar[str] = "remind_request"
    staff_words: ClassVar[str] = "You reminded the person, and asked again what would make it easier to answer."

    request: Annotated[Id, Field(description="The request.")]
    day: Annotated[date | None, Field(description="The day of the reminder; today unless given.")] = None
    how: Annotated[Words, Field(description="How they were reminded.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its day; refused for a request that is not open, and a day outside it."""
        found = open_request(self.request, shelf_of(file, policy), now)
        today = now.astimezone(policy.zone).date()
        day = self.day or today
        if not found.asked_at.astimezone(policy.zone).date() <= day <= today:
            raise Refused(f"{day} is not between the request and today.")
        return self.model_copy(update={"day": day})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The person was reminded."""
        shelf.requests[self.request] = replace(shelf.requests[self.request], reminded=self.day)
