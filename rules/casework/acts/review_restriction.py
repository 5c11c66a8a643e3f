"""Review a restriction: it continues, changes, or is lifted (SPSO-23)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Measures, Text, Words, filled
from rules.casework.acts.draft_restriction import allowed_measures
from rules.casework.acts.send_notice import LIVE
from rules.casework.basis import INTERIM, began_as_interim
from rules.casework.combined import Needed, approved, needed
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import last_day, on_file
from rules.casework.refused import Refused
from rules.casework.shelf import Approval, Change, RestrictionOnFile, Shelf, shelf_of
from rules.measures import Measure
from rules.policies import Policy
from rules.windows import local_midnight, months_after


class ReviewRestriction(Act):
    """Name the restriction and what came of the review."""

    name: ClassVar[str] = "review_restriction"
    staff_words: ClassVar[str] = (
        "Look again whether it is still needed and as mild as it can be. Say what you decided and why."
    )

    restriction: Annotated[Id, Field(description="The restriction.")]
    outcome: Annotated[Literal["continue", "amend", "lift"], Field(description="What you decided.")]
    reason: Annotated[Text, Field(description="Why.")]
    measures: Annotated[Measures | None, Field(description="The measures from now on, to amend it.")] = None
    next_review: Annotated[date | None, Field(description="The next review; what the policy says unless given.")] = None
    fallback: Annotated[Words, Field(description="Why you stand in for who should approve the change.")] = ""
    as_block: Annotated[bool, filled()] = False
    role_used: Annotated[str, filled()] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with the next review; refused for measures without amending, and by whom a change may not be made."""
        shelf = shelf_of(file, policy)
        found = on_file(self.restriction, shelf, now, *LIVE)
        if (self.outcome == "amend") != (self.measures is not None):
            raise Refused("Measures go with amending, and with nothing else.")
        if self.outcome != "lift":
            not_interim(found, policy)
        update: dict[str, object] = {}
        if self.outcome != "lift":
            update["next_review"] = self.next_review or _next(found, policy, now)
        if self.next_review is not None and local_midnight(self.next_review, policy.zone) <= now:
            raise Refused("The next review is still to come.")
        if self.measures is not None:
            _appeal_told(found, policy)
            update |= amended(self.measures, found, file, shelf, policy, by, self.fallback, now)
        return self.model_copy(update=update)

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It goes on with its next review; a change stands once the party was told."""
        if self.measures is None:
            shelf.owe(paper, self.restriction)
        if self.outcome == "lift":
            shelf.change(self.restriction, lifted_at=paper.at, untold=())
            return
        review_at = local_midnight(self.next_review, shelf.zone) if self.next_review else None
        shelf.change(self.restriction, review_at=review_at)
        if self.measures is not None:
            approval = Approval(paper.by, self.role_used or paper.role, paper.at, self.fallback, self.as_block)
            shelf.decide(self.restriction, paper.id, Change(measures=self.measures, approval=approval))


def amended(
    measures: tuple[Measure, ...],
    found: RestrictionOnFile,
    file: CaseFile,
    shelf: Shelf,
    policy: Policy,
    by: Actor,
    fallback: str,
    now: datetime,
) -> dict[str, object]:
    """Say what changed measures need; raises Refused for what the policy has not, or this person may not decide."""
    allowed_measures(measures, policy)
    need = needed(file, shelf, policy, found.id, measures, (now, found.ends), now=now)
    if need.gate is None and found.exception:
        # New measures rest on no more than the old ones did, and those on a person's approval (PHSO-9).
        need = Needed(policy.exceptions, need.as_block)
    if need.gate is None:
        return {"as_block": need.as_block}
    own = frozenset({found.drafted_by, found.proposed_by})
    approval = approved(need, policy, by, own, fallback, now)
    return {"as_block": need.as_block, "role_used": approval.role, "fallback": approval.fallback}


def not_interim(found: RestrictionOnFile, policy: Policy) -> None:
    """Raise Refused for interim protection: it rests on nothing that other measures could rest on (PHSO-2)."""
    if began_as_interim(found):
        raise Refused(
            "Interim protection lapses by itself; it may only be lifted.",
            clause=policy.clause(INTERIM),
            way="Propose a restriction; zero tolerance needs no warning.",
        )


def _appeal_told(found: RestrictionOnFile, policy: Policy) -> None:
    """Raise Refused while the party is not told what their appeal has changed (SPSO-22, HO-6)."""
    if any(change.on_appeal for _, change in found.untold):
        raise Refused(
            "An appeal has changed this restriction, and the person was not told of it yet.",
            clause=policy.appeal.clause if policy.appeal else "",
            way="Send the letter on the appeal first.",
        )


def _next(found: RestrictionOnFile, policy: Policy, now: datetime) -> date | None:
    if policy.review.every_months is None:
        return None
    today = now.astimezone(policy.zone).date()
    day = min(months_after(today, policy.review.every_months), last_day(found.ends, policy.zone))
    return day if day > today else None
