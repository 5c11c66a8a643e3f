"""Mark passages in a message, so that it can go back with them highlighted (PHSO-M3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text
from rules.casework.file import CaseFile, Paper
from rules.casework.passages import Passage, apart
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf
from rules.policies import Policy


class Highlight(Act):
    """Name the message, the passages that are unacceptable, and what the covering note says of them."""

    name: ClassVar[str] = "highlight"
    staff_words: ClassVar[str] = (
        "Mark what is unacceptable. The message goes back with it marked; sent again without it, it is answered."
    )

    contact: Annotated[Id, Field(min_length=1, description="The message.")]
    passages: Annotated[
        tuple[Passage, ...],
        Field(min_length=1, max_length=100, description="The passages, none over another."),
        AfterValidator(apart),
    ]
    note: Annotated[Text, Field(description="Why they are unacceptable, as the person will read it.")]

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for a message that was marked before, for it goes back once."""
        if any(act.contact == self.contact for _, act in file.of(Highlight)):
            raise Refused("Passages of this message were marked before.", clause=policy.clause("return_mail"))
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """What comes after it may be this message, sent again."""
        shelf.highlighted[self.contact] = paper.id
