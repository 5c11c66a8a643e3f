"""Answer later than usual, by a date that is counted in working days (PHSO-M11)."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding
from rules.measures.measure import Measure, let_through
from rules.policies import Policy
from rules.standing import Standing, Usage, UsageKind
from rules.windows import Mode, Per, Window
from rules.workdays import in_words, working_day_after


class SlowResponse(Measure):
    """Give what is written to us an answer within `working_days` of its receipt, or of the party's latest contact.

    No day past `latest_by` is promised; what comes after that day is answered in the usual time. What must reach a
    person at once, a legal clock above all, is never put off.
    """

    kind: ClassVar[str] = "slow_response"
    sender_words: ClassVar[str] = "We answer what you send us within {days}."
    staff_words: ClassVar[str] = (
        "Mail and letters pass, with a later day by which they are answered. No legal clock moves."
    )

    working_days: Annotated[int, Field(ge=1, le=260, description="Working days within which an answer goes out.")]
    counted_from: Annotated[
        Literal["receipt", "latest_contact"],
        Field(description="Count from the receipt of each, or from the party's latest contact."),
    ] = "receipt"
    latest_by: Annotated[date | None, Field(description="The last day to which an answer is put off.")] = None

    def needs(self) -> tuple[Usage, ...]:
        """Ask for the newest contact of the last 30 days where days count from it."""
        return (self._usage,) if self.counted_from == "latest_contact" else ()

    @cached_property
    def _usage(self) -> Usage:
        return Usage(UsageKind.LET_THROUGH, frozenset(Channel), Window(Per.MONTH, Mode.ROLLING), 1)

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the day by which what was written is answered; calls and visits are answered as they come."""
        if contact.channel in (Channel.CALL, Channel.VISIT):
            return None
        if contact.safeguards:
            return Finding(let_through(contact), "Its answer is not put off: it must reach a person at once")
        if self.latest_by is not None and contact.at.astimezone(policy.zone).date() > self.latest_by:
            return Finding(let_through(contact), f"Answers were put off up to {in_words(self.latest_by)} only")
        due = self.answer_by(contact.at, self._latest(contact, standing, policy, now), policy)
        return Finding(let_through(contact), f"An answer is due by {in_words(due)}: {self._count(due)}", respond_by=due)

    def answer_by(self, received: datetime, latest: datetime, policy: Policy) -> date:
        """Give the day by which what was `received` is answered, where the party's `latest` contact came when it did.

        Asked again when the party has written anew, it says where the day has moved to, never past `latest_by`.
        """
        since = max(received, latest) if self.counted_from == "latest_contact" else received
        due = working_day_after(since.astimezone(policy.zone).date(), self.working_days, policy.region)
        return due if self.latest_by is None else min(due, self.latest_by)

    def _latest(self, contact: Contact, standing: Standing, policy: Policy, now: datetime) -> datetime:
        """Give when the party was last in touch: with this, or since this where it is decided later than it came."""
        if self.counted_from == "receipt":
            return contact.at
        return standing.usage(self._usage, now, policy).reached_at or contact.at

    def _count(self, due: date) -> str:
        if due == self.latest_by:
            return "the last day to which answers are put off"
        days = f"{self.working_days} working day{'' if self.working_days == 1 else 's'}"
        return f"{days} from {'its receipt' if self.counted_from == 'receipt' else 'the latest contact'}"
