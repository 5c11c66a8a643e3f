"""Say that others use an identifier too, or that nobody else does any more (THREATS I6)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text
from rules.casework.acts.remove_identifier import on_the_file
from rules.casework.file import CaseFile
from rules.casework.identifiers import AnIdentifier, identifier_of, words
from rules.casework.refused import Refused
from rules.policies import Policy


class ShareIdentifier(Act):
    """Name the identifier and whether it is shared; a shared one suggests the party and never restricts."""

    name: ClassVar[str] = "share_identifier"
    staff_words: ClassVar[str] = (
        "Mark an address or number that a household, a hostel or a relay service uses: it is let through from then "
        "on, marked as maybe this person's."
    )

    identifier: Annotated[AnIdentifier, Field(description="The identifier.")]
    reason: Annotated[Text, Field(description="Who else uses it, or how you know that nobody does.")]
    shared: Annotated[bool, Field(description="Say false where it is this person's alone.")] = True

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for what is not on the file, and what is marked so already."""
        mark = on_the_file(file, self.identifier)
        identifier = identifier_of(self.identifier)
        if mark.exception:
            raise Refused(f"{words(identifier)} is on the file as not theirs.")
        if mark.shared == self.shared:
            raise Refused(f"{words(identifier)} is {'shared' if self.shared else 'theirs alone'} already.")
        return self
