"""Say that the wrong person was met: one act by any colleague, without approval."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text, filled
from rules.casework.apology import apology
from rules.casework.file import CaseFile
from rules.casework.identifiers import AnIdentifier, domain_mark_of, identifier_of, mark_of, words
from rules.casework.refused import Refused
from rules.policies import Policy


class Correct(Act):
    """Name the identifier that is not this party's; all that follows from the mistake is undone at once."""

    name: ClassVar[str] = "correct"
    staff_words: ClassVar[str] = (
        "The wrong person was met. Any colleague, at once: nothing is enforced on that address or number any more, "
        "what was held or filed goes to its inbox, levels are recounted, an apology is drafted for you to read, and "
        "the duty manager has 72 hours to assess the data breach."
    )

    identifier: Annotated[AnIdentifier, Field(description="The address or number that is somebody else's.")]
    reason: Annotated[Text, Field(description="How you know.")]
    how: Annotated[str, filled()] = ""
    established_by: Annotated[str, filled()] = ""
    established: Annotated[datetime | None, filled()] = None
    confirmed: Annotated[datetime | None, filled()] = None
    was_shared: Annotated[bool, filled()] = False
    by_domain: Annotated[bool, filled()] = False
    apology: Annotated[str, filled()] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with what was known of the identifier; refused only for what is not recognised as this party's."""
        identifier = identifier_of(self.identifier)
        mark, domain = mark_of(file, identifier), domain_mark_of(file, identifier)
        if mark is not None and mark.exception:
            raise Refused(f"{words(identifier)} is on the file as not theirs already.")
        known = mark or domain
        if known is None:
            raise Refused(
                f"{words(identifier)} is not recognised as {file.party.name}.",
                way="`parley check` says whose it is taken for.",
            )
        return self.model_copy(
            update={
                "how": known.how,
                "established_by": known.by,
                "established": known.established,
                "confirmed": known.confirmed,
                "was_shared": known.shared,
                "by_domain": domain is not None,
                "apology": apology(words(identifier), now.astimezone(policy.zone).date()),
            }
        )
