"""Leave only some channels open (PHSO-M5, SPSO-21.1, HO-4, MP-3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding, Note
from rules.measures.measure import ByCall, ByEmail, Channels, Measure, channel_words, handled, let_through
from rules.policies import Policy
from rules.standing import Standing


class ChannelOnly(Measure):
    """Keep only the `allowed` channels open; the rest goes as `email` and `call` say, with a note of the open ones."""

    kind: ClassVar[str] = "channel_only"
    sender_words: ClassVar[str] = "Please contact us in the way that we agreed: {channels}."
    staff_words: ClassVar[str] = (
        "Only the channels named stay open. Contact in another way is answered with the open one."
    )

    allowed: Annotated[Channels, Field(description="Channels that stay open.")]
    email: Annotated[Literal["return", "file"], ByEmail] = "return"
    call: Annotated[Literal["automated_line"], ByCall] = "automated_line"

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the contact open where its channel is allowed, handled where it is not."""
        ways = channel_words(self.allowed)
        if contact.channel in self.allowed:
            return Finding(let_through(contact), f"Contact by {ways} stays open")
        words = self.sender_words.format(channels=ways)
        assert standing.restriction is not None  # decide sets it
        note = Note(f"{standing.restriction.id}:{self.kind}:{now.astimezone(policy.zone):%G-%V}", words)
        text = f"Only contact by {ways} is open, this came by {channel_words([contact.channel])}"
        return Finding(handled(contact, self.email, self.call), text, note=note, sender_text=words)

    def shuts(self, channel: Channel) -> bool:
        """Tell whether the channel is shut and what comes by it is not read."""
        if channel in self.allowed:
            return False
        return not (channel in (Channel.EMAIL, Channel.SMS) and self.email == "file")
