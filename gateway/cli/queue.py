"""`parley queue`: what waits for a person, and the ways out of it: shown, released, looked at.

Belongs here: the queue at the command line. Reading a message here marks nothing; what people do is recorded by name.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from adapters.mail.text import Shown, show
from gateway.build import desk_holds
from gateway.cli import words
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, day_of, escaped, plain, span, table
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.holds import RELEASABLE
from gateway.mail_contact import DUTY
from rules.casework.breaches import Breach
from rules.casework.identifiers import identifier_of
from rules.casework.identifiers import words as said
from rules.policies import Policy
from storage.entries import Entry, Letter, LetterState, State
from storage.record import Record
from storage.transaction import Reader, Transaction

_LEAST_LETTERS = 5

queue = typer.Typer(no_args_is_help=True, help="What waits for a person: list, show, release, looked.")
app.add_typer(queue, name="queue")

_Number = Annotated[str, typer.Argument(metavar="ID", help="The number in the list, or the whole serial number.")]
_AsJson = Annotated[bool, typer.Option("--json", help="One object a line, for a program.")]


_LETTERS = (LetterState.UNCLEAR, LetterState.FAILED)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Hold one thing that waits: a contact, a letter of ours that failed or may not have left, a breach to assess."""

    id: str
    who: str
    item: Entry | Letter | Breach

    @property
    def due(self) -> datetime | None:
        """Give by when a person looks, aware UTC; None where nothing is said."""
        if isinstance(self.item, Breach):
            return self.item.due
        return self.item.look_by if isinstance(self.item, Entry) else None

    @property
    def owner(self) -> str:
        """Give who has it; nobody has a letter."""
        if isinstance(self.item, Breach):
            return DUTY
        return (self.item.owner if isinstance(self.item, Entry) else "") or "nobody"


@queue.command("list")
def _list(context: typer.Context, as_json: _AsJson = False) -> None:
    """List what is held, filed, unclear or a voicemail, and letters that may not have left; the oldest first."""
    settings = settings_of(context)
    zone, now = settings.policy.zone, utc_now()
    with record_of(settings) as record:
        waiting = record.read_now(_waiting)
        if as_json:
            for one in waiting:
                print_json(record.read_now(partial(_object, one, settings.policy, now)))
            return
    if not waiting:
        typer.echo("Nothing waits for a person.")
        return
    listing = table(Number=7, Who=20, What=None, Look_by=8, Age=7, Owner=10)
    for one in waiting:
        listing.add_row(
            words.short_number(one.id),
            plain(one.who),
            plain(_what(one.item, settings.policy, now)),
            _due(one, settings.policy, now),
            "" if isinstance(one.item, Letter) else span(now - one.item.at),
            plain(one.owner),
        )
    console.print(listing)
    overdue = sum(one.due is not None and one.due <= now for one in waiting)
    late = f", {overdue} OVERDUE" if overdue else ""
    typer.echo(f"{len(waiting)} waiting{late}; times of {zone.key}.")
    typer.echo("Next: parley queue show NUMBER (or release, or looked)")


def _waiting(reader: Reader) -> list[_Waiting]:
    entries = [_Waiting(one.id, words.who(reader, one), one) for one in reader.queue()]
    letters = [_Waiting(one.id, one.rcpt, one) for state in _LETTERS for one in reader.letters(state)]
    breaches = [_Waiting(one.id, name, one) for _, name, one in reader.open_breaches()]
    return [*entries, *letters, *breaches]


def _what(item: Entry | Letter | Breach, policy: Policy, now: datetime) -> str:
    if isinstance(item, Breach):
        due = clock_time(item.due, policy.zone, now)
        return f"Data breach to assess by {due}: {said(identifier_of(item.identifier))} was taken for them"
    if isinstance(item, Letter):
        became = "nobody knows whether it left" if item.state is LetterState.UNCLEAR else "it could not be sent"
        return f"{words.LETTERS.get(item.kind, 'Our letter')}: {became}"
    if item.state is State.FILED:
        return f"{words.CHANNELS[item.channel]}: filed unanswered"
    return f"{words.CHANNELS[item.channel]}: {words.what(item, policy.zone, now)}"


def _due(one: _Waiting, policy: Policy, now: datetime) -> Text:
    if one.due is None:
        return Text("")
    if one.due <= now:
        return Text("OVERDUE", style="red bold")
    return Text(day_of(one.due, policy.zone))


def _object(one: _Waiting, policy: Policy, now: datetime, reader: Reader) -> dict[str, object]:
    if isinstance(one.item, Letter):
        return words.letter_object(one.item)
    if isinstance(one.item, Breach):
        return _breach_object(one, one.item, policy, now)
    return words.as_object(reader, one.item, policy.zone) | {"overdue": one.due is not None and one.due <= now}


def _breach_object(one: _Waiting, breach: Breach, policy: Policy, now: datetime) -> dict[str, object]:
    return {
        "id": breach.id,
        "breach": breach.identifier,
        "party": one.who,
        "at": breach.at.astimezone(policy.zone).isoformat(),
        "due": breach.due.astimezone(policy.zone).isoformat(),
        "overdue": breach.overdue(now),
        "owner": one.owner,
        "reason": breach.reason,
    }


