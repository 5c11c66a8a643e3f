"""What casework put on a party's file beside restrictions, as decisions must know it: shields, advocates.

Belongs here: frozen values, small enough to be read with the party's file. What they do to a contact is said in
`rules.on_file`. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from rules import identity
from rules.contact import Assurance, Channel, Contact

_WRITTEN = frozenset({Channel.EMAIL, Channel.SMS, Channel.LETTER, Channel.WEB, Channel.ONLINE})


@dataclass(frozen=True, slots=True)
class Span:
    """Hold from when something stands up to, not including, when it was ended; `until` is None while nobody did."""

    since: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether it stands at `now`."""
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Way:
    """Hold an inbox or number of a shielded colleague, and that of who takes over (PHSO-24)."""

    own: str
    instead: str
    span: Span


@dataclass(frozen=True, slots=True)
class Closed:
    """Hold the reference of a case that was closed and explained (PHSO-22)."""

    reference: str
    span: Span


@dataclass(frozen=True, slots=True)
class Voice:
    """Hold who may speak for the party and while when; `identifiers` are written with their kind (PHSO-M13)."""

    name: str
    identifiers: frozenset[str]
    span: Span
    scope: str = ""

    def is_called(self, *words: str) -> bool:
        """Tell whether any of these is their name, or an address or number of theirs."""
        known = {_plain(self.name), *(place(one.partition(":")[2]) for one in self.identifiers)}
        return any(_plain(one) in known or place(one) in known for one in words if one)


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold the facts of one party's file; `requests` are ours to the party, from the asking to the answer (PHSO-26).

    `highlighted` are the newest messages that went back with passages marked, the oldest of them first (PHSO-M3).
    """

    shields: tuple[Way, ...] = ()
    closed: tuple[Closed, ...] = ()
    requests: tuple[Span, ...] = ()
    voices: tuple[Voice, ...] = ()
    highlighted: tuple[str, ...] = ()

    def taken_over(self, now: datetime) -> Mapping[str, str]:
        """Give every inbox and number that is shielded at `now`, as `place` writes it, with that of who takes over."""
        return {place(way.own): way.instead for way in self.shields if way.span.holds(now)}

    def speaking(self, sender: str, now: datetime) -> tuple[Voice, ...]:
        """Give those who may speak for the party at `now` and write or call from here, written with its kind."""
        return tuple(one for one in self.voices if sender in one.identifiers and one.span.holds(now))

    def asked_since(self, contact: Contact) -> datetime | None:
        """Give since when we wait for what this contact may bring: the newest request open when it came; else None.

        Automatic replies and forged mail answer nothing; a call is not taken for an answer.
        """
        if not self.requests or contact.channel not in _WRITTEN:
            return None
        if contact.automatic or contact.assurance is Assurance.FAILED:
            return None
        return max((span.since for span in self.requests if span.holds(contact.at)), default=None)


NOTHING = Facts()


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


@lru_cache(maxsize=1024)
def place(address: str) -> str:
    """Give the one form of all spellings of an inbox or number: case, quotes and a +tag lead to the same colleague."""
    known = identity.email(address) if "@" in address else identity.phone(address)
    if known is None:
        return address.strip().lower()
    local, at, host = known.value.rpartition("@")
    return f"{local.split('+', 1)[0] or local}{at}{host}"
