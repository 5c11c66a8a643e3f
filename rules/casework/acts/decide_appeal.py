"""Decide an appeal: by somebody who did not decide the restriction (SPSO-22, HO-6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Measures, Text, filled
from rules.casework.acts.draft_restriction import allowed_measures
from rules.casework.acts.extend_restriction import ExtendRestriction
from rules.casework.acts.review_restriction import ReviewRestriction, amended, not_interim
from rules.casework.combined import needed
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Approval, Change, RestrictionOnFile, Shelf, shelf_of
from rules.measures import Measure
from rules.policies import Policy


class DecideAppeal(Act):
    """Name the appeal and what came of it."""

    name: ClassVar[str] = "decide_appeal"
    staff_words: ClassVar[str] = "Look at the appeal with fresh eyes. Upheld lifts the restriction; varied changes it."

    appeal: Annotated[Id, Field(description="The appeal.")]
    outcome: Annotated[Literal["upheld", "varied", "dismissed"], Field(description="What you decided.")]
    reason: Annotated[Text, Field(description="Why, as the person will be told.")]
    measures: Annotated[Measures | None, Field(description="The measures from now on, to vary it.")] = None
    as_block: Annotated[bool, filled()] = False
    role_used: Annotated[str, filled()] = ""
    fallback: Annotated[str, filled()] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused by whoever decided the restriction, by the wrong role, and for what is not open."""
        shelf = shelf_of(file, policy)
        appeal = shelf.appeals.get(self.appeal)
        if appeal is None or appeal.decided:
            raise Refused("There is no open appeal of this id on the file.")
        clause = policy.appeal.clause if policy.appeal else ""
        found = shelf.restrictions[appeal.restriction]
        if by.name in had_a_part(found, file, shelf):
            raise Refused(
                f"{by.name} had a part in the restriction.", clause=clause, way="Ask a colleague who had none."
            )
        role = by.any_of(policy.appeal.to) if policy.appeal else ""
        if not role:
            titles = " or ".join(
                sorted(policy.roles.get(one, one) for one in (policy.appeal.to if policy.appeal else ()))
            )
            raise Refused("An appeal is for others to decide.", clause=clause, way=f"It is for the {titles}.")
        if (self.outcome == "varied") != (self.measures is not None):
            raise Refused("Measures go with varying, and with nothing else.")
        update: dict[str, object] = {"role_used": role, "as_block": False, "fallback": ""}
        if self.measures is not None:
            update |= _varied(self.measures, found, file, shelf, policy, by, now)
        return self.model_copy(update=update)

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """Upheld, it is lifted; varied, the change stands once the party was told."""
        appeal = shelf.appeals[self.appeal]
        shelf.appeals[self.appeal] = replace(appeal, decided=self.outcome)
        found = shelf.restrictions[appeal.restriction]
        if self.measures is None:
            shelf.owe(paper, found.id)
        if self.outcome == "upheld" and found.lifted_at is None:
            shelf.change(found.id, lifted_at=paper.at, untold=())
        if self.measures is not None:
            approval = Approval(paper.by, self.role_used, paper.at, self.fallback, self.as_block)
            shelf.decide(found.id, paper.id, Change(measures=self.measures, approval=approval, on_appeal=True))


def had_a_part(found: RestrictionOnFile, file: CaseFile, shelf: Shelf) -> frozenset[str]:
    """Name everybody who decided what a restriction is now: who made it, and who extended, amended or varied it."""
    changed = {paper.by for paper, act in file.of(ExtendRestriction) if act.restriction == found.id}
    changed |= {paper.by for paper, act in file.of(ReviewRestriction) if act.restriction == found.id and act.measures}
    appeals = {number for number, one in shelf.appeals.items() if one.restriction == found.id}
    changed |= {paper.by for paper, act in file.of(DecideAppeal) if act.appeal in appeals and act.measures}
    return found.decided_by | changed


def _varied(
    measures: tuple[Measure, ...],
    found: RestrictionOnFile,
    file: CaseFile,
    shelf: Shelf,
    policy: Policy,
    by: Actor,
    now: datetime,
) -> dict[str, object]:
    """Say what varied measures need: who hears the appeal decides, but for what only others may approve (PHSO-18)."""
    allowed_measures(measures, policy)
    not_interim(found, policy)
    need = needed(file, shelf, policy, found.id, measures, (now, found.ends), now=now)
    # The gate that stands before every restriction was opened when this one was approved.
    if need.gate == policy.gate((), file.party.kind, False, found.ground):
        return {"as_block": need.as_block}
    return amended(measures, found, file, shelf, policy, by, "", now)