@queue.command("show")
def _show(context: typer.Context, number: _Number, as_json: _AsJson = False) -> None:
    """Show what is known of one contact, and the message where the record keeps it; marks nothing as looked at."""
    settings = settings_of(context)
    now = utc_now()
    with record_of(settings) as record:
        one = _find(record, number)
        raw = None if isinstance(one.item, Breach) else record.read_now(lambda reader: reader.raw(one.id))
        data = record.read_now(partial(_object, one, settings.policy, now))
    message = one.item.message if isinstance(one.item, Letter) else raw.message if raw else None
    shown = show(message) if message is not None else None
    if as_json:
        print_json(data | {"message": _message_object(shown)})
        return
    typer.echo(f"{one.id}  {escaped(one.who)}")
    if isinstance(one.item, Entry):
        _print_entry(one.item, settings.policy, now)
    else:
        typer.echo(escaped(_what(one.item, settings.policy, now)))
    if isinstance(one.item, Breach):
        typer.echo(f"reason  {escaped(one.item.reason)}")
        typer.echo(f"Next: parley act assess_breach PARTY correction={one.id}")
        return
    typer.echo("")
    _print_message(shown)


def _print_entry(entry: Entry, policy: Policy, now: datetime) -> None:
    when = clock_time(entry.at, policy.zone, now)
    typer.echo(f"{words.CHANNELS[entry.channel]} of {when}, {escaped(words.what(entry, policy.zone, now))}")
    for goal in entry.targets:
        typer.echo(f"to      {escaped(goal.recipient)}")
    for reason in entry.reasons:
        rule = ", ".join(part for part in (reason.measure, reason.clause, reason.restriction) if part)
        typer.echo(f"why     {escaped(reason.text)}" + (f" [{escaped(rule)}]" if rule else ""))
    if entry.detail:
        typer.echo(f"detail  {escaped(entry.detail)}")


def _print_message(shown: Shown | None) -> None:
    """Print a message as text, every line of it behind a bar, so that it cannot pass for words of ours."""
    if shown is None:
        typer.echo("The record keeps no copy of it.")
        return
    for name, value in shown.fields:
        typer.echo(f"| {name}: {escaped(value)}")
    typer.echo("|")
    for line in escaped(shown.text, lines=True).split("\n"):
        typer.echo(f"| {line}".rstrip())
    for name in shown.attachments:
        typer.echo(f"attached: {escaped(name)}")
    for remark in shown.remarks:
        typer.echo(remark)


def _message_object(shown: Shown | None) -> dict[str, object] | None:
    if shown is None:
        return None
    fields = [{"name": name, "value": value} for name, value in shown.fields]
    return {"fields": fields, "text": shown.text, "attachments": shown.attachments, "remarks": shown.remarks}


@queue.command("release")
def _release(context: typer.Context, number: _Number) -> None:
    """Deliver a held, filed, returned or unclear message to its inbox, as you decided."""
    settings = settings_of(context)
    with record_of(settings) as record:
        one = _find(record, number)
        if not isinstance(one.item, Entry) or one.item.state not in RELEASABLE:
            refuse(f"{one.id} is no message that can be released; `parley queue looked` settles it.")
        told, released = asyncio.run(_released(settings, record, one.id))
    typer.echo(told)
    if not released:
        raise typer.Exit(75)


async def _released(settings: Settings, record: Record, number: str) -> tuple[str, bool]:
    async with desk_holds(settings, record) as holds:
        told = await holds.release(number, who())
    entry = await record.read(lambda reader: reader.contact(number))
    return told, entry is not None and entry.state is State.DELIVERED


@queue.command("looked")
def _looked(context: typer.Context, number: _Number) -> None:
    """Note that you have looked at what was filed, left as a message or unclear; it leaves the queue."""
    with record_of(settings_of(context)) as record:
        one = _find(record, number)
        if isinstance(one.item, Breach):
            refuse(f"{one.id} is a data breach to assess; `parley act assess_breach` closes it.")
        settled = record.write_now(partial(_settle, one, who(), utc_now()))
    if not settled:
        refuse(f"{one.id} waits for no look: it is {_state(one)}.")
    typer.echo(f"{one.id} was looked at by {who()}.")


def _state(one: _Waiting) -> str:
    assert not isinstance(one.item, Breach)  # refused before
    return one.item.state.value.replace("_", " ")


def _settle(one: _Waiting, name: str, now: datetime, tx: Transaction) -> bool:
    """Note the look; a letter that may have left is settled as failed, and so is never sent again."""
    if isinstance(one.item, Letter):
        known = tx.letter(one.id)
        if known is None or known.state not in _LETTERS:
            return False
        tx.settle_letter(one.id, LetterState.LOOKED_AT, detail=f"was {known.state.value}; looked at by {name}")
    elif not tx.look(one.id, name, now):
        return False
    tx.act(name, "looked", one.id, {})
    return True


def _find(record: Record, number: str) -> _Waiting:
    """Find what a person means: a whole serial number, or the end of one that waits."""
    found = record.read_now(lambda reader: _named(reader, number.strip().lower()))
    if len(found) != 1:
        many = "names several: write more of its number" if found else "is nothing on record that waits"
        refuse(f"{escaped(number)!r} {many}. `parley queue list` shows what waits.")
    return found[0]


def _named(reader: Reader, number: str) -> list[_Waiting]:
    entry = reader.contact(number)
    if entry is not None:
        return [_Waiting(entry.id, words.who(reader, entry), entry)]
    letter = reader.letter(number)
    if letter is not None:
        return [_Waiting(letter.id, letter.rcpt, letter)]
    exactly = [one for one in _waiting(reader) if one.id == number]
    if exactly:
        return exactly
    return [one for one in _waiting(reader) if len(number) >= _LEAST_LETTERS and one.id.endswith(number)]
