"""Protect colleagues at once, before anybody could decide (PHSO-2, SPSO-24 to 26, MP-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Inbox, Measure, Phone, let_through
from rules.policies import Policy
from rules.standing import Standing
from rules.workdays import look_by

WORKING_DAYS = 2
"""The longest that it lasts, after the day on which it began; no policy makes it longer (DESIGN: deciding)."""


class InterimProtection(Measure):
    """Send all that the party sends to the duty manager, for two working days at the most, whatever end was set.

    Where to is the policy's word unless `inbox` and `phone` say otherwise. Nothing is refused: where neither does, mail
    is held for the duty manager to release, and a caller may leave a message that the duty manager hears. It bites at
    once, approved and told or not.
    """

    kind: ClassVar[str] = "interim_protection"
    sender_words: ClassVar[str] = "A manager deals with your contact for the moment."
    staff_words: ClassVar[str] = (
        "Any colleague, at once: all of the party's contact goes to the duty manager. "
        "It lapses after two working days and cannot be renewed: someone decides by then."
    )
    target_rank: ClassVar[int] = 0
    at_once: ClassVar[bool] = True

    inbox: Annotated[Inbox | None, Field(description="The duty manager's inbox; empty: the policy's.")] = None
    phone: Annotated[Phone | None, Field(description="Their number, as +441632960001; empty: the policy's.")] = None

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find everything on its way to the duty manager; open again once two working days are over."""
        assert standing.restriction is not None  # decide sets it
        if now >= look_by(standing.restriction.starts, WORKING_DAYS, policy.zone, policy.region):
            return Finding(let_through(contact), "Interim protection has lapsed: nobody decided in two working days")
        if contact.channel is Channel.CALL:
            return self._call(self.phone or policy.duty_manager.phone)
        if contact.channel in (Channel.EMAIL, Channel.SMS):
            return self._mail(self.inbox or policy.duty_manager.inbox)
        return Finding(Outcome.DELIVER, "To be passed to the duty manager at once; nobody else deals with it")

    @staticmethod
    def _call(phone: str) -> Finding:
        if not phone:
            return Finding(Outcome.VOICEMAIL, "No number of the duty manager is known; a message is left for them")
        return Finding(Outcome.ROUTE, "Calls go to the duty manager", to=phone)

    @staticmethod
    def _mail(inbox: str) -> Finding:
        if not inbox:
            return Finding(Outcome.HOLD, "No inbox of the duty manager is known; it waits for them")
        return Finding(Outcome.ROUTE, "Mail goes to the duty manager", to=inbox)
