"""`parley audit`: what people did, and whether it is on record as it was written."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from gateway.casework.auditing import verified
from gateway.cli.office import app, console, print_json, record_of, settings_of
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now

audit = typer.Typer(no_args_is_help=True, help="What people did: list it, or verify that nobody changed it.")
app.add_typer(audit, name="audit")


@audit.command("verify")
def _verify(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Follow the whole chain and compare papers with it; exit 1 where something is not as it was written.

    What is enforced (restrictions, adjustments) is compared with the papers, notices and sealed evidence with what was
    drafted and sealed, tokens with how they were made. What nothing vouches for is counted.

    The last hash, kept somewhere else, proves later that nothing was cut off the end.
    """
    settings = settings_of(context)
    with record_of(settings) as record:
        found = verified(record, settings.policy)
    if as_json:
        print_json(asdict(found) | {"sound": found.sound})
    elif found.sound:
        typer.echo(f"Sound: {found.length} acts, each as it was written, and every paper with them.")
        typer.echo(
            "What is enforced is what papers and imports say; notices, evidence and tokens are as they were made."
        )
        if found.papers_removed:
            removed = found.papers_removed
            typer.echo(f"Papers whose contents audited runs of retention deleted: {removed}.")
        if found.unvouched:
            counted = ", ".join(f"{what} {count}" for what, count in found.unvouched.items())
            typer.echo(f"Compared with nothing, as neither paper nor chain holds them: {counted}.")
        typer.echo(f"Last hash: {found.head or 'none yet'}")
    if found.broken_at is not None and not as_json:
        typer.echo(
            f"Act {found.broken_at} is not as it was written, or is missing. Those before it are sound.", err=True
        )
    if not as_json:
        for number in found.papers_wrong:
            typer.echo(f"Paper {escaped(number)} is changed, missing, or was added past the chain.", err=True)
        for sentence in found.differences:
            typer.echo(escaped(sentence), err=True)
    raise typer.Exit(0 if found.sound else 1)


@audit.command("list")
def _list(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="The newest so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List what people did, the newest first."""
    settings = settings_of(context)
    zone = settings.policy.zone
    with record_of(settings) as record:
        found = record.read_now(lambda reader: reader.acts(limit=limit))
    if as_json:
        for one in found:
            print_json(asdict(one) | {"at": one.at.astimezone(zone).isoformat(), "detail": dict(one.detail)})
        return
    now = utc_now()
    listing = table(No=7, When=12, Who=16, Act=20, About=None)
    for one in found:
        # Digests are for `verify`, not for people.
        told = {key: value for key, value in one.detail.items() if key not in ("digest", "kept")}
        about = one.about + (f" {json.dumps(told, ensure_ascii=False)}" if told else "")
        listing.add_row(str(one.seq), clock_time(one.at, zone, now), plain(one.who), plain(one.act), plain(about))
    console.print(listing)
