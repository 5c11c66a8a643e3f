"""`parley voicemail`: messages that callers left: where each is, and hearing one of somebody who is no party."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.people import at_keyboard
from gateway.recordings import Voicemail
from rules.casework.refused import Refused
from storage.recordings import RecordingEntry, RecordingState

voicemail = typer.Typer(no_args_is_help=True, help="Messages that callers left: list them, hear one.")
app.add_typer(voicemail, name="voicemail")

_WORDS = {
    RecordingState.WAITING: "still to be fetched",
    RecordingState.KEPT: "here; to be deleted at the provider",
    RecordingState.DONE: "here",
    RecordingState.LOST: "not to be had",
}


@voicemail.command("list")
def _list(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List the messages that are on record, and where each is; none of them is given out by this."""
    settings = settings_of(context)
    with record_of(settings) as record:
        found = record.read_now(lambda reader: [one for state in RecordingState for one in reader.recordings_in(state)])
    found.sort(key=lambda one: (one.at, one.sid))
    if as_json:
        for one in found:
            print_json(_object(one))
        return
    if not found:
        typer.echo("No message is on record.")
        return
    now, listing = utc_now(), table(Call=None, Left=12, Seconds=7, Where=None)
    for one in found:
        left = clock_time(one.at, settings.policy.zone, now)
        listing.add_row(one.contact_id, left, str(one.duration_s or ""), plain(_where(one)))
    console.print(listing)


@voicemail.command("hear")
def _hear(
    context: typer.Context,
    call: Annotated[str, typer.Argument(help="The call, as `voicemail list` and `queue show` name it.")],
    folder: Annotated[Path, typer.Option("--into", help="The folder that the sound is put into.")] = Path(),
) -> None:
    """Take out what was left in one call, as a file; that you did is put on record. A party's is under `evidence`."""
    settings = settings_of(context)
    if not os.access(folder, os.W_OK | os.X_OK):
        refuse(f"{escaped(str(folder))} cannot be written into; choose another folder by --into.")
    with record_of(settings) as record:
        try:
            given = Voicemail(record, settings.policy).hear(call.strip().lower(), at_keyboard(settings, who()))
        except Refused as refused:
            refuse(escaped(str(refused)))
    for one in given:
        path = folder / one.file_name
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(number, "wb") as file:
            file.write(one.content)
        typer.echo(f"Written to {escaped(str(path))}. When you have heard it: parley queue looked {escaped(call)}")


def _where(one: RecordingEntry) -> str:
    if one.paper:
        return f"sealed on the party's file as {one.paper}"
    return _WORDS[one.state] + (f" ({one.detail})" if one.detail else "")


def _object(one: RecordingEntry) -> dict[str, object]:
    return {
        "call": one.contact_id,
        "recording": one.sid,
        "at": one.at.isoformat(),
        "seconds": one.duration_s,
        "state": one.state.value,
        "evidence": one.paper,
        "detail": one.detail,
    }
