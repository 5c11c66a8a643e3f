"""`parley serve`: opens the doors and runs until it is stopped."""

from __future__ import annotations

import typer

from gateway import failpoints, serve
from gateway.build import build, open_record
from gateway.cli.office import app, refuse, settings_of


@app.command("serve")
def _serve(context: typer.Context) -> None:
    """Take mail and calls until stopped by Ctrl-C or SIGTERM."""
    settings = settings_of(context)
    try:
        serve.check_doors(settings.config)
    except serve.DoorTaken as taken:
        refuse(str(taken), 75)
    record = open_record(settings.config, failpoint=failpoints.planned(settings.config.failpoints))
    gateway = build(settings, record)
    mail, phone = settings.config.mail.listen, settings.config.phone
    serve.run(gateway, ready=lambda: typer.echo(f"Mail on {mail}, web on {phone.listen}. Ctrl-C stops."))
