"""`parley export`: writes parties, restrictions and adjustments as a file that `parley import` takes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.office import app, put_out, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped
from gateway.clock import utc_now
from gateway.export_words import as_csv, toml
from gateway.exports import taken_out
from gateway.people import at_keyboard
from rules.casework.refused import Refused


class Form(StrEnum):
    """Name a format of the file."""

    TOML = "toml"
    CSV = "csv"


_HELP = (
    "Write all parties with their identifiers, restrictions and adjustments as a file that `parley import` takes.\n\n"
    "Restrictions that ended are in it, drafts are not. The file knows days: what ends in the middle of one to come "
    "ends before it there, an adjustment after it. What it cannot say as the record does is told beside it. Papers, "
    "evidence and contacts are not in it: for those there is `parley backup`. It is for the roles that the "
    "policy names under export.\n\n"
    "In CSV a cell that a spreadsheet would run begins with an apostrophe, which import takes off again."
)


@app.command("export", help=_HELP)
def _export(
    context: typer.Context,
    form: Annotated[Form | None, typer.Option("--format", help="Else by the name of the file; else toml.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A new file; else it is printed.")] = None,
) -> None:
    named = output.suffix.lower().removeprefix(".") if output is not None else ""
    if form is None:
        form = Form.CSV if named == Form.CSV else Form.TOML
    elif named and named != form:
        refuse(f"{output} is not called .{form}, so `parley import` would not know what it is.")
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            by = at_keyboard(settings, who())
            exported = taken_out(record, settings.policy, by, now=utc_now(), form=form.value)
        except Refused as refused:
            refuse(escaped(str(refused)))
    text = toml(exported.parties) if form is Form.TOML else as_csv(exported.parties)
    for note in exported.notes:
        typer.echo(escaped(note), err=True)
    words = ("party", "restriction", "adjustment"), ("parties", "restrictions", "adjustments")
    counted = (
        f"{count} {one if count == 1 else many}"
        for count, one, many in zip(exported.counts.values(), *words, strict=True)
    )
    put_out(text.encode(), output, counted=", ".join(counted))
