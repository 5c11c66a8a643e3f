"""Ask a party to change what they do: the first stage (PHSO-4, SPSO-9)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.acts.note_incident import known_incidents
from rules.casework.file import CaseFile, Paper
from rules.casework.shelf import Shelf
from rules.policies import Policy


class Ask(Act):
    """Say what was asked, and what the party answered to the two questions that an ask brings."""

    name: ClassVar[str] = "ask"
    staff_words: ClassVar[str] = (
        "Say why it was unacceptable. Ask what causes distress, and what we could do differently."
    )

    text: Annotated[Text, Field(description="What you asked the person to change, and why.")]
    incident: Annotated[Id, Field(description="The incident that it is about.")] = ""
    distress: Annotated[
        Text, Field(description="What causes distress, in the person's words; or that they did not say.")
    ]
    adjustments: Annotated[
        Text, Field(description="Which adjustments they need; or that they need none, or did not say.")
    ]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it as it is; refused for an incident that is not on the file."""
        known_incidents(file, (self.incident,) if self.incident else ())
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The first stage begins."""
        shelf.asked = True
