"""Take an identifier off a party: it is theirs no more; the paper keeps what was known of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text, filled
from rules.casework.file import CaseFile, Mark
from rules.casework.identifiers import AnIdentifier, identifier_of, mark_of, words
from rules.casework.refused import Refused
from rules.policies import Policy


class RemoveIdentifier(Act):
    """Name the identifier and why; what came from it leaves the party."""

    name: ClassVar[str] = "remove_identifier"
    staff_words: ClassVar[str] = (
        "Take off an address or number that the person uses no more. Where the wrong person was met, use correct."
    )

    identifier: Annotated[AnIdentifier, Field(description="The identifier.")]
    reason: Annotated[Text, Field(description="Why it is theirs no more.")]
    how: Annotated[str, filled()] = ""
    established_by: Annotated[str, filled()] = ""
    established: Annotated[datetime | None, filled()] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with what was known; refused for what is not on the file."""
        mark = on_the_file(file, self.identifier)
        return self.model_copy(update={"how": mark.how, "established_by": mark.by, "established": mark.established})


def on_the_file(file: CaseFile, written: str) -> Mark:
    """Give the mark of an identifier; raises Refused where it is not on the file."""
    identifier = identifier_of(written)
    mark = mark_of(file, identifier)
    if mark is None:
        raise Refused(f"{words(identifier)} is not on the file of {file.party.name}.")
    return mark
