"""`parley serve`: opens the doors and runs until it is stopped."""

from __future__ import annotations

import typer

from gateway import serve
from gateway.build import build, open_record
from gateway.cli.office import app, settings_of


@app.command("serve")
def _serve(context: typer.Context) -> None:
    """Take mail and calls until stopped by Ctrl-C or SIGTERM."""
    settings = settings_of(context)
    record = open_record(settings.config)
    gateway = build(settings, record)
    mail, phone = settings.config.mail.listen, settings.config.phone
    serve.run(gateway, ready=lambda: typer.echo(f"Mail on {mail}, web on {phone.listen}. Ctrl-C stops."))
