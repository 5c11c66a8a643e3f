"""`parley correct`: the wrong person was met. One act by any colleague, without approval."""

from __future__ import annotations

import asyncio
import textwrap
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gateway.build import desk_holds
from gateway.build_desk import casework_of
from gateway.casework.corrections import Corrected, Corrections, as_object
from gateway.casework.desk import NoSuchParty, Stale
from gateway.casework.register import Register
from gateway.cli.office import app, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.people import at_keyboard
from rules.casework import catalogue
from rules.casework.acts.correct import Correct
from rules.casework.refused import Refused
from storage.record import Record


@app.command("correct")
def _correct(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(help="The address or number that is somebody else's.")],
    party: Annotated[str, typer.Option(help="The party that it was taken for: its name or number.")],
    reason: Annotated[str, typer.Option(help="How you know.")],
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Say that the wrong person was met: what was enforced on them stops, and what waited goes to its inbox."""
    settings = settings_of(context)
    try:
        act = catalogue.parse(Correct.name, {"identifier": identifier, "reason": reason})
    except ValueError as fault:
        refuse(escaped(f"{fault}."))
    assert isinstance(act, Correct)
    with record_of(settings) as record:
        try:
            number = Register(record, settings, utc_now).found(party)
            corrected = asyncio.run(_done(settings, record, number, act))
        except (Refused, NoSuchParty) as refused:
            refuse(escaped(str(refused)))
        except Stale as stale:
            refuse(escaped(str(stale)), 75)
    if as_json:
        print_json(as_object(corrected, settings.policy.zone))
    else:
        _say(corrected, settings.policy.zone)


async def _done(settings: Settings, record: Record, party: int, act: Correct) -> Corrected:
    async with desk_holds(settings, record) as holds:
        corrections = Corrections(record, casework_of(settings, record), holds, utc_now)
        return await corrections.correct(party, act, at_keyboard(settings, who()))


def _say(one: Corrected, zone: ZoneInfo) -> None:
    now = utc_now()
    typer.echo(f"Nothing is enforced on it any more. On record as {one.paper}.")
    for number in one.released:
        typer.echo(f"released     {number} to its inbox")
    for number in one.on_their_way:
        typer.echo(f"on its way   {number}: its inbox did not take it just now; it is tried again")
    for away in one.turned_away:
        when = clock_time(away.at, zone, now)
        typer.echo(f"turned away  {away.id}, {away.channel.value} of {when}: {away.state.value.replace('_', ' ')}")
    if one.flags_dismissed:
        typer.echo(f"{one.flags_dismissed} flags no longer stand and were dismissed.")
    typer.echo(f"\nA data breach is to be assessed by {clock_time(one.due, zone, now)}: parley queue list")
    typer.echo("\nA draft of an apology, for you to read; it was not sent:\n")
    for paragraph in one.apology.splitlines():
        typer.echo(textwrap.fill(escaped(paragraph), 78, initial_indent="  ", subsequent_indent="  ").rstrip())
