"""`report party`: a party's contact week by week, with thresholds, restrictions and flags drawn in, for who decides.

Belongs here: reading the record for it. It says what was, decides nothing, and shows our own part beside it (SPSO-14).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from gateway.casework.desk import file_of
from gateway.casework.outline import READ_FILE
from gateway.casework.sheet import OurPart, our_part
from gateway.reports.table import Period
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.shelf import RestrictionOnFile, Shelf, shelf_of
from rules.contact import Channel
from rules.levels.counting import Tally, levels
from rules.levels.kinds import WORDS, Level
from rules.measures.measure import channel_words
from rules.policies import Policy, Threshold
from rules.windows import MICROSECOND, Per, end_of, local_midnight
from storage.entries import Flag
from storage.record import Record
from storage.transaction import Reader

MOST_WEEKS = 106
OF = "report"
_MOST_FLAGS = 500
_WEEK = timedelta(days=7)
_VOLUME = (Level.WORDS, Level.PAGES, Level.FILES_NOT_COUNTED)


@dataclass(frozen=True, slots=True)
class Line:
    """Hold a threshold as it is drawn: from where on it is reached, in which words."""

    at_least: int
    words: str


@dataclass(frozen=True, slots=True)
class Series:
    """Hold one level, a value for each week, with the weekly thresholds on it."""

    title: str
    values: tuple[float, ...]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """Hold when a restriction was in force; times are aware UTC, `number` is that in the list of them."""

    number: int
    begins: datetime
    ends: datetime
    words: str


@dataclass(frozen=True, slots=True)
class PartyReport:
    """Hold the report; `weeks` are the Mondays, times aware UTC."""

    party: str
    number: int
    period: Period
    at: datetime
    stage: str
    weeks: tuple[date, ...]
    series: tuple[Series, ...]
    bands: tuple[Band, ...]
    flags: tuple[tuple[datetime, str], ...]
    happened: tuple[tuple[datetime, str], ...]
    ours: OurPart


class TooLong(ValueError):
    """Say that a period has more weeks than can be drawn."""


def party_report(
    record: Record, policy: Policy, party: int, period: Period, by: Actor, *, now: datetime
) -> PartyReport:
    """Draw up a party's report; that somebody did is put on record (THREATS W4).

    Raises NoSuchParty, Refused to those who may not read the file, TooLong.
    """
    allowed(READ_FILE, policy, by)
    found = record.read_now(partial(_drawn_up, policy, party, period, now))
    record.write_now(lambda tx: tx.act(by.name, READ_FILE, f"party:{party}", {"of": OF}))
    return found


def _drawn_up(policy: Policy, party: int, period: Period, now: datetime, reader: Reader) -> PartyReport:
    file = file_of(party, reader)
    shelf = shelf_of(file, policy)
    weeks = tuple(_mondays(period))
    if len(weeks) > MOST_WEEKS:
        raise TooLong(f"The report of a party shows {MOST_WEEKS} weeks at most; ask for a shorter period.")
    since, until = period.start(policy.zone), min(period.end(policy.zone), now)
    tallies = [_tally(reader, party, week, policy) for week in weeks]
    found = reader.flags(whose=f"party:{party}", limit=_MOST_FLAGS)
    flags = tuple(_flag(one, policy) for one in reversed(found) if since <= one.at < until)
    happened = [one for one in (*_papers_said(shelf, policy), *flags) if since <= one[0] < until]
    return PartyReport(
        file.party.name,
        party,
        period,
        now,
        shelf.stage(now).value,
        weeks,
        tuple(_series(tallies, policy)),
        tuple(_bands(shelf, since, until)),
        flags,
        tuple(sorted(happened)),
        our_part(reader, party, policy, now),
    )


def _mondays(period: Period) -> Iterator[date]:
    monday = period.first - timedelta(days=period.first.weekday())
    while monday <= period.last:
        yield monday
        monday += _WEEK


def _tally(reader: Reader, party: int, monday: date, policy: Policy) -> Tally:
    since, until = local_midnight(monday, policy.zone), end_of(monday + timedelta(days=6), policy.zone) - MICROSECOND
    return reader.tally(f"party:{party}", since, until, cut_s=policy.counted_call_s)


def _series(tallies: Sequence[Tally], policy: Policy) -> Iterator[Series]:
    """Give all attempts first, then each level on which the policy has a weekly threshold, words and pages, our time.

    Words, pages and files that nobody could count stand there as far as there were any.
    """
    weekly = [one for one in policy.thresholds if one.per is Per.WEEK]
    every = frozenset(Channel)
    came = ((level, every) for level in _VOLUME if any(_values(tallies, level, every, policy)))
    asked = dict.fromkeys([(Level.ATTEMPTS, every), *((one.level, one.channels) for one in weekly), *came])
    for level, channels in asked:
        lines = tuple(_line(one) for one in weekly if (one.level, one.channels) == (level, channels))
        yield Series(_title(level, channels), _values(tallies, level, channels, policy), lines)
    estimate = "Staff time in minutes, an estimate, and no ground by itself"
    yield Series(estimate, _values(tallies, Level.STAFF_MINUTES, every, policy))


def _values(tallies: Sequence[Tally], level: Level, channels: frozenset[Channel], policy: Policy) -> tuple[float, ...]:
    return tuple(round(levels(one.of(channels), policy.staff_time)[level], 1) for one in tallies)


def _title(level: Level, channels: frozenset[Channel]) -> str:
    what = WORDS[level]
    by = "" if channels == frozenset(Channel) else f" by {channel_words(channels)}"
    return f"{what[:1].upper()}{what[1:]}{by}, each week"


def _line(threshold: Threshold) -> Line:
    return Line(threshold.at_least, threshold.said(threshold.at_least))


def _bands(shelf: Shelf, since: datetime, until: datetime) -> Iterator[Band]:
    number = 0
    for one in sorted(shelf.restrictions.values(), key=lambda each: (each.begins, each.id)):
        if one.approval is None or one.declined or one.told_at is None:
            continue
        if max(one.begins, since) < min(one.stops, until):
            number += 1
            yield Band(number, one.begins, one.stops, _kinds(one))


def _kinds(one: RestrictionOnFile) -> str:
    return ", ".join(each.kind.replace("_", " ") for each in one.measures)


def _flag(one: Flag, policy: Policy) -> tuple[datetime, str]:
    known = {threshold.name: threshold for threshold in policy.thresholds}.get(one.threshold)
    said = known.said(one.level) if known is not None else f"{one.threshold}, at {one.level}"
    return one.at, f"Flag for staff: {said} ({one.state.value})"


def _papers_said(shelf: Shelf, policy: Policy) -> Iterator[tuple[datetime, str]]:
    zone = policy.zone
    for warning in shelf.warnings.values():
        if warning.communicated is not None:
            yield local_midnight(warning.communicated, zone), "A warning was communicated"
    for one in shelf.restrictions.values():
        if one.approval is not None and not one.declined and one.told_at is not None and one.begins < one.stops:
            yield one.begins, f"A restriction began: {_kinds(one)}"
            yield one.stops, f"It ended: {_kinds(one)}" if one.lifted_at is None else f"It was lifted: {_kinds(one)}"
    for adjustment in shelf.adjustments.values():
        if adjustment.agreed is not None:
            yield adjustment.agreed, f"An adjustment was agreed: {adjustment.need}"
    for appeal in shelf.appeals.values():
        decided = f" ({appeal.decided})" if appeal.decided else " (open)"
        yield local_midnight(appeal.received, zone), f"An appeal came{decided}"
