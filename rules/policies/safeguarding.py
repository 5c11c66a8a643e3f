"""What a policy says of messages that must reach a person whatever is restricted: whose lists, by when, who is told.

Belongs here: the part of the file and its fixed values. No policy turns the recognising off.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from rules.policies.parts import Part
from rules.safeguards.kinds import Kind, kinds_of

Days = Annotated[int, Field(ge=0, le=20)]
Phrases = tuple[Annotated[str, Field(min_length=3, max_length=200)], ...]


def _listed(kinds: Iterable[Kind]) -> frozenset[Kind]:
    return frozenset(kind for kind in kinds if kind is not Kind.NOT_READ)


class LookBy(Part):
    """Say within how many working days a person looks at what was kept from its inbox; 0: at once, by the minute."""

    risk_to_life: Days = 0
    urgent: Days = 0
    legal_clock: Days = 1
    appeal: Days = 1
    adjustment: Days = 2
    service_complaint: Days = 2
    new_complaint: Days = 2
    not_read: Days = 2

    def days(self, kind: Kind) -> int:
        """Give the working days of a kind."""
        found: int = getattr(self, kind.value)
        return found


class OwnPhrases(Part):
    """Hold an office's own phrases, by kind."""

    risk_to_life: Phrases = ()
    urgent: Phrases = ()
    legal_clock: Phrases = ()
    appeal: Phrases = ()
    adjustment: Phrases = ()
    service_complaint: Phrases = ()
    new_complaint: Phrases = ()

    def by_kind(self) -> dict[Kind, Phrases]:
        """Give those that there are."""
        found = {kind: getattr(self, kind.value, ()) for kind in Kind}
        return {kind: phrases for kind, phrases in found.items() if phrases}


class Safeguards(Part):
    """Say what follows where a message asks for what must reach a person (PHSO-27, PHSO-28, PHSO-M7, SPSO-32).

    `languages` are the lists that are read; `alert` the kinds of which staff are told by mail, at once for a risk to
    life, once a day and party for all else. `signpost` tells whether somebody who may harm themselves, and may be
    answered, is told whom to turn to when their mail is kept from its inbox.
    """

    languages: Annotated[tuple[Literal["en", "cy"], ...], Field(min_length=1)] = ("en", "cy")
    alert: Annotated[frozenset[Kind], AfterValidator(_listed)] = frozenset(_listed(Kind))
    signpost: bool = True
    look_by: LookBy = LookBy()
    add: OwnPhrases = OwnPhrases()
    remove: OwnPhrases = OwnPhrases()

    def look_by_days(self, safeguards: Iterable[str]) -> int | None:
        """Give within how many working days a person looks, by the gravest; None where nothing was recognised.

        What whoever logged it named in words of their own is looked at as soon as the strictest says.
        """
        words = tuple(safeguards)
        if not words:
            return None
        return min((self.look_by.days(kind) for kind in kinds_of(words)), default=self.look_by.risk_to_life)
