"""`parley observe`: decide and record, and let everything through; or enforce. Every office begins by observing."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gateway.cli.office import app, print_json, record_of, settings_of, who
from gateway.mail_contact import OBSERVE
from storage.transaction import Transaction

_MEANING = {
    "on": "Observing: every contact is decided and recorded, and all of it is let through. Nothing is enforced.",
    "off": "Enforcing: restrictions in force are carried out, on mail and calls, from the next contact on.",
}


class _Switch(StrEnum):
    ON = "on"
    OFF = "off"


@app.command("observe")
def _observe(
    context: typer.Context,
    switch: Annotated[_Switch | None, typer.Argument(help="on or off; without it, say which it is.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Put the whole office into observe mode, or out of it; the act is recorded with your name."""
    with record_of(settings_of(context)) as record:
        if switch is not None:
            record.write_now(lambda tx: _turn(tx, switch.value, who()))
        mode = record.read_now(lambda reader: reader.setting(OBSERVE)) or "off"
    if as_json:
        print_json({"observe": mode})
    else:
        typer.echo(_MEANING[mode])


def _turn(tx: Transaction, mode: str, name: str) -> None:
    tx.set_setting(OBSERVE, mode)
    tx.act(name, "observe", "office", {"mode": mode})
