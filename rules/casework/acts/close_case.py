"""Close a case that was explained: what comes on it may then be logged unread, if the policy says so (PHSO-22)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field

from rules.case_references import key, reference
from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text
from rules.casework.closed_cases import ClosedCase, closed_cases
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class CloseCase(Act):
    """Name the case by its reference, and the day on which its outcome was explained to the person."""

    name: ClassVar[str] = "close_case"
    staff_words: ClassVar[str] = "The case is closed and you have explained the outcome to the person."

    reference: Annotated[str, Field(max_length=200, description="The case's reference."), AfterValidator(reference)]
    explained: Annotated[date, Field(description="The day on which the outcome was explained.")]
    how: Annotated[Text, Field(description="How it was explained, and where that is kept.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused before the outcome was explained, and for a case that is closed."""
        if self.explained > now.astimezone(policy.zone).date():
            raise Refused(
                f"{self.explained} is still to come.",
                clause=policy.clause(self.name),
                way="Explain the outcome first, then close the case.",
            )
        if any(key(one.reference) == key(self.reference) for one in closed_cases(shelf_of(file, policy), now)):
            raise Refused(f"{self.reference} is closed already.")
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The case is closed."""
        shelf.closed[paper.id] = ClosedCase(paper.id, self.reference, self.explained, paper.at)
