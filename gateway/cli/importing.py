"""`parley import`: brings in the parties and restrictions that an office already applies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway.cli.office import app, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped
from gateway.clock import utc_now
from gateway.import_drafts import ImportRefused
from gateway.import_fields import Terms
from gateway.imports import Imported, bring_in
from gateway.mail_contact import OBSERVE
from gateway.people import at_keyboard
from rules.casework.acts.act import allowed
from rules.casework.refused import Refused
from rules.standing import FORMS

_MOST_LINES = 20
_HELP = (
    "Load parties and restrictions from FILE (.toml or .csv): all of it, or nothing.\n\n"
    "TOML: a party has name, kind, emails, phones, domains, except (addresses of a domain that are not the party's), "
    "handles, and shared (those of them that several parties use); party.restriction has reason, ground, approved_by, "
    "notified, starts, ends, review_at, measures; party.adjustment has need, open, agreed, ends, and if wanted forms "
    f"(of {', '.join(FORMS)}) and detail (a support worker, a colour, a language).\n\n"
    "CSV: columns party, kind, emails, phones, measure, parameters, reason, ground, approved_by, starts, ends, "
    "notified; if wanted domains, except, handles, shared, review_at, adjustment, open, agreed, adjustment_ends, "
    "forms, adjustment_detail, restriction (any word that keeps rows apart). One measure a row; "
    "rows of one party that agree in all else are one restriction. Lists in a cell are separated by spaces. Parameters "
    "are name=value separated by semicolons, lists in them by spaces or commas: channels=call email;count=1;per=week. "
    "Days are 2026-03-04, or 04/03/2026 (day first).\n\n"
    "Days are the office's: in force from the first moment of starts to the last of ends. What the party was not told "
    "of (notified = false) is not enforced until they are."
)


@app.command("import", help=_HELP)
def _import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A .toml or .csv file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, load nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    settings = settings_of(context)
    try:
        allowed("import", settings.policy, at_keyboard(settings, who()))
    except Refused as refused:
        refuse(escaped(str(refused)))
    domains = frozenset(settings.config.office.domains)
    terms = Terms(settings.policy, utc_now(), domains)
    with record_of(settings) as record:
        try:
            imported = bring_in(record, file, terms, who=who(), dry_run=dry_run)
        except ImportRefused as refused:
            _refuse(refused, as_json)
        observing = record.read_now(lambda reader: reader.setting(OBSERVE)) == "on"
    if as_json:
        print_json({"file": str(file), "dry_run": dry_run, **asdict(imported)})
        return
    for sentence in _sentences(file, imported, dry_run=dry_run):
        typer.echo(escaped(sentence))
    if observing:
        typer.echo("The office is in observe mode: nothing is enforced until `parley observe off`.")


def _refuse(refused: ImportRefused, as_json: bool) -> NoReturn:
    if as_json:
        faults = [{"line": one.line or None, "text": one.text} for one in refused.faults]
        print_json({"file": str(refused.file), "faults": faults})
        raise typer.Exit(2)
    sentences = "\n".join(map(escaped, refused.sentences))
    refuse(f"{sentences}\nNothing was loaded.")


def _sentences(file: Path, imported: Imported, *, dry_run: bool) -> list[str]:
    """Say what an import did, or would do."""
    counted = ", ".join(
        (
            _count(len(imported.parties), "new party", "new parties"),
            _count(len(imported.restrictions), "restriction", "restrictions"),
            _count(imported.adjustments, "adjustment", "adjustments"),
        )
    )
    said = [
        f"{file} is sound and would load {counted}; nothing was loaded."
        if dry_run
        else f"Loaded from {file}: {counted}."
    ]
    if imported.skipped:
        said.append(f"On record already and left as they are: {_lines(imported.skipped)}.")
    if imported.untold:
        said.append(f"Not enforced until the party is told: {', '.join(imported.untold)}.")
    if imported.unknown_told:
        said.append(f"Nobody knows whether the party was told, so reviewed soon: {', '.join(imported.unknown_told)}.")
    return said + imported.notes


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _lines(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, sorted(numbers)[:_MOST_LINES]))
    more = len(numbers) - _MOST_LINES
    return f"line{'s' if len(numbers) > 1 else ''} {shown}" + (f" and {more} more" if more > 0 else "")
