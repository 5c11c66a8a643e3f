"""Close some issues, by case reference or subject, and leave all others open (PHSO-M9, PHSO-22)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from rules.case_references import References
from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.matter import Bearing, Cases, Subjects, bearing, logged_by_hand, settled
from rules.measures.measure import ByEmail, Measure, let_through
from rules.policies import Policy
from rules.standing import Standing


class IssueLimit(Measure):
    """Close the issues of `cases` and `subjects` alone; mail that may raise anything else is filed for a person.

    `closed` cases were explained to the end: where the policy says so, nobody has to look at mail on them.
    """

    kind: ClassVar[str] = "issue_limit"
    sender_words: ClassVar[str] = "We no longer correspond about this matter. You can contact us about anything else."
    staff_words: ClassVar[str] = "Mail on the cases and subjects named is filed or goes back; all other mail passes."
    reads_opening: ClassVar[bool] = True

    cases: Annotated[Cases, Field(description="Case references that are closed, as HO/2024-123.")] = frozenset()
    subjects: Annotated[Subjects, Field(description="Subjects that are closed, each as a phrase.")] = frozenset()
    email: Annotated[Literal["file", "return"], ByEmail] = "file"
    closed: Annotated[bool, Field(description="The matters were explained to the end; see the policy.")] = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.cases and not self.subjects:
            raise ValueError("name a case or a subject")
        if self.closed and self.email == "return":
            raise ValueError("what is closed for good is filed; leave email out")
        return self

    @cached_property
    def _looked_for(self) -> References:
        return References(self.cases, self.subjects)

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find mail on a closed issue filed or returned; what only mentions it, or raises more, is never sent away."""
        found = bearing(contact, self._looked_for)
        if found is None or contact.channel is Channel.CALL:
            return None
        if found.elsewhere:
            return Finding(let_through(contact), found.only_mentioned)
        text = f"{found.words}, on which the office no longer corresponds"
        if logged_by_hand(contact):
            return Finding(Outcome.DELIVER, f"{text}: to be put on file")
        plain = Outcome(self.email)
        outcome = plain if found.plain else Outcome.FILE
        return Finding(outcome, text + self._caution(found), sender_text=self.sender_words)

    def _caution(self, found: Bearing) -> str:
        if found.more:
            return "; it may raise something else as well, so a person looks at it"
        spared = self.email == "return" and not found.plain
        return "; its subject does not, so it is filed and does not go back" if spared else ""

    def matters(self, contact: Contact) -> tuple[str, ...]:
        """Name the closed issues that a contact is on."""
        return settled(bearing(contact, self._looked_for))

    def files_unread(self, contact: Contact, policy: Policy) -> bool:
        """Tell whether a closed matter alone is named, and the policy wants nobody to look (PHSO-22)."""
        found = bearing(contact, self._looked_for)
        return self.closed and policy.closed_unread and found is not None and found.plain
