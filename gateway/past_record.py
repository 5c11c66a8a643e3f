"""Contacts on record as contacts of the past, for `parley replay --record`.

Belongs here: what of a contact is still known, and nothing more: no subject, no contents, no safeguards. Measures that
ask for those find nothing to speak of; levels find all that they are made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from gateway.contact_files import Past
from gateway.hand_log import stands_for
from rules.casework.identifiers import identifier_of
from rules.contact import Assurance, Caller, Channel, Contact, Identifier
from storage.entries import Entry, State
from storage.transaction import Reader

_MOST = 1_000_000
_NO_CONTACT = frozenset({State.OURS, State.TAKEN_BACK})


def pasts_on_record(reader: Reader, since: datetime) -> list[Past]:
    """Give the contacts on record since a moment (aware UTC), in the order of their time; a million at most."""
    return list(_pasts(reader, reader.contacts(since=since, limit=_MOST)))


def _pasts(reader: Reader, entries: tuple[Entry, ...]) -> Iterator[Past]:
    party = lru_cache(maxsize=1024)(reader.party)
    for entry in reversed(entries):
        if entry.state in _NO_CONTACT:
            continue
        # A colleague said whose it was, and no address: any of theirs stands for it.
        theirs = party(entry.party_id) if entry.party_id is not None and not entry.sender else None
        sender = stands_for(theirs, entry.channel) if theirs else identifier_of(entry.sender) if entry.sender else None
        yield Past(_contact(entry, sender), known=reader.particulars(entry.id))


def _contact(entry: Entry, sender: Identifier | None) -> Contact:
    withheld = sender is None and entry.channel is Channel.CALL
    return Contact(
        id=entry.id,
        channel=entry.channel,
        at=entry.at,
        sender=sender,
        candidates=(sender,) if sender is not None else (),
        assurance=entry.assurance,
        caller=Caller.WITHHELD if withheld else Caller.NUMBER,
        recipients=tuple(dict.fromkeys(goal.recipient for goal in entry.targets if goal.recipient)),
        size=entry.size,
        words=entry.words,
        duration_s=entry.talk_s,
        nature=entry.nature,
        # What counted for no level then, and was not forged, was automatic or answered us: it counts for none now.
        automatic=not entry.counts and entry.assurance is not Assurance.FAILED,
    )
