"""`parley levels`, `parley minutes`: who takes how much of the office's time, and putting an estimate right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from gateway.casework.register import Register
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped, plain, table
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.local_times import BadTime, moment_of
from gateway.party_levels import (
    Measured,
    OfficeLevels,
    PartyLevels,
    Span,
    as_data,
    correct_minutes,
    life_of,
    office_data,
    office_levels,
    party_levels,
    windows,
)
from gateway.people import at_keyboard
from rules import identity
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.levels.kinds import WORDS, Level
from rules.levels.share import Usual
from rules.levels.staff_time import minutes_of
from rules.windows import Mode, Per
from storage.record import Record

_ESTIMATE = "Staff time and shares are estimates, made of the policy's figures; they are no ground for anything alone."
_MINUTES = (Level.TALK_MINUTES, Level.STAFF_MINUTES)


@app.command("levels")
def _levels(
    context: typer.Context,
    party: Annotated[str, typer.Argument(help="Its number, its name, or an address or number of it.")] = "",
    office: Annotated[bool, typer.Option("--office", help="Of all who contacted the office.")] = False,
    window: Annotated[Per | None, typer.Option(help="Only this window, channel by channel.")] = None,
    rolling: Annotated[
        bool, typer.Option("--rolling/--calendar", help="The time before now, or the calendar's hour, day, ...")
    ] = True,
    case: Annotated[str, typer.Option(help="The whole life of a case, by its reference.")] = "",
    channel: Annotated[list[Channel] | None, typer.Option(help="Only this channel; may be given again.")] = None,
    at: Annotated[str, typer.Option(help="As it was then, by the office's clock: 2026-03-04T09:30.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="With --office: so many who take most of it.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Show levels of contact of PARTY, or of the office. That you looked is recorded."""
    if bool(party) == office:
        refuse("Name a party, or say --office.")
    if case and (office or window):
        refuse("The life of a case is of one party, and has no window.")
    settings = settings_of(context)
    policy, by = settings.policy, at_keyboard(settings, who())
    mode = Mode.ROLLING if rolling else Mode.CALENDAR
    channels = frozenset(channel or Channel)
    with _refusals(), record_of(settings) as record:
        moment = moment_of(at, policy.zone, utc_now())
        if office:
            (span,) = windows(mode, moment, policy, (window or Per.WEEK,))
            of_all = office_levels(record, span, policy, by, channels=channels, limit=limit)
            print_json(office_data(of_all, policy)) if as_json else _print_office(of_all, settings)
            return
        pers = (window,) if window else tuple(Per)
        spans = (life_of(case, moment),) if case else windows(mode, moment, policy, pers)
        whose = _whose(record, settings, party)
        found = party_levels(record, whose, spans, policy, by, now=moment, channels=channels)
        print_json(as_data(found, policy)) if as_json else _print_party(found)


@contextmanager
def _refusals() -> Iterator[None]:
    """Say to a person what was refused."""
    try:
        yield
    except (Refused, BadTime) as refused:
        refuse(escaped(str(refused)))


@app.command("minutes")
def _minutes(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="ID", help="The contact, as `parley contacts --json` has it.")],
    minutes: Annotated[int | None, typer.Argument(min=0, help="How long it took, in minutes.")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Go back to the estimate.")] = False,
) -> None:
    """Put right how long a contact took the office: that stands instead of the estimate. Who said so is recorded."""
    if (minutes is None) != estimate:
        refuse("Say how many minutes it took, or --estimate to go back to the estimate.")
    settings = settings_of(context)
    with _refusals(), record_of(settings) as record:
        correct_minutes(record, number, minutes, settings.policy, at_keyboard(settings, who()))
    done = "is estimated again" if minutes is None else f"took {minutes} minute{'s' if minutes != 1 else ''}"
    typer.echo(escaped(f"{number} {done}."))


