"""`parley brief`: who may contact us now, when, with whom, what to say; for phones, mailboxes, reception."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.brief import Asked, Brief, Person, Row, as_data
from gateway.brief_words import HOW_TO, channels
from gateway.build_desk import briefing_of
from gateway.cli.office import app, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.human_clock import in_a_sentence
from gateway.people import at_keyboard
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.windows import in_words
from rules.workdays import in_words as day_in_words


@app.command("brief")
def _brief(
    context: typer.Context,
    channel: Annotated[Channel | None, typer.Option(help="Only this channel: visit for reception.")] = None,
    line: Annotated[str, typer.Option(help="Only calls to this number of ours.")] = "",
    inbox: Annotated[str, typer.Option(help="Only mail to this inbox of ours.")] = "",
    named: Annotated[str, typer.Option(help="Only whose named contact, or deputy, has this inbox or number.")] = "",
    name: Annotated[str, typer.Option(help="Only those in whose name this stands.")] = "",
    page: Annotated[
        Path | None,
        typer.Option(help="Write the page `Today` to this file: PDF where its name ends in .pdf, else HTML."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Say who may contact us now, when, with whom, and what to say. That you read it is recorded, once a day."""
    settings = settings_of(context)
    asked = Asked(channel, line.strip(), inbox.strip(), named.strip(), name.strip())
    with record_of(settings) as record:
        try:
            found = briefing_of(settings, record).read(at_keyboard(settings, who()), asked, utc_now())
        except Refused as refused:
            refuse(escaped(str(refused)))
    if page is not None:
        _write(page, found, settings)
    elif as_json:
        print_json(as_data(found, settings.policy.zone))
    else:
        for text in _lines(found, settings):
            typer.echo(escaped(text))


def _write(page: Path, found: Brief, settings: Settings) -> None:
    pdf = page.suffix.lower() == ".pdf"
    try:
        page.write_bytes(_pdf(found, settings) if pdf else _html(found, settings))
    except OSError as fault:
        refuse(f"{escaped(str(page))} cannot be written ({fault.strerror}).")
    typer.echo(f"The page is in {escaped(str(page))}. {'Print it.' if pdf else 'Open it in a browser and print it.'}")


def _html(found: Brief, settings: Settings) -> bytes:
    from gateway.desk.pages import printed_page  # templates are of no use to other commands

    return printed_page(found, settings).encode("utf-8")


def _pdf(found: Brief, settings: Settings) -> bytes:
    from adapters.pdf.letter import Unprintable  # nor is a typesetter
    from gateway.brief_print import printed_brief

    try:
        return printed_brief(found, settings.config.office.name, settings.policy)
    except Unprintable as refused:
        refuse(f"{escaped(str(refused))} The page as HTML shows what the machine's own fonts have: --page today.html")


def _lines(found: Brief, settings: Settings) -> Iterator[str]:
    yield f"{settings.config.office.name}, {in_words(found.at, settings.policy.zone)}"
    yield from HOW_TO
    yield from (f"! {text}" for text in found.alerts)
    if found.alerts:
        yield "  See them: parley alerts --open"
    if found.overdue is not None:
        yield f"{'! ' if found.overdue.overdue else ''}{in_a_sentence(found.overdue)}"
    for person in found.people:
        yield ""
        yield from _person(person)
    if found.may_be:
        yield ""
        yield "Shared, so nobody is restricted by them"
        yield from (f"  {one.identifier}: may be {' or '.join(one.names)}" for one in found.may_be)
    for number in found.unreadable:
        yield f"Party {number}: the file cannot be read. Ask a manager before you deal with them."
    if not (found.people or found.unreadable):
        yield "Nothing is in force on anybody here."


def _person(person: Person) -> Iterator[str]:
    known = f" ({', '.join(person.known_by)})" if person.known_by else ""
    yield f"{person.name}, party {person.party}{known}"
    for row in person.rows:
        yield from _row(row)
    yield from (f"  ! {text}" for text in person.agreed)
    yield from (f"  Speaks for them: {name}" for name in person.speakers)
    yield from (f"  Never to {own}: {instead} takes over" for own, instead in person.instead)
    yield from (f'  Say: "{text}"' for text in person.say)
    if person.until is not None:
        yield f"  Until {day_in_words(person.until)}."


def _row(row: Row) -> Iterator[str]:
    to = f": {row.to}" if row.to else ""
    yield f"  {channels(row.channels)}: {row.does}{to}"
    yield from (f"      {text}" for text in (*row.when, *row.why))
