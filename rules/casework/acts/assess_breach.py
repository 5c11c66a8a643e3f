"""Close the assessment of a data breach that a correction opened (UK GDPR, articles 33 and 34)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, Words
from rules.casework.acts.correct import Correct
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy


class AssessBreach(Act):
    """Name the correction; say what the risk to the person is, and who was told."""

    name: ClassVar[str] = "assess_breach"
    staff_words: ClassVar[str] = (
        "Say what came of it that the wrong person was met: the risk to them, whether the regulator is told (within "
        "72 hours where there is one) and whether they are."
    )

    correction: Annotated[Id, Field(description="The paper of the correction.")]
    risk: Annotated[Text, Field(description="What it may mean for the person who was met, and how likely that is.")]
    regulator_told: Annotated[bool, Field(description="Whether the regulator was told.")]
    person_told: Annotated[bool, Field(description="Whether the person was told.")]
    why: Annotated[Words, Field(description="Why the regulator was not told, or was told late.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for no such correction, one that was assessed, and silence without its reason."""
        if all(paper.id != self.correction for paper, _ in file.of(Correct)):
            raise Refused(f"There is no correction {self.correction} on this file.")
        if any(act.correction == self.correction for _, act in file.of(AssessBreach)):
            raise Refused("It was assessed already.")
        if not self.regulator_told and not self.why.strip():
            raise Refused(
                "Where the regulator is not told, the reason stays on record.",
                clause="UK GDPR 33(5)",
                way="Say why.",
            )
        return self
