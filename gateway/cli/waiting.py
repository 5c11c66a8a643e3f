"""`parley waiting`: what on the files of all parties waits for a person, and what is overdue."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.casework.overview import OnFile, everything_that_waits
from gateway.cli.office import app, console, print_json, record_of, settings_of
from gateway.cli.screen import clock_time, plain, table
from gateway.clock import utc_now
from rules.casework.waiting import WaitingFor

_WORDS = {
    WaitingFor.APPROVAL: "approval of a restriction",
    WaitingFor.NOTICE: "notice of a restriction",
    WaitingFor.NOTICE_CAME_BACK: "a notice came back: not told",
    WaitingFor.CHANGE_NOTICE: "notice of a change",
    WaitingFor.REVIEW: "review",
    WaitingFor.APPEAL: "decision on an appeal",
    WaitingFor.DECISION: "decision before protection lapses",
    WaitingFor.WARNING_LETTER: "a warning's letter",
    WaitingFor.REMINDER: "a reminder of a request of ours",
    WaitingFor.ANSWER: "an answer to a request of ours",
    WaitingFor.LETTER_UNREAD: "a letter to be read",
    WaitingFor.LETTER_UNSENT: "a letter was read and not sent",
    WaitingFor.LETTER_FAILED: "a letter that did not leave",
    WaitingFor.LETTER_UNCLEAR: "a letter that may have left",
    WaitingFor.LETTER_CAME_BACK: "a letter came back",
}


@app.command("waiting")
def _waiting(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One list, for a program.")] = False,
) -> None:
    """List what waits for a person on any file: approvals, notices, reviews, appeals. What is overdue comes first."""
    settings = settings_of(context)
    policy, now = settings.policy, utc_now()
    with record_of(settings) as record:
        found = record.read_now(lambda reader: everything_that_waits(reader, policy, now))
    if as_json:
        print_json([_object(one) | {"overdue": one.waiting.overdue(now)} for one in found])
        return
    if not found:
        typer.echo("Nothing waits.")
        return
    shown = table(due=14, party=16, what=25, about=22)
    for one in found:
        late = one.waiting.overdue(now)
        style = "bold red" if late else ""
        due = plain(clock_time(one.waiting.due, policy.zone, now) + (" !" if late else ""), style)
        shown.add_row(due, plain(one.name), plain(_WORDS[one.waiting.what]), plain(one.waiting.about))
    console.print(shown)
    overdue = sum(one.waiting.overdue(now) for one in found)
    if overdue:
        typer.echo(f"{overdue} overdue, marked with !")


def _object(one: OnFile) -> dict[str, object]:
    each = one.waiting
    return {
        "party": one.party,
        "name": one.name,
        "what": each.what.value,
        "about": each.about,
        "due": each.due.isoformat(),
        "owner": each.owner,
    }
