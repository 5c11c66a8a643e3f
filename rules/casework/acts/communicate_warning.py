"""Say that a written warning reached the party: from then on it runs (PHSO-7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Words, filled
from rules.casework.acts.send_notice import paged
from rules.casework.acts.warn import span
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy


class CommunicateWarning(Act):
    """Name the warning, the day on which its letter left, and how."""

    name: ClassVar[str] = "communicate_warning"
    staff_words: ClassVar[str] = "Say when the warning's letter was sent. The warning runs from that day."

    warning: Annotated[Id, Field(description="The warning.")]
    day: Annotated[date | None, Field(description="The day it was sent; today unless given.")] = None
    how: Annotated[Words, Field(description="By email or by post.")] = ""
    digest: Annotated[Words, Field(description="The digest of what was sent.")] = ""
    read_by: Annotated[Words, Field(description="Who read it before it left; you unless given.")] = ""
    to: Annotated[Words, Field(description="The address that it went to, where it went by email.")] = ""
    page: Annotated[Words, Field(description="The digest of the page of arrangements that went with it.")] = ""
    last_day: Annotated[date | None, filled()] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its last day; refused for one that is not on file, is younger, or was communicated before."""
        warning = shelf_of(file, policy).warnings.get(self.warning)
        if warning is None:
            raise Refused(f"There is no warning {self.warning} on this file.")
        if warning.communicated is not None:
            raise Refused("This warning was communicated before.", way="A warning is repeated by a new one.")
        if self.day is not None:
            _written_by(self.day, file.paper(self.warning), policy)
        return self.model_copy(update=span(self.day, policy, now) | {"read_by": self.read_by or by.name})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The warning runs."""
        warning = shelf.warnings[self.warning]
        shelf.warnings[self.warning] = replace(warning, communicated=self.day, last_day=self.last_day)
        paged(self.page, self.warning, shelf, paper.at, self.to)


def _written_by(day: date, warning: Paper | None, policy: Policy) -> None:
    """Raise Refused for a day before the warning's own: what happened in between came under none (PHSO-7, PHSO-9)."""
    written = warning.at.astimezone(policy.zone).date() if warning is not None else day
    if day < written:
        raise Refused(f"This warning was written on {written}; its letter cannot have left before.")
