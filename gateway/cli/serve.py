"""`parley serve`: opens the doors and runs until it is stopped."""

from __future__ import annotations

from functools import partial

import typer

from gateway import failpoints, serve, workers
from gateway.build import build, open_record
from gateway.build_desk import traces_of
from gateway.cli.office import app, refuse, settings_of
from gateway.config import Settings


@app.command("serve")
def _serve(context: typer.Context) -> None:
    """Take mail and calls until stopped by Ctrl-C or SIGTERM."""
    settings = settings_of(context)
    try:
        serve.check_doors(settings.config)
    except serve.DoorTaken as taken:
        refuse(str(taken), 75)
    if settings.config.workers == 1:
        _work(settings, 1, None)
        return
    with open_record(settings.config) as record:  # tables and secret are there before several would make them at once
        traces_of(record)
    raise typer.Exit(workers.run(settings.config.workers, partial(_work, settings)))


def _work(settings: Settings, worker: int, lifeline: int | None) -> None:
    record = open_record(settings.config, failpoint=failpoints.planned(settings.config.failpoints))
    gateway = build(settings, record, worker=worker)
    mail, phone = settings.config.mail.listen, settings.config.phone

    def ready() -> None:
        if worker == 1:
            typer.echo(f"Mail on {mail}, web on {phone.listen}{_api_words(settings)}. Ctrl-C stops.")

    serve.run(gateway, ready=ready, lifeline=lifeline)


def _api_words(settings: Settings) -> str:
    """Say where the API is, if it is anywhere."""
    api = settings.config.api
    if not api.enabled:
        return ", no API"
    return f", API on http://{api.listen or settings.config.phone.listen}/api"
