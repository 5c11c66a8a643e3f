"""`parley contacts`: what contact there was, with whom, what happened to it and why."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer

from gateway.cli import words
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from rules import identity
from rules.contact import Channel, IdentifierKind
from rules.decision import Outcome
from rules.windows import local_midnight
from storage.entries import Entry
from storage.transaction import Reader

_KEYS = ("party", *(kind.value for kind in IdentifierKind), *(channel.value for channel in Channel))


@app.command("contacts")
def _contacts(
    context: typer.Context,
    party: Annotated[str | None, typer.Option(help="Only this party, by its name.")] = None,
    whose: Annotated[str | None, typer.Option(help="Only this address or number, or `party:12` as alerts say.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day or moment on: 2026-03-04, 2026-03-04T09:30.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to the end of this day, or up to this moment.")] = None,
    channel: Annotated[list[Channel] | None, typer.Option(help="Only by this channel; may be given again.")] = None,
    outcome: Annotated[list[Outcome] | None, typer.Option(help="Only with this decision; may be given again.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List contacts, the newest first."""
    settings = settings_of(context)
    zone = settings.policy.zone
    begins, ends = _moment(since, zone, "--since"), _moment(until, zone, "--until", whole_day=True)

    now = utc_now()

    def listed(reader: Reader) -> list[_Listed]:
        entries = reader.contacts(
            whose=_key(reader, party, whose),
            since=begins,
            until=ends,
            channels=channel,
            outcomes=outcome,
            limit=limit,
        )
        if as_json:
            return [_Listed(one, data=words.as_object(reader, one, zone)) for one in entries]
        beside = ((words.brought(reader, one), words.repeats(reader, one, zone, now)) for one in entries)
        return [_Listed(one, words.who(reader, one), more) for one, more in zip(entries, beside, strict=True)]

    with record_of(settings) as record:
        found = record.read_now(listed)
    if as_json:
        for one in found:
            print_json(one.data or {})
    else:
        _print(found, zone, now, limit)


class _Listed(NamedTuple):
    entry: Entry
    name: str = ""
    beside: tuple[str, ...] = ()
    data: dict[str, object] | None = None


def _print(found: list[_Listed], zone: ZoneInfo, now: datetime, limit: int) -> None:
    if not found:
        typer.echo("No contact is on record that fits.")
        return
    listing = table(When=12, Who=20, By=6, What_happened=22, Why=None)
    for entry, name, beside, _ in found:
        listing.add_row(
            clock_time(entry.at, zone, now),
            plain(name),
            words.CHANNELS[entry.channel],
            plain(words.what(entry, zone, now), words.style(entry)),
            plain("; ".join(filter(None, (words.why(entry, short=True), *beside)))),
        )
    console.print(listing)
    if len(found) == limit:
        typer.echo(f"The newest {limit}; --limit shows more.")


def _key(reader: Reader, party: str | None, whose: str | None) -> str | None:
    """Find out whose contact is asked for; a party outranks the address that is on its file."""
    if party is not None and whose is not None:
        refuse("Say either --party or --whose.")
    if party is not None:
        known = reader.party_by_name(party)
        if known is None:
            refuse(f"There is no party named {escaped(party)!r} on record; `parley import` brings parties in.")
        return f"party:{known.id}"
    if whose is None or whose.partition(":")[0] in _KEYS:
        return whose
    identifier = identity.anything(whose)
    if identifier is None:
        refuse(f"{escaped(whose)!r} is no address and no number; write it as r@example.org or +441632960001.")
    sole = {holder.party_id for holder in reader.holders((identifier,)) if not holder.shared}
    return f"party:{sole.pop()}" if len(sole) == 1 else str(identifier)


def _moment(text: str | None, zone: ZoneInfo, option: str, *, whole_day: bool = False) -> datetime | None:
    """Read a day or a moment of the office; a day ends with its last moment where `whole_day` says so."""
    if text is None:
        return None
    try:
        if len(text) == 10:
            return local_midnight(date.fromisoformat(text) + timedelta(days=whole_day), zone)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        refuse(f"{option} {escaped(text)!r} is neither a day nor a moment; write it as 2026-03-04 or 2026-03-04T09:30.")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
