"""A notice on the screen: what `parley notice` prints of one, for people and for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gateway.casework.notices import Shown
from gateway.cli.office import print_json, refuse
from gateway.cli.screen import clock_time, escaped
from gateway.clock import utc_now
from gateway.config import Settings
from rules.casework.notices import NoticeOnFile
from storage.notices import Printed


def say(found: Shown, settings: Settings) -> None:
    """Print all but a notice's words."""
    one = found.notice
    at = clock_time(one.drafted_at, settings.policy.zone, utc_now())
    typer.echo(
        f"Notice {one.id}: {words_of(one.kind)}, {words_of(one.state.value)}, drafted {at} by "
        f"{escaped(one.drafted_by)}{f', read by {escaped(one.read_by)}' if one.read_by else ''}."
    )
    forms = ", ".join(one.forms) + (f" ({escaped(one.language)})" if one.language else "")
    typer.echo(f"To: {escaped(one.to) or 'nowhere by mail; post it'}. Forms: {forms}.")
    for copy in one.copies:
        typer.echo(f"Copy to: {escaped(copy)}")
    typer.echo(f"Reading age {one.reading_age}; {len(found.printed)} PDFs; digest {one.digest}")
    for sentence in one.look_at:
        typer.echo(f"Look at this long sentence: {escaped(sentence)}")
    if one.detail:
        typer.echo(escaped(one.detail))


def moved(one: NoticeOnFile, as_json: bool, sentence: str) -> None:
    """Print that a notice was moved on."""
    if as_json:
        print_json(plain_of(one))
    else:
        typer.echo(sentence)


def write(path: Path, printed: tuple[Printed, ...]) -> None:
    """Write the PDFs of a notice: FILE, then FILE-2, FILE-3."""
    if not printed:
        refuse("This notice has no PDF; it was drafted in plain_text alone.")
    for number, one in enumerate(printed, 1):
        place = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            place.write_bytes(one.content)
        except OSError as fault:
            refuse(f"{escaped(str(place))} cannot be written ({fault.strerror}).")
        typer.echo(f"{escaped(str(place))}: {words_of(one.kind)}, {words_of(one.form)}")


def words_of(name: str) -> str:
    """Give a name in words."""
    return name.replace("_", " ")


def plain_of(one: NoticeOnFile) -> dict[str, Any]:
    """Give a notice in plain data, without its words."""
    return {
        "id": one.id,
        "party": one.party,
        "about": one.about,
        "kind": one.kind,
        "state": one.state.value,
        "drafted_at": one.drafted_at.isoformat(),
        "drafted_by": one.drafted_by,
        "read_by": one.read_by,
        "to": one.to,
        "copies": [*one.copies],
        "forms": [*one.forms],
        "language": one.language,
        "reading_age": one.reading_age,
        "look_at": [*one.look_at],
        "digest": one.digest,
        "paper": one.paper,
        "detail": one.detail,
    }
