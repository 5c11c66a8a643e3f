"""`parley evidence`: sealing a file on a party's file, listing what is sealed, opening one piece after its warning."""

from __future__ import annotations

import mimetypes
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from gateway.build_desk import casework_of
from gateway.casework.desk import NoSuchParty, Stale
from gateway.casework.evidence import EvidenceDamaged, EvidenceRoom
from gateway.casework.register import Register
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who, write_new
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.people import at_keyboard
from rules.casework.actor import Actor
from rules.casework.evidence import SealedEvidence
from rules.casework.refused import Refused
from rules.policies import Policy
from rules.sentences import each

evidence = typer.Typer(
    no_args_is_help=True,
    help="Evidence that nobody should meet by accident: seal a file, list, open one after a warning.",
)
app.add_typer(evidence, name="evidence")

_Party = Annotated[str, typer.Argument(help="Its number, its name, or an address or number of it.")]
_AsJson = Annotated[bool, typer.Option("--json", help="For a program.")]


@contextmanager
def _room(context: typer.Context, party: str) -> Iterator[tuple[EvidenceRoom, int, Actor, Policy]]:
    """Open the evidence room for one party; what it refuses ends the command with a sentence."""
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            number = Register(record, settings, utc_now).found(party)
            room = EvidenceRoom(record, casework_of(settings, record), settings.policy)
            yield room, number, at_keyboard(settings, who()), settings.policy
        except Refused as refused:
            refuse(escaped(str(refused)))
        except NoSuchParty as none:
            refuse(escaped(str(none.args[0])))
        except ValidationError as bad:
            refuse("\n".join(escaped(f"{one}.") for one in each(bad)))
        except (Stale, EvidenceDamaged) as fault:
            refuse(escaped(str(fault)), 75)


@evidence.command("add")
def _add(
    context: typer.Context,
    party: _Party,
    file: Annotated[Path, typer.Argument(help="The file; it stays where it is.")],
    mark: Annotated[str, typer.Option(help="A marked name, such as 'DISTRESSING - voicemail 1'.")],
    description: Annotated[str, typer.Option(help="What it is, in neutral words.")],
    incident: Annotated[str, typer.Option(help="The incident that it is evidence of.")] = "",
    media_type: Annotated[str, typer.Option(help="What kind of file it is; else by its name.")] = "",
    as_json: _AsJson = False,
) -> None:
    """Seal a file: it goes into the record as it is, and nobody looks inside. Take your own copy away afterwards."""
    kind = media_type or mimetypes.guess_type(file.name)[0] or ""
    with _room(context, party) as (room, number, by, _):
        room.admit(number, by)
        content = _content(file, room)
        done = room.seal(number, content, by, mark=mark, description=description, incident=incident, media_type=kind)
    sealed = done.shelf.evidence[done.paper.id]
    if as_json:
        print_json(_object(sealed))
    else:
        typer.echo(f"Sealed as {sealed.id}: {escaped(sealed.mark)}, {sealed.size} bytes, SHA-256 {sealed.digest}.")


@evidence.command("list")
def _list(context: typer.Context, party: _Party, as_json: _AsJson = False) -> None:
    """List what is sealed on a party's file, without showing any of it. That you looked is recorded."""
    with _room(context, party) as (room, number, by, policy):
        found = room.list(number, by)
    if as_json:
        for one in found:
            print_json(_object(one))
        return
    if not found:
        typer.echo("Nothing is sealed on this file.")
        return
    now, listing = utc_now(), table(Id=None, Named=24, What_it_is=24, Sealed=12, Opened=6)
    for one in found:
        sealed = clock_time(one.sealed_at, policy.zone, now)
        listing.add_row(one.id, plain(one.mark), plain(one.description), sealed, str(len(one.opened)))
    console.print(listing)


@evidence.command("open")
def _open(
    context: typer.Context,
    party: _Party,
    piece: Annotated[str, typer.Argument(metavar="ID", help="As `evidence list` names it.")],
    reason: Annotated[str, typer.Option(help="Why you must see it; this is put on record.")],
    folder: Annotated[Path, typer.Option("--into", help="The folder that the file is put into.")] = Path(),
    warned: Annotated[bool, typer.Option("--warned", help="You have read the warning.")] = False,
) -> None:
    """Take one piece out as a file, after its warning. That you did, and why, is put on record; nothing shows it."""
    with _room(context, party) as (room, number, by, _):
        sealed = room.sealed(number, piece, by)
        path = folder / sealed.file_name()
        if path.exists() or not os.access(folder, os.W_OK | os.X_OK):
            refuse(f"{escaped(str(path))} cannot be written, or is there already; choose another folder by --into.")
        opened = room.open(number, piece, by, reason=reason, warned=warned or _asked(sealed))
        write_new(path, opened.content, though="; that you opened it is on record")
    typer.echo(f"Written to {escaped(str(path))}. It is as it was sealed; nobody has looked whether it does harm.")


def _asked(sealed: SealedEvidence) -> bool:
    """Show the warning to a person and ask; without a terminal the act refuses, with the warning."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    typer.echo(escaped(sealed.warning()))
    return bool(typer.confirm("Open it?", default=False))


def _content(file: Path, room: EvidenceRoom) -> bytes:
    """Read a whole file, up to what the policy takes; a pipe or a device is no file."""
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                refuse(f"{escaped(str(file))} is no file.")
            content = opened.read(room.most_bytes + 1)
    except OSError as fault:
        refuse(f"{escaped(str(file))} cannot be read ({fault.strerror}).")
    if len(content) > room.most_bytes:
        raise room.too_large()
    return content


def _object(one: SealedEvidence) -> dict[str, object]:
    return {
        "id": one.id,
        "mark": one.mark,
        "description": one.description,
        "incident": one.incident,
        "size": one.size,
        "digest": one.digest,
        "media_type": one.media_type,
        "sealed_at": one.sealed_at.isoformat(),
        "sealed_by": one.sealed_by,
        "opened": [{"at": at.isoformat(), "by": by} for at, by in one.opened],
        "warning": one.warning(),
    }
