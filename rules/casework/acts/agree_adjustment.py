"""Agree a reasonable adjustment: it outranks every measure (PHSO-23, HO-3, Equality Act 2010)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text, Words
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import AdjustmentOnFile, Shelf
from rules.contact import Channel
from rules.policies import Policy
from rules.windows import end_of


class AgreeAdjustment(Act):
    """Say what the person needs, which channels stay open to a person, and in which forms we write."""

    name: ClassVar[str] = "agree_adjustment"
    staff_words: ClassVar[str] = "Any colleague may agree one. It outranks measures: an open channel reaches a person."

    need: Annotated[Text, Field(description="What the person needs, in a few words.")]
    open: Annotated[frozenset[Channel], Field(description="Channels that stay open to a person.")] = frozenset()
    forms: Annotated[
        tuple[
            Literal[
                "large_print",
                "coloured",
                "easy_read",
                "translated",
                "plain_text",
                "call_warning",
                "person_on_line",
            ],
            ...,
        ],
        Field(description="Forms of what we write and say."),
    ] = ()
    detail: Annotated[Words, Field(description="A support worker, a relay service, a colour, a language.")] = ""
    ends: Annotated[date | None, Field(description="Its last day, where it is for a time only.")] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused where it changes nothing, or is over before it begins."""
        if not (self.open or self.forms or self.detail):
            raise Refused("Say what will be different: a channel, a form, or a detail.")
        try:
            over = self.ends is not None and end_of(self.ends, policy.zone) <= now
        except ValueError:
            raise Refused(f"{self.ends} is beyond the calendar.") from None
        if over:
            raise Refused(f"{self.ends} is past.")
        return self

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It stands from now on."""
        ends = end_of(self.ends, shelf.zone) if self.ends else None
        shelf.adjustments[paper.id] = AdjustmentOnFile(
            paper.id, self.need, self.open, self.forms, paper.at, ends, detail=self.detail
        )
