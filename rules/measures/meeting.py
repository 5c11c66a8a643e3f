"""Meet the party about their contact (PHSO-M2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Measure
from rules.policies import Policy
from rules.standing import Standing
from rules.workdays import in_words


class Meeting(Measure):
    """Put a meeting `on` a day on record, and before whoever logs a letter, a visit or the like up to that day."""

    kind: ClassVar[str] = "meeting"
    sender_words: ClassVar[str] = "We would like to meet you about your contact with us on {day}."
    staff_words: ClassVar[str] = "A meeting about the party's contact, on record with its day. Closes nothing."

    on: Annotated[date, Field(description="The day of the meeting, as 2026-03-12.")]

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find, on what staff log up to the day, that a meeting is arranged."""
        if contact.channel in (Channel.EMAIL, Channel.SMS, Channel.CALL):
            return None
        if now.astimezone(policy.zone).date() > self.on:
            return None
        return Finding(Outcome.DELIVER, f"A meeting about their contact is arranged for {in_words(self.on)}")
