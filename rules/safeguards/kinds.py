"""The kinds of what must reach a person, and the words in which staff meet them on a contact.

Belongs here: the vocabulary. A contact carries the words; the kind of any of them can be told again.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Kind(StrEnum):
    """Name what must reach a person, the gravest first; the names are those of lists and policies."""

    RISK_TO_LIFE = "risk_to_life"
    """Somebody may harm themselves, or threatens others (PHSO-27, SPSO-32)."""
    URGENT = "urgent"
    """So its sender says at the top, as our letters tell them to (PHSO-20)."""
    LEGAL_CLOCK = "legal_clock"
    """A request or complaint that the law gives a time for, whatever is restricted."""
    APPEAL = "appeal"
    """Against the restriction itself, or the decision on it."""
    ADJUSTMENT = "adjustment"
    """What somebody who was told of a restriction needs, as our letters ask (PHSO-23, HO-3)."""
    SERVICE_COMPLAINT = "service_complaint"
    """About the office's own behaviour (PHSO-28)."""
    NEW_COMPLAINT = "new_complaint"
    """Likely something that was not raised before (PHSO-M7)."""
    NOT_READ = "not_read"
    """Longer or deeper than is read, so nobody can say what it asks for; in no list."""


TOPICS = {
    (Kind.RISK_TO_LIFE, "self_harm"): "risk to life: self-harm",
    (Kind.RISK_TO_LIFE, "threat"): "risk to life: a threat",
    (Kind.RISK_TO_LIFE, "danger"): "risk to life: somebody in danger",
    (Kind.URGENT, "said"): "urgent: so its sender says",
    (Kind.LEGAL_CLOCK, "own_data"): "legal clock: a person's own data",
    (Kind.LEGAL_CLOCK, "information"): "legal clock: a request for information",
    (Kind.LEGAL_CLOCK, "data_complaint"): "legal clock: a complaint on data protection",
    (Kind.APPEAL, "restriction"): "appeal: against the restriction",
    (Kind.APPEAL, "told"): "appeal: against the restriction",
    (Kind.ADJUSTMENT, "need"): "adjustment: says what they need",
    (Kind.SERVICE_COMPLAINT, "about_us"): "service complaint: about how we behave",
    (Kind.NEW_COMPLAINT, "new"): "new complaint: likely",
}
"""What lists may speak of, by kind and topic, with the words for staff."""
SELF_HARM = TOPICS[Kind.RISK_TO_LIFE, "self_harm"]
NOT_READ = "not read: longer or deeper than is read"
_IN_WORDS = {kind.value.replace("_", " "): kind for kind in Kind}


def in_words(kind: Kind) -> str:
    """Name a kind for people."""
    return kind.value.replace("_", " ")


def kind_of(safeguard: str) -> Kind | None:
    """Tell of what kind the words on a contact are; None where whoever logged it used words of their own."""
    return _IN_WORDS.get(safeguard.partition(":")[0])


def kinds_of(safeguards: Iterable[str]) -> tuple[Kind, ...]:
    """Give the kinds of the words on a contact, the gravest first, each once."""
    found = {kind_of(one) for one in safeguards}
    return tuple(kind for kind in Kind if kind in found) if found else ()
