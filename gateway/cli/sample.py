"""`parley run-sample`, which is `make run`: the sample office with its sample day, and then a gateway that serves.

Belongs here: the first minutes of a visitor. The day is played once; its table is read from the record every time.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from gateway import config, serve
from gateway.build import Gateway, build, open_record
from gateway.cli import words
from gateway.cli.office import app, refuse
from gateway.cli.screen import escaped, plain, table
from gateway.clock import utc_now
from gateway.config import FILE_NAME, Settings
from gateway.delivery import SENT_INBOX
from gateway.import_fields import Terms
from gateway.imports import bring_in
from gateway.letters import ALERT
from gateway.levels import said_to_staff
from gateway.sample import day, office
from gateway.sample.ledger import Played, begin, finish, is_sample, known_day, move_in
from gateway.sample.staff import Staff
from rules.policies import Policy
from storage.entries import Entry, Letter, LetterState, State
from storage.record import Record
from storage.transaction import Reader

_WIDEST = 130
_MOST = 1000


@app.command("run-sample")
def _run_sample(
    context: typer.Context,
    state: Annotated[Path | None, typer.Option(help="The folder of the sample office; else --state of parley.")] = None,
    leave: Annotated[bool, typer.Option("--leave", help="Stop after the table, for tests.")] = False,
) -> None:
    """Serve a sample office on this machine; at the first start play a sample day and say what happened to whom."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    folder = state or context.obj
    office.settle_in(folder)
    settings = config.load(folder)
    try:
        serve.check_doors(settings.config)
    except serve.DoorTaken as taken:
        refuse(str(taken), 75)
    record = open_record(settings.config)
    _move_in(settings, record)
    gateway = build(settings, record)
    try:
        serve.run_with(gateway, partial(_day, gateway, leave))
    except day.DayBroken as broken:
        refuse(f"{broken} What happened is on record: parley contacts.", 1)


def _move_in(settings: Settings, record: Record) -> None:
    """Bring the sample's restrictions in at the first start; refuse a folder that holds another office."""
    if record.read_now(is_sample):
        return
    folder = settings.config.state
    if (folder / FILE_NAME).read_text("utf-8") != office.read("settings.toml"):
        record.close()
        raise office.another_office(folder)
    now = utc_now()
    file = office.write_restrictions(folder, now, settings.policy.zone)
    bring_in(record, file, Terms(settings.policy, now, frozenset(settings.config.office.domains)), who="make run")
    record.write_now(move_in)


async def _day(gateway: Gateway, leave: bool) -> bool:
    """Play the day if it was not played before, print its table, and say whether to go on serving."""
    record, settings = gateway.record, gateway.settings
    known = record.read_now(known_day)
    if known is None:
        events = day.events()
        await record.write(lambda tx: begin(tx, utc_now()))
        with _progress(len(events)) as played:
            staff = Staff(record, settings, utc_now)
            await day.play(events, settings.config, utc_now, staff, played)
        await gateway.outbox.send_due()
        await record.write(lambda tx: finish(tx, utc_now()))
        known = record.read_now(known_day)
    assert known is not None  # begun above
    _print_day(record, settings, known)
    if not leave:
        _print_next(record, settings)
    return not leave


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a bar on a terminal, and nothing elsewhere."""
    screen = Console(stderr=True)
    if not screen.is_terminal:
        yield lambda: None
        return
    columns = (TextColumn("The sample day"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _print_day(record: Record, settings: Settings, played: Played) -> None:
    entries, names, flags = record.read_now(partial(_of_the_day, played=played, policy=settings.policy))
    zone, now = settings.policy.zone, utc_now()
    listing = table(No=2, Who=16, By=6, What_happened=21, Why=None)
    for number, entry in enumerate(entries, start=1):
        listing.add_row(
            str(number),
            plain(names[entry.id]),
            words.CHANNELS[entry.channel],
            plain(words.what(entry, zone, now), words.style(entry)),
            _reasons(entry, flags.get(entry.id, ())),
        )
    screen = Console()
    screen.print(
        f"\n[bold]{settings.config.office.name}[/]: a day of contact, {len(entries)} in all. Everybody is invented.\n"
    )
    screen.print(listing, width=min(screen.width, _WIDEST))
    twice = sum(isinstance(event, day.Mail | day.Call) and event.times > 1 for event in day.events())
    typer.echo(f"{twice} of them came twice (a message sent again, a webhook posted again); each is one contact.")
    if not played.finished:
        typer.echo(f"The day was interrupted. To play it from the start, remove {settings.config.state}.")


def _of_the_day(
    reader: Reader, played: Played, policy: Policy
) -> tuple[list[Entry], dict[str, str], dict[str, list[str]]]:
    entries = [*reversed(reader.contacts(since=played.begun, until=played.finished, limit=_MOST))]
    flags: dict[str, list[str]] = {}
    for flag in reader.flags(limit=_MOST):
        said = said_to_staff(reader, flag, policy.threshold(flag.threshold), policy)
        flags.setdefault(flag.contact_id, []).append(said)
    return entries, {entry.id: words.who(reader, entry) for entry in entries}, flags


def _reasons(entry: Entry, flags: Sequence[str]) -> Text:
    """Say why, with the measure in small, and the flags that this contact raised."""
    text = plain(words.why(entry, short=True))
    if rules := words.measures(entry.reasons):
        text.append(f" ({escaped(rules)})", style="dim")
    for flag in flags:
        text.append(f"\nFlag for staff: {flag}", style="bold")
    return text


def _print_next(record: Record, settings: Settings) -> None:
    """Say where things lie and what to try, in commands that work as they stand."""
    config = settings.config
    held = record.read_now(lambda reader: reader.queue(State.HELD, limit=1))
    sent = record.read_now(_letters)
    alerts = sum(one.kind == ALERT for one in sent)
    parley = _program(config.state)
    tries = {
        "queue list": "what waits for a person",
        f"queue show {words.short_number(held[0].id) if held else 'NUMBER'}": "one of them, with its message",
        "check p.hartigan@example.org": "what would happen to mail now, and why",
        'contacts --party "D. Quill"': "what was, and why",
        'party show "V. Holm"': "a file: what is in force, what waits, what people did",
        "policy show": "the rules that this office goes by",
        "flags": "levels of contact for people to look at",
        "brief": "who may call, write or visit now, and what to say to them",
        'log add visit --party "D. Verney"': "log what no door saw; mail and calls are there by themselves",
        "token add Visitor --role manager": f"a token for the pages of the desk, at http://{config.phone.listen}/desk",
        "observe on": "let everything through from now on, and go on recording",
    }
    typer.echo(
        f"""
Mailboxes are in {config.maildir}, a Maildir for each inbox. Of our own making:
  {SENT_INBOX:<26} {len(sent) - alerts} letters to senders: notes and returns
  {config.office.alerts:<26} {alerts} alerts to staff

Serving: mail on {config.mail.listen}, calls on {config.phone.listen}, pages for the desk at
http://{config.phone.listen}/desk (a token opens them; below). Ctrl-C stops.
In a second terminal:"""
    )
    for arguments, meaning in tries.items():
        typer.echo(f"  {parley} {arguments}\n      {meaning}")
    sys.stdout.flush()


def _letters(reader: Reader) -> Sequence[Letter]:
    return reader.letters(LetterState.SENT)


def _program(folder: Path) -> str:
    """Write the command as the visitor can type it from where they are."""
    program = Path(sys.argv[0])
    shown = os.path.relpath(program) if program.is_absolute() else str(program)
    shown = shown if len(shown) < len(str(program)) else str(program)
    return shown if folder == Path("var") else f"{shown} --state {folder}"
