"""`parley policy`: list, read, check and compare policies; an office begins its own by `show --toml`.

Belongs here: policies at the command line. It reads files and changes nothing; `try` alone needs an office, and puts
on record who asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import BaseModel

from gateway import config
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped, plain, progress, table
from gateway.clock import utc_now
from gateway.config import FILE_NAME, ConfigError
from gateway.people import at_keyboard
from gateway.policy_trial import Reached, tried
from gateway.safeguard_lists import check_own
from rules import policies
from rules.casework.refused import Refused
from rules.policies import Policy, words

policy = typer.Typer(no_args_is_help=True, help="The office's rules as data: list, show, check, diff, try.")
app.add_typer(policy, name="policy")

_Named = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A policy that ships with Parley, or a .toml file.")]
_HERE = Path()


@policy.command("list")
def _list(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List the policies that ship with Parley, and which one the office has."""
    ours = settings_of(context).config.office.policy if _office(context) else ""
    shipped = {name: config.read_policy(name, _HERE).title for name in config.shipped_policies()}
    others = {ours: settings_of(context).policy.title} if ours and ours not in shipped else {}
    if as_json:
        for name, title in (shipped | others).items():
            print_json({"name": name, "title": title, "ours": name == ours})
        return
    listing = table(Policy=None, Title=None, Ours=4)
    for name, title in (shipped | others).items():
        listing.add_row(plain(name), plain(title), "yes" if name == ours else "")
    console.print(listing)
    typer.echo("To read one: parley policy show NAME. To begin your own: parley policy show --toml NAME > ours.toml")


@policy.command("show")
def _show(
    context: typer.Context,
    named: Annotated[
        str | None, typer.Argument(metavar="[NAME|FILE]", help="Else the office's own; else the default one.")
    ] = None,
    as_toml: Annotated[bool, typer.Option("--toml", help="The file as it is, to begin your own from.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    """Say what a policy says: who may do what, how long, whose approval, appeal, review, levels, words."""
    if as_toml:
        typer.echo(_text(context, named), nl=False)
        return
    read = _policy(context, named)
    if as_json:
        print_json(as_object(read))
        return
    for section in words.sections(read):
        listing = table(**{section.title: 32, " ": None, "Clause": 12})
        for row in section.rows:
            listing.add_row(plain(row.label), plain(row.text), plain(row.clause, "dim"))
        if section.rows:
            console.print(listing)


@policy.command("check")
def _check(named: _Named) -> None:
    """Say every fault of a policy and end with 2; or that it can be used, and end with 0."""
    try:
        text, where = config.policy_text(named, _HERE)
    except ConfigError as unreadable:
        refuse(escaped(str(unreadable)))
    faults = _faults(text)
    if faults:
        refuse("\n".join(escaped(f"{where}: {fault}.") for fault in faults))
    typer.echo(escaped(f"{where}: no fault. To use it, name it as `policy` under [office] in {FILE_NAME}."))
    typer.echo("To see whom it would flag today: parley policy try NAME|FILE.")


def _faults(text: str) -> tuple[str, ...]:
    try:
        data = tomllib.loads(text)
        return policies.faults(data) or _faults_of_lists(policies.parse(data))
    except tomllib.TOMLDecodeError as broken:
        return (f"it is not valid TOML: {broken}",)


def _faults_of_lists(read: Policy) -> tuple[str, ...]:
    try:
        check_own(read)
    except ValueError as fault:
        return (str(fault),)
    return ()


@policy.command("diff")
def _diff(
    one: _Named,
    other: _Named,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """Say what two policies say differently, and nothing of what they say alike; clauses are left out."""
    ours, theirs = config.read_policy(one, _HERE), config.read_policy(other, _HERE)
    found = list(words.differences(ours, theirs))
    if as_json:
        for each in found:
            print_json(asdict(each))
        return
    if not found:
        typer.echo("They say the same." if ours == theirs else "They differ in nothing but the clauses that they name.")
        return
    for title, rows in groupby(found, key=lambda each: each.section):
        listing = table(**{title: 30, "one": None, "other": None})
        # Not by their names: a table reads markup in those of its columns.
        listing.columns[1].header, listing.columns[2].header = plain(one), plain(other)
        for row in rows:
            listing.add_row(plain(row.label), plain(row.one), plain(row.other))
        console.print(listing)


@policy.command("try")
def _try(
    context: typer.Context,
    named: _Named,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """Say whom a policy would flag today, beside the office's own; nothing is changed and nobody is flagged."""
    settings, other, now = settings_of(context), config.read_policy(named, _HERE), utc_now()
    by = at_keyboard(settings, who())
    try:
        with record_of(settings) as record, progress() as bar:
            task = bar.add_task("Looking at levels", total=None)

            def heard(done: int, of: int) -> None:
                bar.update(task, completed=done, total=of)

            found = tried(record, settings.policy, other, by, now, heard)
    except Refused as refused:
        refuse("\n".join(escaped(line) for line in (refused.why, refused.way) if line))
    if as_json:
        for one in found:
            print_json(asdict(one))
        return
    _say_flagged(found, named)


def _say_flagged(found: list[Reached], named: str) -> None:
    listing = table(Who=24, Level_now=None, Today=6, Then=6)
    for one in found:
        listing.add_row(plain(one.who), plain(one.text), "yes" if one.ours else "", "yes" if one.other else "")
    if found:
        console.print(listing)
    ours, theirs = {one.whose for one in found if one.ours}, {one.whose for one in found if one.other}
    named = Path(named).name
    typer.echo(
        escaped(
            f"Parties at a threshold now: {len(ours)} by the office's policy, {len(theirs)} by {named}; "
            f"{len(theirs - ours)} only by {named}, {len(ours - theirs)} only today."
        )
    )


def as_object(read: Policy) -> dict[str, Any]:
    """Give a policy as plain data for a program."""
    return {name: _plain(value) for name, value in vars(read).items() if name in Policy.__dataclass_fields__}


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever a policy holds
    if isinstance(value, BaseModel):
        return {name: _plain(each) for name, each in value}
    if isinstance(value, frozenset):
        return sorted(_plain(each) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, policies.Gate):
        return {name: _plain(each) for name, each in asdict(value).items()}
    if isinstance(value, timedelta):
        return value.days
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.key if isinstance(value, ZoneInfo) else value


def _office(context: typer.Context) -> bool:
    state: Path = context.obj
    return (state / FILE_NAME).exists()


def _policy(context: typer.Context, named: str | None) -> Policy:
    if named is not None:
        return config.read_policy(named, _HERE)
    return settings_of(context).policy if _office(context) else config.read_policy("default", _HERE)


def _text(context: typer.Context, named: str | None) -> str:
    if named is not None:
        return config.policy_text(named, _HERE)[0]
    ours = settings_of(context).config.office.policy if _office(context) else "default"
    return config.policy_text(ours, context.obj)[0]