def _whose(record: Record, settings: Settings, party: str) -> str:
    """Find out whose levels are asked for: a party, else the address or number of somebody who is on no file."""
    try:
        number = Register(record, settings, utc_now).found(party)
        return f"party:{record.read_now(lambda reader: reader.merged_into(number)) or number}"
    except Refused:
        known = identity.anything(party)
        if known is None or record.read_now(lambda reader: reader.holders((known,))):
            raise
        return str(known)


def _print_party(found: PartyLevels) -> None:
    (first, *others) = found.spans
    typer.echo(escaped(f"{found.name}, {'up to now' if others else _span_words(first.span)}"))
    if others:
        columns = {_span_words(one.span): one.levels for one in found.spans}
    else:
        columns = {"all": first.levels} | {channel.value: each for channel, each in first.channels.items()}
    shown = table(level=31, **dict.fromkeys(columns, 11))
    for level in Level:
        shown.add_row(plain(WORDS[level]), *(plain(_number(level, each[level])) for each in columns.values()))
    for label, value in _BESIDE.items():
        cells = [value(one) for one in found.spans]
        if any(cells):
            shown.add_row(plain(label), *cells)
    console.print(shown)
    ours = found.ours
    if ours is not None:
        typer.echo(
            f"Our part, in the last 30 days: {ours.overdue_looks} waiting for our look too long, {ours.missed_calls} "
            f"calls that nobody answered, {ours.adjustments_broken} contacts that an adjustment should have let "
            f"through, {ours.letters_owed} letters that we owe, {ours.letters_late} of them late."
        )
    typer.echo(_ESTIMATE)


def _share(one: Measured) -> str:
    return "" if one.share is None else f"{one.share:.1%}"


def _median(one: Measured) -> str:
    return f"{one.usual.median:.1f}" if one.usual else ""


def _p99(one: Measured) -> str:
    return f"{one.usual.p99:.1f}" if one.usual else ""


_BESIDE: Mapping[str, Callable[[Measured], str]] = {
    "share of the office's contact time (estimate)": _share,
    "median minutes of all parties (estimate)": _median,
    "99th percentile (estimate)": _p99,
    "came and counts for nothing: automatic, or an answer": lambda one: str(one.uncounted or ""),
    "came of their advocates, not counted": lambda one: str(one.advocates or ""),
}
"""What stands beside the levels of a span."""


def _print_office(found: OfficeLevels, settings: Settings) -> None:
    time = settings.policy.staff_time
    total = minutes_of(found.channels, time)
    typer.echo(f"The office, {_span_words(found.span)}")
    shown = table(channel=12, contacts=10, attempts=10, talk_minutes=14, staff_minutes=14)
    for channel, one in found.channels.items():
        minutes = minutes_of({channel: one}, time)
        talk = f"{one.talk_s / 60:.1f}"
        shown.add_row(channel.value, str(one.contacts), str(one.attempts), talk, f"{minutes:.1f}")
    console.print(shown)
    typer.echo(f"{total:.1f} minutes of contact time in all (estimate); {_usual_words(found.usual)}.")
    most = table(who=30, contacts=10, attempts=10, talk_minutes=14, staff_minutes=14, share=8)
    for each in found.most:
        minutes_said, share = f"{each.staff_minutes:.1f}", f"{each.share:.1%}"
        row = (str(each.contacts), str(each.attempts), f"{each.talk_minutes:.1f}", minutes_said, share)
        most.add_row(plain(each.name), *row)
    if found.most:
        console.print(most)
    typer.echo(_ESTIMATE)


def _usual_words(known: Usual) -> str:
    who = "1 party" if known.parties == 1 else f"{known.parties} parties"
    return f"of {who} the median is {known.median:.1f} minutes, the 99th percentile {known.p99:.1f}"


def _span_words(span: Span) -> str:
    if span.window is None:
        return f"case {span.case}"
    return span.window.in_words() if span.window.mode is Mode.ROLLING else f"this {span.window.per.value}"


def _number(level: Level, value: float) -> str:
    return f"{value:.1f}" if level in _MINUTES else str(int(value))
