"""`parley flags`: levels of contact that the policy calls unacceptable, with the contacts that made them."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError

from gateway.build_desk import casework_of
from gateway.casework.desk import NoSuchParty, Stale
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.flags import Draft, FlagDesk, Raised, as_data
from gateway.people import at_keyboard
from rules.casework.refused import Refused
from rules.policies import Policy
from rules.sentences import each
from storage.entries import FlagState

flags = typer.Typer(
    invoke_without_command=True,
    help="Levels of contact that the policy calls unacceptable. A flag restricts nobody: people decide.",
)
app.add_typer(flags, name="flags")

T = TypeVar("T")
_MOST_TIMES = 20
_Id = Annotated[str, typer.Argument(metavar="ID", help="The flag, as `parley flags` names it.")]
_Json = Annotated[bool, typer.Option("--json", help="One object a line, for a program.")]


@flags.callback()
def _flags(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many of each state.")] = 100,
    as_json: _Json = False,
) -> None:
    """List flags, those open first, with their evidence. A flag restricts nobody: people decide."""
    if context.invoked_subcommand is not None:
        return
    settings = settings_of(context)
    found = _asked(settings, lambda desk: desk.all(limit, at_keyboard(settings, who())))
    if as_json:
        for one in found:
            print_json(as_data(one, settings.policy))
        return
    if not found:
        typer.echo("No flags: no level of contact has reached a threshold of the policy.")
        return
    _print(found, settings.policy)


def _print(found: list[Raised], policy: Policy) -> None:
    now = utc_now()
    for one in found:
        state, at = one.flag.state, clock_time(one.flag.at, policy.zone, now)
        title = f" ({one.threshold.title})" if one.threshold is not None and one.threshold.title else ""
        console.print(plain(f"{state.value.capitalize()}: {one.who}", "yellow bold" if state is FlagState.OPEN else ""))
        typer.echo(_wrapped(escaped(f"{one.text}{title}, reached {at}.")))
        times = [clock_time(entry.at, policy.zone, now) for entry in reversed(one.evidence[:_MOST_TIMES])]
        before, least = len(one.evidence) - _MOST_TIMES, "at least " if one.cut else ""
        more = f"; {least}{before} before these" if before > 0 else ""
        typer.echo(_wrapped(f"Contacts that made it: {', '.join(times)}{more}."))
        typer.echo(f"    Flag {one.flag.id}")
        if one.flag.settled_by:
            typer.echo(_wrapped(_settled(one, policy)))
    typer.echo("To note an incident: parley flags act ID")
    typer.echo("To dismiss one: parley flags dismiss ID --why WORDS")


def _settled(one: Raised, policy: Policy) -> str:
    flag, now = one.flag, utc_now()
    what = f"incident {flag.paper}" if flag.paper else flag.why
    sleeps = f" It sleeps until {clock_time(flag.wakes_at, policy.zone, now)}." if flag.wakes_at else ""
    return escaped(f"{flag.state.value.capitalize()} by {flag.settled_by}: {what}.{sleeps}")


@flags.command("show")
def _show(context: typer.Context, flag: _Id, as_json: _Json = False) -> None:
    """Show one flag with the contacts that made it."""
    settings = settings_of(context)
    one = _asked(settings, lambda desk: desk.one(flag, at_keyboard(settings, who())))
    if as_json:
        print_json(as_data(one, settings.policy))
        return
    _print([one], settings.policy)


@flags.command("act")
def _act(
    context: typer.Context,
    flag: _Id,
    what: Annotated[str | None, typer.Option(help="What happened, as fact, in your words.")] = None,
    as_drafted: Annotated[bool, typer.Option("--as-drafted", help="The words of the draft are right.")] = False,
    category: Annotated[str, typer.Option(help="A ground of the policy; the threshold's unless given.")] = "",
    as_json: _Json = False,
) -> None:
    """Draft an incident from a flag; with its words, note it on the party's file. It restricts nobody."""
    settings = settings_of(context)
    by = at_keyboard(settings, who())
    drafted = _asked(settings, lambda desk: desk.draft(flag, by))
    words = drafted.what if as_drafted else what
    if words is None:
        _print_draft(flag, drafted, settings.policy, as_json)
        return
    done = _asked(settings, lambda desk: desk.act(flag, by, what=words, category=category))
    if as_json:
        print_json({"flag": flag, "party": done.file.party.id, "paper": done.paper.id})
        return
    name = escaped(done.file.party.name)
    typer.echo(f"Noted as incident {done.paper.id} on the file of {name} (party {done.file.party.id}).")
    typer.echo("Nothing is restricted.")


def _print_draft(flag: str, drafted: Draft, policy: Policy, as_json: bool) -> None:
    if as_json:
        channel = drafted.channel.value if drafted.channel else None
        data = {"flag": flag, "category": drafted.category, "what": drafted.what, "day": str(drafted.day)}
        print_json(data | {"channel": channel, "evidence": list(drafted.evidence)})
        return
    typer.echo("A draft; nothing is on file yet.\n")
    typer.echo(_wrapped(f"category: {drafted.category or 'to be chosen: ' + ', '.join(policy.grounds)}"))
    typer.echo(_wrapped(escaped(f"what:     {drafted.what}")))
    typer.echo(f"    day:      {drafted.day}")
    if drafted.channel:
        typer.echo(f"    channel:  {drafted.channel.value}")
    typer.echo(_wrapped(f"evidence: {', '.join(drafted.evidence)}"))
    chosen = "" if drafted.category else " --category GROUND"
    typer.echo(f"\nTo note it:  parley flags act {shlex.quote(flag)}{chosen} --what WORDS   (or --as-drafted)")


@flags.command("dismiss")
def _dismiss(
    context: typer.Context,
    flag: _Id,
    why: Annotated[str, typer.Option(help="Why the level is not unacceptable.")],
    as_json: _Json = False,
) -> None:
    """Dismiss a flag with a reason, under your name; it sleeps for as long as the policy says."""
    settings = settings_of(context)
    by = at_keyboard(settings, who())
    one = _asked(settings, lambda desk: desk.dismiss(flag, why, by))
    if as_json:
        print_json(as_data(one, settings.policy))
        return
    typer.echo(_settled(one, settings.policy))


def _asked(settings: Settings, question: Callable[[FlagDesk], T]) -> T:
    """Ask the desk of flags; what it refuses ends the command."""
    with record_of(settings) as record:
        try:
            return question(FlagDesk(record, settings.policy, casework_of(settings, record), utc_now))
        except Refused as refused:
            lines = (refused.why, refused.way, f"Clause: {refused.clause}" if refused.clause else "")
            refuse("\n".join(escaped(line) for line in lines if line))
        except ValidationError as bad:
            refuse("\n".join(escaped(f"{one}.") for one in each(bad)))
        except NoSuchParty as none:
            refuse(escaped(str(none.args[0])))
        except Stale as stale:
            refuse(str(stale), 75)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 80, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
