"""Decide whether the police are told: a decision of the leadership, on record (SPSO-32-34, PHSO-2, MP-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Text, Words, filled
from rules.casework.acts.note_incident import known_incidents
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy


class Police(Act):
    """Say whether the police are told and who decided so, whom the threat was against, who witnessed it.

    You are one of those who decide; `decided_with` are the others.
    """

    name: ClassVar[str] = "police"
    staff_words: ClassVar[str] = (
        "Put on record whether the police are told. Where somebody is in danger now, call 999 first. Whoever was "
        "threatened does not decide alone against telling them."
    )

    incident: Annotated[Id, Field(description="What happened.")]
    told: Annotated[bool, Field(description="Whether the police were or will be told.")]
    reason: Annotated[Text, Field(description="Why.")]
    targets: Annotated[tuple[Text, ...], Field(min_length=1, description="Whom the threat was against.")]
    witnesses: Annotated[tuple[Text, ...], Field(description="Who saw or heard it.")] = ()
    decided_with: Annotated[tuple[Text, ...], Field(description="Who decided it with you.")] = ()
    immediate: Annotated[bool, Field(description="Whether the threat was clear and immediate.")] = False
    third_party: Annotated[
        Text, Field(description="Whether a third party who was threatened is told; or that there is none.")
    ]
    person: Annotated[Text, Field(description="Whether the person is told that the police were, and why.")]
    reference: Annotated[Words, Field(description="The police's reference.")] = ""
    deciders: Annotated[tuple[str, ...], filled()] = ()

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with all who decided; refused where only targets decided against, or danger is immediate."""
        known_incidents(file, (self.incident,))
        clause = policy.clause(self.name) or policy.clause("zero_tolerance")
        if self.immediate and not self.told:
            raise Refused(
                "A clear and immediate threat goes to the police at once.",
                clause=clause,
                way="Call 999, then put on record that they were told.",
            )
        deciders = tuple(dict.fromkeys((by.name, *self.decided_with)))
        targets = {_plain(one) for one in self.targets}
        if not self.told and all(_plain(one) in targets for one in deciders):
            raise Refused(
                "Whoever was threatened does not decide alone against telling the police.",
                clause=clause,
                way="Decide it with a colleague who was not threatened, and name them.",
            )
        return self.model_copy(update={"deciders": deciders})


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
