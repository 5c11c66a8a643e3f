"""`parley waiting`: what on the files of all parties waits for a person, and what is overdue."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.casework.overview import OnFile, everything_that_waits
from gateway.cli.office import app, console, print_json, record_of, settings_of
from gateway.cli.screen import clock_time, plain, table
from gateway.clock import utc_now


@app.command("waiting")
def _waiting(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One list, for a program.")] = False,
) -> None:
    """List what waits for a person on any file: approvals, notices, reviews, appeals. What is overdue comes first."""
    settings = settings_of(context)
    policy, now = settings.policy, utc_now()
    with record_of(settings) as record:
        found = record.read_now(lambda reader: everything_that_waits(reader, policy, now))
    if as_json:
        print_json([_object(one) | {"overdue": one.waiting.overdue(now)} for one in found])
        return
    if not found:
        typer.echo("Nothing waits.")
        return
    shown = table(due=14, party=16, what=25, about=22)
    for one in found:
        late = one.waiting.overdue(now)
        style = "bold red" if late else ""
        due = plain(clock_time(one.waiting.due, policy.zone, now) + (" !" if late else ""), style)
        shown.add_row(due, plain(one.name), plain(one.waiting.what.words), plain(one.waiting.about))
    console.print(shown)
    overdue = sum(one.waiting.overdue(now) for one in found)
    if overdue:
        typer.echo(f"{overdue} overdue, marked with !")


def _object(one: OnFile) -> dict[str, object]:
    each = one.waiting
    return {
        "party": one.party,
        "name": one.name,
        "what": each.what.value,
        "about": each.about,
        "due": each.due.isoformat(),
        "owner": each.owner,
    }
