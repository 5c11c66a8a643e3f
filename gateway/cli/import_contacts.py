"""`parley import-contacts`: brings mail and calls of the past into the record, for levels and reports to know."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapters.mail.imap import ImapFault
from gateway.build_imports import folders_of, reading_of
from gateway.cli import words
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.import_contacts import Between, ImportContacts, ImportRefused, Summary, asked_for
from gateway.local_times import BadTime, moment_of
from gateway.past_call_columns import Field, Log
from gateway.past_calls import Terms
from gateway.past_contact import LeftAside, Read
from gateway.past_imap import Folders
from gateway.past_sources import Sources, size_at
from gateway.past_times import Days
from rules import identity
from storage.imports import Import
from storage.record import Record

_WRONG, _LATER, _STOPPED = 1, 75, 130
_MOST_NAMED = 20
_AUTO = "auto"
_HELP = (
    "Bring contacts of the past into the record, so that levels and reports know them. Nothing of them is enforced, "
    "counted towards a limit, answered, flagged or waited for, and no message is kept.\n\n"
    "FILES are mbox, Maildir, .eml, folders of them, and call logs as CSV: Twilio's, Microsoft Teams' usage report, "
    "Asterisk's, and others, whose columns --columns names. Calls of ours, and mail from our own domains, are left "
    "aside. What is on record already is not brought in again, so a run that was stopped is gone on with by calling "
    "it again.\n\n"
    "A wrong row is named and the rest goes on, with exit code 1; with --strict nothing is written where any is wrong."
)


@app.command("import-contacts", help=_HELP)
def _import_contacts(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="mbox, Maildir, .eml, .csv, or folders.")] = None,
    imap: Annotated[str, typer.Option(metavar="MAILBOX", help="Read one of \\[\\[mailbox]] too.")] = "",
    folder: Annotated[list[str] | None, typer.Option(help="Of --imap: a folder instead of the inbox.")] = None,
    form: Annotated[
        str, typer.Option("--format", help=f"What the files are: {_AUTO}, or a log of {', '.join(Log)}.")
    ] = _AUTO,
    columns: Annotated[
        str, typer.Option(help=f"Columns by hand: at=Started,from=Caller (of {', '.join(Field)}).")
    ] = "",
    zone: Annotated[str, typer.Option(help="The zone of times without one: Europe/London, UTC.")] = "",
    dates: Annotated[
        Days | None,
        typer.Option(help="04/03/2026 begins with its day, or its month; else each file tells, or its day."),
    ] = None,
    since: Annotated[str, typer.Option(help="Leave aside what came before: 2025-01-01T00:00.")] = "",
    until: Annotated[str, typer.Option(help="Leave aside what came then or later.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing where anything is wrong.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be, write nothing.")] = False,
    undo: Annotated[str, typer.Option(metavar="RUN", help="Take an import back.")] = "",
    runs: Annotated[bool, typer.Option("--runs", help="List imports.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    settings = settings_of(context)
    with record_of(settings) as record:
        importing = ImportContacts(record, settings.policy, utc_now)
        if runs:
            _list(importing.runs(), settings, as_json=as_json)
            return
        if undo:
            _undo(importing, undo, as_json=as_json)
            return
        if not files and not imap:
            refuse("Name files, or a mailbox with --imap.")
        told: list[str] = []
        terms = replace(_terms(settings, form, columns, zone, dates), told=told.append if dry_run else _not_said)
        between = Between(_moment(since, settings), _moment(until, settings))
        work = _Work(settings, record, files or [], imap, tuple(folder or ()), terms, by_hand=form != _AUTO)
        try:
            summary = _run(importing, work, between, strict=strict, dry_run=dry_run)
        except ImapFault as fault:
            refuse(str(fault), _LATER)
        except KeyboardInterrupt:
            refuse("Stopped. What was brought in stays: call again to go on, or see --runs to take it back.", _STOPPED)
        except BrokenProcessPool:
            refuse("A process that read was ended from outside. Call again to go on.", _LATER)
    if not as_json:
        for how in told[:_MOST_NAMED]:
            typer.echo(escaped(how))
    _say(summary, settings, dry_run=dry_run, as_json=as_json)
    if summary.wrongs:
        raise typer.Exit(_WRONG)


def _not_said(_: str) -> None:
    """Keep how a log is read to ourselves: it was looked at with --dry-run, or nobody asked."""


class _Work:
    """Hold what is brought in; it can be gone through more than once."""

    def __init__(
        self,
        settings: Settings,
        record: Record,
        files: list[Path],
        imap: str,
        folders: tuple[str, ...],
        terms: Terms,
        *,
        by_hand: bool,
    ) -> None:
        self.files = files
        self._by_hand = by_hand or bool(terms.named)
        self._terms = terms
        self._reading = reading_of(settings, record, terms.now)
        self._mailbox: Folders | None = None
        if imap:
            chosen = next((one for one in settings.config.mailbox if one.name == imap), None)
            if chosen is None:
                known = ", ".join(one.name for one in settings.config.mailbox) or "none"
                refuse(f"There is no mailbox {escaped(imap)!r}; those of the settings: {known}.")
            self._mailbox = folders_of(settings, record, utc_now, chosen, folders)
        elif folders:
            refuse("--folder is of the mailbox that --imap names.")
        self.asked = asked_for([*(str(file.absolute()) for file in files), imap, *folders])

    def reads(self, doing: str) -> Iterator[Read]:
        """Give all that is read, with a bar on a terminal."""
        with _progress() as bar:
            octets = size_at(self.files) if not bar.disable and self._mailbox is None else None
            task = bar.add_task(doing, total=octets)

            def heard(more: int) -> None:
                bar.advance(task, more)

            if self.files:
                cores = os.cpu_count() or 1
                sources = Sources(self.files, self._reading, self._terms, cores, heard=heard, logs=self._by_hand)
                yield from sources.read()
            if self._mailbox is not None:
                yield from self._mailbox.read(heard)


def _run(importing: ImportContacts, work: _Work, between: Between, *, strict: bool, dry_run: bool) -> Summary:
    if dry_run or strict:
        looked = importing.look(work.reads("Looking"), between)
        if strict and looked.wrongs:
            _refuse_all(looked)
        if dry_run:
            return looked
    return importing.bring_in(work.reads("Bringing in"), work.asked, who(), between)


def _terms(settings: Settings, form: str, columns: str, zone: str, dates: Days | None) -> Terms:
    if form != _AUTO and form not in tuple(Log):
        refuse(f"--format is {_AUTO}, or one of {', '.join(Log)}; not {escaped(form)!r}.")
    phone = settings.config.phone
    ours = (identity.phone(line) for line in (*phone.lines, *phone.lines.values(), phone.switchboard or ""))
    return Terms(
        settings.policy,
        utc_now(),
        Log(form) if form != _AUTO else None,
        tuple(_column(one) for one in columns.split(",") if one.strip()),
        _zone(zone) if zone else None,
        dates,
        frozenset(one.value for one in ours if one is not None),
    )


def _column(text: str) -> tuple[Field, str]:
    field, equals, name = text.strip().partition("=")
    if field.strip() not in tuple(Field) or not equals or not name.strip():
        refuse(f"--columns is like at=Started,from=Caller, with {', '.join(Field)}; not {escaped(text.strip())!r}.")
    return Field(field.strip()), name.strip()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        refuse(f"There is no time zone {escaped(name)!r}; write it as Europe/London.")


def _moment(text: str, settings: Settings) -> datetime | None:
    try:
        whole = f"{text}T00:00" if len(text) == len("2026-03-04") else text
        return moment_of(whole, settings.policy.zone, utc_now()) if text else None
    except BadTime as bad:
        refuse(str(bad))


def _progress() -> Progress:
    """Show how far it is, on a terminal only."""
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)


def _undo(importing: ImportContacts, number: str, *, as_json: bool) -> None:
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("Taking back", total=None if bar.disable else importing.size(number))
        try:
            taken, kept = importing.undo(number, who(), lambda count: bar.advance(task, count))
        except ImportRefused as refused:
            bar.stop()
            refuse(str(refused))
    if as_json:
        print_json({"run": number, "taken_back": taken, "kept": kept})
        return
    typer.echo(f"Taken back: {_count(taken, 'contact')} of the import {escaped(number)}.")
    if kept:
        typer.echo(f"{_count(kept, 'contact')} named by papers on a file: kept.")


def _list(runs: tuple[tuple[Import, int], ...], settings: Settings, *, as_json: bool) -> None:
    zone, now = settings.policy.zone, utc_now()
    if as_json:
        for one, count in runs:
            print_json(
                {
                    "run": one.id,
                    "begun": one.begun_at.astimezone(zone).isoformat(),
                    "by": one.begun_by,
                    "state": _state(one),
                    "contacts": count,
                }
            )
        return
    if not runs:
        typer.echo("Nothing was brought in yet.")
        return
    rows = table(Run=None, Begun=None, By=None, State=None, Contacts=None)
    for one, count in runs:
        rows.add_row(one.id, clock_time(one.begun_at, zone, now), plain(one.begun_by), _state(one), f"{count:,}")
    console.print(rows)


def _state(one: Import) -> str:
    if one.undone_at is not None:
        return "taken back"
    return "whole" if one.ended_at is not None else "broke off"


def _refuse_all(summary: Summary) -> NoReturn:
    refuse("\n".join([*_faults(summary), "Nothing was brought in."]))


def _faults(summary: Summary) -> Iterator[str]:
    for one in summary.wrong[:_MOST_NAMED]:
        yield escaped(_named(one))
    if summary.wrongs > _MOST_NAMED:
        yield f"And {summary.wrongs - _MOST_NAMED:,} more; --json names up to {len(summary.wrong):,} of them."


def _named(one: LeftAside) -> str:
    return f"{one.place}: {one.why}"


def _say(summary: Summary, settings: Settings, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json(_as_object(summary, settings, dry_run=dry_run))
        return
    for sentence in _faults(summary):
        typer.echo(sentence, err=True)
    for sentence in _sentences(summary, settings, dry_run=dry_run):
        typer.echo(escaped(sentence))


def _sentences(summary: Summary, settings: Settings, *, dry_run: bool) -> Iterator[str]:
    by = ", ".join(f"{count:,} by {words.CHANNELS[channel]}" for channel, count in sorted(summary.taken.items()))
    total = summary.taken.total()
    if summary.first is not None and summary.last is not None:
        zone = settings.policy.zone
        days = f" from {summary.first.astimezone(zone):%Y-%m-%d} to {summary.last.astimezone(zone):%Y-%m-%d}"
        verb = "would be brought in" if dry_run else "brought in"
        yield f"{_count(total, 'contact')} {verb}: {by}{days}."
    else:
        yield "No new contact would be brought in." if dry_run else "No new contact was brought in."
    if summary.resumed:
        yield "An earlier run of the same broke off: this one went on with it."
    if summary.known:
        yield f"{_count(summary.known, 'contact')} known already, or said twice."
    if summary.otherwises:
        yield (
            f"{_count(summary.otherwises, 'contact')} known from an earlier import with another time or length, which "
            f"stands; the first is at {summary.otherwise[0]}."
        )
    for why, count in sorted(summary.aside.items()):
        yield f"{count:,} left aside: {why}"
    if summary.wrongs:
        yield f"{summary.wrongs:,} wrong: named above, and left aside."
    yield from _remarks(summary)
    if not dry_run and total:
        yield f"To take it back: parley import-contacts --undo {summary.number}"


def _remarks(summary: Summary) -> Iterator[str]:
    """Say what was not plain about what was taken."""
    if summary.uncounted:
        count = "counts" if summary.uncounted == 1 else "count"
        who_sent = "programs, forged or unknown senders, withheld numbers"
        yield f"{summary.uncounted:,} of them {count} for nobody: {who_sent}."
    if summary.no_number:
        yield f"{_count(summary.no_number, 'call')} without a number that can be read."
    if summary.folded:
        yield f"{_count(summary.folded, 'time')} in an hour that the clock showed twice: the first is meant."
    if summary.unsure:
        yield (
            f"{_count(summary.unsure, 'call')} on days that can be read two ways: 04/03 was taken for 4 March. "
            "Where 3 April is meant, say --dates mdy instead."
        )
    if summary.beside_live:
        yield (
            f"{_count(summary.beside_live, 'call')} from when Parley took calls itself, in a log that names them "
            "differently: if it took these too, they are doubled; take it back and bring it in with --until."
        )


def _as_object(summary: Summary, settings: Settings, *, dry_run: bool) -> dict[str, object]:
    zone = settings.policy.zone
    return {
        "run": summary.number or None,
        "dry_run": dry_run,
        "resumed": summary.resumed,
        "taken": {channel.value: count for channel, count in sorted(summary.taken.items())},
        "uncounted": summary.uncounted,
        "no_number": summary.no_number,
        "known": summary.known,
        "known_otherwise": summary.otherwises,
        "known_otherwise_at": summary.otherwise,
        "left_aside": dict(sorted(summary.aside.items())),
        "wrong": summary.wrongs,
        "faults": [{"place": one.place, "text": one.why} for one in summary.wrong],
        "clock_shown_twice": summary.folded,
        "days_unsure": summary.unsure,
        "beside_live_calls": summary.beside_live,
        "first": summary.first.astimezone(zone).isoformat() if summary.first else None,
        "last": summary.last.astimezone(zone).isoformat() if summary.last else None,
    }


def _count(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"
