"""Send calls to the recorded message (SPSO-21.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Measure, Words
from rules.policies import Policy
from rules.standing import Standing


class AutomatedLine(Measure):
    """Play `message` to calls: words to be spoken; the policy's message where it is empty."""

    kind: ClassVar[str] = "automated_line"
    sender_words: ClassVar[str] = ""
    staff_words: ClassVar[str] = "Calls hear the recorded message; nobody at the office picks up."

    message: Annotated[Words, Field(description="What is said; empty: the policy's words.")] = ""

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find calls on the automated line."""
        if contact.channel is not Channel.CALL:
            return None
        text = "Calls go to the automated line"
        return Finding(Outcome.AUTOMATED_LINE, text, sender_text=self.message or policy.texts.automated_line)

    def shuts(self, channel: Channel) -> bool:
        """Tell that no call reaches a person."""
        return channel is Channel.CALL
