"""Identifiers as acts name them, and how sure the office can still be of one (I3, I6 of THREATS).

Belongs here: the field type that acts share, and the age after which an identifier is asked about again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from rules import identity
from rules.casework.file import CaseFile, Mark
from rules.contact import Identifier, IdentifierKind

_KINDS: Mapping[IdentifierKind, Callable[[str], Identifier | None]] = {
    IdentifierKind.EMAIL: identity.email,
    IdentifierKind.DOMAIN: identity.domain,
    IdentifierKind.PHONE: identity.phone,
    IdentifierKind.HANDLE: identity.handle,
}


def typed(text: str) -> Identifier | None:
    """Give the identifier that a person typed, or that the record writes with its kind; None where it is none."""
    kind, colon, value = text.strip().partition(":")
    if colon and kind in set(IdentifierKind):
        return _KINDS[IdentifierKind(kind)](value)
    return identity.anything(text)


def _written(text: str) -> str:
    found = typed(text)
    if found is None:
        raise ValueError(
            f"{text!r} is no identifier; write an address, @example.org for a domain, a number, or platform:name"
        )
    return str(found)


AnIdentifier = Annotated[str, Field(max_length=400), AfterValidator(_written)]
"""An identifier in its normal form with its kind before it: `phone:+441632960001`."""


def identifier_of(written: str) -> Identifier:
    """Give the identifier behind an `AnIdentifier`."""
    kind, _, value = written.partition(":")
    return Identifier(IdentifierKind(kind), value)


def mark_of(file: CaseFile, identifier: Identifier) -> Mark | None:
    """Give the party's mark of exactly this identifier."""
    return next((mark for mark in file.marks if mark.identifier == identifier), None)


def domain_mark_of(file: CaseFile, identifier: Identifier) -> Mark | None:
    """Give the mark of the party's domain that an address belongs to."""
    domain = identity.domain_of(identifier)
    return mark_of(file, domain) if domain is not None else None


def words(identifier: Identifier) -> str:
    """Say an identifier to a person, without its kind where that can be seen."""
    return f"@{identifier.value}" if identifier.kind is IdentifierKind.DOMAIN else identifier.value


def stale(mark: Mark, now: datetime, after: timedelta) -> bool:
    """Tell whether nobody confirmed a number or an address for so long that it may be somebody else's by now.

    `after` is the policy's word: numbers are given to others.
    """
    last = max((each for each in (mark.confirmed, mark.established) if each is not None), default=None)
    return last is None or last + after <= now
