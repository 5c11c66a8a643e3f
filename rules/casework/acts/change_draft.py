"""Change a draft before it is proposed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Measures, Words
from rules.casework.acts.draft_restriction import allowed_measures, reviewed, span
from rules.casework.acts.note_incident import known_incidents
from rules.casework.basis import last_instance
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import last_day, on_file
from rules.casework.shelf import RestrictionState, Shelf, shelf_of
from rules.policies import Policy
from rules.windows import end_of, local_midnight


class ChangeDraft(Act):
    """Name the draft and what is to be different; what is left out stays."""

    name: ClassVar[str] = "change_draft"
    staff_words: ClassVar[str] = "Change a draft. What was proposed already is declined first, then drafted anew."

    restriction: Annotated[Id, Field(description="The draft.")]
    measures: Annotated[Measures | None, Field(description="The measures, all of them.")] = None
    reason: Annotated[Words, Field(description="Why, as the person will be told.")] = ""
    incidents: Annotated[
        tuple[Id, ...] | None, Field(min_length=1, description="The incidents that it rests on, all of them.")
    ] = None
    starts: Annotated[date | None, Field(description="Its first day.")] = None
    ends: Annotated[date | None, Field(description="Its last day.")] = None
    review: Annotated[date | None, Field(description="The day of its review.")] = None
    no_review: Annotated[Words, Field(description="Why it is not reviewed.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with all dates; refused for what is no draft, and for what a draft would be refused for."""
        draft = on_file(self.restriction, shelf_of(file, policy), now, RestrictionState.DRAFT)
        allowed_measures(self.measures or draft.measures, policy)
        known_incidents(file, self.incidents or ())
        first = draft.starts.astimezone(policy.zone).date()
        today = now.astimezone(policy.zone).date()
        ends = self.ends
        if ends is None and self.starts is None and self.incidents is None:
            ends = last_day(draft.ends, policy.zone)
        instance = last_instance(file, self.incidents or draft.incidents)
        dates = span(self.starts or max(first, today), ends, instance, policy, now)
        review, why = self.review, self.no_review
        if review is None and not why:
            why = draft.no_review
            review = draft.review_at.astimezone(policy.zone).date() if draft.review_at else None
            review = review if review and dates[0] <= review <= dates[1] else None
        return self.model_copy(update={"starts": dates[0], "ends": dates[1], **reviewed(review, why, dates, policy)})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The draft is as it is now."""
        assert self.starts is not None  # judge fills both
        assert self.ends is not None
        draft = shelf.restrictions[self.restriction]
        shelf.change(
            self.restriction,
            measures=self.measures or draft.measures,
            reason=self.reason or draft.reason,
            incidents=self.incidents or draft.incidents,
            starts=local_midnight(self.starts, shelf.zone),
            ends=end_of(self.ends, shelf.zone),
            review_at=local_midnight(self.review, shelf.zone) if self.review else None,
            no_review=self.no_review,
            decided_by=draft.decided_by | {paper.by},
        )
