"""`parley log`: calls, letters, visits and mail that no door saw, logged by hand; a mistake is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from gateway.build_desk import hand_log_of
from gateway.cli.office import app, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.hand_log import HandLog, Logged, Slip, as_data, return_slip, said
from gateway.local_times import BadTime, moment_of
from gateway.people import at_keyboard
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.windows import in_words

log = typer.Typer(no_args_is_help=True, help="Contacts logged by hand: add one, show one, take a mistake back.")
app.add_typer(log, name="log")

_AsJson = Annotated[bool, typer.Option("--json", help="One object, for a program.")]
_Number = Annotated[str, typer.Argument(metavar="ID", help="The serial number that it got when it was logged.")]


@contextmanager
def _desk(context: typer.Context) -> Iterator[tuple[HandLog, Actor, Settings]]:
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            yield hand_log_of(settings, record), at_keyboard(settings, who()), settings
        except (Refused, BadTime) as refused:
            refuse(escaped(str(refused)))


@log.command("add")
def _add(
    context: typer.Context,
    channel: Annotated[Channel, typer.Argument(help="How they contacted us.")],
    party: Annotated[str, typer.Option(help="Its number, its name, or an address or number of it.")] = "",
    sender: Annotated[
        str, typer.Option("--from", help="The address or number, known or not; neither this nor --party: unknown.")
    ] = "",
    at: Annotated[str, typer.Option(help="When, by the office's clock: 2026-03-04T09:30, or 09:30 of today.")] = "",
    minutes: Annotated[int | None, typer.Option(help="How long it took; left out where nobody knows.")] = None,
    staff: Annotated[str, typer.Option(help="Who dealt with it, if not you.")] = "",
    to: Annotated[str, typer.Option(help="The inbox or line of ours that it came to.")] = "",
    note: Annotated[str, typer.Option(help="What it was about, in few words.")] = "",
    case: Annotated[list[str] | None, typer.Option(help="A case that it is on; may be given again.")] = None,
    pages: Annotated[int, typer.Option(min=0, help="How many pages a letter had.")] = 0,
    ours: Annotated[bool, typer.Option("--ours", help="We contacted them.")] = False,
    key: Annotated[str, typer.Option(help="A word of your own for it: given again, it is one contact.")] = "",
    as_json: _AsJson = False,
) -> None:
    """Log a contact that no door saw. It counts as any other, and what is in force is shown, never in the way."""
    with _desk(context) as (desk, by, settings):
        now = utc_now()
        moment = moment_of(at, settings.policy.zone, now) if at else None
        cases = tuple(case or ())
        slip = Slip(channel, moment, None, sender, to, staff, minutes, note, cases, ours, key, pages, party)
        done = desk.log(slip, by)
    _print(done, settings, as_json=as_json)


@log.command("show")
def _show(context: typer.Context, number: _Number, as_json: _AsJson = False) -> None:
    """Show what was logged, with its note. That you read it is recorded."""
    with _desk(context) as (desk, by, settings):
        found = desk.show(number, by)
    _print(found, settings, as_json=as_json, note=True)


@log.command("take-back")
def _take_back(
    context: typer.Context,
    number: _Number,
    why: Annotated[str, typer.Option(help="Why it was a mistake.")],
    as_json: _AsJson = False,
) -> None:
    """Have a mistaken entry count for nothing. It stays on record, with who took it back and why."""
    with _desk(context) as (desk, by, settings):
        done = desk.take_back(number, why, by)
    _print(done, settings, as_json=as_json)


@log.command("slip")
def _slip(context: typer.Context, number: _Number) -> None:
    """Print the slip that goes back with a letter which the post room returns."""
    with _desk(context) as (desk, by, settings):
        words = return_slip(desk.show(number, by), settings.policy)
    if not words:
        refuse(f"{escaped(number)} is no letter to be returned.")
    typer.echo(escaped(settings.config.office.name))
    for text in words:
        typer.echo(f"\n{escaped(text)}")


def _print(done: Logged, settings: Settings, *, as_json: bool, note: bool = False) -> None:
    if as_json:
        print_json(as_data(done, settings.policy, note=note))
        return
    when = in_words(done.entry.at, settings.policy.zone)
    whom = done.name or done.entry.sender.partition(":")[2] or "somebody unknown"
    known = "" if done.fresh else ", logged before"
    typer.echo(escaped(f"{done.entry.id}  {done.entry.channel.value} of {when}, {whom}{known}"))
    for text in said(done, settings.policy):
        typer.echo(escaped(text))
    if note and done.by_hand.note:
        for line in done.by_hand.note.splitlines():
            typer.echo(escaped(f"| {line}"))
