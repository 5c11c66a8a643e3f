"""Take a concern about the office's own behaviour: it stays open though appeals are off (PHSO-28)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy


class ReportConcern(Act):
    """Say what the person told of us, about whom, and who looks at it."""

    name: ClassVar[str] = "report_concern"
    staff_words: ClassVar[str] = (
        "The person is unhappy with how we behaved. That is feedback or a service complaint, whatever is restricted, "
        "and no bad behaviour."
    )

    kind: Annotated[Literal["feedback", "service_complaint"], Field(description="Which of the two it is.")]
    what: Annotated[Text, Field(description="What the person says about us.")]
    owner: Annotated[Text, Field(max_length=200, description="The colleague who looks at it.")]
    about: Annotated[tuple[Text, ...], Field(description="Colleagues whom it is about.")] = ()
    contact: Annotated[Id, Field(description="The contact that it came in.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused where somebody would look at a concern about themselves."""
        if self.owner.casefold() in {one.casefold() for one in self.about}:
            raise Refused(
                f"The concern is about {self.owner}.",
                clause=policy.clause(self.name),
                way="Name a colleague to look at it whom it is not about.",
            )
        return self
