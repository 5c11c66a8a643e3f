"""`parley report`: what the record says of restrictions, and of one party as they would be told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as Shown

from gateway.casework.desk import NoSuchParty
from gateway.casework.outline import READ_FILE
from gateway.casework.register import Register
from gateway.cli.office import app, console, print_json, put_out, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.people import at_keyboard
from gateway.reports.disclosing import Disclosure, disclosure
from gateway.reports.forms import as_csv, as_data
from gateway.reports.office_reports import thresholds_published, thresholds_report, week_of, week_report
from gateway.reports.party_report import PartyReport, party_report
from gateway.reports.restrictions import restrictions_report
from gateway.reports.small_numbers import published
from gateway.reports.table import Period, Report, Table, period_of
from rules.casework.acts.act import allowed
from rules.casework.refused import Refused
from rules.workdays import in_words

reports = typer.Typer(
    no_args_is_help=True, help="Reports: restrictions over a period, a party, the office's week, thresholds."
)
app.add_typer(reports, name="report")


class Form(StrEnum):
    """Name a form of a report."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


_DAYS = ["%Y-%m-%d"]
Since = Annotated[datetime | None, typer.Option(formats=_DAYS, help="Its first day; a year unless said.")]
Until = Annotated[datetime | None, typer.Option(formats=_DAYS, help="Its last day; today unless said.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A new file; else it is printed.")]


@reports.command("restrictions")
def _restrictions(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    publish: Annotated[bool, typer.Option("--publish", help="Leave small numbers out, to be published.")] = False,
    form: Annotated[Form, typer.Option("--format", help="The form.")] = Form.TABLE,
    output: Output = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program; as --format json.")] = False,
) -> None:
    """Count restrictions in force and ended over a period: measures, grounds, lengths, approvals, reviews, appeals.

    Contacts affected, adjustments, and the time to a person's look are in it. It names nobody. With --publish numbers
    under 5 are left out, and what would give them away.
    """
    settings, now = settings_of(context), utc_now()
    period = _period(since, until, now.astimezone(settings.policy.zone).date())
    if not publish:  # what may be published anybody may count
        try:
            allowed(READ_FILE, settings.policy, at_keyboard(settings, who()))
        except Refused as refused:
            refuse(escaped(str(refused)))
    with record_of(settings) as record:
        report = restrictions_report(record, settings.policy, period, now=now)
    if publish:
        report = published(report)
    _put_out(report, settings, Form.JSON if as_json else form, output, now)


@reports.command("week")
def _week(
    context: typer.Context,
    of: Annotated[datetime | None, typer.Option("--of", formats=_DAYS, help="A day of it; today unless said.")] = None,
    publish: Annotated[bool, typer.Option("--publish", hidden=True)] = False,
    form: Annotated[Form, typer.Option("--format", help="The form.")] = Form.TABLE,
    output: Output = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program; as --format json.")] = False,
) -> None:
    """Show an office's week: contact by channel, who took most of the time, flags, restrictions at work, what waits.

    It names parties, so it is not to be published; that you drew it up is recorded.
    """
    if publish:
        refuse("A week is not published: it names parties. What may be is `parley report restrictions --publish`.")
    settings, now = settings_of(context), utc_now()
    today = now.astimezone(settings.policy.zone).date()
    with record_of(settings) as record:
        try:
            period = week_of(of.date() if of else today, today)
            report = week_report(record, settings.policy, period, at_keyboard(settings, who()), now=now)
        except (Refused, ValueError) as refused:
            refuse(escaped(str(refused)))
    _put_out(report, settings, Form.JSON if as_json else form, output, now)


@reports.command("thresholds")
def _thresholds(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    publish: Annotated[bool, typer.Option("--publish", help="Leave small numbers out, to be published.")] = False,
    form: Annotated[Form, typer.Option("--format", help="The form.")] = Form.TABLE,
    output: Output = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program; as --format json.")] = False,
) -> None:
    """Count the flags of a period by threshold: how many, on how many parties, acted on, dismissed, still open.

    With --publish numbers under 5 are left out, and what would give them away.
    """
    settings, now = settings_of(context), utc_now()
    period = _period(since, until, now.astimezone(settings.policy.zone).date())
    with record_of(settings) as record:
        try:
            report = thresholds_report(record, settings.policy, period, at_keyboard(settings, who()), now=now)
        except Refused as refused:
            refuse(escaped(str(refused)))
    if publish:
        report = thresholds_published(report)
    _put_out(report, settings, Form.JSON if as_json else form, output, now)


