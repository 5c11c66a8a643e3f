"""`parley waiting`: all that waits for a person, whose it is, and what is overdue."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of
from gateway.cli.screen import clock_time, day_of, escaped, plain, span, table
from gateway.clock import utc_now
from gateway.human_clock import Figure, Thing, all_that_waits, figure, figure_object
from gateway.serials import made_at
from rules.policies import Policy
from rules.waiting_for import Queue, WaitingFor

_ON_SCREEN = 200
_OF_ONE_KIND = frozenset({Queue.FLAGS})


@app.command("waiting")
def _waiting(
    context: typer.Context,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind; may be given again.")] = None,
    owner: Annotated[str, typer.Option(help="Only what is this person's, or this role's.")] = "",
    count: Annotated[bool, typer.Option("--count", help="Only how much waits and is overdue.")] = False,
    kinds: Annotated[bool, typer.Option("--kinds", help="List the kinds, as policies name them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One list, or one object of counts, for a program.")] = False,
) -> None:
    """List what waits for a person, whose it is and by when: contacts, files, letters, flags, legal clocks."""
    if kinds:
        for what in WaitingFor:
            typer.echo(f"{what.value:<18}{what.words}")
        return
    settings, now = settings_of(context), utc_now()
    policy, wanted = settings.policy, _kinds(kind or [])
    with record_of(settings) as record:
        things = record.read_now(lambda reader: all_that_waits(reader, policy, now))
    found = [
        one
        for one in things
        if (one.overdue(now) or not overdue)
        and (not wanted or one.waiting.what in wanted)
        and (not owner or one.owner.casefold() == owner.strip().casefold())
    ]
    if count:
        _print_figure(figure(found, now), policy, now, as_json=as_json)
    elif as_json:
        print_json([_object(one, now) for one in found])
    else:
        _print(found, policy, now)


def _kinds(names: list[str]) -> frozenset[WaitingFor]:
    try:
        return frozenset(map(WaitingFor, names))
    except ValueError:
        known = {one.value for one in WaitingFor}
        unknown = escaped(", ".join(sorted(set(names) - known)))
        refuse(f"Nothing that waits is called {unknown}; `parley waiting --kinds` lists them.")


def _print(found: list[Thing], policy: Policy, now: datetime) -> None:
    if not found:
        typer.echo("Nothing waits.")
        return
    shown = table(Due=14, Who=14, About=22, Age=7, What_and_whose=None)
    shown.columns[2].no_wrap = True  # it is copied into a command
    for one in found[:_ON_SCREEN]:
        waits = one.waiting
        late = one.overdue(now)
        due = plain(_due(waits.due, policy, now) + (" !" if late else ""), "bold red" if late else "")
        about = plain(_about(waits.about))
        shown.add_row(due, plain(one.name), about, span(one.age(now)), plain(f"{waits.what.words} ({one.owner})"))
    console.print(shown)
    if len(found) > _ON_SCREEN:
        typer.echo(f"{len(found) - _ON_SCREEN} more are not shown; --json gives all.")
    _print_figure(figure(found, now), policy, now, as_json=False)


def _about(number: str) -> str:
    """Name what it is about, whole: commands on letters take nothing less. What is no serial says nothing."""
    return number if made_at(number) is not None else ""


def _due(due: datetime, policy: Policy, now: datetime) -> str:
    """Say by when: the last day of what ends with one, else the minute."""
    local = due.astimezone(policy.zone)
    if local.time() != time.min:
        return clock_time(due, policy.zone, now)
    last = local.date() - timedelta(days=1)
    return day_of(due, policy.zone) + ("" if last.year == now.astimezone(policy.zone).year else f" {last.year}")


def _print_figure(counted: Figure, policy: Policy, now: datetime, *, as_json: bool) -> None:
    if as_json:
        print_json(figure_object(counted, policy.zone))
        return
    if not counted.oldest:
        typer.echo(f"{counted.waiting} waiting, nothing overdue.")
        return
    since = span(now - counted.oldest)
    typer.echo(f"{counted.waiting} waiting, {counted.overdue} overdue, marked with !; the oldest by {since}.")
    for queue, number in counted.by_queue.items():
        typer.echo(f"  {number:>5}  {queue.said_of(number)}")
        kinds = ((what, count) for what, count in counted.by_kind.items() if what.queue is queue)
        for what, count in kinds if queue not in _OF_ONE_KIND else ():
            typer.echo(f"         {count:>5}  {what.words}")
    typer.echo("Overdue by owner:")
    for owner, number in counted.by_owner.items():
        typer.echo(f"  {number:>5}  {escaped(owner)}")


def _object(one: Thing, now: datetime) -> dict[str, object]:
    each = one.waiting
    return {
        "party": one.party,
        "name": one.name,
        "what": each.what.value,
        "about": each.about,
        "since": each.since.isoformat(),
        "due": each.due.isoformat(),
        "owner": one.owner,
        "overdue": one.overdue(now),
    }
