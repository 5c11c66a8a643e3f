"""`parley links`: parties and senders that may be one, with the reason. It suggests; a person decides."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gateway.casework.links import suggested_links
from gateway.cli.office import app, console, print_json, record_of, settings_of
from gateway.cli.screen import plain, table
from rules.casework.links import Suggestion


@app.command("links")
def _links(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List who may be one and why. Nothing follows from it by itself: people add an identifier, or merge."""
    settings = settings_of(context)
    with record_of(settings) as record:
        found = record.read_now(lambda reader: suggested_links(reader, settings.policy))
    if as_json:
        for one in found:
            print_json(_object(one))
        return
    if not found:
        typer.echo("Nothing on record suggests that two parties are one.")
        return
    listing = table(Party=7, With=14, Why=None)
    for one in found:
        other = f"party {one.other}" if one.other is not None else "unknown sender"
        listing.add_row(str(one.party), other, plain(one.words))
    console.print(listing)
    typer.echo("Suggestions only. To act on one: parley act add_identifier, or parley act merge.")
    typer.echo("Where two are not one: parley act dismiss_link.")


def _object(one: Suggestion) -> dict[str, Any]:
    return {
        "why": one.why.value,
        "party": one.party,
        "other": one.other,
        "sender": str(one.sender) if one.sender else None,
        "words": one.words,
    }
