"""`parley flags`: levels of contact that the policy calls unacceptable, with the contacts that made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gateway.cli import words
from gateway.cli.office import app, console, print_json, record_of, settings_of
from gateway.cli.screen import clock_time, plain, table
from gateway.clock import utc_now
from rules.policies import Policy, Threshold
from storage.entries import Entry, Flag, FlagState
from storage.transaction import Reader

_MOST_EVIDENCE = 20


@dataclass(frozen=True, slots=True)
class _Raised:
    """Hold a flag with what a person needs to judge it."""

    flag: Flag
    who: str
    text: str
    evidence: tuple[Entry, ...]


@app.command("flags")
def _flags(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many of each state.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line, for a program.")] = False,
) -> None:
    """List flags, those open first, with their evidence. A flag restricts nobody: people decide."""
    settings = settings_of(context)
    zone = settings.policy.zone
    with record_of(settings) as record:
        found = record.read_now(lambda reader: _read(reader, settings.policy, limit))
    if as_json:
        for one in found:
            print_json(_object(one, zone))
        return
    if not found:
        typer.echo("No flags: no level of contact has reached a threshold of the policy.")
        return
    now = utc_now()
    listing = table(When=12, Who=20, Level_reached=30, State=9, Contacts_that_made_it=None)
    for one in found:
        times = ", ".join(clock_time(entry.at, zone, now) for entry in reversed(one.evidence))
        state = one.flag.state
        listing.add_row(
            clock_time(one.flag.at, zone, now),
            plain(one.who),
            plain(one.text),
            plain(state.value, "yellow bold" if state is FlagState.OPEN else ""),
            plain(times),
        )
    console.print(listing)
    typer.echo("To see the contacts: parley contacts --whose WHOSE, as `flags --json` names it.")


def _read(reader: Reader, policy: Policy, limit: int) -> list[_Raised]:
    flags = [flag for state in FlagState for flag in reader.flags(state=state, limit=limit)]
    thresholds = {threshold.name: threshold for threshold in policy.thresholds}
    return [_raised(reader, flag, thresholds.get(flag.threshold), policy.zone) for flag in flags]


def _raised(reader: Reader, flag: Flag, threshold: Threshold | None, zone: ZoneInfo) -> _Raised:
    """Add who it is and the contacts of the window; of a threshold that the policy no longer has, the last one."""
    who = words.whose_name(reader, flag.whose)
    text = words.level(flag, threshold)
    if threshold is None:
        entry = reader.contact(flag.contact_id)
        return _Raised(flag, who, text, (entry,) if entry else ())
    window = reader.contacts(
        whose=flag.whose,
        since=threshold.span.since(flag.at, zone),
        channels=sorted(threshold.channels),
        limit=_MOST_EVIDENCE + 100,
    )
    evidence = tuple(entry for entry in window if entry.counts and entry.at <= flag.at)[:_MOST_EVIDENCE]
    return _Raised(flag, who, text, evidence)


def _object(one: _Raised, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": one.flag.id,
        "whose": one.flag.whose,
        "who": one.who,
        "threshold": one.flag.threshold,
        "level": one.flag.level,
        "text": one.text,
        "at": one.flag.at.astimezone(zone).isoformat(),
        "state": one.flag.state.value,
        "contacts": [entry.id for entry in one.evidence],
    }