class PartyForm(StrEnum):
    """Name a form of a report on a party."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    HTML = "html"
    PDF = "pdf"


_READ_FIRST = "Read it before you give it to anybody: a name of others that is nowhere on record may still be in it."


@reports.command("party")
def _party(
    context: typer.Context,
    party: Annotated[str, typer.Argument(help="Its number, its name, or an address or number of it.")],
    disclose: Annotated[
        bool, typer.Option("--disclose", help="All decisions, as the party would be given them.")
    ] = False,
    since: Since = None,
    until: Until = None,
    form: Annotated[PartyForm, typer.Option("--format", help="The form.")] = PartyForm.TEXT,
    output: Output = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program; as --format json.")] = False,
) -> None:
    """Show a party's contact week by week, with thresholds, restrictions and flags: charts in HTML and PDF.

    With --disclose: every decision, letter, refusal and look as it would be given to the party, oldest first; what
    could not be told is counted with its ground. That you drew it up is recorded.
    """
    settings, now = settings_of(context), utc_now()
    by, form = at_keyboard(settings, who()), PartyForm.JSON if as_json else form
    period = _period(since, until, now.astimezone(settings.policy.zone).date())
    if disclose and (since or until):
        refuse("What is disclosed is all of it, whatever the time: leave --since and --until out.")
    if disclose and form is PartyForm.CSV:
        refuse("What is disclosed is for people to read: say --format text, html or pdf, or json for a program.")
    with record_of(settings) as record:
        try:
            number = Register(record, settings, utc_now).found(party)
            if disclose:
                _give(disclosure(record, settings, number, by, now=now), settings, form, output)
                typer.echo(_READ_FIRST, err=True)
            else:
                found = party_report(record, settings.policy, number, period, by, now=now)
                _put_out_party(found, settings, form, output)
        except (Refused, NoSuchParty, ValueError) as refused:
            refuse(escaped(str(refused.args[0] if isinstance(refused, NoSuchParty) else refused)))


def _give(found: Disclosure, settings: Settings, form: PartyForm, output: Path | None) -> None:
    from gateway.reports import disclosure_forms as forms  # a typesetter is not loaded for whoever counts

    office, zone = settings.config.office.name, settings.policy.zone
    if form is PartyForm.JSON:
        put_out(_line_of(forms.as_data(found, zone)), output)
    elif form is PartyForm.HTML:
        put_out(forms.as_page(found, office, zone).encode(), output)
    elif form is PartyForm.PDF:
        _put_out_pdf(lambda: forms.as_pdf(found, office, zone), output)
    else:
        put_out(_lines(forms.as_text(found, zone)), output)


def _put_out_party(found: PartyReport, settings: Settings, form: PartyForm, output: Path | None) -> None:
    from gateway.reports import party_forms as forms  # as above

    office, zone = settings.config.office.name, settings.policy.zone
    if form is PartyForm.JSON:
        put_out(_line_of(forms.as_data(found, zone)), output)
    elif form is PartyForm.HTML:
        put_out(forms.as_page(found, office, zone).encode(), output)
    elif form is PartyForm.PDF:
        _put_out_pdf(lambda: forms.as_pdf(found, office, zone), output)
    elif form is PartyForm.CSV:
        put_out(forms.as_csv(found, zone).encode(), output)
    else:
        rows = forms.figures(found)
        shown = _figures(forms.head(found), rows) if rows else _lines(("", forms.NO_FIGURES))
        put_out(_lines(forms.as_text(found, zone)) + shown, output)


def _figures(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    shown = table(**{head[0].replace(" ", "_"): 11})
    for label in head[1:]:
        shown.add_column(label, justify="right")
    for row in rows:
        shown.add_row(*map(plain, row))
    with console.capture() as drawn:
        console.print(shown)
    return f"\nThe figures, week by week\n{drawn.get()}".encode()


def _line_of(data: object) -> bytes:
    return (json.dumps(data, ensure_ascii=False) + "\n").encode()


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{escaped(line)}\n" for line in lines).encode()


def _put_out_pdf(printed: Callable[[], bytes], output: Path | None) -> None:
    if output is None and sys.stdout.isatty():
        refuse("A PDF is not for the screen; say --output FILE.")
    try:
        contents = printed()
    except ValueError as unprintable:
        refuse(escaped(str(unprintable)))
    put_out(contents, output)


def _period(since: datetime | None, until: datetime | None, today: date) -> Period:
    try:
        return period_of(since and since.date(), until and until.date(), today)
    except ValueError as refused:
        refuse(str(refused))


def _put_out(report: Report, settings: Settings, form: Form, output: Path | None, now: datetime) -> None:
    zone = settings.policy.zone
    if form is Form.TABLE and output is None:
        _show(report, settings, now)
    elif form is Form.TABLE:
        refuse("A table is for the screen. Say --format csv, json or html for a file.")
    elif form is Form.JSON and output is None:
        print_json(as_data(report, zone))
    else:
        put_out(_written(report, settings, form), output)


def _written(report: Report, settings: Settings, form: Form) -> bytes:
    if form is Form.CSV:
        return as_csv(report).encode()
    if form is Form.JSON:
        return (json.dumps(as_data(report, settings.policy.zone), ensure_ascii=False) + "\n").encode()
    from gateway.reports.page import restrictions_page  # templates are loaded for those who want a page

    return restrictions_page(report, settings.config.office.name, settings.policy.zone).encode()


def _show(report: Report, settings: Settings, now: datetime) -> None:
    typer.echo(f"{report.title}, {in_words(report.period.first)} to {in_words(report.period.last)}")
    typer.echo(f"Counted up to {clock_time(report.until, settings.policy.zone, now)}.")
    for note in (*report.notes, *report.inside):
        console.print(plain(note))
    for each in report.tables:
        typer.echo(f"\n{each.title}")
        console.print(_as_shown(each))


def _as_shown(one: Table) -> Shown:
    """Lay a table out; rows without anything are left out where all that is there can be seen."""
    shown = table(**{"_": 46})
    shown.columns[0].header = ""
    for _, label in one.columns:
        shown.add_column(label, justify="right", max_width=16)
    for label, cells in _rows(one):
        shown.add_row(plain(label), *(plain(str(cell)) for cell in cells))
    return shown


def _rows(one: Table) -> Iterator[tuple[str, tuple[object, ...]]]:
    for row in one.rows:
        if one.whole is None or any(cell != 0 for cell in row.cells):
            yield row.label, row.cells
    if one.whole is not None:
        yield "All", one.whole
