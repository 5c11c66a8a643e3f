"""End a call: after one request, or at once where the policy has no tolerance (PHSO-5, SPSO-24-27)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Words
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy

AT_ONCE = ("threat", "abuse_of_a_protected_kind", "recording_to_publish")
"""Reasons for which a call ends without a request first (SPSO-24-27, PHSO-2)."""


class EndCall(Act):
    """Say for what reason the call was ended, what was asked before that, and what follows."""

    name: ClassVar[str] = "end_call"
    staff_words: ClassVar[str] = (
        "Ask once; then you may end the call. A threat, or a recording to publish, ends it at once. A recording for "
        "the person's own use is no reason."
    )

    contact: Annotated[Id, Field(description="The call, where it is on record.")] = ""
    code: Annotated[
        Literal["abuse", "shouting", "same_points", "threat", "abuse_of_a_protected_kind", "recording_to_publish"],
        Field(description="The reason."),
    ]
    asked: Annotated[Words, Field(description="What you asked the person, once, before you ended the call.")] = ""
    follow_up: Annotated[
        Literal["warning", "ground_rules", "incident", "none"], Field(description="What follows in writing.")
    ]
    why_none: Annotated[Words, Field(description="Why nothing follows.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused without a request where one comes first, and without a follow-up or why there is none."""
        clause = policy.clause(self.name) or policy.clause("warn")
        if self.code not in AT_ONCE and not self.asked.strip():
            raise Refused(
                "A call is ended after one request.",
                clause=clause,
                way="Say what you asked; only a threat, or a recording to publish, ends it at once.",
            )
        if (self.follow_up == "none") != bool(self.why_none.strip()):
            raise Refused(
                "A call that was ended is followed up in writing, unless there is a reason not to.",
                clause=clause,
                way="Choose a warning or ground rules, or say in why_none why nothing follows.",
            )
        return self
