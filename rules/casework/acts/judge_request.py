"""Judge a request that nobody answered: a refusal to co-operate is judged on record (PHSO-26, SPSO-53)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.acts.request import open_request, time_left
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.requests import RequestOnFile
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class JudgeRequest(Act):
    """Name the request and what you make of the silence; `more_time` leaves it open."""

    name: ClassVar[str] = "judge_request"
    staff_words: ClassVar[str] = (
        "The day has passed and the person was reminded. Say whether they refuse, have a good reason, or need more "
        "time. A refusal may then be noted as an incident; it restricts nobody by itself."
    )

    request: Annotated[Id, Field(description="The request.")]
    judgement: Annotated[Literal["refusal", "good_reason", "more_time"], Field(description="What you make of it.")]
    difficulty: Annotated[
        Text, Field(description="What may have kept the person from answering, and what we did to help.")
    ]
    reason: Annotated[Text, Field(description="Why you see it so.")]
    due: Annotated[date | None, Field(description="The new day, for more time; the policy's unless given.")] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused before its day has passed, and before the person was reminded."""
        found = open_request(self.request, shelf_of(file, policy), now)
        today = now.astimezone(policy.zone).date()
        if self.judgement == "more_time":
            return self.model_copy(update={"due": time_left(self.due, policy, today)})
        if self.due is not None:
            raise Refused("A new day goes with more time, and with nothing else.")
        self._waited(found, policy, now)
        return self

    def _waited(self, found: RequestOnFile, policy: Policy, now: datetime) -> None:
        clause = policy.clause(self.name)
        if not found.overdue(now, policy.zone):
            raise Refused(f"The person has until {found.due}.", clause=clause, way="Wait until that day has passed.")
        if found.reminded is None:
            raise Refused("The person was not reminded.", clause=clause, way="Remind them first: remind_request.")
        if found.reminded >= now.astimezone(policy.zone).date():
            raise Refused("The person was reminded today.", clause=clause, way="Leave them time to answer.")

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The request is closed, or due later; a reminder is then due again."""
        found = shelf.requests[self.request]
        if self.judgement == "more_time":
            assert self.due is not None  # judge fills it
            shelf.requests[self.request] = replace(found, due=self.due, remind=self.due, reminded=None)
            return
        shelf.requests[self.request] = replace(found, judgement=self.judgement, closed_at=paper.at)
