"""Set the longest call (PHSO-M10, SPSO-21.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Measure
from rules.policies import Policy
from rules.standing import Standing


class CallLengthLimit(Measure):
    """End a call after `minutes`."""

    kind: ClassVar[str] = "call_length_limit"
    sender_words: ClassVar[str] = "Each call can last up to {minutes}."
    staff_words: ClassVar[str] = "A call ends after the minutes named."

    minutes: Annotated[int, Field(ge=1, le=240, description="The longest call, in minutes.")]

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the call open for its longest time, or on the automated line where that is below the least call."""
        if contact.channel is not Channel.CALL:
            return None
        seconds = self.minutes * 60
        longest = f"{self.minutes} minute{'' if self.minutes == 1 else 's'}"
        if seconds < policy.least_call_s:
            text = f"The longest call is {longest}, less than the least call of {policy.least_call_s} seconds"
            return Finding(Outcome.AUTOMATED_LINE, text, sender_text=self.sender_words.format(minutes=longest))
        return Finding(Outcome.CONNECT, f"The longest call is {longest}", time_limit_s=seconds)
