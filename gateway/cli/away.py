"""`parley away`: says that the colleague of an inbox is away, so that a deputy serves; or back."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gateway.cli.office import app, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped
from gateway.standing import AWAY
from rules import identity
from storage.transaction import Transaction


class _Switch(StrEnum):
    ON = "on"
    OFF = "off"


@app.command("away")
def _away(
    context: typer.Context,
    switch: Annotated[_Switch | None, typer.Argument(help="on or off; without it, say who is away.")] = None,
    inbox: Annotated[str | None, typer.Argument(help="The inbox, such as j.moss@office.example.org.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Note that the colleague behind INBOX is away: mail for a named contact goes to the deputy."""
    if switch is not None and inbox is None:
        refuse("Say which inbox: parley away on j.moss@office.example.org")
    if inbox is not None and identity.email(inbox) is None:
        refuse(f"{escaped(inbox)!r} is not a mail address.")
    with record_of(settings_of(context)) as record:
        if switch is not None and inbox is not None:
            address = inbox.strip().lower()
            record.write_now(lambda tx: _note(tx, switch, address, who()))
        away = sorted((record.read_now(lambda reader: reader.setting(AWAY)) or "").split())
    if as_json:
        print_json({"away": away})
    else:
        typer.echo(f"Away: {', '.join(map(escaped, away))}." if away else "Nobody is away.")


def _note(tx: Transaction, switch: _Switch, inbox: str, name: str) -> None:
    away = set((tx.setting(AWAY) or "").split())
    tx.set_setting(AWAY, " ".join(sorted(away | {inbox} if switch is _Switch.ON else away - {inbox})))
    tx.act(name, "away", inbox, {"away": switch.value})
