"""`parley events`: what other systems were told of our casework, and what did not reach them."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from storage.events import Event, EventState
from storage.transaction import Transaction

events = typer.Typer(no_args_is_help=True, help="Events to other systems (webhooks): list them, try them again.")
app.add_typer(events, name="events")

_WORDS = {EventState.QUEUED: "waits", EventState.SENT: "sent", EventState.GIVEN_UP: "given up"}


@events.command("list")
def _list(
    context: typer.Context,
    sent: Annotated[bool, typer.Option("--sent", help="Those too that were sent in the last days.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many of each state.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List the events that wait and those that were given up, the oldest first."""
    settings = settings_of(context)
    zone = settings.policy.zone
    states = [EventState.GIVEN_UP, EventState.QUEUED, *([EventState.SENT] if sent else [])]
    with record_of(settings) as record:
        found = record.read_now(lambda reader: [one for each in states for one in reader.events_in(each, limit=limit)])
    if as_json:
        for one in found:
            print_json(_object(one, zone))
        return
    if not found:
        typer.echo("No event waits, and none was given up.")
        return
    now = utc_now()
    listing = table(Event=None, Webhook=16, Party=6, Act=22, State=10, Tries=5, Since=12, Why=None)
    for one in found:
        style = "bold red" if one.state is EventState.GIVEN_UP else ""
        listing.add_row(
            plain(one.id),
            plain(one.hook),
            str(one.party_id),
            plain(one.act),
            plain(_WORDS[one.state], style),
            str(one.attempts),
            clock_time(one.since, zone, now),
            plain(one.detail),
        )
    console.print(listing)


@events.command("retry")
def _retry(
    context: typer.Context,
    number: Annotated[str | None, typer.Argument(metavar="ID", help="As `events list` names it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Have events that were given up tried again, under the same id; what was already taken is not sent again."""
    if (number is None) is not every:
        refuse("Name one event, or say --all.")
    by, now = who(), utc_now()

    def again(tx: Transaction) -> int:
        numbers = [one.id for one in tx.events_in(EventState.GIVEN_UP, limit=1_000_000)] if every else [number or ""]
        done = [each for each in dict.fromkeys(numbers) if tx.retry_event(each, now)]
        if done:
            tx.act(by, "retry_events", "", {"events": len(done)} if every else {"event": done[0]})
        return len(done)

    with record_of(settings_of(context)) as record:
        found = record.write_now(again)
    if not found and not every:
        refuse(f"There is no event {escaped(number or '')} that was given up.")
    typer.echo(f"{found} {'event is' if found == 1 else 'events are'} tried again from now on.")


def _object(one: Event, zone: ZoneInfo) -> dict[str, object]:
    return {
        "event": one.id,
        "webhook": one.hook,
        "party": one.party_id,
        "act": one.act,
        "state": one.state.value,
        "tries": one.attempts,
        "since": one.since.astimezone(zone).isoformat(),
        "next_at": one.next_at.astimezone(zone).isoformat(),
        "why": one.detail,
    }
