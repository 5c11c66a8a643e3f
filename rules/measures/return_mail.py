"""Send every mail back with a note (PHSO-M3 in its plain form)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Measure, Words
from rules.policies import Policy
from rules.standing import Standing


class ReturnMail(Measure):
    """Return mail and texts with `note`."""

    kind: ClassVar[str] = "return_mail"
    sender_words: ClassVar[str] = (
        "We send your message back unanswered. Please see what we wrote to you about contacting us."
    )
    staff_words: ClassVar[str] = "Every mail goes back with the note; a copy stays on file."

    note: Annotated[Words, Field(description="What goes back with the mail; empty: plain words.")] = ""

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find mail and texts returned."""
        if contact.channel not in (Channel.EMAIL, Channel.SMS):
            return None
        return Finding(Outcome.RETURN, "Mail is returned with a note", sender_text=self.note or self.sender_words)

    def shuts(self, channel: Channel) -> bool:
        """Tell that mail and texts are not read."""
        return channel in (Channel.EMAIL, Channel.SMS)
