"""Propose a draft: it is approved at once where the policy leaves it to any colleague (PHSO-8, PHSO-9, PHSO-17)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Words, filled
from rules.casework.basis import Basis, basis
from rules.casework.combined import needed
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import on_file
from rules.casework.refused import Refused
from rules.casework.shelf import Approval, RestrictionState, Shelf, shelf_of
from rules.policies import Policy


class ProposeRestriction(Act):
    """Name the draft; `exception` is why it should be made though it rests on no warning.

    `similar` is why behaviour of another ground than the warning's is similar all the same.
    """

    name: ClassVar[str] = "propose_restriction"
    staff_words: ClassVar[str] = (
        "Put a draft forward. The policy asks that it happened again under a warning, or not long after a restriction, "
        "or for a ground that needs no warning; anything else is an exception that somebody else must approve."
    )

    restriction: Annotated[Id, Field(description="The draft.")]
    exception: Annotated[
        Words, Field(description="Why it should be made without a warning, where none carries it.")
    ] = ""
    similar: Annotated[
        Words, Field(description="Why the behaviour is similar, where the warning was about another ground.")
    ] = ""
    rests_on: Annotated[str, filled()] = ""
    needs: Annotated[tuple[str, ...], filled()] = ()
    as_block: Annotated[bool, filled()] = False
    decided: Annotated[bool, filled()] = False

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with what it rests on and whose approval it needs; refused where it rests on nothing."""
        shelf = shelf_of(file, policy)
        draft = on_file(self.restriction, shelf, now, RestrictionState.DRAFT)
        found = basis(draft, file, shelf, policy, now)
        rests_on = found.rests_on if found.alike or self.similar.strip() else ""
        if not rests_on and not self.exception.strip():
            raise _refused(found, policy)
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
            proposed_at=paper.at,
            exception=self.exception if self.rests_on == "exception" else "",
            approval=approval,
            decided_by=draft.decided_by | {paper.by},
        )


def _refused(found: Basis, policy: Policy) -> Refused:
    """Say what is wanting, and each way that is open."""
    clause = policy.clause("propose_restriction")
    otherwise = "or say in exception why it cannot wait, which somebody else must then approve."
    if found.rests_on:
        return Refused(
            f"The {found.what} that it could rest on was about another ground.",
            clause=clause,
            way=f"Say in similar why the behaviour is similar all the same, warn about this too, {otherwise}",
        )
    if found.unmet:
        return Refused(
            "A warning is in force, but nothing that this restriction names has happened since.",
            clause=clause,
            way=f"If it happened again, note that and name it in the draft with change_draft, {otherwise}",
        )
    return Refused(
        "No warning is in force under which it happened, and no restriction in the months before it.",
        clause=clause,
        way=f"Warn first, {otherwise}",
    )
