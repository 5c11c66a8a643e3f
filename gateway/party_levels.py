"""Levels of a party and of the whole office, for people and reports: what the record adds up, beside our own part.

Belongs here: asking the record for a window, and what stands beside a level (SPSO-14, SPSO-51). It flags nothing and
restricts nobody; staff time and shares are estimates, and say so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from heapq import nsmallest

from gateway.casework.outline import READ_FILE
from gateway.casework.sheet import OurPart, our_part
from gateway.standing import sole_holder
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.identifiers import identifier_of
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.levels.counting import Sums, by_channel, levels
from rules.levels.kinds import Level
from rules.levels.particulars import case_number
from rules.levels.share import Usual, usual
from rules.levels.staff_time import Taken, minutes_each, minutes_of
from rules.policies import Policy
from rules.windows import Mode, Per, Window
from storage.entries import Entry, State
from storage.levels import NOBODY
from storage.record import Record
from storage.transaction import Reader, Transaction

READ_LEVELS, CORRECT_MINUTES = "read_levels", "correct_minutes"
MOST_MINUTES = 24 * 60
EVER = datetime(1970, 1, 1, tzinfo=UTC)
_EVERY = frozenset(Channel)


@dataclass(frozen=True, slots=True)
class Span:
    """Say which contacts a level is of: those of a window that holds `until`, or of the life of a case.

    `since` and `until` are aware UTC, both inclusive; `window` is None for the life of a case.
    """

    since: datetime
    until: datetime
    window: Window | None = None
    case: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold the levels of one party in one span: over all channels asked for together, and each.

    `uncounted` came and counts for nothing (automatic mail, answers to a request), `advocates` is what came of those
    who speak for the party; `usual` is of the office in the same span, None where it is not compared.
    """

    span: Span
    levels: Mapping[Level, float]
    channels: Mapping[Channel, Mapping[Level, float]]
    uncounted: int = 0
    advocates: int = 0
    usual: Usual | None = None

    @property
    def share(self) -> float | None:
        """Give the party's part of the office's contact time, from 0 to 1: an estimate, None where nothing is."""
        return self.usual.share(self.levels[Level.STAFF_MINUTES]) if self.usual and self.usual.office else None


@dataclass(frozen=True, slots=True)
class PartyLevels:
    """Hold the levels of a party, or of a sender whom nobody has put on one, with our own part beside them."""

    whose: str
    name: str
    spans: tuple[Measured, ...]
    ours: OurPart | None = None


@dataclass(frozen=True, slots=True)
class OfOffice:
    """Hold one known sender's part in the levels of an office; minutes and share are estimates."""

    whose: str
    name: str
    contacts: int
    attempts: int
    talk_minutes: float
    staff_minutes: float
    share: float


@dataclass(frozen=True, slots=True)
class OfficeLevels:
    """Hold the levels of an office in one span: all of it, what is usual, and who takes most of its time first."""

    span: Span
    channels: Mapping[Channel, Sums]
    usual: Usual
    most: tuple[OfOffice, ...] = field(default=())


def windows(mode: Mode, at: datetime, policy: Policy, pers: Iterable[Per] = tuple(Per)) -> tuple[Span, ...]:
    """Give the windows that hold `at`, up to then: hour, day, week, month."""
    chosen = [Window(per, mode) for per in pers]
    return tuple(Span(window.since(at, policy.zone), at, window) for window in chosen)


def life_of(case: str, at: datetime) -> Span:
    """Give the life of a case, up to `at`: all contact of a party that names it, or came as a part of it."""
    return Span(EVER, at, case=case)


def party_levels(
    record: Record,
    whose: str,
    spans: Collection[Span],
    policy: Policy,
    by: Actor,
    *,
    now: datetime,
    channels: Collection[Channel] = _EVERY,
) -> PartyLevels:
    """Give the levels of a party (`party:12`) or a sender nobody knows; that they looked is on record (THREATS W4).

    Raises NoSuchParty; Refused to those who may not read files.
    """
    allowed(READ_FILE, policy, by)
    found = record.read_now(partial(_of_party, whose, spans, policy, now, channels))
    record.write_now(lambda tx: tx.act(by.name, READ_FILE, whose, {"of": "levels"}))
    return found


