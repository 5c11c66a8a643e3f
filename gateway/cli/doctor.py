"""`parley doctor`: whether calls can reach us, looked at from outside and at the provider; what to do where not."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from adapters.phone.own_door import knock
from gateway.build_phone import rest_of
from gateway.cli.office import app, print_json, settings_of
from gateway.cli.screen import escaped
from gateway.doctor import Doctor, Finding, Verdict

_LATER, _CONFIGURATION = 75, 78
_WORDS = {Verdict.OK: "OK     ", Verdict.WRONG: "WRONG  ", Verdict.UNKNOWN: "UNKNOWN"}


@app.command("doctor")
def _doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One object for each finding, for a program.")] = False,
) -> None:
    """Look whether calls reach us: public address, signatures, account, numbers, fallback. Nothing is changed.

    Run it on the machine that serves, while it serves. Exit 78 where something is set wrongly, 75 where something could
    not be looked at.
    """
    config = settings_of(context).config
    found = asyncio.run(Doctor(config.phone, rest_of(config), knock).look())
    for one in found:
        if as_json:
            print_json({"about": one.about, "verdict": one.verdict.value, "text": one.text, "do": one.cure})
        else:
            _say(one)
    verdicts = {one.verdict for one in found}
    if Verdict.WRONG in verdicts:
        raise typer.Exit(_CONFIGURATION)
    if Verdict.UNKNOWN in verdicts:
        raise typer.Exit(_LATER)


def _say(one: Finding) -> None:
    typer.echo(f"{_WORDS[one.verdict]}  {escaped(one.text)}")
    if one.cure:
        typer.echo(f"         {escaped(one.cure)}")
