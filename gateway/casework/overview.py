"""What waits for a person over all files, the earliest due first (DESIGN: the human clock).

Belongs here: the one list behind `parley waiting` and the API; what waits on one file is said by `rules.casework`. A
file that cannot be read waits too, and keeps nothing else from being seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.casework.arrangements import waiting_on
from gateway.casework.reading import Shelved, Unreadable, read_for_lists
from gateway.serials import made_at
from rules.casework.breaches import as_waiting
from rules.casework.waiting import LETTERS_WAITING, Waiting, changes_next, letters_waiting
from rules.policies import Policy
from rules.waiting_for import WaitingFor
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class OnFile:
    """Hold one thing that waits, with the party on whose file it is."""

    party: int
    name: str
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class _Read:
    """Hold what waits on one file as it was read: true of this version, from `since` until the clock changes it."""

    version: int
    since: datetime
    until: datetime
    found: tuple[Waiting, ...]


class FilesRead:
    """Keep what was read of files, so that a long list reads again only those that changed; for one record and policy.

    Reading thousands of files takes seconds. A file that is damaged past its versions is met within the day.
    """

    def __init__(self) -> None:
        self._read: dict[int, _Read] = {}

    def on_files(
        self, reader: Reader, versions: Mapping[int, int], policy: Policy, now: datetime
    ) -> Mapping[int, tuple[Waiting, ...]]:
        """Give what waits on files, read now or before, by party; `versions` are those that the files have now."""
        before = {
            party: known.found
            for party, version in versions.items()
            if (known := self._read.get(party)) is not None
            and known.version == version
            and known.since <= now < known.until
        }
        anew = [party for party in versions if party not in before]
        return before | {
            party: self._on_file(reader, party, found, policy, now)
            for party, found in read_for_lists(reader, anew, policy)
        }

    def _on_file(
        self, reader: Reader, party: int, found: Shelved | Unreadable, policy: Policy, now: datetime
    ) -> tuple[Waiting, ...]:
        if isinstance(found, Unreadable):
            self._read.pop(party, None)
            return _unreadable(reader, party, found, now)
        waits = waiting_on(found.file, found.shelf, policy, now)
        # In a transaction that may be undone a version may come to stand for another file.
        if reader.keeps:
            self._read[party] = _Read(found.file.version, now, changes_next(found.shelf, policy, now), waits)
        return waits


def everything_that_waits(
    reader: Reader, policy: Policy, now: datetime, files: FilesRead | None = None
) -> tuple[OnFile, ...]:
    """Give all that waits at `now` (aware UTC) on any file, the earliest due first; `files` is what was read before."""
    known = reader.parties_with_files()
    names = {party: name for party, name, _ in known}
    waits = (files or FilesRead()).on_files(reader, {party: version for party, _, version in known}, policy, now)
    found = [OnFile(party, names[party], one) for party, there in waits.items() for one in there]
    found += _letters(reader, policy, names)
    found += [OnFile(party, name, as_waiting(breach)) for party, name, breach in reader.open_breaches()]
    return tuple(sorted(found, key=lambda each: (each.waiting.due, each.party, each.waiting.about)))


def _unreadable(reader: Reader, party: int, found: Unreadable, now: datetime) -> tuple[Waiting, ...]:
    since = min(made_at(found.paper) or reader.party_since(party) or now, now)
    return (Waiting(WaitingFor.UNREADABLE, found.paper or f"party:{party}", since, since),)


def _letters(reader: Reader, policy: Policy, names: Mapping[int, str]) -> Iterator[OnFile]:
    """Give the notices that wait, with the party that each is to: the survivor where that one was merged.

    `names` are those of parties with a file that were not merged, which nearly all are.
    """
    for notice in reader.notices_in(*LETTERS_WAITING):
        number, name = notice.party, names.get(notice.party)
        if name is None:
            number = reader.merged_into(notice.party) or notice.party
            party = reader.party(number)
            name = party.name if party is not None else ""
        yield from (OnFile(number, name, one) for one in letters_waiting([notice], policy))
