"""Propose a draft: it is approved at once where the policy leaves it to any colleague (PHSO-8, PHSO-9, PHSO-17)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Words, filled
from rules.casework.acts.draft_restriction import INTERIM
from rules.casework.combined import needed
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import last_day, on_file
from rules.casework.refused import Refused
from rules.casework.shelf import Approval, RestrictionOnFile, RestrictionState, Shelf, shelf_of
from rules.policies import Policy
from rules.windows import end_of, months_after


class ProposeRestriction(Act):
    """Name the draft; `exception` is why it should be made though no warning stands."""

    name: ClassVar[str] = "propose_restriction"
    staff_words: ClassVar[str] = (
        "Put a draft forward. The policy asks for a warning in force, a restriction that ended not long ago, or a "
        "ground that needs no warning; anything else is an exception that somebody else must approve."
    )

    restriction: Annotated[Id, Field(description="The draft.")]
    exception: Annotated[Words, Field(description="Why it should be made without a warning, where none stands.")] = ""
    rests_on: Annotated[str, filled()] = ""
    needs: Annotated[tuple[str, ...], filled()] = ()
    as_block: Annotated[bool, filled()] = False
    decided: Annotated[bool, filled()] = False

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with what it rests on and whose approval it needs; refused where it rests on nothing."""
        shelf = shelf_of(file, policy)
        draft = on_file(self.restriction, shelf, now, RestrictionState.DRAFT)
        rests_on = basis(draft, shelf, policy, now)
        if not rests_on and not self.exception:
            raise Refused(
                "No warning is in force, and no restriction for this ended in the months before.",
                clause=policy.clause("propose_restriction"),
                way="Warn first, or say why this is an exception, which somebody else must then approve.",
            )
        need = needed(file, shelf, policy, draft.id, draft.measures, (draft.starts, draft.ends), now=now)
        roles = need.gate.roles if need.gate else frozenset()
        if not rests_on:
            roles = roles or policy.exceptions.roles
        alone = not policy.four_eyes and bool(by.any_of(roles))  # MP-8: whoever may approve decides alone
        update: dict[str, object] = {
            "rests_on": rests_on or "exception",
            "needs": () if alone else tuple(sorted(roles)),
        }
        update |= {"as_block": need.as_block, "decided": alone or not (roles or not rests_on)}
        return self.model_copy(update=update)

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It waits for approval, or is approved where nobody else has to."""
        draft = shelf.restrictions[self.restriction]
        approval = Approval(paper.by, paper.role, paper.at, as_block=self.as_block) if self.decided else None
        shelf.change(
            self.restriction,
            proposed_by=paper.by,
            exception=self.exception if self.rests_on == "exception" else "",
            approval=approval,
            decided_by=draft.decided_by | {paper.by},
        )


def basis(draft: RestrictionOnFile, shelf: Shelf, policy: Policy, now: datetime) -> str:
    """Say what a restriction rests on: its ground, a warning, one that ended not long ago; empty where on nothing."""
    if draft.ground in policy.no_warning_grounds:
        return "ground"
    warning = next(iter(shelf.standing_warnings(now)), None)
    if warning is not None:
        return f"warning:{warning.id}"
    for one in shelf.restrictions.values():
        if one.id == draft.id or one.ground != draft.ground or not _made(one, now):
            continue
        if one.stops > now:
            return f"restriction:{one.id}"
        ended = last_day(one.stops, policy.zone)
        if now < end_of(months_after(ended, policy.durations.renewal_months), policy.zone):
            return f"restriction:{one.id}"
    return ""


def _made(one: RestrictionOnFile, now: datetime) -> bool:
    """Tell whether it was in force by somebody's decision: interim protection is nobody's (PHSO-2)."""
    interim = any(each.kind == INTERIM for each in one.measures)
    return not interim and one.enforced() is not None and one.told_at is not None and one.begins <= now
