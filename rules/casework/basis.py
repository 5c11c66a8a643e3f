"""What a restriction rests on: the same or similar behaviour again, under a warning or after a restriction.

Belongs here: PHSO-9 and PHSO-17 as questions to a file. A warning alone is no basis: something must have happened
since. Whether behaviour under another ground is similar is a person's judgement, said and kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from rules.casework.acts.note_incident import NoteIncident
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import last_day
from rules.casework.shelf import RestrictionOnFile, Shelf, WarningOnFile
from rules.policies import Policy
from rules.windows import end_of, months_after

INTERIM = "interim_protection"
_FURTHEST = date(9998, 12, 31)


@dataclass(frozen=True, slots=True)
class Cover:
    """Hold one warning or restriction that a new one may rest on, by what happens from `first` to `last`.

    Both are days of the office; on the first day only what was noted from `since` (aware UTC) on counts. `grounds` is
    what it was about, `incidents` are what it rests on itself.
    """

    about: str
    what: str
    grounds: frozenset[str]
    incidents: frozenset[str]
    since: datetime
    first: date
    last: date

    def meets(self, noted: datetime, day: date) -> bool:
        """Tell whether behaviour of a day, noted at a moment, came under it."""
        return self.first < day <= self.last or (day == self.first <= self.last and noted >= self.since)


@dataclass(frozen=True, slots=True)
class Basis:
    """Hold what was found: `rests_on` is empty where nothing carries it.

    `alike` tells whether it was about the same ground. `unmet` is a warning that stands, under which nothing new
    happened.
    """

    rests_on: str = ""
    alike: bool = True
    what: str = ""
    unmet: bool = False


def basis(draft: RestrictionOnFile, file: CaseFile, shelf: Shelf, policy: Policy, now: datetime) -> Basis:
    """Say what a draft rests on: its ground (PHSO-2), a warning (PHSO-9), an earlier restriction (PHSO-17), nothing.

    A ground that needs no warning carries only where it happened: an incident of another kind is none of its own.
    """
    if draft.ground in policy.no_warning_grounds and _happened(draft, file):
        return Basis("ground")
    covers = (*_warnings(file, shelf), *_restrictions(draft, shelf, policy, now))
    met = [one for one in covers if _met(one, draft, file, policy, now)]
    alike = [one for one in met if draft.ground in one.grounds]
    found = next(iter(alike or met), None)
    if found is None:
        return Basis(unmet=bool(shelf.standing_warnings(now)))
    return Basis(found.about, bool(alike), found.what)


def began_as_interim(one: RestrictionOnFile) -> bool:
    """Tell whether a restriction began as interim protection, whatever a change has made of it since (PHSO-2)."""
    first = one.told_changes[0][2].measures if one.told_changes else one.measures
    return any(each.kind == INTERIM for each in first or ())


def last_instance(file: CaseFile, incidents: tuple[str, ...]) -> date | None:
    """Give the latest day on which one of these incidents happened; None where there is none."""
    return max((day for paper, day in _instances(file) if paper.id in incidents), default=None)


def _happened(draft: RestrictionOnFile, file: CaseFile) -> bool:
    """Tell whether an incident that a draft names is of its ground; where it names none, the policy asked for none."""
    noted = file.of(NoteIncident)
    return not draft.incidents or any(
        act.category == draft.ground for paper, act in noted if paper.id in draft.incidents
    )


def _instances(file: CaseFile) -> Iterator[tuple[Paper, date]]:
    return ((paper, act.day) for paper, act in file.of(NoteIncident) if act.day is not None)


def _met(cover: Cover, draft: RestrictionOnFile, file: CaseFile, policy: Policy, now: datetime) -> bool:
    """Tell whether something that the draft names happened under it, as lately as a warning would carry.

    Where a policy asks for no evidence and the draft names none, it is enough that the cover holds today.
    """
    zone, lasts = policy.zone, policy.durations.warning_months
    if not draft.incidents:
        return cover.first <= now.astimezone(zone).date() <= cover.last
    return any(
        paper.id in draft.incidents
        and paper.id not in cover.incidents
        and cover.meets(paper.at, day)
        and now < end_of(_later(day, lasts), zone)
        for paper, day in _instances(file)
    )


def _warnings(file: CaseFile, shelf: Shelf) -> Iterator[Cover]:
    for one in shelf.warnings.values():
        paper = file.paper(one.id)
        if one.communicated is None or one.last_day is None or paper is None:
            continue
        yield Cover(
            about=f"warning:{one.id}",
            what="warning",
            grounds=_grounds(file, one),
            incidents=frozenset(one.incidents),
            since=paper.at,
            first=one.communicated,
            last=one.last_day,
        )


def _grounds(file: CaseFile, warning: WarningOnFile) -> frozenset[str]:
    return frozenset(act.category for paper, act in file.of(NoteIncident) if paper.id in warning.incidents)


def _restrictions(draft: RestrictionOnFile, shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Cover]:
    wrong = _taken_off(shelf)
    for one in shelf.restrictions.values():
        if one.id == draft.id or one.id in wrong or not _made(one, now):
            continue
        ended = last_day(one.stops, policy.zone)
        yield Cover(
            about=f"restriction:{one.id}",
            what="restriction",
            grounds=frozenset({one.ground}),
            incidents=frozenset(one.incidents),
            since=one.begins,
            first=one.begins.astimezone(policy.zone).date(),
            last=_later(ended, policy.durations.renewal_months),
        )


def _taken_off(shelf: Shelf) -> frozenset[str]:
    """Name the restrictions against which an appeal was upheld: the party was right (SPSO-22, HO-6)."""
    return frozenset(one.restriction for one in shelf.appeals.values() if one.decided == "upheld")


def _later(day: date, months: int) -> date:
    """Give the day so many months later; the calendar's last but one where it ends before that."""
    try:
        return months_after(day, months)
    except ValueError:
        return _FURTHEST


def _made(one: RestrictionOnFile, now: datetime) -> bool:
    """Tell whether it was in force by somebody's decision: interim protection is nobody's (PHSO-2)."""
    return not began_as_interim(one) and one.enforced() is not None and one.told_at is not None and one.begins <= now
