"""`parley alerts`: what staff were alerted of, how each was told, and taking one on."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.alerts.desk import DOUBTFUL, AlertDesk, NoSuchAlert, Shown, as_data, ended, told
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.people import at_keyboard
from rules.alerts import Severity
from rules.casework.refused import Refused

alerts = typer.Typer(invoke_without_command=True, help="Alerts to staff: those that are open, and taking one on.")
app.add_typer(alerts, name="alerts")


@alerts.callback()
def _list(
    context: typer.Context,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that nobody has answered.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many at most.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List what staff were alerted of, those open first, the newest first, and how each was told."""
    if context.invoked_subcommand is not None:
        return
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            desk = AlertDesk(record, settings.policy, utc_now)
            found = desk.read(at_keyboard(settings, who()), only_open=only_open, limit=limit)
        except Refused as refused:
            refuse(escaped(str(refused)))
    if as_json:
        for one in found:
            print_json(as_data(one, settings.policy.zone))
        return
    if not found:
        typer.echo("No alert is open." if only_open else "There was no alert yet.")
        return
    _show(found, settings)


def _show(found: tuple[Shown, ...], settings: Settings) -> None:
    now, zone = utc_now(), settings.policy.zone
    listing = table(Alert=22, Raised=12, What=None, How_it_stands=20)
    for one in found:
        urgent = one.alert.open and one.alert.severity is Severity.URGENT
        way = told(one)
        times = f" ({one.alert.times} times)" if one.alert.times > 1 else ""
        listing.add_row(
            plain(one.alert.id),
            clock_time(one.alert.raised_at, zone, now),
            plain(one.alert.title, "bold red" if urgent else ""),
            plain(f"{ended(one.alert)}; {way}{times}", _style(one, way)),
        )
    console.print(listing)
    if any(one.alert.open for one in found):
        typer.echo("Next: parley alerts show ALERT, or parley alerts acknowledge ALERT")


def _style(one: Shown, way: str) -> str:
    if DOUBTFUL in way:
        return "red"
    return "yellow" if one.alert.open else ""


@alerts.command("show")
def _read(context: typer.Context, number: Annotated[str, typer.Argument(metavar="ALERT")]) -> None:
    """Show what one alert says, and how it was told."""
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            desk = AlertDesk(record, settings.policy, utc_now)
            one = desk.show(number.strip(), at_keyboard(settings, who()))
        except (Refused, NoSuchAlert) as refused:
            refuse(escaped(str(refused)))
    now, zone = utc_now(), settings.policy.zone
    raised = clock_time(one.alert.raised_at, zone, now)
    typer.echo(f"{escaped(one.alert.title)} ({one.alert.severity.value}), {raised}, {escaped(ended(one.alert))}")
    typer.echo("")
    typer.echo("\n".join(escaped(line) for line in one.alert.words.splitlines()))
    if one.alert.command:
        typer.echo(f"\nTo look into it:  {escaped(one.alert.command)}")
    typer.echo("")
    for each, data in zip(one.tellings, as_data(one, zone)["tellings"], strict=True):
        typer.echo(f"Told by {each.channel}, {clock_time(each.at, zone, now)}: {data['state']}.")


@alerts.command("settle")
def _settle(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="ALERT", help="One that `parley alerts` shows as told unclearly.")],
) -> None:
    """Say that somebody has seen to it that an alert may not have arrived, or arrived twice: it is unclear no more."""
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            desk = AlertDesk(record, settings.policy, utc_now)
            one = desk.settle(number.strip(), at_keyboard(settings, who()))
        except (Refused, NoSuchAlert) as refused:
            refuse(escaped(str(refused)))
    typer.echo(escaped(f"{one.alert.title}: {told(one)}."))


@alerts.command("acknowledge")
def _acknowledge(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="ALERT", help="As the alert itself and `parley alerts` name it.")],
    taken_by: Annotated[str, typer.Option("--who", help="Who has taken it on; you, unless said.")] = "",
) -> None:
    """Say that somebody has taken an alert on: it is not repeated or escalated any more."""
    settings = settings_of(context)
    with record_of(settings) as record:
        try:
            desk = AlertDesk(record, settings.policy, utc_now)
            one = desk.acknowledge(number.strip(), at_keyboard(settings, who()), taken_by)
        except (Refused, NoSuchAlert) as refused:
            refuse(escaped(str(refused)))
    typer.echo(escaped(f"{one.alert.title}: {ended(one.alert)}."))