def received(record: Record, party: int, policy: Policy, now: datetime) -> Mapping[Level, float]:
    """Give what came of a party in the last 30 days, for its file; who reads that is on record already."""
    (span,) = windows(Mode.ROLLING, now, policy, (Per.MONTH,))
    whose, cut_s = f"party:{party}", policy.counted_call_s
    tally = record.read_now(lambda reader: reader.tally(whose, span.since, span.until, cut_s=cut_s))
    return levels(tally, policy.staff_time)


def _of_party(
    whose: str, spans: Collection[Span], policy: Policy, now: datetime, channels: Collection[Channel], reader: Reader
) -> PartyLevels:
    kind, _, number = whose.partition(":")
    party = int(number) if kind == "party" else None
    ours = our_part(reader, party, policy, now) if party is not None else None
    known = reader.party(party) if party is not None else None
    measured = tuple(_measured(reader, whose, party, span, policy, channels) for span in spans)
    return PartyLevels(whose, known.name if known else number, measured, ours)


def _measured(
    reader: Reader, whose: str, party: int | None, span: Span, policy: Policy, channels: Collection[Channel]
) -> Measured:
    matter = case_number(span.case) if span.case else None
    tally = reader.tally(whose, span.since, span.until, cut_s=policy.counted_call_s, matter=matter).of(channels)
    time = policy.staff_time
    return Measured(
        span,
        levels(tally, time),
        by_channel(tally, time),
        tally.uncounted,
        _of_advocates(reader, party, span) if party is not None and matter is None else 0,
        _usual(minutes_each(_office(reader, span, policy, channels), time)) if matter is None else None,
    )


def _of_advocates(reader: Reader, party: int, span: Span) -> int:
    """Count what came of those who speak for a party, each under whoever their own identifiers are on file as."""
    found = 0
    for sender in sorted({one for voice in reader.facts(party).voices for one in voice.identifiers}):
        holder = sole_holder(reader.holders((identifier_of(sender),)))
        whose = f"party:{holder.party_id}" if holder else sender
        found += reader.spoken_for(whose, sender, span.since, span.until)
    return found


def _office(reader: Reader, span: Span, policy: Policy, channels: Collection[Channel]) -> list[Taken]:
    rows = reader.tally_office(span.since, span.until, cut_s=policy.counted_call_s)
    return rows if len(channels) == len(Channel) else [row for row in rows if row.channel in channels]


def _usual(minutes: Mapping[str, float]) -> Usual:
    return usual([each for whose, each in minutes.items() if whose != NOBODY], minutes.get(NOBODY, 0.0))


def office_levels(
    record: Record,
    span: Span,
    policy: Policy,
    by: Actor,
    *,
    channels: Collection[Channel] = _EVERY,
    limit: int = 20,
) -> OfficeLevels:
    """Give the levels of the whole office in a window, with the `limit` who took most of its time by estimate.

    That they looked is put on record, for it says who contacts the office. Raises Refused to those who may not.
    """
    allowed(READ_LEVELS, policy, by)
    found = record.read_now(partial(_of_office, span, policy, channels, limit))
    record.write_now(lambda tx: tx.act(by.name, READ_LEVELS, "office", {"since": span.since.isoformat()}))
    return found


def _of_office(span: Span, policy: Policy, channels: Collection[Channel], limit: int, reader: Reader) -> OfficeLevels:
    rows = _office(reader, span, policy, channels)
    minutes = minutes_each(rows, policy.staff_time)
    known = _usual(minutes)
    somebody = [whose for whose in minutes if whose != NOBODY]
    ranked = nsmallest(limit, somebody, key=lambda whose: (-minutes[whose], whose))
    theirs: dict[str, list[Taken]] = {whose: [] for whose in ranked}
    for row in rows:
        if row.whose in theirs:
            theirs[row.whose].append(row)
    by_channel = {channel: _added([row for row in rows if row.channel is channel]) for channel in Channel}
    return OfficeLevels(
        span,
        {channel: one for channel, one in by_channel.items() if one.attempts},
        known,
        tuple(_part(reader, whose, _added(each), minutes[whose], known) for whose, each in theirs.items()),
    )


def _added(rows: Sequence[Taken]) -> Sums:
    columns = list(zip(*rows, strict=True))[2:]
    return Sums(**{name: sum(column) for name, column in zip(Taken._fields[2:], columns, strict=False)})


def _part(reader: Reader, whose: str, total: Sums, minutes: float, known: Usual) -> OfOffice:
    kind, _, number = whose.partition(":")
    party = reader.party(int(number)) if kind == "party" else None
    name = party.name if party else number
    return OfOffice(whose, name, total.contacts, total.attempts, total.talk_s / 60, minutes, known.share(minutes))


