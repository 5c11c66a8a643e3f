"""Put an identifier on a party: how it is known to be theirs, and who says so (THREATS I3, I6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text
from rules.casework.file import CaseFile
from rules.casework.identifiers import AnIdentifier, domain_mark_of, identifier_of, mark_of, words
from rules.casework.refused import Refused
from rules.policies import Policy


class AddIdentifier(Act):
    """Name the identifier and how it was established; contacts that came from it follow to the party."""

    name: ClassVar[str] = "add_identifier"
    staff_words: ClassVar[str] = (
        "Say that an address, a domain, a number or a handle is this person's, and how you know. One that others use "
        "too is marked shared: it suggests the person and never restricts."
    )

    identifier: Annotated[AnIdentifier, Field(description="An address, @example.org, a number, or platform:name.")]
    how: Annotated[Text, Field(description="How it is known to be theirs.")]
    shared: Annotated[bool, Field(description="Others use it too: a household, a hostel, a relay service.")] = False
    exception: Annotated[bool, Field(description="Say of an address that it is not theirs, though its domain is.")] = (
        False
    )
    confirmed: Annotated[date | None, Field(description="The day it was last confirmed; today unless given.")] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused for what is on the file, an exception to no domain, or a day to come."""
        identifier = identifier_of(self.identifier)
        today = now.astimezone(policy.zone).date()
        if mark_of(file, identifier) is not None:
            raise Refused(
                f"{words(identifier)} is on this file already.", way="Use confirm_identifier or share_identifier."
            )
        if self.exception and domain_mark_of(file, identifier) is None:
            raise Refused(f"{words(identifier)} is of no domain on this file, so there is nothing to except it from.")
        if self.exception and self.shared:
            raise Refused("What is not theirs cannot be shared with them.")
        if self.confirmed is not None and self.confirmed > today:
            raise Refused(f"{self.confirmed} is still to come.")
        return self.model_copy(update={"confirmed": self.confirmed or today})
