"""Do no further work on a case (MP-7, PHSO-18)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from rules.case_references import References
from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.matter import Cases, LastDay, Until, bearing, logged_by_hand, over, settled
from rules.measures.measure import Measure, let_through
from rules.policies import Policy
from rules.standing import Standing


def _some(cases: frozenset[str]) -> frozenset[str]:
    if not cases:
        raise ValueError("name a case")
    return cases


class StopCase(Measure):
    """Stop all work on `case`, up to the last day `until`: its mail is filed and looked at; other mail passes."""

    kind: ClassVar[str] = "stop_case"
    sender_words: ClassVar[str] = "We do no further work on this case. You can contact us about anything else."
    staff_words: ClassVar[str] = (
        "No further work on the case named; its mail is filed and looked at. Needs the approval of a block."
    )
    reads_opening: ClassVar[bool] = True
    needs_block_approval: ClassVar[bool] = True

    case: Annotated[Cases, AfterValidator(_some), Field(description="The case reference, as HO/2024-123.")]
    until: Annotated[LastDay | None, Until] = None

    @cached_property
    def _looked_for(self) -> References:
        return References(self.case)

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find mail on the case filed; tell staff to put on file what they log by hand."""
        found = bearing(contact, self._looked_for)
        if found is None or contact.channel is Channel.CALL or over(self.until, policy, now):
            return None
        if found.elsewhere:
            return Finding(let_through(contact), found.only_mentioned)
        text = f"{found.words}, on which no further work is done"
        if logged_by_hand(contact):
            return Finding(Outcome.DELIVER, f"{text}: to be put on file")
        return Finding(Outcome.FILE, text, sender_text=self.sender_words)

    def matters(self, contact: Contact) -> tuple[str, ...]:
        """Name the case where a contact is on it."""
        return settled(bearing(contact, self._looked_for))