def correct_minutes(record: Record, number: str, minutes: int | None, policy: Policy, by: Actor) -> Entry:
    """Put what staff say that a contact took in the place of the estimate; None goes back to the estimate.

    Author, figure and the one before are in the chain of acts. Raises Refused where there is no such contact, or where
    it counts towards nobody's levels.
    """
    allowed(CORRECT_MINUTES, policy, by)
    if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
        raise Refused(f"Minutes are 0 to {MOST_MINUTES}.")
    return record.write_now(partial(_correct, number, minutes, by))


def _correct(number: str, minutes: int | None, by: Actor, tx: Transaction) -> Entry:
    entry = tx.contact(number)
    if entry is None:
        raise Refused("No contact has this number.", way="Look at contacts.")
    if entry.state in (State.OURS, State.TAKEN_BACK) or not entry.counts:
        raise Refused("This contact counts towards nobody's levels, so nothing is estimated of it.")
    known = tx.particulars(number)
    before = known.minutes if known is not None else None
    if before != minutes:
        tx.correct_minutes(number, minutes)
        tx.mark_levels(entry.whose, entry.at)
        tx.act(by.name, CORRECT_MINUTES, number, {"minutes": minutes, "before": before, "party": entry.party_id})
    return entry


# In plain data


def as_data(found: PartyLevels, policy: Policy) -> dict[str, object]:
    """Give the levels of a party in plain data, times in the office's zone, minutes with one decimal."""
    ours = found.ours
    return {
        "whose": found.whose,
        "name": found.name,
        "estimates": ["staff_minutes", "share_percent", "usual"],
        "spans": [_span_data(one, policy) for one in found.spans],
        "ours": None
        if ours is None
        else {
            "overdue_looks": ours.overdue_looks,
            "missed_calls": ours.missed_calls,
            "adjustments_broken": ours.adjustments_broken,
            "letters_owed": ours.letters_owed,
            "letters_late": ours.letters_late,
        },
    }


def _span_data(one: Measured, policy: Policy) -> dict[str, object]:
    return {
        **_span(one.span, policy),
        "levels": _numbers(one.levels),
        "channels": {channel.value: _numbers(each) for channel, each in one.channels.items()},
        "uncounted": one.uncounted,
        "advocates": one.advocates,
        "share_percent": None if one.share is None else round(one.share * 100, 1),
        "usual": _usual_data(one.usual),
    }


def _span(span: Span, policy: Policy) -> dict[str, object]:
    window = span.window
    return {
        "per": window.per.value if window else None,
        "window": window.mode.value if window else None,
        "case": span.case or None,
        "since": span.since.astimezone(policy.zone).isoformat() if window else None,
        "until": span.until.astimezone(policy.zone).isoformat(),
    }


def _usual_data(known: Usual | None) -> dict[str, object] | None:
    if known is None:
        return None
    return {
        "office_minutes": round(known.office, 1),
        "parties": known.parties,
        "median_minutes": round(known.median, 1),
        "p99_minutes": round(known.p99, 1),
    }


def _numbers(found: Mapping[Level, float]) -> dict[str, float]:
    minutes = (Level.TALK_MINUTES, Level.STAFF_MINUTES)
    return {level.value: round(each, 1) if level in minutes else int(each) for level, each in found.items()}


def office_data(found: OfficeLevels, policy: Policy) -> dict[str, object]:
    """Give the levels of the office in plain data, times in the office's zone, minutes with one decimal."""
    return {
        **_span(found.span, policy),
        "estimates": ["staff_minutes", "share_percent", "usual"],
        "usual": _usual_data(found.usual),
        "channels": {
            channel.value: {
                "contacts": one.contacts,
                "attempts": one.attempts,
                "talk_minutes": round(one.talk_s / 60, 1),
                "staff_minutes": round(minutes_of({channel: one}, policy.staff_time), 1),
            }
            for channel, one in found.channels.items()
        },
        "most": [
            {
                "whose": one.whose,
                "name": one.name,
                "contacts": one.contacts,
                "attempts": one.attempts,
                "talk_minutes": round(one.talk_minutes, 1),
                "staff_minutes": round(one.staff_minutes, 1),
                "share_percent": round(one.share * 100, 1),
            }
            for one in found.most
        ],
    }
