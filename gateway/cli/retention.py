"""`parley retention`: what is kept no longer, class by class; `--apply` deletes it."""

from __future__ import annotations

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.people import at_keyboard
from gateway.retention import Deleted, Outlook, Retention
from rules.casework.refused import Refused
from rules.retention import RecordClass

_WORDS = {
    RecordClass.WARNINGS: "asks and warnings",
    RecordClass.INCIDENTS: "incidents",
    RecordClass.RESTRICTIONS: "restrictions",
    RecordClass.PAPERS: "other papers",
    RecordClass.EVIDENCE: "sealed evidence",
    RecordClass.LETTERS: "what our letters say",
    RecordClass.ALERTS: "alerts to staff",
    RecordClass.MESSAGES: "mail as it came",
    RecordClass.CONTACTS: "contacts",
    RecordClass.CONFIDENTIAL: "confidential records",
    RecordClass.PARTIES: "parties",
}


@app.command("retention")
def _retention(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Delete what is due; it cannot be brought back.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Show what the policy keeps no longer: how much of each class would go now, and when the next would.

    Nothing goes that is in force, waits for somebody, or could still be built upon. Of a paper stay its number, its
    time, who wrote it and the name of the act; `parley audit verify` still verifies. A text goes as mail does, and what
    it was answered with its contact; a number that asked for no texts (STOP) is kept until it asks for them again.
    """
    settings = settings_of(context)
    with record_of(settings) as record:
        retention = Retention(record, settings.policy, utc_now)
        if not apply:
            _show(asyncio.run(retention.outlook()), settings.policy.zone, as_json)
            return
        try:
            deleted = asyncio.run(retention.apply(at_keyboard(settings, who())))
        except Refused as refused:
            refuse(escaped(str(refused)))
    _say(deleted, as_json)


def _show(outlook: Outlook, zone: ZoneInfo, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "class": one.kind.value,
                "months": one.months,
                "due": one.due,
                "next": one.next and one.next.astimezone(zone).isoformat(),
            }
            for one in outlook.prospects
        ]
        print_json({"classes": rows, "unreadable": outlook.unreadable, "texts_stopped": outlook.stopped})
        return
    now = utc_now()
    listing = table(What=22, kept=12, would_go_now=14, the_next=None)
    for one in outlook.prospects:
        after = clock_time(one.next, zone, now) if one.next else "-"
        listing.add_row(_WORDS[one.kind], f"{one.months} months", str(one.due), plain(after))
    console.print(listing)
    if outlook.stopped:
        numbers = "1 number is" if outlook.stopped == 1 else f"{outlook.stopped} numbers are"
        typer.echo(f"{numbers} kept that asked for no texts (STOP), until START comes: else we would text them again.")
    _name_unreadable(outlook.unreadable)
    if any(one.due for one in outlook.prospects):
        typer.echo("Nothing was deleted. To delete what would go now: parley retention --apply")


def _say(deleted: Deleted, as_json: bool) -> None:
    counts = {kind.value: count for kind, count in deleted.counts.items() if count}
    if as_json:
        print_json({"deleted": counts, "unreadable": deleted.unreadable})
        return
    for kind in RecordClass:
        if deleted.counts.get(kind):
            typer.echo(f"{_WORDS[kind]}: {deleted.counts[kind]} deleted")
    if not counts:
        typer.echo("Nothing was due.")
    _name_unreadable(deleted.unreadable)


def _name_unreadable(parties: tuple[int, ...]) -> None:
    if parties:
        named = ", ".join(map(str, parties))
        typer.echo(f"The file of these parties cannot be read, so nothing of it is deleted: {named}.", err=True)
