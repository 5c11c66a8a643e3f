"""`parley backup`: a whole and sound copy of the record, made while the office works."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.office import app, refuse, settings_of
from gateway.config import FILE_NAME
from storage.backup import backup


@app.command("backup")
def _backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The copy's file; one that is there already stays as it is.")],
) -> None:
    """Copy the record into FILE. Settings and mailboxes are plain files: copy their folder too."""
    config = settings_of(context).config
    if not file.absolute().parent.is_dir():
        refuse(f"There is no folder {file.absolute().parent} for the copy.")
    try:
        backup(config.record_url, file)
    except (FileExistsError, ValueError) as refused:
        refuse(f"{refused}.")
    except OSError as fault:
        refuse(f"{file} cannot be written ({fault.strerror}).")
    typer.echo(f"The record was copied to {file} ({file.stat().st_size / 1e6:.1f} MB) and the copy was checked.")
    typer.echo(f"Not in it: {config.state / FILE_NAME} and the mailboxes in {config.maildir}; they are plain files.")
