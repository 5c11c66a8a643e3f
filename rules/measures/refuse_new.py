"""Take no new enquiries (PHSO-18, MP-7)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field

from rules.case_references import References
from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.matter import Cases, LastDay, Until, bearing, logged_by_hand, over, settled
from rules.measures.measure import Measure, let_through
from rules.policies import Policy
from rules.standing import Standing


class RefuseNew(Measure):
    """Take no new enquiries, up to the last day `until`; mail on a `case` that goes on passes, all other is filed."""

    kind: ClassVar[str] = "refuse_new"
    sender_words: ClassVar[str] = "We take no new enquiries from you. We look at what you send for anything urgent."
    staff_words: ClassVar[str] = (
        "New enquiries are filed and looked at for anything that cannot wait; mail on the case named passes. "
        "Needs the approval of a block."
    )
    reads_opening: ClassVar[bool] = True
    needs_block_approval: ClassVar[bool] = True

    case: Annotated[Cases, Field(description="The case that goes on, as HO/2024-123; empty: none.")] = frozenset()
    until: Annotated[LastDay | None, Until] = None

    @cached_property
    def _looked_for(self) -> References:
        return References(self.case)

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find mail filed that names no case that goes on; of a call nobody can say beforehand what it is about."""
        if contact.channel is Channel.CALL or over(self.until, policy, now):
            return None
        found = bearing(contact, self._looked_for)
        if found is not None and not found.elsewhere:
            return Finding(let_through(contact), f"{found.words}, which goes on")
        text = "No new enquiries are taken"
        if logged_by_hand(contact):
            return Finding(Outcome.DELIVER, f"{text}: to be put on file, unless something in it cannot wait")
        return Finding(Outcome.FILE, f"{text}; a person looks for what cannot wait", sender_text=self.sender_words)

    def matters(self, contact: Contact) -> tuple[str, ...]:
        """Name the case that goes on where a contact is on it: what answers it passes too."""
        return settled(bearing(contact, self._looked_for))
