"""`report week` and `report thresholds`: an office's week, and what became of levels that its policy calls too much.

Belongs here: laying out what levels, flags and queues say; nothing is counted here that they do not count. These are
for the office: the week names who takes most of its time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from gateway.brief_words import CHANNELS
from gateway.casework.outline import READ_FILE
from gateway.casework.overview import everything_that_waits
from gateway.party_levels import OfficeLevels, Span, office_levels
from gateway.reports.restrictions import contact_tables, look_tables
from gateway.reports.small_numbers import published
from gateway.reports.table import EARLIEST, Adds, Period, Report, Row, Table, adding_up
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.contact import Channel
from rules.levels.staff_time import minutes_of
from rules.policies import Policy
from rules.waiting_for import WaitingFor
from rules.windows import MICROSECOND
from storage.entries import Flag, FlagState
from storage.record import Record
from storage.transaction import Reader

_ESTIMATE = "Staff time and shares are estimates, made of the policy's figures; they are no ground for anything alone."
_LEVELS = (
    ("attempts", "Attempts"),
    ("contacts", "Contacts"),
    ("talk", "Minutes of talk"),
    ("staff", "Staff minutes, an estimate"),
)
_MOST_FLAGS = 100_000
_GONE = "Thresholds that the policy has no longer"


def week_of(day: date, today: date) -> Period:
    """Give the week from Monday to Sunday that holds a day, up to `today`; ValueError where nothing can be counted."""
    monday = day - timedelta(days=day.weekday()) if day >= EARLIEST else day
    if not EARLIEST <= monday <= today:
        raise ValueError(f"The week of {day} is still to come, or too long ago.")
    return Period(monday, min(monday + timedelta(days=6), today))


def week_report(record: Record, policy: Policy, period: Period, by: Actor, *, now: datetime) -> Report:
    """Draw up an office's week; that somebody did is put on record. Raises Refused to those who may not."""
    since, until = period.start(policy.zone), min(period.end(policy.zone), now)
    found = office_levels(record, Span(since, until - MICROSECOND), policy, by)
    rest = record.read_now(partial(_rest_of_week, policy, since, until, now))
    tables = (_channels(found, policy), *([_most(found)] if found.most else []), *rest)
    return Report("Office week", period, until, tables, (_ESTIMATE,))


def _rest_of_week(policy: Policy, since: datetime, until: datetime, now: datetime, reader: Reader) -> tuple[Table, ...]:
    flagged = _flagged(_flags(reader, since, until), policy)
    tables = (flagged, *contact_tables(reader.restricted_contacts(since, until)))
    tables += tuple(look_tables(reader.looks_owed(since, until), until))
    return (*tables, _waiting(reader, policy, now)) if until == now else tables


def _channels(found: OfficeLevels, policy: Policy) -> Table:
    sums = {channel.value: one for channel, one in found.channels.items()}
    counts: tuple[dict[str, int], ...] = (
        {name: one.attempts for name, one in sums.items()},
        {name: one.contacts for name, one in sums.items()},
        {name: round(one.talk_s / 60) for name, one in sums.items()},
        {
            channel.value: round(minutes_of({channel: one}, policy.staff_time))
            for channel, one in found.channels.items()
        },
    )
    labels = {channel.value: CHANNELS[channel] for channel in Channel}
    return adding_up("channels", "Contact by channel", _LEVELS, counts, labels)


def _most(found: OfficeLevels) -> Table:
    columns = (*_LEVELS, ("share", "Share in percent, an estimate"))
    rows = tuple(
        Row(
            one.whose,
            one.name,
            (
                one.attempts,
                one.contacts,
                round(one.talk_minutes),
                round(one.staff_minutes),
                round(one.share * 100),
            ),
        )
        for one in found.most
    )
    usual = found.usual
    note = f"The median party took {usual.median:.0f} minutes, one in a hundred more than {usual.p99:.0f}."
    return Table("most", "Who took most of the time", columns, rows, Adds.NOT, note=note)


def _waiting(reader: Reader, policy: Policy, now: datetime) -> Table:
    found = [one.waiting for one in everything_that_waits(reader, policy, now)]
    waits = Counter(one.what.value for one in found)
    late = Counter(one.what.value for one in found if one.overdue(now))
    labels = {one.value: one.words[:1].upper() + one.words[1:] for one in WaitingFor}
    columns = (("waits", "Waits now"), ("overdue", "Overdue"))
    return adding_up("waiting", "What waits for a person", columns, (waits, late), labels)


def thresholds_report(record: Record, policy: Policy, period: Period, by: Actor, *, now: datetime) -> Report:
    """Count the flags of a period by threshold, and what people made of them; Refused to those who may not."""
    allowed(READ_FILE, policy, by)
    since, until = period.start(policy.zone), min(period.end(policy.zone), now)
    flags = record.read_now(partial(_flags, since=since, until=until))
    note = "A flag is for a person to act on or dismiss; it restricts nobody."
    return Report("Thresholds", period, until, (_flagged(flags, policy), _parties(flags, policy)), (note,))


def thresholds_published(report: Report) -> Report:
    """Give the report on thresholds as it may be published: what became of flags in all, and not by threshold.

    With both, each hidden number could be worked out from its row or its column.
    """
    flagged, parties = report.table("thresholds"), report.table("flagged")
    assert flagged.whole is not None  # its rows add up
    raised = replace(
        flagged,
        columns=flagged.columns[:1],
        rows=tuple(replace(row, cells=row.cells[:1]) for row in flagged.rows),
        whole=flagged.whole[:1],
    )
    became = zip(flagged.columns[1:], flagged.whole[1:], strict=True)
    rows = tuple(Row(name, label, (cell,)) for (name, label), cell in became)
    outcome = Table("became", "What became of them", (("number", "Number"),), rows, Adds.UP, flagged.whole[:1])
    return published(replace(report, tables=(raised, outcome, parties)))


def _flags(reader: Reader, since: datetime, until: datetime) -> tuple[Flag, ...]:
    return tuple(one for one in reader.flags(limit=_MOST_FLAGS) if since <= one.at < until)


def _labels(policy: Policy) -> dict[str, str]:
    return {one.name: one.title or one.said(one.at_least) for one in policy.thresholds} | {"": _GONE}


def _flagged(flags: tuple[Flag, ...], policy: Policy) -> Table:
    labels = _labels(policy)
    columns = {
        "raised": ("Raised", tuple(FlagState)),
        "open": ("Open", (FlagState.OPEN,)),
        "acted": ("Acted on", (FlagState.ACTED,)),
        "dismissed": ("Dismissed", (FlagState.DISMISSED,)),
    }
    counts = [
        Counter(one.threshold if one.threshold in labels else "" for one in flags if one.state in states)
        for _, states in columns.values()
    ]
    heads = tuple((name, label) for name, (label, _) in columns.items())
    return adding_up("thresholds", "Flags by threshold", heads, counts, labels)


def _parties(flags: tuple[Flag, ...], policy: Policy) -> Table:
    labels = _labels(policy)
    pairs = {(one.threshold if one.threshold in labels else "", one.whose) for one in flags}
    counts = Counter(threshold for threshold, _ in pairs)
    rows = tuple(Row(name, label, (counts[name],)) for name, label in labels.items())
    whole = len({whose for _, whose in pairs})
    note = "Somebody who reached more than one is in each of its rows."
    return Table("flagged", "Parties and senders flagged", (("parties", "Number"),), rows, Adds.OVER, (whole,), note)
