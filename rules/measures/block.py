"""Stop contact on some or all channels (PHSO-M12, MP-4, HO-4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding
from rules.measures.measure import ByCall, ByEmail, Channels, Measure, channel_words, handled
from rules.policies import Policy
from rules.standing import Standing


class Block(Measure):
    """Stop contact on `channels`; `email` and `call` say how."""

    kind: ClassVar[str] = "block"
    sender_words: ClassVar[str] = "We no longer take contact from you in this way."
    staff_words: ClassVar[str] = "Stops contact on the channels named. Needs the approval that the policy asks for."

    channels: Annotated[Channels, Field(description="Channels that are stopped.")] = frozenset(Channel)
    email: Annotated[Literal["refuse", "file", "return"], ByEmail] = "refuse"
    call: Annotated[Literal["automated_line", "refuse"], ByCall] = "automated_line"

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the contact stopped where its channel is one of those blocked."""
        if contact.channel not in self.channels:
            return None
        text = f"Contact by {channel_words([contact.channel])} is blocked"
        return Finding(handled(contact, self.email, self.call), text, sender_text=self.sender_words)

    def shuts(self, channel: Channel) -> bool:
        """Tell whether the channel is blocked in a way that leaves nothing to read."""
        return channel in self.channels and not (channel in (Channel.EMAIL, Channel.SMS) and self.email == "file")
