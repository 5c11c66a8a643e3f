"""Open a closed case again: what comes on it is read as any other (PHSO-22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class ReopenCase(Act):
    """Name the closing by the id of its paper, and say why the case is open again."""

    name: ClassVar[str] = "reopen_case"
    staff_words: ClassVar[str] = "There is something new on a closed case. From now on its mail is read again."

    case: Annotated[Id, Field(description="The paper that closed the case.")]
    reason: Annotated[Text, Field(description="What is new.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for a case that is not closed."""
        found = shelf_of(file, policy).closed.get(self.case)
        if found is None or not found.stands(now):
            raise Refused("There is no such closed case on this file.")
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The case is open again."""
        shelf.closed[self.case] = replace(shelf.closed[self.case], reopened_at=paper.at)
