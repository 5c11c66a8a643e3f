"""`parley fallback`: the document that the phone provider serves by itself while we are down, and where to paste it."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.office import app, refuse, settings_of
from gateway.fallback import NoFallback, document, second_document

_WHERE = """
Paste it at the phone provider, so that callers reach somebody while Parley is down or slow:
1. In Twilio's Console, under TwiML Bins, make a new one and paste the document.
2. Under Phone Numbers, open each number. Where it says what happens if the primary handler fails, choose TwiML Bin,
   and that one. The number's own webhook stays as it is.
3. Look whether it is so: parley doctor
Make it anew when the switchboard's number changes: it does not change by itself."""
_SECOND = """
Make this a TwiML Bin first and copy its address. Then: parley fallback --then ADDRESS"""


@app.command("fallback")
def _fallback(
    context: typer.Context,
    then: Annotated[str, typer.Option(help="The address of the second document at the provider.")] = "",
    second: Annotated[bool, typer.Option("--second", help="The document that is said after a message.")] = False,
) -> None:
    """Write what callers meet while we are down: the switchboard, or a message (phone.fallback of the settings).

    The document goes to standard output, where to paste it to standard error. With --then, a message is taken where
    the switchboard does not answer.
    """
    settings = settings_of(context)
    try:
        written = second_document(settings) if second else document(settings, then)
    except NoFallback as refused:
        refuse(str(refused))
    typer.echo(written)
    typer.echo(_SECOND if second else _WHERE, err=True)
