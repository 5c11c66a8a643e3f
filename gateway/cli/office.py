"""What all commands share: the application, the state folder, opening settings and record, printing.

Belongs here: nothing that one command alone needs.
"""

from __future__ import annotations

import json
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from gateway import config
from gateway.build import open_record
from gateway.cli.screen import escaped
from gateway.config import Settings
from storage.record import Record

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Parley enforces an office's contact restrictions on mail and calls, and counts contact.",
)
console = Console()


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"parley {metadata.version('parley')}")
        raise typer.Exit


@app.callback()
def _state(
    context: typer.Context,
    state: Annotated[
        Path | None, typer.Option(help="The folder of settings and state; else PARLEY_STATE, else ./var.")
    ] = None,
    version: Annotated[  # acted on by its callback, before anything else
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    context.obj = config.state_folder(state)


def settings_of(context: typer.Context) -> Settings:
    """Read the settings of the installation that the command is for; raises ConfigError."""
    return config.load(context.obj)


@contextmanager
def record_of(settings: Settings) -> Iterator[Record]:
    """Open the installation's record for the length of a command."""
    record = open_record(settings.config)
    try:
        yield record
    finally:
        record.close()


def print_json(data: Any) -> None:  # noqa: ANN401  # whatever JSON can say
    """Print one object for a program to read, on a line of its own."""
    typer.echo(json.dumps(data, ensure_ascii=False))


def put_out(contents: bytes, output: Path | None, *, counted: str = "") -> None:
    """Print a document, or write it to a new file; `counted` says what is in it."""
    if output is None:
        sys.stdout.buffer.write(contents)
        return
    write_new(output, contents)
    typer.echo(f"Written to {escaped(str(output))}{f': {counted}' if counted else ''}.")


def write_new(path: Path, contents: bytes, *, though: str = "") -> None:
    """Write a file that nobody else on the machine can read, and that was not there before; `though` ends a refusal."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(contents)
    except OSError as fault:
        refuse(f"{escaped(str(path))} cannot be written ({fault.strerror}){though}.")


def who() -> str:
    """Name the member of staff at the keyboard, for the record of acts."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name  # not the environment's word for it, which anybody can set
    except KeyError:
        return "unknown"


def refuse(sentence: str, code: int = 2) -> NoReturn:
    """End the command with a sentence and an exit code."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
