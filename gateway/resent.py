"""Whether a message is one that went back with passages marked, sent again; and the two beside each other (PHSO-M3).

Belongs here: reading both messages from the record, for parties alone of whom such a message is on file. Promises
bounded work: the newest few that went back, the part of each that a screen shows (THREATS C1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import structlog

from adapters.mail.body import body
from adapters.mail.message import thread
from adapters.mail.text import show
from gateway.incident import where
from rules.casework.acts.highlight import Highlight
from rules.casework.passages import Passage, still_there, without
from rules.casework.refused import Refused
from rules.changes import Piece, changes
from rules.contact import Assurance, Channel, Contact, Resent
from rules.repeats import alike_enough, likeness, print_of
from rules.standing import Standing
from storage.entries import Entry, Raw
from storage.record import Record
from storage.transaction import Reader

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _First:
    """Hold a message that went back: its text as staff saw it, and what of it they marked."""

    contact: str
    text: str
    passages: tuple[Passage, ...]
    own: str
    letter: str


def looked_for(contact: Contact, standing: Standing) -> bool:
    """Tell whether a contact may be a second version: mail of a party to whom a message went back; forged, no."""
    return (
        bool(standing.facts.highlighted)
        and standing.party is not None
        and contact.channel is Channel.EMAIL
        and contact.assurance is not Assurance.FAILED
    )


async def with_resent(record: Record, contact: Contact, raw: bytes, standing: Standing) -> Contact:
    """Give a contact with what it is a second version of; read apart, so that nobody else waits for it."""
    return await record.read(partial(resent_now, contact, raw, standing))


def resent_now(contact: Contact, raw: bytes, standing: Standing, reader: Reader) -> Contact:
    """Give a contact with what it is a second version of; never raises for what a message says."""
    if not looked_for(contact, standing) or standing.party is None:
        return contact
    try:
        seen = _resent(reader, standing.party.id, standing.facts.highlighted, raw)
    except Exception as fault:  # none is known; a message is never lost for what it says (THREATS C1)
        log.error("second version not looked for", contact=contact.id, **where(fault))
        return contact
    return contact if seen is None else replace(contact, resent=seen)


def _resent(reader: Reader, party: int, highlighted: tuple[str, ...], raw: bytes) -> Resent | None:
    read = body(raw, with_attachments=False)
    if read.over:
        return None  # what nobody has read whole does not go back (THREATS C1)
    own, answered = read.text, thread(raw).answers
    answers: Resent | None = None
    for first in _firsts(reader, party, highlighted):
        if _near(first, own):
            return Resent(first.contact, still_there(first.passages, first.text, own))
        if answers is None and first.letter in answered:
            answers = Resent(first.contact, still_there(first.passages, first.text, own), near=False)
    return answers


def _near(first: _First, own: str) -> bool:
    """Tell whether words are nearly those that went back, or nearly those without what was marked."""
    mine = print_of(own)
    for text in (first.own, without(first.text, first.passages)):
        other = print_of(text)
        if alike_enough(mine, other, likeness(mine, other)):
            return True
    return False


def _firsts(reader: Reader, party: int, highlighted: tuple[str, ...]) -> Iterator[_First]:
    """Give what went back, the newest first, as far as the record still keeps it and reads as it did."""
    file = reader.case_file(party)
    acts = {act.contact: act for _, act in file.of(Highlight)} if file is not None else {}
    for number in reversed(highlighted):
        act, raw = acts.get(number), reader.raw(number)
        if act is None or raw is None:
            continue
        text = show(raw.message).text
        if all(one.stands_in(text) for one in act.passages):
            own = body(raw.message, with_attachments=False).text
            yield _First(number, text, act.passages, own, _letter(reader, number))


def _letter(reader: Reader, contact: str) -> str:
    letter = reader.letter_once(f"highlighted:{contact}")
    return letter.message_id if letter is not None else ""


# Side by side


@dataclass(frozen=True, slots=True)
class Beside:
    """Hold two versions of a message: what changed between their own words, and how many passages are still there.

    `cut` tells that they are longer than what is compared.
    """

    first: Entry
    second: Entry
    pieces: tuple[Piece, ...]
    still: int
    near: bool
    cut: bool


def beside(reader: Reader, second: Entry) -> Beside:
    """Show a message beside the one that went back; raises Refused."""
    kept = reader.raw(second.id)
    if second.party_id is None or kept is None:
        raise Refused("The record keeps no copy of this message.")
    seen = _resent(reader, second.party_id, reader.facts(second.party_id).highlighted, kept.message)
    first = reader.contact(seen.first) if seen is not None else None
    before = reader.raw(seen.first) if seen is not None else None
    if seen is None or first is None or before is None or first.id == second.id:
        raise Refused("It is no second version of a message that went back with passages marked.")
    pieces, cut = changes(_own(before), _own(kept))
    return Beside(first, second, pieces, seen.still, seen.near, cut)


def _own(raw: Raw) -> str:
    return body(raw.message, with_attachments=False).text
