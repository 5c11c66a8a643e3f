"""Let work on a case rest for a time (PHSO-M14)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field

from rules.case_references import References
from rules.contact import Channel, Contact
from rules.decision import Finding, Note, Outcome
from rules.measures.matter import Cases, LastDay, bearing, logged_by_hand, over, resumes, settled
from rules.measures.measure import Measure, let_through
from rules.policies import Policy
from rules.standing import Standing
from rules.workdays import in_words

_LAST = "The last day of the time out, as 2026-04-15; work goes on with the next working day."


class TimeOut(Measure):
    """Let work on `case` (all of them, where none is named) rest up to and with the day `until`.

    Mail on it is filed, looked at, and answered once with the day on which work resumes; other mail passes.
    """

    kind: ClassVar[str] = "time_out"
    sender_words: ClassVar[str] = "We have paused work on this. We resume it on {day}. We keep what you send."
    staff_words: ClassVar[str] = "Work on the case rests until the day named; its mail is filed, looked at, and waits."
    reads_opening: ClassVar[bool] = True

    case: Annotated[Cases, Field(description="The case reference, as HO/2024-123; empty: all cases.")] = frozenset()
    until: Annotated[LastDay, Field(description=_LAST)]

    @cached_property
    def _looked_for(self) -> References:
        return References(self.case)

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find mail on the case filed with the day on which work resumes, as long as it rests."""
        if contact.channel is Channel.CALL or over(self.until, policy, now):
            return None
        found = bearing(contact, self._looked_for)
        if self.case and found is None:
            return None
        if found is not None and found.elsewhere:
            return Finding(let_through(contact), found.only_mentioned)
        assert standing.restriction is not None  # decide sets it
        day = in_words(resumes(self.until, standing.restriction, policy))
        text = f"{found.words}; work on it resumes on {day}" if found else f"Work on all cases rests up to {day}"
        if logged_by_hand(contact):
            return Finding(Outcome.DELIVER, f"{text}: to be put on file until then")
        words = self.sender_words.format(day=day)
        note = Note(f"{standing.restriction.id}:{self.kind}:{self.until.isoformat()}", words)
        return Finding(Outcome.FILE, text, note=note, sender_text=words)

    def matters(self, contact: Contact) -> tuple[str, ...]:
        """Name the case where a contact is on it."""
        return settled(bearing(contact, self._looked_for))
