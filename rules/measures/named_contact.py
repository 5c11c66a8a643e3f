"""Bring all contact to one person (PHSO-M1, SPSO-21.1, HO-4, MP-3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Inbox, Inboxes, Measure, Phone
from rules.policies import Policy
from rules.standing import Standing


class NamedContact(Measure):
    """Route mail to `inbox`, calls to `phone`; `open` inboxes stay open; `deputy` (an inbox) serves for one away."""

    kind: ClassVar[str] = "named_contact"
    sender_words: ClassVar[str] = "One member of our staff deals with your contact."
    staff_words: ClassVar[str] = "Mail and calls go to one colleague; a deputy where that colleague is away."
    target_rank: ClassVar[int] = 1

    inbox: Annotated[Inbox | None, Field(description="The named colleague's inbox.")] = None
    phone: Annotated[Phone | None, Field(description="The number that calls go to, as +441632960001.")] = None
    deputy: Annotated[Inbox | None, Field(description="An inbox that serves while the colleague is away.")] = None
    open: Annotated[Inboxes, Field(description="Other inboxes that stay open.")] = frozenset()

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.inbox is None and self.phone is None:
            raise ValueError("name an inbox, a phone or both")
        return self

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the contact routed to the named person where one is named for its channel."""
        if contact.channel is Channel.CALL:
            return Finding(Outcome.ROUTE, "Calls go to the named contact", to=self.phone) if self.phone else None
        if self.inbox is None:
            return None
        if contact.channel not in (Channel.EMAIL, Channel.SMS):
            return Finding(Outcome.DELIVER, f"To be passed to the named contact, {self.inbox}")
        away = self.inbox in standing.away and self.deputy is not None
        to = self.deputy if away else self.inbox
        text = "Mail goes to the deputy of the named contact, who is away" if away else "Mail goes to the named contact"
        if contact.recipients and self.open.issuperset(one.lower() for one in contact.recipients):
            text = "It was written to an inbox that stays open beside the named contact"
        return Finding(Outcome.ROUTE, text, to=to, open_recipients=self.open)
