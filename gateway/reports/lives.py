"""What the files say of restrictions over a period, as plain facts to be counted: lives, reviews, appeals, adjustments.

Belongs here: one walk over a party's papers, up to a moment, so that a report of a past period stays as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rules.casework.acts.agree_adjustment import AgreeAdjustment
from rules.casework.acts.decide_appeal import DecideAppeal
from rules.casework.acts.decline_adjustment import DeclineAdjustment
from rules.casework.acts.decline_restriction import DeclineRestriction
from rules.casework.acts.draft_restriction import DraftRestriction
from rules.casework.acts.end_adjustment import EndAdjustment
from rules.casework.acts.protect_interim import ProtectInterim
from rules.casework.acts.review_restriction import ReviewRestriction
from rules.casework.file import CaseFile, Paper
from rules.casework.removed import Removed
from rules.casework.shelf import RestrictionOnFile, Shelf, shelf_of
from rules.contact import Channel
from rules.measures import Measure
from rules.policies import Policy
from rules.standing import PartyKind
from rules.windows import MICROSECOND, end_of, months_after

BEARING = (DraftRestriction.name, ProtectInterim.name, AgreeAdjustment.name, DeclineAdjustment.name)
"""Acts without which a file has nothing to count here."""
_YEAR = 12
MOST_YEARS = 4


@dataclass(frozen=True, slots=True)
class Life:
    """Hold one restriction as it was up to the end of the count; `ended` tells that it bites no more."""

    party: int
    kind: PartyKind
    ground: str
    measures: frozenset[str]
    channels: frozenset[Channel]
    begins: datetime
    stops: datetime
    ended: bool
    early: bool
    years: int
    """How many whole years it was in force for longer than, 4 at most."""
    role: str
    as_block: bool
    alone: bool
    imported: bool
    review: str
    """What is with its review: overdue, ahead, or none."""


@dataclass(slots=True)
class Lives:
    """Hold what was found on all files; the counts are of what was done within the period."""

    restrictions: list[Life] = field(default_factory=list)
    reviews: Counter[str] = field(default_factory=Counter)
    review_times: Counter[str] = field(default_factory=Counter)
    appeals: Counter[str] = field(default_factory=Counter)
    appeals_received: int = 0
    appeals_open: int = 0
    proposals_declined: int = 0
    adjustments: Counter[str] = field(default_factory=Counter)
    adjustments_standing: int = 0
    removed: int = 0
    """Restrictions whose papers retention has emptied."""


def add_file(lives: Lives, file: CaseFile, policy: Policy, since: datetime, until: datetime) -> None:
    """Add what a file says from `since` up to `until` (aware UTC); later papers are as if they were not there.

    Raises what a file raises whose papers do not fit together: LookupError, ValueError, TypeError.
    """
    shelf = shelf_of(replace(file, papers=()), policy)
    found = Lives()
    for paper in file.papers:
        if paper.at >= until:
            break
        _note(found, paper, shelf, policy, paper.at >= since)
        paper.act.enter(paper, shelf)
    _adjusted(found, shelf, since, until)
    _appealed(found, shelf, since, until)
    found.restrictions += [
        _life(one, file, policy, until) for one in shelf.restrictions.values() if _bit(one, since, until)
    ]
    _together(lives, found)


def _note(found: Lives, paper: Paper, shelf: Shelf, policy: Policy, within: bool) -> None:
    act = paper.act
    if isinstance(act, Removed):
        found.removed += act.was in (DraftRestriction.name, ProtectInterim.name)
    elif not within:
        return
    elif isinstance(act, ReviewRestriction):
        found.reviews[act.outcome] += 1
        review_at = shelf.restrictions[act.restriction].review_at
        found.review_times[in_time(review_at, paper.at, policy.zone)] += 1
    elif isinstance(act, DecideAppeal):
        found.appeals[act.outcome] += 1
    elif isinstance(act, DeclineRestriction):
        found.proposals_declined += 1
    elif isinstance(act, DeclineAdjustment):
        found.adjustments["declined"] += 1
    elif isinstance(act, EndAdjustment):
        found.adjustments["closed"] += 1


def in_time(review_at: datetime | None, at: datetime, zone: ZoneInfo) -> str:
    """Say whether a review at `at` (aware UTC) kept the day that was set: it has until that day is over."""
    if review_at is None:
        return "unasked"
    return "in_time" if at < _day_over(review_at, zone) else "late"


def _day_over(moment: datetime, zone: ZoneInfo) -> datetime:
    return end_of(moment.astimezone(zone).date(), zone)


def _adjusted(found: Lives, shelf: Shelf, since: datetime, until: datetime) -> None:
    for one in shelf.adjustments.values():
        found.adjustments["agreed"] += one.agreed is not None and since <= one.agreed < until
        begun = one.agreed is None or one.agreed < until
        found.adjustments_standing += begun and (one.ends is None or one.ends > until)


def _appealed(found: Lives, shelf: Shelf, since: datetime, until: datetime) -> None:
    first, last = _day(since, shelf.zone), _day(until - MICROSECOND, shelf.zone)
    found.appeals_received += sum(first <= one.received <= last for one in shelf.appeals.values())
    found.appeals_open += sum(1 for _ in shelf.open_appeals())


def _bit(one: RestrictionOnFile, since: datetime, until: datetime) -> bool:
    """Tell whether it was in force at any moment from `since` up to `until`."""
    if one.approval is None or one.declined or one.told_at is None:
        return False
    return one.begins < min(one.stops, until) and one.stops > since


def _life(one: RestrictionOnFile, file: CaseFile, policy: Policy, until: datetime) -> Life:
    assert one.approval is not None  # it bit
    stops = min(one.stops, until)
    return Life(
        party=file.party.id,
        kind=file.party.kind,
        ground=one.ground if one.ground in policy.grounds else "",
        measures=frozenset(each.kind for each in one.measures),
        channels=frozenset[Channel]().union(*map(channels_of, one.measures)),
        begins=one.begins,
        stops=one.stops,
        ended=one.stops <= until,
        early=one.lifted_at is not None and one.lifted_at < one.ends,
        years=years_between(_day(one.begins, policy.zone), _day(stops, policy.zone)),
        role=one.approval.role if one.approval.role in policy.roles else "",
        as_block=one.approval.as_block,
        alone=one.approval.by == one.proposed_by,
        imported=one.imported,
        review=_review(one, policy, until),
    )


def _review(one: RestrictionOnFile, policy: Policy, until: datetime) -> str:
    if one.review_at is None:
        return "none"
    return "overdue" if _day_over(one.review_at, policy.zone) <= until else "ahead"


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def years_between(first: date, after: date) -> int:
    """Count the years by which `after` is later than the same day of the year of `first`: 0 for one year exactly."""
    return sum(months_after(first, _YEAR * years) < after for years in range(1, MOST_YEARS + 1))


_CALLS, _WRITTEN = frozenset({Channel.CALL}), frozenset({Channel.EMAIL, Channel.SMS})
_BY_KIND: Mapping[str, frozenset[Channel]] = {
    "automated_line": _CALLS,
    "call_length_limit": _CALLS,
    "talk_time_limit": _CALLS,
    "return_mail": _WRITTEN,
    "return_letters": frozenset({Channel.LETTER}),
    "visit_terms": frozenset({Channel.VISIT}),
    "named_contact": _CALLS | _WRITTEN,
    "conceal_staff": _CALLS | _WRITTEN,
    "meeting": frozenset(),
}


def channels_of(measure: Measure) -> frozenset[Channel]:
    """Name the channels that a measure is about: those it names, all others than it leaves open, else what its kind is.

    One that names none and is not listed bears on every channel, as those on matters and cases do.
    """
    named = getattr(measure, "channels", None)
    if named is not None:
        return frozenset(named)
    allowed = getattr(measure, "allowed", None)
    if allowed is not None:
        return frozenset(Channel).difference(allowed)
    return _BY_KIND.get(measure.kind, frozenset(Channel))


def _together(lives: Lives, found: Lives) -> None:
    """Add what one file says once it was read to its end: one that cannot be read adds nothing."""
    lives.restrictions += found.restrictions
    for name in ("reviews", "review_times", "appeals", "adjustments"):
        getattr(lives, name).update(getattr(found, name))
    for name in ("appeals_received", "appeals_open", "proposals_declined", "adjustments_standing", "removed"):
        setattr(lives, name, getattr(lives, name) + getattr(found, name))


def longest_runs(restrictions: list[Life], until: datetime, zone: ZoneInfo) -> Counter[int]:
    """Count the parties under a restriction at `until` by the years that they have been under any without a gap."""
    runs: Counter[int] = Counter()
    for party in {one.party for one in restrictions if not one.ended}:
        own = sorted((one for one in restrictions if one.party == party), key=lambda one: one.stops, reverse=True)
        since = min(one.begins for one in own if not one.ended)
        for one in own:
            since = min(since, one.begins) if one.stops >= since else since
        runs[years_between(_day(since, zone), _day(until, zone))] += 1
    return runs
