"""Undo the dismissal of a suggestion (THREATS I3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.file import CaseFile
from rules.casework.links import dismissed
from rules.casework.refused import Refused
from rules.policies import Policy


class RestoreLink(Act):
    """Name the dismissal by its paper, and say why it was wrong."""

    name: ClassVar[str] = "restore_link"
    staff_words: ClassVar[str] = "A suggestion was dismissed wrongly: it is made again where something speaks for it."

    dismissal: Annotated[Id, Field(description="The paper that dismissed it.")]
    reason: Annotated[Text, Field(description="Why they may be one after all.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused where there is no such dismissal, and where it was undone."""
        if self.dismissal not in dismissed(file):
            raise Refused(f"There is no dismissal {self.dismissal} on this file that still stands.")
        return self
