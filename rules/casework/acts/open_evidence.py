"""Open sealed evidence: after the warning, with a reason, and on record (SPSO-66, SPSO-67)."""

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


class OpenEvidence(Act):
    """Name the piece and why you must see it; `warned` says that you have read the warning."""

    name: ClassVar[str] = "open_evidence"
    staff_words: ClassVar[str] = "Read the warning first. That you opened it, and why, is put on record."

    evidence: Annotated[Id, Field(description="The sealed evidence.")]
    reason: Annotated[Text, Field(description="Why you must see it.")]
    warned: Annotated[bool, Field(description="Say yes once you have read the warning.")] = False

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused with the warning to whoever has not said that they read it."""
        found = shelf_of(file, policy).evidence.get(self.evidence)
        if found is None:
            raise Refused(f"There is no sealed evidence {self.evidence} on this file.")
        if not self.warned:
            raise Refused(found.warning(), clause=policy.clause(self.name), way="To open it, say warned.")
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It was opened once more."""
        found = shelf.evidence[self.evidence]
        shelf.evidence[self.evidence] = replace(found, opened=(*found.opened, (paper.at, paper.by)))
