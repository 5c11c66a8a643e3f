"""`parley sheet`: one sheet before a restriction is proposed. Reads the record and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from gateway.casework.desk import NoSuchParty
from gateway.casework.forms import form_of
from gateway.casework.register import Register
from gateway.casework.sheet import Sheet, WouldHave, as_data, sheet
from gateway.cli.fields import BadField, read
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped, plain, table
from gateway.clock import utc_now
from gateway.people import at_keyboard
from rules import measures
from rules.casework.acts.draft_restriction import DraftRestriction
from rules.casework.refused import Refused
from rules.measures import Measure

_HELP = (
    "Show what you should know before you propose measures for PARTY: our own part in it, what the measures and two "
    "milder ones would have done to the contact of the last 30 days, and whether anything stays open. That you looked "
    "is recorded.\n\n"
    "Measures are written as for `parley act draft_restriction`: measures='[{kind=\"block\"}]' or measures=@FILE."
)


@app.command("sheet", help=_HELP)
def _sheet(
    context: typer.Context,
    party: Annotated[str, typer.Argument(help="Its number, its name, or an address or number of it.")],
    meant: Annotated[list[str], typer.Argument(metavar="measures=...", help="The measures.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    settings = settings_of(context)
    wanted = _measures(meant)
    now = utc_now()
    with record_of(settings) as record:
        try:
            number = Register(record, settings, utc_now).found(party)
            found = sheet(record, number, wanted, settings.policy, at_keyboard(settings, who()), now=now)
        except NoSuchParty as none:
            refuse(escaped(str(none.args[0])))
        except Refused as refused:
            refuse(escaped(str(refused)))
    if as_json:
        print_json(as_data(found))
    else:
        _print(found)


def _measures(typed: Sequence[str]) -> tuple[Measure, ...]:
    try:
        data = read(form_of(DraftRestriction), typed).get("measures")
        if not isinstance(data, list) or not data:
            raise BadField("Write the measures as measures=... .")
        return tuple(measures.parse(one) for one in data)
    except ValueError as bad:
        refuse(escaped(str(bad)))


def _happened(one: WouldHave) -> str:
    if one.outcomes is None:
        return "it cannot be told: what messages were about is not kept"
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in one.outcomes.most_common())
    return outcomes or "nothing: there was no contact"


def _words(meant: Sequence[Measure]) -> str:
    return " + ".join(
        one.kind + "".join(f" {name}={value}" for name, value in measures.dump(one).items() if name in _SAID)
        for one in meant
    )


_SAID = ("count", "per", "minutes")


def _print(found: Sheet) -> None:
    contacts = ", ".join(f"{count} by {channel}" for channel, count in sorted(found.contacts.items())) or "none"
    ours = found.ours
    for line in (
        f"{found.party}, the last 30 days",
        f"Contacts: {contacts}.",
        f"Our part: {ours.overdue_looks} waiting for our look too long, {ours.missed_calls} calls that nobody "
        f"answered, {ours.adjustments_broken} contacts that an adjustment should have let through, "
        f"{ours.letters_owed} letters that we owe, {ours.letters_late} of them late.",
        f"Asked about adjustments: {found.asked}" if found.asked else "Nobody has asked yet about adjustments.",
        f"Other people whom the party's identifiers recognised: {found.met}.",
    ):
        typer.echo(escaped(line))
    shown = table(measures=44, what_would_have_happened=None)
    for one in found.would_have:
        shown.add_row(plain(_words(one.measures)), plain(_happened(one)))
    console.print(shown)
    if found.total_block:
        typer.echo("With all that is on this party no channel is left: a total block, which needs its approval.")
