"""What waits for a person over all files, the earliest due first (DESIGN: the human clock).

Belongs here: the one list behind `parley waiting` and the API; what waits on one file is said by `rules.casework`. A
file that cannot be read waits too, and keeps nothing else from being seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.casework.arrangements import waiting_on
from gateway.casework.reading import Unreadable, read_for_list
from rules.casework.breaches import as_waiting
from rules.casework.waiting import LETTERS_WAITING, Waiting, WaitingFor, letters_waiting
from rules.policies import Policy
from storage.transaction import Reader

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OnFile:
    """Hold one thing that waits, with the party on whose file it is."""

    party: int
    name: str
    waiting: Waiting


def everything_that_waits(reader: Reader, policy: Policy, now: datetime) -> tuple[OnFile, ...]:
    """Give all that waits at `now` (aware UTC) on any file, the earliest due first."""
    found = [
        OnFile(party, name, one) for party, name in _parties(reader) for one in _on_file(reader, party, policy, now)
    ]
    found += _letters(reader, policy)
    found += [OnFile(party, name, as_waiting(breach)) for party, name, breach in reader.open_breaches()]
    return tuple(sorted(found, key=lambda each: (each.waiting.due, each.party, each.waiting.about)))


def _parties(reader: Reader) -> Iterator[tuple[int, str]]:
    after = 0
    while parties := reader.parties(after=after, limit=_AT_ONCE):
        yield from ((party.id, party.name) for party in parties)
        after = parties[-1].id


def _on_file(reader: Reader, party: int, policy: Policy, now: datetime) -> tuple[Waiting, ...]:
    found = read_for_list(reader, party, policy)
    if isinstance(found, Unreadable):
        return (Waiting(WaitingFor.UNREADABLE, found.paper, now),)
    return waiting_on(found.file, found.shelf, policy, now) if found is not None else ()


def _letters(reader: Reader, policy: Policy) -> Iterator[OnFile]:
    """Give the notices that wait, with the party that each is to: the survivor where that one was merged."""
    for notice in reader.notices_in(*LETTERS_WAITING):
        number = reader.merged_into(notice.party) or notice.party
        party = reader.party(number)
        name = party.name if party is not None else ""
        yield from (OnFile(number, name, one) for one in letters_waiting([notice], policy))
