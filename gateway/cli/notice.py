"""`parley notice`: letters to a party: drafted, read by a person, sent or posted; and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.build import notices_of
from gateway.casework.desk import NoSuchParty, Stale
from gateway.casework.notices import Notices, Shown
from gateway.casework.register import Register
from gateway.cli.fields import BadField, words_of
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.people import at_keyboard
from rules.casework.actor import Actor
from rules.casework.notices import ARRANGEMENTS, NoticeOnFile
from rules.casework.refused import Refused
from storage.notices import Printed

notice = typer.Typer(no_args_is_help=True, help="Letters to a party. Nobody is told of anything before one has left.")
app.add_typer(notice, name="notice")

_Party = Annotated[str, typer.Argument(help="The party: its number, its name, or an address or number of it.")]
_Id = Annotated[str, typer.Argument(help="The notice.")]
_Forms = Annotated[
    list[str] | None,
    typer.Option("--form", help="Besides those promised: pdf, plain_text, large_print, coloured, easy_read."),
]
_Words = Annotated[str, typer.Option(help="Words of your own, behind the opening; @FILE takes those of a file.")]
_To = Annotated[str, typer.Option(help="One of the person's own addresses; else the one last confirmed.")]
_Json = Annotated[bool, typer.Option("--json", help="One object, for a program.")]


@dataclass(frozen=True, slots=True)
class _Desk:
    settings: Settings
    notices: Notices
    register: Register
    by: Actor


@contextmanager
def _desk(context: typer.Context) -> Iterator[_Desk]:
    """Open what a command needs; what is refused becomes its sentences."""
    settings = settings_of(context)
    with record_of(settings) as record:
        notices, register = notices_of(settings, record), Register(record, settings, utc_now)
        try:
            yield _Desk(settings, notices, register, at_keyboard(settings, who()))
        except Refused as refused:
            clause = f"Clause: {refused.clause}" if refused.clause else ""
            refuse("\n".join(escaped(line) for line in (refused.why, refused.way, clause) if line))
        except NoSuchParty as none:
            refuse(escaped(str(none.args[0])))
        except Stale as stale:
            refuse(escaped(str(stale)), 75)


@notice.command("draft")
def _draft(
    context: typer.Context,
    party: _Party,
    about: Annotated[
        str, typer.Argument(help="A warning, a restriction, or the paper of a change, review, lifting or appeal.")
    ],
    form: _Forms = None,
    words: _Words = "",
    to: _To = "",
    as_json: _Json = False,
) -> None:
    """Draft the letter on something from the file as it is now. A person reads it before it leaves."""
    with _desk(context) as desk:
        said = _typed(words)
        drafted = desk.notices.draft(desk.register.found(party), about, desk.by, words=said, forms=form or (), to=to)
        _drafted(desk, drafted, as_json)


@notice.command("arrangements")
def _arrangements(
    context: typer.Context,
    party: _Party,
    form: _Forms = None,
    words: _Words = "",
    to: _To = "",
    as_json: _Json = False,
) -> None:
    """Draft the page "Your contact arrangements" as things are now."""
    with _desk(context) as desk:
        said = _typed(words)
        number = desk.register.found(party)
        drafted = desk.notices.draft(number, ARRANGEMENTS, desk.by, words=said, forms=form or (), to=to)
        _drafted(desk, drafted, as_json)


@notice.command("list")
def _list(context: typer.Context, party: _Party, as_json: _Json = False) -> None:
    """List the letters to a party, the oldest first."""
    with _desk(context) as desk:
        found = desk.notices.list(desk.register.found(party), desk.by)
    if as_json:
        for one in found:
            print_json(_object(one))
        return
    if not found:
        typer.echo("No letter to this party is on record.")
        return
    zone, now = desk.settings.policy.zone, utc_now()
    shown = table(Notice=24, Kind=14, State=10, Drafted=13, About=None)
    for one in found:
        drafted = clock_time(one.drafted_at, zone, now)
        shown.add_row(one.id, _words_of(one.kind), _words_of(one.state.value), drafted, plain(one.about))
    console.print(shown)


@notice.command("show")
def _show(
    context: typer.Context,
    number: _Id,
    pdf: Annotated[Path | None, typer.Option(help="Write its PDFs: FILE, then FILE-2, FILE-3.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Nothing but its words.")] = False,
    as_json: _Json = False,
) -> None:
    """Show a letter as it will leave, or left. That you looked is recorded."""
    with _desk(context) as desk:
        found = desk.notices.show(number, desk.by)
    if pdf is not None:
        _write(pdf, found.printed)
    elif as_json:
        print_json(_object(found.notice) | {"text": found.notice.text, "pdfs": len(found.printed)})
    else:
        if not text:
            _say(found, desk.settings)
        typer.echo(escaped(found.notice.text, lines=True))


@notice.command("read")
def _read(context: typer.Context, number: _Id, as_json: _Json = False) -> None:
    """Say that you have read it as it will leave. The person is told in your name."""
    with _desk(context) as desk:
        _moved(desk.notices.read(number, desk.by), as_json, f"Read. To send it: parley notice send {escaped(number)}")


@notice.command("send")
def _send(context: typer.Context, number: _Id, as_json: _Json = False) -> None:
    """Send it by mail. The person counts as told once it has left, which a Parley that runs sees to."""
    with _desk(context) as desk:
        moved = desk.notices.send(number, desk.by)
        copies = f", with {len(moved.copies)} copies" if moved.copies else ""
        _moved(moved, as_json, f"On its way to {escaped(moved.to)}{copies}. Nobody is told before it has left.")


@notice.command("posted")
def _posted(
    context: typer.Context,
    number: _Id,
    how: Annotated[str, typer.Option(help="How it left, where not by post.")] = "",
    as_json: _Json = False,
) -> None:
    """Say that you posted it, or gave it otherwise: the person is told now. `show --pdf` writes it for printing."""
    with _desk(context) as desk:
        _moved(desk.notices.posted(number, desk.by, how=how), as_json, "The person is told.")


@notice.command("came-back")
def _came_back(
    context: typer.Context,
    number: _Id,
    detail: Annotated[str, typer.Option(help="What came back.")] = "",
    as_json: _Json = False,
) -> None:
    """Say that it came back: the person was not told, and what it told of stands no more until they are."""
    with _desk(context) as desk:
        _moved(desk.notices.came_back(number, desk.by, detail=detail), as_json, "Not told. Draft it again another way.")


@notice.command("close")
def _close(
    context: typer.Context,
    number: _Id,
    reason: Annotated[str, typer.Option(help="Why nothing more is to be done.")],
    as_json: _Json = False,
) -> None:
    """Say that nothing more is to be done about it. Nobody is told by that."""
    with _desk(context) as desk:
        _moved(desk.notices.close(number, desk.by, reason=reason), as_json, "Closed.")


def _typed(words: str) -> str:
    try:
        return words_of(words)
    except BadField as bad:
        refuse(escaped(str(bad)))


def _drafted(desk: _Desk, drafted: NoticeOnFile, as_json: bool) -> None:
    if as_json:
        print_json(_object(drafted))
        return
    _say(desk.notices.show(drafted.id, desk.by), desk.settings)
    typer.echo(f"To read it: parley notice show {drafted.id}; then: parley notice read {drafted.id}")


def _say(found: Shown, settings: Settings) -> None:
    one = found.notice
    at = clock_time(one.drafted_at, settings.policy.zone, utc_now())
    typer.echo(
        f"Notice {one.id}: {_words_of(one.kind)}, {_words_of(one.state.value)}, drafted {at} by "
        f"{escaped(one.drafted_by)}{f', read by {escaped(one.read_by)}' if one.read_by else ''}."
    )
    typer.echo(f"To: {escaped(one.to) or 'nowhere by mail; post it'}. Forms: {', '.join(one.forms)}.")
    for copy in one.copies:
        typer.echo(f"Copy to: {escaped(copy)}")
    typer.echo(f"Reading age {one.reading_age}; {len(found.printed)} PDFs; digest {one.digest}")
    for sentence in one.look_at:
        typer.echo(f"Look at this long sentence: {escaped(sentence)}")
    if one.detail:
        typer.echo(escaped(one.detail))


def _moved(one: NoticeOnFile, as_json: bool, sentence: str) -> None:
    if as_json:
        print_json(_object(one))
    else:
        typer.echo(sentence)


def _write(path: Path, printed: tuple[Printed, ...]) -> None:
    if not printed:
        refuse("This notice has no PDF; it was drafted in plain_text alone.")
    for number, one in enumerate(printed, 1):
        place = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            place.write_bytes(one.content)
        except OSError as fault:
            refuse(f"{escaped(str(place))} cannot be written ({fault.strerror}).")
        typer.echo(f"{escaped(str(place))}: {_words_of(one.kind)}, {_words_of(one.form)}")


def _words_of(name: str) -> str:
    return name.replace("_", " ")


def _object(one: NoticeOnFile) -> dict[str, Any]:
    return {
        "id": one.id,
        "party": one.party,
        "about": one.about,
        "kind": one.kind,
        "state": one.state.value,
        "drafted_at": one.drafted_at.isoformat(),
        "drafted_by": one.drafted_by,
        "read_by": one.read_by,
        "to": one.to,
        "copies": [*one.copies],
        "forms": [*one.forms],
        "reading_age": one.reading_age,
        "look_at": [*one.look_at],
        "digest": one.digest,
        "paper": one.paper,
        "detail": one.detail,
    }
