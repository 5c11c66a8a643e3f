"""Set terms for visits, for the brief at the front desk (HO-1, SPSO-70)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Measure
from rules.policies import Policy
from rules.standing import Standing


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    if not text.isprintable():
        raise ValueError("it has characters that cannot be printed")
    return text


Place = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]


class VisitTerms(Measure):
    """Tell reception on what terms a visitor is seen: by `appointment`, at a `place`, `accompanied`; or `barred`.

    It says what to do and does nothing by itself: no channel but visits knows of it.
    """

    kind: ClassVar[str] = "visit_terms"
    sender_words: ClassVar[str] = "If you visit us: {terms}."
    staff_words: ClassVar[str] = "For reception: on what terms the party is seen, or that they are not admitted."

    appointment: Annotated[bool, Field(description="Seen by appointment only.")] = False
    place: Annotated[Place, Field(description="The one place where they are seen.")] = ""
    accompanied: Annotated[bool, Field(description="Seen by two colleagues together.")] = False
    barred: Annotated[bool, Field(description="Not admitted at all.")] = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        terms = self.appointment or bool(self.place) or self.accompanied
        if not terms and not self.barred:
            raise ValueError("name appointment, place, accompanied or barred")
        if terms and self.barred:
            raise ValueError("who is barred is seen on no terms; leave appointment, place and accompanied out")
        return self

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find what reception does about a visit."""
        if contact.channel is not Channel.VISIT:
            return None
        if self.barred:
            return Finding(
                Outcome.DELIVER, "Not to be admitted; safety comes first, call the police where it is at risk"
            )
        return Finding(Outcome.DELIVER, f"To be seen {', '.join(self._terms())}")

    def _terms(self) -> Iterator[str]:
        if self.appointment:
            yield "by appointment only"
        if self.place:
            yield f"at {self.place} and nowhere else"
        if self.accompanied:
            yield "by two colleagues together"

    def shuts(self, channel: Channel) -> bool:
        """Tell that no visit reaches a person who is barred from it."""
        return self.barred and channel is Channel.VISIT
