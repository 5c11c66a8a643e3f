"""Decline an adjustment that was asked for: only with advice on record (PHSO-23)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text, Words
from rules.casework.file import CaseFile
from rules.policies import Policy


class DeclineAdjustment(Act):
    """Say what was asked for, the advice that was taken, and why not."""

    name: ClassVar[str] = "decline_adjustment"
    staff_words: ClassVar[str] = "Take advice before you say no, and offer what comes nearest."

    need: Annotated[Text, Field(description="What the person asked for.")]
    advice: Annotated[Text, Field(description="Whose advice was taken, and what it was.")]
    reason: Annotated[Text, Field(description="Why it is declined.")]
    instead: Annotated[Words, Field(description="What is offered instead.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it: its fields are what the policy asks for."""
        return self
