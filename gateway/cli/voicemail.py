"""`parley voicemail`: messages that callers left: what waits and where each is, hearing one, noting that you did."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway.build_desk import voicemail_of
from gateway.casework.desk import Stale
from gateway.casework.evidence import EvidenceDamaged
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.people import at_keyboard
from gateway.voicemail import Message, Voicemail
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from storage.recordings import RecordingEntry, RecordingState

voicemail = typer.Typer(
    no_args_is_help=True, help="Messages that callers left: list them, hear one, note that you did."
)
app.add_typer(voicemail, name="voicemail")

WHERE = {
    RecordingState.WAITING: "still to be fetched",
    RecordingState.KEPT: "here; to be deleted at the provider",
    RecordingState.DONE: "here",
    RecordingState.LOST: "not to be had",
}
_Call = Annotated[str, typer.Argument(help="The call, as `voicemail list` and `queue show` name it.")]


@contextmanager
def _use(context: typer.Context) -> Iterator[tuple[Voicemail, Actor]]:
    """Open the use case; what it refuses ends the command with a sentence."""
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            yield voicemail_of(settings, record), at_keyboard(settings, who())
        except Refused as refused:
            refuse(escaped(str(refused)))
        except (Stale, EvidenceDamaged) as fault:
            refuse(escaped(str(fault)), 75)


@voicemail.command("list")
def _list(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List the messages that wait for somebody to hear them; none of them is given out by this."""
    with _use(context) as (use, by):
        found = use.waiting(by)
    if as_json:
        for message in found:
            for left in message.left:
                print_json(_object(message, left.recording))
        return
    if not found:
        typer.echo("No message waits.")
        return
    zone, now, listing = settings_of(context).policy.zone, utc_now(), table(Call=None, Who=20, Came=12, Left=None)
    for message in found:
        listing.add_row(
            message.call.id, plain(message.who), clock_time(message.call.at, zone, now), plain(_left(message))
        )
    console.print(listing)
    typer.echo("Next: parley voicemail hear CALL, then parley voicemail looked CALL")


@voicemail.command("hear")
def _hear(
    context: typer.Context,
    call: _Call,
    folder: Annotated[Path, typer.Option("--into", help="The folder that the sound is put into.")] = Path(),
    reason: Annotated[str, typer.Option(help="Why you must hear what is sealed on a party's file; on record.")] = "",
    warned: Annotated[bool, typer.Option("--warned", help="You have read the warning of what is sealed.")] = False,
) -> None:
    """Take out what was left in one call, as a file; that you did is put on record."""
    if not os.access(folder, os.W_OK | os.X_OK):
        refuse(f"{escaped(str(folder))} cannot be written into; choose another folder by --into.")
    with _use(context) as (use, by):
        given = use.hear(call.strip().lower(), by, reason=reason, warned=warned)
    for one in given:
        path = folder / one.file_name
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(number, "wb") as file:
            file.write(one.content)
        typer.echo(f"Written to {escaped(str(path))}. When you have heard it: parley voicemail looked {escaped(call)}")


@voicemail.command("looked")
def _looked(context: typer.Context, call: _Call) -> None:
    """Note that you heard, or looked at, what was left in a call; it leaves the queue."""
    with _use(context) as (use, by):
        entry = use.look(call.strip().lower(), by)
    typer.echo(f"{entry.id} was looked at by {escaped(entry.looked_by)}.")


def _left(message: Message) -> str:
    return "; ".join(f"{_seconds(one.recording)}{_where(one.recording)}" for one in message.left) or "nothing yet"


def _seconds(one: RecordingEntry) -> str:
    return f"{one.duration_s} s, " if one.duration_s is not None else ""


def _where(one: RecordingEntry) -> str:
    if one.paper:
        return f"sealed on the party's file as {one.paper}"
    return WHERE[one.state] + (f" ({one.detail})" if one.detail else "")


def _object(message: Message, one: RecordingEntry) -> dict[str, object]:
    return {
        "call": one.contact_id,
        "recording": one.sid,
        "who": message.who,
        "party": message.party,
        "at": one.at.isoformat(),
        "seconds": one.duration_s,
        "state": one.state.value,
        "evidence": one.paper,
        "detail": one.detail,
    }
