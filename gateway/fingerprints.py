"""What a party's mail says, taken as a fingerprint: is it a repeat of what the same party sent before (PHSO-25)?

Belongs here: who is looked at (parties on record, nobody else's mail is read), and putting it on record with its
contact. A repeat is shown to staff; it changes no decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from adapters.mail.body import body
from gateway.incident import where
from rules.contact import Channel, Contact
from rules.levels import thresholds as levels
from rules.repeats import Likeness, Print, Repeat, print_of, repeat_of
from rules.standing import Standing
from storage.entries import Entry
from storage.transaction import Transaction

_SMALL = 16 * 1024
"""Octets up to which a message is read at once: a thread would cost more than the reading (40 us of text)."""
UNREADABLE = "It could not be read."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Said:
    """Hold what a message says as a fingerprint, its files by digest, and what was not read, if anything.

    `text`, and the words `beside` it, are for whoever else must look into it on its way; they never go on record.
    `documents` is how many of the files have pages.
    """

    print: Print
    files: tuple[str, ...] = ()
    over: str = ""
    text: str = ""
    beside: str = ""
    documents: int = 0


def wanted(contact: Contact, standing: Standing) -> bool:
    """Tell whether a contact is looked at: the mail of a party on record that counts."""
    return standing.party is not None and contact.channel is Channel.EMAIL and levels.counted(contact)


def said(raw: bytes) -> Said:
    """Take the fingerprint of a message, whatever the bytes; not for event loops where it is large."""
    try:
        read = body(raw)
        files = tuple(one.digest for one in read.attached)
        documents = sum(one.document is not None for one in read.attached)
        return Said(print_of(read.text), files, read.over, read.text, read.beside, documents)
    except Exception as fault:  # none is known; a message is never lost for what it says (THREATS C1)
        log.error("message not read", **where(fault))
        return Said(Print(0), over=UNREADABLE)


async def said_apart(raw: Callable[[], bytes], size: int) -> Said:
    """Take the fingerprint of a message, a large one in a thread, so that nobody else waits for it (THREATS C1)."""
    return said(raw()) if size <= _SMALL else await asyncio.to_thread(lambda: said(raw()))


def counted_words(contact: Contact, one: Said | None) -> Contact:
    """Give a contact with how many words of its own it has."""
    return contact if one is None else replace(contact, words=one.print.words)


def documents_in(one: Said | None, entry: Entry) -> int:
    """Give how many files with pages a contact brought, as far as it is a party's and counts."""
    return one.documents if one is not None and entry.party_id is not None and entry.counts else 0


def keep_fingerprint(tx: Transaction, entry: Entry, one: Said | None) -> Repeat | None:
    """Put on record what a contact said, which is on record itself; gives what it repeats."""
    if one is None or entry.party_id is None or not entry.counts:
        return None
    repeat = _repeat(tx, entry.id, entry.party_id, one)
    tx.keep_fingerprint(entry.id, entry.party_id, entry.at, one.print, files=one.files, over=one.over, repeat=repeat)
    return repeat


def _repeat(tx: Transaction, number: str, party: int, one: Said) -> Repeat | None:
    found = repeat_of(one.print, tx.like(party, one.print, but_not=number))
    if found is not None or not one.files:
        return found
    brought = tx.with_file(party, one.files)
    return None if brought in (None, number) else Repeat(str(brought), Likeness.ATTACHMENT, 0)
