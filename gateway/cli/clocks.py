"""`parley clocks`: requests with a time by law, and appeals: started, at rest, made longer, stopped by a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any

import typer

from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped, plain, table
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.human_clock import name_of
from gateway.legal_clocks import LegalClocks, NoSuchClock, clock_object
from gateway.people import at_keyboard
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.clarification import Asked
from rules.legal_clocks import ClockKind, LegalClock, Stopped
from rules.policies import Policy
from rules.windows import local_midnight
from rules.workdays import in_words
from storage.legal_clocks import ClockOnRecord

clocks = typer.Typer(
    no_args_is_help=True,
    help="Legal clocks: requests with a time by law, and appeals. Words start them on their own; people stop them.",
)
app.add_typer(clocks, name="clocks")

_Contact = Annotated[str, typer.Argument(metavar="CONTACT", help="The whole serial number of the contact that asked.")]
_Running = Annotated[str, typer.Argument(metavar="CONTACT", help="Its number, or five characters and more of its end.")]
_On = Annotated[str, typer.Option(metavar="DAY", help="The day, 2026-03-04, where that was not today.")]
_LEAST = 5
_Kind = Annotated[ClockKind, typer.Argument(help="What is asked for.")]
_AsJson = Annotated[bool, typer.Option("--json", help="One object a line, for a program.")]


@contextmanager
def _desk(context: typer.Context) -> Iterator[tuple[LegalClocks, Actor, Settings]]:
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            yield LegalClocks(record, settings.policy, utc_now), at_keyboard(settings, who()), settings
        except (Refused, NoSuchClock) as refused:
            refuse(escaped(str(refused)))


@clocks.command("list")
def _list(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Those that were stopped too.")] = False,
    as_json: _AsJson = False,
) -> None:
    """List the clocks that run, the first due first."""
    with _desk(context) as (desk, _, settings):
        found = desk.listed(stopped=everything)
    policy, now = settings.policy, utc_now()
    if as_json:
        for one in found:
            print_json(_object(one, policy))
        return
    if not found:
        typer.echo("No legal clock runs.")
        return
    shown = table(Last_day=12, Who=14, Asked_for=13, Contact=22, State=None)
    shown.columns[3].no_wrap = True  # it is copied into a command
    for one in found:
        late = one.clock.stopped_at is None and one.clock.due(policy) <= now
        last = one.clock.last_day(policy)
        said = last.isoformat() if last else "rests" if one.clock.rests else "-"
        day = plain(said + (" !" if late else ""), "bold red" if late else "")
        asked = plain(one.clock.kind.value.replace("_", " "))
        shown.add_row(day, plain(name_of(one)), asked, plain(one.clock.contact), plain(_state(one.clock, policy)))
    console.print(shown)


def _state(clock: LegalClock, policy: Policy) -> str:
    if clock.stopped is not None:
        return f"{clock.stopped.value.replace('_', ' ')}, {clock.stopped_by}"
    how = f"started by {clock.started_by}" if clock.started_by else "met by its words"
    longer = ", made longer" if clock.extended_at else ""
    return f"{how}{longer}{_asked_back(clock, policy)}"


def _asked_back(clock: LegalClock, policy: Policy) -> str:
    """Say what our questions did to its time."""
    question, zone = clock.open_question, policy.zone
    if question is not None:
        return f", rests since {question.asked_day(zone)}: we asked {question.asked_for.words} ({question.asked_by})"
    begun = clock.begins(zone)
    anew = f", begun anew on {begun}" if begun != clock.received.astimezone(zone).date() else ""
    waited = clock.days_waited(zone)
    return f"{anew}, rested {waited} day{'' if waited == 1 else 's'}" if waited else anew


@clocks.command("start")
def _start(
    context: typer.Context,
    contact: _Contact,
    kind: _Kind,
    received: Annotated[
        str, typer.Option(help="The day it reached us, 2026-03-04, where the contact says another.")
    ] = "",
    why: Annotated[str, typer.Option(help="How it was asked for.")] = "",
) -> None:
    """Start a clock by hand. A letter or a visit is logged first: parley log add letter."""
    with _desk(context) as (desk, by, settings):
        _say(desk.start(contact, kind, by, why=why, received=_moment(received, settings.policy)), settings.policy)


@clocks.command("pause")
def _pause(
    context: typer.Context,
    contact: _Running,
    kind: _Kind,
    asked_for: Annotated[Asked, typer.Option("--for", help="What is meant, or who it is.")],
    words: Annotated[str, typer.Option(help="What we asked, in a sentence.")],
    on: _On = "",
) -> None:
    """Let a clock rest from the day on which we asked what is meant, or who it is, until they answer.

    Only where the answer is needed: to find the data that a person wants to see, or what information is meant.
    """
    with _desk(context) as (desk, by, settings):
        at = _moment(on, settings.policy)
        _say(desk.pause(_whole(desk, contact), kind, asked_for, words, by, at=at), settings.policy)


@clocks.command("resume")
def _resume(
    context: typer.Context,
    contact: _Running,
    kind: _Kind,
    answer: Annotated[str, typer.Option(help="Their answer, in a sentence, or the number of its contact.")],
    on: _On = "",
) -> None:
    """Let a clock at rest go on: the days of waiting are added, or its time begins anew, as its law says."""
    with _desk(context) as (desk, by, settings):
        at = _moment(on, settings.policy)
        _say(desk.resume(_whole(desk, contact), kind, answer, by, at=at), settings.policy)


@clocks.command("extend")
def _extend(
    context: typer.Context,
    contact: _Running,
    kind: _Kind,
    why: Annotated[str, typer.Option(help="The reasons, which the person is told within the first time.")],
) -> None:
    """Take the longer time of its law, within the first one.

    Two more months for one's own data; 40 working days in all for the environment, and for information where the public
    interest has to be weighed (not in Scotland).
    """
    with _desk(context) as (desk, by, settings):
        _say(desk.extend(_whole(desk, contact), kind, why, by), settings.policy)


@clocks.command("stop")
def _stop(
    context: typer.Context,
    contact: _Running,
    kind: _Kind,
    as_: Annotated[Stopped, typer.Option("--as", help="What became of it.")],
    how: Annotated[str, typer.Option(help="How it was answered, in a sentence.")],
) -> None:
    """Stop a clock: it was answered, or asks for nothing of the kind."""
    with _desk(context) as (desk, by, _):
        stopped = desk.stop(_whole(desk, contact), kind, as_, how, by)
    typer.echo(f"The clock of {stopped.contact} is stopped: {as_.value.replace('_', ' ')}.")


def _whole(desk: LegalClocks, number: str) -> str:
    """Give the whole number of what a person names by its end, among the clocks that run."""
    end = number.strip().lower()
    found = {one.clock.contact for one in desk.listed() if len(end) >= _LEAST and one.clock.contact.endswith(end)}
    return found.pop() if len(found) == 1 else end


def _moment(day: str, policy: Policy) -> datetime | None:
    return local_midnight(_day(day), policy.zone) if day else None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        refuse("Write the day as 2026-03-04.")


def _say(clock: LegalClock, policy: Policy) -> None:
    last = clock.last_day(policy)
    if last is None:
        typer.echo(f"The clock of {clock.contact} rests until they answer. Then: parley clocks resume")
    else:
        typer.echo(f"The clock of {clock.contact} runs; its last day is {in_words(last)}.")


def _object(one: ClockOnRecord, policy: Policy) -> dict[str, Any]:
    return clock_object(one.clock, policy) | {"party": one.party, "name": name_of(one)}
