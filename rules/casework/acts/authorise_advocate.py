"""Let an advocate speak for a party, with the party's consent on record (PHSO-M13, SPSO-21.3, HO-4, MP-3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field

from rules import identity
from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text, Words
from rules.casework.advocates import AuthorityOnFile
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf
from rules.contact import Identifier
from rules.identity import domain_of
from rules.policies import Policy
from rules.windows import end_of


def _identifier(text: str) -> Identifier:
    found = identity.email(text) if "@" in text else identity.phone(text)
    if found is None:
        raise ValueError(f"{text!r} is neither a mail address nor a phone number")
    return found


Reached = Annotated[str, Field(max_length=320), AfterValidator(lambda text: _identifier(text).value)]


class AuthoriseAdvocate(Act):
    """Name the advocate, how they are recognised, what they may speak for and until when, and the consent."""

    name: ClassVar[str] = "authorise_advocate"
    staff_words: ClassVar[str] = (
        "Somebody speaks for this person, who agreed to it. What the advocate sends is never limited or counted."
    )

    advocate: Annotated[Text, Field(max_length=200, description="Who speaks for the person.")]
    identifiers: Annotated[
        tuple[Reached, ...], Field(min_length=1, max_length=20, description="Their mail addresses and phone numbers.")
    ]
    scope: Annotated[Words, Field(description="What they speak for, where that is not everything.")] = ""
    until: Annotated[date, Field(description="The last day of their authority.")]
    consent: Annotated[Text, Field(description="How the person agreed, and where that is kept.")]
    consented: Annotated[date | None, Field(description="The day the person agreed; today unless given.")] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with the day of consent; refused when it is over already, or the address is the party's own."""
        today = now.astimezone(policy.zone).date()
        consented = self.consented or today
        if consented > today:
            raise Refused(f"{consented} is still to come.", way="Wait for the person's consent.")
        try:
            over = end_of(self.until, policy.zone) <= now
        except (ValueError, OverflowError):
            raise Refused(f"{self.until} is beyond the calendar.") from None
        if over:
            raise Refused(f"{self.until} is past.", way="Ask the person whether the advocate still speaks for them.")
        own = {mark.identifier for mark in file.marks if not mark.shared and not mark.exception}
        excepted = {mark.identifier for mark in file.marks if mark.exception}
        for text in self.identifiers:
            known = _identifier(text)
            under = domain_of(known) if known not in excepted else None
            if known in own or under in own:
                raise Refused(
                    f"{text} is the person's own, and would be limited as theirs.",
                    clause=policy.clause(self.name),
                    way="Name the advocate's own address or number, or mark it as shared first.",
                )
        return self.model_copy(update={"consented": consented})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The advocate speaks for the party from now on."""
        assert self.consented is not None  # judge fills it
        shelf.authorities[paper.id] = AuthorityOnFile(
            id=paper.id,
            name=self.advocate,
            identifiers=frozenset(map(_identifier, self.identifiers)),
            scope=self.scope,
            consent=self.consent,
            consented=self.consented,
            since=paper.at,
            last_day=self.until,
        )
