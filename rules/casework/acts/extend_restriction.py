"""Extend a restriction by a new instance of the behaviour (PHSO-16)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Words, filled
from rules.casework.acts.note_incident import NoteIncident
from rules.casework.basis import INTERIM, began_as_interim
from rules.casework.combined import approved, needed
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import last_day, on_file
from rules.casework.refused import Refused
from rules.casework.shelf import Approval, Change, RestrictionOnFile, RestrictionState, Shelf, shelf_of
from rules.policies import Policy
from rules.windows import end_of, months_after


class ExtendRestriction(Act):
    """Name the restriction and the incident; the person is told before the new end stands."""

    name: ClassVar[str] = "extend_restriction"
    staff_words: ClassVar[str] = "Move the end because it happened again. Polite contact is no instance."

    restriction: Annotated[Id, Field(description="The restriction.")]
    incident: Annotated[Id, Field(description="What happened again.")]
    ends: Annotated[date | None, Field(description="Its new last day; what the policy says unless given.")] = None
    fallback: Annotated[Words, Field(description="Why you stand in for who should approve it.")] = ""
    as_block: Annotated[bool, filled()] = False
    role_used: Annotated[str, filled()] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its end; refused without a new instance, for an earlier end, and by whom it may not be."""
        shelf = shelf_of(file, policy)
        found = on_file(self.restriction, shelf, now, RestrictionState.AHEAD, RestrictionState.IN_FORCE)
        if began_as_interim(found):
            raise Refused("Interim protection is not renewable.", clause=policy.clause(INTERIM))
        day = _instance(self.incident, found, file, policy)
        try:
            ends = self.ends or months_after(day, policy.durations.restriction_months)
            until = end_of(ends, policy.zone)
        except (ValueError, OverflowError):
            raise Refused("This end is beyond the calendar.") from None
        if until <= found.ends:
            raise Refused(f"It ends on {last_day(found.ends, policy.zone)} already, which is not earlier than {ends}.")
        most = policy.durations.longest_months
        if most is not None and ends > months_after(day, most):
            raise Refused(
                f"This policy extends by no more than {most} months from the last instance.",
                clause=policy.clause("extend_restriction"),
            )
        need = needed(file, shelf, policy, found.id, found.measures, (now, until), extends=True, now=now)
        update: dict[str, object] = {"ends": ends, "as_block": need.as_block}
        if need.gate is not None:
            approval = approved(need, policy, by, found.decided_by - _approver(found), self.fallback, now)
            update |= {"role_used": approval.role, "fallback": approval.fallback}
        return self.model_copy(update=update)

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The new end stands once the party was told."""
        assert self.ends is not None  # judge fills it
        role = self.role_used or paper.role
        approval = Approval(paper.by, role, paper.at, self.fallback, True) if self.as_block else None
        change = Change(ends=end_of(self.ends, shelf.zone), approval=approval)
        shelf.decide(self.restriction, paper.id, change)


def _instance(incident: str, found: RestrictionOnFile, file: CaseFile, policy: Policy) -> date:
    """Give the day of the new instance; raises Refused where it is none, or is older than the restriction."""
    noted, act = next(((paper.at, act) for paper, act in file.of(NoteIncident) if paper.id == incident), (None, None))
    if noted is None or act is None or act.day is None:
        raise Refused(
            f"There is no incident {incident} on this file.",
            clause=policy.clause("extend_restriction"),
            way="Note what happened first; polite contact is no instance.",
        )
    if incident in found.incidents or noted <= found.begins or end_of(act.day, policy.zone) <= found.begins:
        raise Refused(
            "This incident is older than the restriction; only a new instance extends it.",
            clause=policy.clause("extend_restriction"),
        )
    return act.day


def _approver(found: RestrictionOnFile) -> frozenset[str]:
    """Whoever approved it may approve its extension."""
    return frozenset({found.approval.by}) if found.approval else frozenset()
