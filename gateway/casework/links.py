"""Brings what the record knows to the rules that suggest links between parties. Reads, and changes nothing.

Belongs here: which facts are looked at. What becomes of a suggestion is a person's act.
"""

from __future__ import annotations

from collections.abc import Iterator

from adapters.mail.message import read
from gateway.casework.reading import Shelved, read_for_list
from rules import identity
from rules.casework.file import Mark
from rules.casework.links import Known, Suggestion, still_open, suggestions
from rules.contact import Identifier
from rules.policies import Policy
from storage.entries import State
from storage.transaction import Reader

_AT_ONCE = 1000
_MOST_UNCERTAIN = 200


def suggested_links(reader: Reader, policy: Policy) -> tuple[Suggestion, ...]:
    """Suggest which parties and senders may be one, the strongest kind of reason first; what was dismissed is out."""
    known = tuple(Known(number, name, marks) for number, name, marks in _all_marks(reader))
    found = suggestions(known, dict(reader.unknown_senders(_AT_ONCE)), _candidates(reader))
    named = {number for one in found for number in (one.party, one.other) if number is not None}
    files = (read_for_list(reader, number, policy) for number in sorted(named))
    return still_open(found, {one.party.id: one.file for one in files if isinstance(one, Shelved)})


def _all_marks(reader: Reader) -> Iterator[tuple[int, str, tuple[Mark, ...]]]:
    after = 0
    while found := reader.parties(after=after, limit=_AT_ONCE):
        for party in found:
            yield party.id, party.name, reader.marks(party.id)
        after = found[-1].id


def _candidates(reader: Reader) -> Iterator[frozenset[Identifier]]:
    """Give the addresses that each held message of an uncertain sender might be from."""
    for entry in reader.queue(State.HELD, limit=_MOST_UNCERTAIN):
        raw = reader.raw(entry.id) if not entry.sender else None
        if raw is not None:
            heading = read(raw.message)
            found = (identity.email(address) for address in (*heading.candidates, raw.mail_from))
            yield frozenset(one for one in found if one is not None)
