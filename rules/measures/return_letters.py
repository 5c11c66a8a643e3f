"""Send posted letters back (PHSO-M8)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Measure
from rules.policies import Policy
from rules.standing import Standing


class ReturnLetters(Measure):
    """Tell the post room to return letters with a slip; mail and calls are no concern of it."""

    kind: ClassVar[str] = "return_letters"
    sender_words: ClassVar[str] = "We have not kept your letter. Please see what we wrote to you about contacting us."
    staff_words: ClassVar[str] = "The post room returns letters with a slip. What must reach a person is kept."

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find a logged letter to be returned, or kept where it must reach a person."""
        if contact.channel is not Channel.LETTER:
            return None
        if contact.safeguards:
            return Finding(Outcome.DELIVER, "Not to be returned: it must reach a person at once")
        return Finding(Outcome.DELIVER, "To be returned by the post room, with the slip", sender_text=self.sender_words)

    def shuts(self, channel: Channel) -> bool:
        """Tell that letters are not read."""
        return channel is Channel.LETTER
