"""What levels need to know of a contact beside the contact itself, taken when it goes on record.

Belongs here: whom of the office it addresses, which matters it is on, whether it came out of hours. Of addresses and
references nothing is kept but a number made of them, so that levels can tell them apart and nobody can read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import lru_cache
from hashlib import sha256

from rules import identity
from rules.case_references import key
from rules.contact import Channel, Contact
from rules.policies import Policy
from rules.repeats import Likeness, Repeat
from rules.workdays import is_working_day

MOST = 50
"""Addresses, and matters, that are kept of one contact: a message to a thousand inboxes says no more."""
_LONGEST_SUBJECT = 500
# Letters and digits joined by signs, of which some are digits: HO/2024-123, CASE-12345, 24-012-345, 20241234.
_REFERENCE = re.compile(r"(?<![\w/-])[A-Za-z0-9]{1,20}(?:[/_-][A-Za-z0-9]{1,20}){0,5}(?![\w/-])")
_DAY = re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{1,4}")
_LEAST_DIGITS, _LEAST_PLAIN = 3, 6
_DIGITS = re.compile(r"[0-9][^0-9]*[0-9][^0-9]*[0-9]")


@dataclass(frozen=True, slots=True)
class Particulars:
    """Hold what levels need of a contact: `places` of ours and `matters` as numbers, the same for the same.

    `pages` is how many whoever logged it counted, or it had attached; `files_not_counted` are attached files that have
    pages which nobody has counted, or could. `minutes` is what staff say it took: it stands instead of an estimate.
    """

    places: tuple[int, ...] = ()
    matters: tuple[int, ...] = ()
    repeat: Likeness | None = None
    only_cc: bool = False
    out_of_hours: bool = False
    pages: int = 0
    minutes: int | None = None
    files_not_counted: int = 0


def particulars_of(
    contact: Contact,
    policy: Policy,
    *,
    to: Iterable[str] = (),
    thread: str = "",
    repeat: Repeat | None = None,
    pages: int = 0,
    minutes: int | None = None,
    files_not_counted: int = 0,
) -> Particulars:
    """Take the particulars of a contact.

    `to` are the addresses that a message names in To, `thread` the id of the message with which its thread began.
    """
    return Particulars(
        places=tuple(dict.fromkeys(place_number(one) for one in contact.recipients))[:MOST],
        matters=_matters(contact, thread),
        repeat=repeat.how if repeat is not None else None,
        only_cc=_only_cc(contact, to),
        out_of_hours=not in_hours(contact.at, policy),
        pages=pages,
        minutes=minutes,
        files_not_counted=files_not_counted,
    )


@lru_cache(maxsize=1024)  # most mail is for the same few inboxes
def place_number(address: str) -> int:
    """Give the number of an address or line of ours; all spellings of one have the same, with or without a name."""
    bare = parseaddr(address)[1] if "<" in address else address
    known = identity.email(bare) or identity.phone(bare)
    return _number("place", str(known) if known else address.strip().lower())


def case_number(reference: str) -> int:
    """Give the number of a case reference; all spellings of one have the same."""
    return _number("case", key(reference))


def in_hours(at: datetime, policy: Policy) -> bool:
    """Tell whether the office was open at a moment, aware UTC: its hours by the wall clock, no bank holidays."""
    if not policy.office_hours.hours.open_at(at, policy.zone):
        return False
    return is_working_day(at.astimezone(policy.zone).date(), policy.region) or not policy.office_hours.bank_holidays


def _only_cc(contact: Contact, to: Iterable[str]) -> bool:
    if contact.channel is not Channel.EMAIL or not contact.cc or not contact.recipients:
        return False
    ours = {one.lower() for one in contact.recipients}
    return ours <= {one.lower() for one in contact.cc} and not ours & {one.lower() for one in to}


def _matters(contact: Contact, thread: str) -> tuple[int, ...]:
    named = [*contact.cases, *references(contact.subject)]
    if named:
        return tuple(dict.fromkeys(case_number(one) for one in named))[:MOST]
    return (_number("thread", thread),) if thread else ()


def references(subject: str) -> tuple[str, ...]:
    """Find what looks like case references in a subject: a guess, good for counting matters and no more."""
    text = subject[:_LONGEST_SUBJECT]
    if not _DIGITS.search(text):  # as in most subjects
        return ()
    return tuple(one for one in _REFERENCE.findall(text) if _is_reference(one))


def _is_reference(text: str) -> bool:
    digits = sum(one.isdigit() for one in text)
    if digits < _LEAST_DIGITS or _DAY.fullmatch(text):
        return False
    lettered = any(one.isalpha() for one in text)
    joined = any(not one.isalnum() for one in text)
    return (lettered and (joined or len(text) >= _LEAST_PLAIN)) or len(text) >= _LEAST_PLAIN


def _number(kind: str, text: str) -> int:
    digest = sha256(f"{kind}\0{text}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
