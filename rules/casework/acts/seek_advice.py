"""Seek advice outside the office without saying whom it is about (SPSO-19)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text, Words
from rules.casework.advice import identities, names_in
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy


class SeekAdvice(Act):
    """Say whom you asked, what you asked, and what they said."""

    name: ClassVar[str] = "seek_advice"
    staff_words: ClassVar[str] = (
        "Ask somebody outside, with the file's pseudonymised export. The question names nobody: not the person, not "
        "their addresses, not a colleague."
    )

    adviser: Annotated[Text, Field(max_length=200, description="Whom you asked.")]
    question: Annotated[Text, Field(description="What you asked, without saying whom it is about.")]
    answer: Annotated[Words, Field(description="What they said, once they have.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused where the question names somebody who is on the file."""
        if named := names_in(self.question, identities(file) | {by.name}):
            raise Refused(
                f"The question names {', '.join(sorted(named))}, who is on this file.",
                clause=policy.clause(self.name),
                way="Ask it without names, addresses and numbers.",
            )
        return self
