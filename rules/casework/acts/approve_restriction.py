"""Approve a restriction: somebody other than who proposed it, in a role that the policy names (PHSO-18, PHSO-19)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, Words, filled
from rules.casework.combined import Needed, approved, needed
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import on_file
from rules.casework.shelf import Approval, RestrictionState, Shelf, shelf_of
from rules.policies import Policy


class ApproveRestriction(Act):
    """Name the restriction; `fallback` is why you stand in for who should approve it."""

    name: ClassVar[str] = "approve_restriction"
    staff_words: ClassVar[str] = "Approve what a colleague proposed. What is judged is all that is then on the person."

    restriction: Annotated[Id, Field(description="The restriction.")]
    reason: Annotated[Text, Field(description="Why it is proportionate.")]
    fallback: Annotated[
        Words, Field(description="Why you stand in for who should approve it: away, or conflicted.")
    ] = ""
    role_used: Annotated[str, filled()] = ""
    as_block: Annotated[bool, filled()] = False

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with the role used; refused by one's own hand, by the wrong role, and once it is decided."""
        shelf = shelf_of(file, policy)
        found = on_file(self.restriction, shelf, now, RestrictionState.AWAITING_APPROVAL)
        need = needed(file, shelf, policy, found.id, found.measures, (max(found.starts, now), found.ends), now=now)
        if need.gate is None and found.exception:
            need = Needed(policy.exceptions, need.as_block)
        approval = approved(need, policy, by, found.decided_by, self.fallback, now)
        return self.model_copy(
            update={"role_used": approval.role, "fallback": approval.fallback, "as_block": need.as_block}
        )

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It waits for its notice."""
        found = shelf.restrictions[self.restriction]
        approval = Approval(paper.by, self.role_used, paper.at, self.fallback, self.as_block)
        shelf.change(self.restriction, approval=approval, decided_by=found.decided_by | {paper.by})
