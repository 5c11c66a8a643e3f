"""Show no colleague's name or direct line: mail and calls go to a shared inbox or number (PHSO-M6, SPSO-21.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Inbox, Measure, Phone
from rules.policies import Policy
from rules.standing import Standing


class ConcealStaff(Measure):
    """Route mail to the shared `inbox` and calls to the shared `phone`, whoever was written to or called.

    Nobody but the office can say which addresses are a colleague's own, so all go there but those always open. A named
    contact outranks it: that inbox, and those that it leaves open, are shared with the party already.
    """

    kind: ClassVar[str] = "conceal_staff"
    sender_words: ClassVar[str] = "Our staff answer you as a team. We do not give out names or direct lines."
    staff_words: ClassVar[str] = (
        "Mail and calls go to a shared inbox or number. Nothing that is sent names a colleague or a direct line."
    )
    target_rank: ClassVar[int] = 2

    inbox: Annotated[Inbox | None, Field(description="The shared inbox.")] = None
    phone: Annotated[Phone | None, Field(description="The shared number, as +441632960001.")] = None

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.inbox is None and self.phone is None:
            raise ValueError("name an inbox, a phone or both")
        return self

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find mail and calls routed to what is shared; remind whoever logs anything else to name nobody."""
        if contact.channel is Channel.CALL:
            return self._routed(
                contact, self.phone, "Calls go to the shared number", "It was made to the shared number"
            )
        if contact.channel in (Channel.EMAIL, Channel.SMS):
            return self._routed(contact, self.inbox, "Mail goes to the shared inbox", "It came to the shared inbox")
        return Finding(Outcome.DELIVER, "To be answered without the name or direct line of a colleague")

    @staticmethod
    def _routed(contact: Contact, to: str | None, moved: str, there: str) -> Finding | None:
        if to is None:
            return None
        shared = bool(contact.recipients) and all(one.lower() == to for one in contact.recipients)
        return Finding(Outcome.ROUTE, there if shared else moved, to=to)
