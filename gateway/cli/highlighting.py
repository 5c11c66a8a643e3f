"""`parley queue highlight` and `compare`: a message goes back with passages marked, and what came of it (PHSO-M3).

Belongs here: both at the command line. What a sender wrote is printed as text behind a bar, and never as ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway.build_desk import highlights_of
from gateway.casework.desk import NoSuchParty, Stale
from gateway.cli.office import print_json, record_of, refuse, settings_of, who
from gateway.cli.queue import queue
from gateway.cli.screen import clock_time, escaped
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.highlighted_return import Written
from gateway.people import at_keyboard
from gateway.resent import Beside
from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.changes import Kind, Piece
from storage.record import Record

_MOST_OCTETS = 30 * 1024 * 1024
_SIGNS = {Kind.SAME: ("", ""), Kind.GONE: ("[-", "-]"), Kind.NEW: ("{+", "+}")}

_Number = Annotated[str, typer.Argument(metavar="ID", help="The whole serial number, or the end of one that waits.")]
_Passages = Annotated[
    list[str], typer.Option("--passage", help="Words to be marked, wherever they stand in it; may be given again.")
]
_Note = Annotated[str, typer.Option(help="Why they are unacceptable, as the person will read it.")]
_File = Annotated[
    Path | None,
    typer.Option("--message", help="The message as saved from an inbox, where the record keeps no copy.", exists=True),
]


@queue.command("highlight")
def _highlight(
    context: typer.Context,
    number: _Number,
    passage: _Passages,
    note: _Note,
    message: _File = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what the person would read; send nothing.")] = False,
    version: Annotated[int | None, typer.Option(min=1, help="The version of the file that you decided on.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Send a message back with passages marked; sent again without them, it is read."""
    settings = settings_of(context)
    with record_of(settings) as record:
        desk = highlights_of(settings, record)
        try:
            contact, party = _contact(record, number)
            octets = _read(message) if message is not None else None
            act = desk.meant(party, contact, passage, note, octets)
            if preview:
                shown = desk.preview(act, octets)
                _preview(shown, as_json)
                return
            done = desk.do(party, act, _me(settings), message=octets, version=version)
        except Refused as refused:
            _refuse(refused)
        except NoSuchParty as none:
            refuse(escaped(str(none.args[0])))
        except Stale as stale:
            refuse(str(stale), 75)
    if as_json:
        print_json({"paper": done.paper.id, "contact": contact, "passages": len(act.passages)})
        return
    many = "1 passage" if len(act.passages) == 1 else f"{len(act.passages)} passages"
    typer.echo(f"{contact} goes back with {many} marked, paper {done.paper.id}.")


def _preview(shown: Written, as_json: bool) -> None:
    if as_json:
        print_json({"text": shown.text, "html": shown.html})
    else:
        typer.echo(escaped(shown.text, lines=True))


@queue.command("compare")
def _compare(
    context: typer.Context,
    number: _Number,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Show what changed in a message since it went back with passages marked; that you looked is on record."""
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            contact, party = _contact(record, number)
            found = highlights_of(settings, record).beside(party, contact, _me(settings))
        except Refused as refused:
            _refuse(refused)
    if as_json:
        print_json(beside_object(found))
        return
    zone, now = settings.policy.zone, utc_now()
    typer.echo(f"first   {found.first.id} of {clock_time(found.first.at, zone, now)}")
    typer.echo(f"second  {found.second.id} of {clock_time(found.second.at, zone, now)}")
    typer.echo(_remark(found))
    typer.echo("[-gone-] and {+new+}:")
    typer.echo("|")
    typer.echo(_barred("".join(map(_signed, found.pieces))))
    if found.cut:
        typer.echo("They are longer than this; only their beginnings were compared.")


def beside_object(found: Beside) -> dict[str, object]:
    """Write two versions for a program."""
    return {
        "first": found.first.id,
        "second": found.second.id,
        "still_there": found.still,
        "near": found.near,
        "cut": found.cut,
        "changes": [{"kind": one.kind.value, "text": one.text} for one in found.pieces],
    }


def _remark(found: Beside) -> str:
    if not found.near:
        return "It answers the message that went back; its words are others."
    if not found.still:
        return "None of the passages that were marked is in it."
    return f"Still in it: {'1 passage' if found.still == 1 else f'{found.still} passages'} of those that were marked."


def _signed(piece: Piece) -> str:
    before, after = _SIGNS[piece.kind]
    words = piece.text.rstrip()
    return f"{before}{words}{after}{piece.text[len(words) :]}"


def _barred(text: str) -> str:
    return "\n".join(f"| {line}".rstrip() for line in escaped(text.rstrip(), lines=True).split("\n"))


def _contact(record: Record, number: str) -> tuple[str, int]:
    """Find a message by its number, or by the end of one that waits; gives whose it is too."""
    wanted = number.strip().lower()
    entry = record.read_now(lambda reader: reader.contact(wanted))
    if entry is None:
        waiting = record.read_now(lambda reader: [one for one in reader.queue() if one.id.endswith(wanted)])
        entry = waiting[0] if len(waiting) == 1 and len(wanted) >= _LEAST else None
    if entry is None:
        refuse(f"{escaped(number)!r} is no contact on record; `parley contacts --json` has the numbers.")
    if entry.party_id is None:
        raise Refused("It is no party's message.", way="Put its sender on record first: parley party add.")
    return entry.id, entry.party_id


_LEAST = 5


def _me(settings: Settings) -> Actor:
    return at_keyboard(settings, who())


def _read(file: Path) -> bytes:
    if file.stat().st_size > _MOST_OCTETS:
        refuse(f"{escaped(str(file))} is too large to be a message.")
    return file.read_bytes()


def _refuse(refused: Refused) -> NoReturn:
    clause = f"Clause: {refused.clause}" if refused.clause else ""
    refuse("\n".join(escaped(line) for line in (refused.why, refused.way, clause) if line))
