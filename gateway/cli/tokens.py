"""`parley token`: who comes in by the API, in which roles, until when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.people import at_keyboard
from gateway.tokens import Tokens
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from storage.tokens import Token

tokens = typer.Typer(no_args_is_help=True, help="Tokens for the API: make one, list them, revoke one.")
app.add_typer(tokens, name="token")


@contextmanager
def _desk(context: typer.Context) -> Iterator[tuple[Tokens, Actor, ZoneInfo]]:
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            yield Tokens(record, settings, utc_now), at_keyboard(settings, who()), settings.policy.zone
        except Refused as refused:
            refuse(escaped(str(refused)))


@tokens.command("add")
def _add(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="Whose it is. One of \\[\\[people]] acts under their own name everywhere.")
    ],
    role: Annotated[
        list[str] | None, typer.Option(help="A role of the policy; may be given again. Else the person's own roles.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="So many days, else until it is revoked.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Make a token. It is shown once and kept nowhere; what is kept tells only whether one is right."""
    with _desk(context) as (desk, by, zone):
        made = desk.add(name, role or (), by, days=days)
    if as_json:
        print_json(_object(made.token, zone) | {"token": made.shown})
        return
    roles = ", ".join(sorted(made.token.roles)) or "no role"
    typer.echo(f"Token {made.token.id} for {escaped(made.token.name)} ({escaped(roles)}), shown this once:")
    typer.echo(made.shown)


@tokens.command("list")
def _list(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List all tokens there ever were; what they are is on no record."""
    with _desk(context) as (desk, _, zone):
        found = desk.listed()
    if as_json:
        for one in found:
            print_json(_object(one, zone))
        return
    if not found:
        typer.echo("No tokens: nobody comes in by the API.")
        return
    now = utc_now()
    listing = table(Id=None, Name=20, Roles=16, State=22, Last_used=12)
    for one in found:
        used = clock_time(one.used, zone, now) if one.used else "never"
        listing.add_row(one.id, plain(one.name), plain(", ".join(sorted(one.roles)) or "-"), _state(one, zone), used)
    console.print(listing)


@tokens.command("revoke")
def _revoke(
    context: typer.Context, number: Annotated[str, typer.Argument(metavar="ID", help="As `token list` names it.")]
) -> None:
    """Have a token open nothing from now on."""
    with _desk(context) as (desk, by, _):
        desk.revoke(number, by)
    typer.echo(f"Token {escaped(number)} opens nothing any more.")


def _state(one: Token, zone: ZoneInfo) -> str:
    now = utc_now()
    if one.revoked is not None:
        return f"revoked {clock_time(one.revoked, zone, now)}"
    if one.expires is None:
        return "good"
    return f"{'good until' if one.good(now) else 'expired'} {clock_time(one.expires, zone, now)}"


def _object(one: Token, zone: ZoneInfo) -> dict[str, object]:
    times = {"made": one.made, "expires": one.expires, "revoked": one.revoked, "used": one.used}
    return {
        "id": one.id,
        "name": one.name,
        "roles": sorted(one.roles),
        "made_by": one.made_by,
        **{key: moment.astimezone(zone).isoformat() if moment else None for key, moment in times.items()},
    }
