"""Contacts on record as contacts of the past, for `parley replay --record`.

Belongs here: what of a contact is still known, and nothing more: no subject, no contents, no safeguards. Measures that
ask for those find nothing to speak of.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway.contact_files import Past
from rules.casework.identifiers import identifier_of
from rules.contact import Assurance, Caller, Channel, Contact
from storage.entries import Entry, State
from storage.transaction import Reader

_MOST = 1_000_000
_NO_CONTACT = frozenset({State.OURS, State.TAKEN_BACK})


def pasts_on_record(reader: Reader, since: datetime) -> list[Past]:
    """Give the contacts on record since a moment (aware UTC), in the order of their time; a million at most."""
    return list(_pasts(reader.contacts(since=since, limit=_MOST)))


def _pasts(entries: tuple[Entry, ...]) -> Iterator[Past]:
    for entry in reversed(entries):
        if entry.state not in _NO_CONTACT:
            yield Past(_contact(entry))


def _contact(entry: Entry) -> Contact:
    sender = identifier_of(entry.sender) if entry.sender else None
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
