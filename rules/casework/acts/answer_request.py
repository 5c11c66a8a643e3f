"""Put the answer to a request of ours on file: it is never counted against anyone (PHSO-26, SPSO-53)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id
from rules.casework.acts.request import open_request
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class AnswerRequest(Act):
    """Name the request and the contact that answered it, or the day on which the answer came by another way."""

    name: ClassVar[str] = "answer_request"
    staff_words: ClassVar[str] = "The answer came, in time or late. The request is closed."

    request: Annotated[Id, Field(description="The request.")]
    contact: Annotated[Id, Field(description="The contact that answered it.")] = ""
    day: Annotated[date | None, Field(description="The day it came, where no contact of it is on record.")] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused without contact and day, for a request that is not open, and a day outside it."""
        found = open_request(self.request, shelf_of(file, policy), now)
        if not self.contact and self.day is None:
            raise Refused("Say what answered it.", way="Name the contact, or the day on which the answer came.")
        today = now.astimezone(policy.zone).date()
        if self.day is not None and not found.asked_at.astimezone(policy.zone).date() <= self.day <= today:
            raise Refused(f"{self.day} is not between the request and today.")
        return self if self.day else self.model_copy(update={"day": today})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The request is closed."""
        found = shelf.requests[self.request]
        shelf.requests[self.request] = replace(found, answered=self.day, contact=self.contact, closed_at=paper.at)
