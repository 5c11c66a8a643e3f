"""Protect colleagues at once: everything of a party goes to the duty manager for two working days (PHSO-2)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules import measures
from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, filled
from rules.casework.acts.note_incident import known_incidents
from rules.casework.basis import INTERIM
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Approval, RestrictionOnFile, Shelf, shelf_of
from rules.policies import Policy
from rules.workdays import look_by


class ProtectInterim(Act):
    """Name the incident; it lapses by itself and is not renewable."""

    name: ClassVar[str] = "protect_interim"
    staff_words: ClassVar[str] = (
        "Any colleague, at once, without approval. It lapses after two working days unless somebody decides."
    )

    incident: Annotated[Id, Field(description="What happened.")]
    reason: Annotated[Text, Field(description="Why it cannot wait.")]
    ends_at: Annotated[datetime | None, filled()] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with its end; refused a second time for the same events."""
        known_incidents(file, (self.incident,))
        shelf = shelf_of(file, policy)
        for one in shelf.restrictions.values():
            if INTERIM not in {each.kind for each in one.measures}:
                continue
            if self.incident in one.incidents or one.stops > now:
                raise Refused(
                    "Interim protection is not renewable.",
                    clause=policy.clause(INTERIM),
                    way="Propose a restriction; zero tolerance needs no warning.",
                )
        days = policy.durations.interim_working_days
        return self.model_copy(update={"ends_at": look_by(now, days, policy.zone, policy.region)})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """It bites at once."""
        assert self.ends_at is not None  # judge fills it
        shelf.restrictions[paper.id] = RestrictionOnFile(
            id=paper.id,
            measures=(measures.parse({"kind": INTERIM}),),
            ground="zero_tolerance",
            reason=self.reason,
            starts=paper.at,
            ends=self.ends_at,
            drafted_by=paper.by,
            owner=paper.by,
            incidents=(self.incident,),
            no_review="It lapses by itself.",
            proposed_by=paper.by,
            approval=Approval(paper.by, paper.role, paper.at),
            told_at=paper.at,
            no_notice="It protects colleagues at once.",
            decided_by=frozenset({paper.by}),
        )
