"""Read and put on file, not answered (PHSO-M7)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Channels, Measure
from rules.policies import Policy
from rules.standing import Standing


class FileUnanswered(Measure):
    """File what comes by `channels`: a person looks at it, nobody answers it. Calls are no concern of it."""

    kind: ClassVar[str] = "file_unanswered"
    sender_words: ClassVar[str] = "We read and keep what you send. We answer only where something new is raised."
    staff_words: ClassVar[str] = "Taken out of the inbox, filed, looked at by a person, not answered."

    channels: Annotated[Channels, Field(description="Channels whose contact is filed; calls never are.")] = frozenset(
        set(Channel) - {Channel.CALL, Channel.VISIT}
    )

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find mail and texts filed; tell staff to file what they log by hand."""
        if contact.channel not in self.channels or contact.channel is Channel.CALL:
            return None
        if contact.channel in (Channel.EMAIL, Channel.SMS):
            return Finding(Outcome.FILE, "Filed and looked at, not answered", sender_text=self.sender_words)
        return Finding(Outcome.DELIVER, "To be read and put on file, not answered")
