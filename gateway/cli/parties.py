"""`parley party`: putting parties on record, finding them, reading a party's file."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gateway.casework.desk import NoSuchParty
from gateway.casework.outline import brief, outline
from gateway.casework.reading import Shelved, Unreadable
from gateway.casework.register import BadParty, NewParty, Register
from gateway.cli.case_file import page
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped, plain, table
from gateway.clock import utc_now
from gateway.legal_clocks import clocks_of
from gateway.party_levels import received
from gateway.people import at_keyboard
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.casework.shelf import shelf_of
from rules.policies import Policy
from rules.standing import PartyKind

parties = typer.Typer(no_args_is_help=True, help="Parties: put one on record, find one, read a file.")
app.add_typer(parties, name="party")

_Given = list[str] | None


@parties.command("add")
def _add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the office calls the party.")],
    kind: Annotated[PartyKind, typer.Option(help="What it is.")] = PartyKind.PERSON,
    email: Annotated[_Given, typer.Option(help="A mail address; this and the others may be given again.")] = None,
    phone: Annotated[_Given, typer.Option(help="A phone number.")] = None,
    domain: Annotated[_Given, typer.Option(help="A mail domain that is the party's own.")] = None,
    handle: Annotated[_Given, typer.Option(help="A social handle, as platform:name.")] = None,
    shared: Annotated[_Given, typer.Option(help="One of them that several parties use.")] = None,
    how: Annotated[str, typer.Option(help="How you know that they are the party's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Put a party on record. Nothing is restricted by that."""
    settings = settings_of(context)
    given = {
        "emails": email or [],
        "phones": phone or [],
        "domains": domain or [],
        "handles": handle or [],
        "shared": shared or [],
    }
    with record_of(settings) as record:
        register = Register(record, settings, utc_now)
        try:
            number = register.add(NewParty(name, kind, given, how), at_keyboard(settings, who()))
        except (BadParty, Refused) as refused:
            refuse(escaped(str(refused)))
    if as_json:
        print_json({"id": number})
    else:
        typer.echo(f"Party {number} is on record: {escaped(name)}.")


@parties.command("list")
def _list(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="Only those in whose name this stands.")] = "",
    identifier: Annotated[str, typer.Option(help="Only who is recognised by this address, number or handle.")] = "",
    after: Annotated[int, typer.Option(min=0, help="Only those behind this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many at most.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List parties by number, with the stage and what is in force. That you looked is recorded."""
    settings = settings_of(context)
    policy, now = settings.policy, utc_now()
    with record_of(settings) as record:
        register = Register(record, settings, utc_now)
        by = at_keyboard(settings, who())
        found = register.listed(by, name=name, identifier=identifier, after=after, limit=limit)
    if as_json:
        for one in found:
            print_json(_unreadable(one) if isinstance(one, Unreadable) else brief(one.file, one.shelf, policy, now, by))
        return
    if not found:
        typer.echo("No party is on record that fits.")
        return
    listing = table(No=7, Name=26, Stage=7, In_force=None)
    for one in found:
        listing.add_row(str(one.party.id), plain(one.party.name), *_state(one, policy, now, by))
    console.print(listing)
    if len(found) == limit:
        typer.echo(f"So many at most; --after {found[-1].party.id} shows more.")


def _state(one: Shelved | Unreadable, policy: Policy, now: datetime, by: Actor) -> tuple[str, str]:
    if isinstance(one, Unreadable):
        return "?", one.words
    said = brief(one.file, one.shelf, policy, now, by)
    kinds = [str(each["kind"]) for instruction in said["instructions"] for each in instruction["measures"]]
    return said["stage"], ", ".join(dict.fromkeys(kinds)) or "-"


def _unreadable(one: Unreadable) -> dict[str, object]:
    return {"id": one.party.id, "name": one.party.name, "unreadable": one.words, "paper": one.paper}


@parties.command("show")
def _show(
    context: typer.Context,
    party: Annotated[str, typer.Argument(help="Its number, its name, or an address or number of it.")],
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Read a party's file: what is in force until when, what waits, and all papers. That you did is recorded."""
    settings = settings_of(context)
    by, policy, now = at_keyboard(settings, who()), settings.policy, utc_now()
    with record_of(settings) as record:
        register = Register(record, settings, utc_now)
        try:
            file = register.read(register.found(party), by)
            clocks, came = clocks_of(record, file.party.id), received(record, file.party.id, policy, now)
        except (Refused, NoSuchParty) as refused:
            refuse(escaped(str(refused)))
    data = outline(file, shelf_of(file, policy), policy, by, now, clocks, came)
    if as_json:
        print_json(data)
    else:
        for line in page(data, policy):
            typer.echo(escaped(line))
