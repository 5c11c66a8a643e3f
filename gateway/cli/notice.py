"""`parley notice`: letters to a party: drafted, read by a person, sent or posted; and what became of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gateway.build_desk import notices_of
from gateway.casework.desk import NoSuchParty, Stale
from gateway.casework.notices import Notices
from gateway.casework.register import Register
from gateway.cli.fields import BadField
from gateway.cli.fields import words_of as words_given
from gateway.cli.notice_view import moved, plain_of, say, words_of, write
from gateway.cli.office import app, console, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import clock_time, escaped, plain, table
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.people import at_keyboard
from rules.casework.actor import Actor
from rules.casework.notices import ARRANGEMENTS, NoticeOnFile
from rules.casework.refused import Refused

notice = typer.Typer(no_args_is_help=True, help="Letters to a party. Nobody is told of anything before one has left.")
app.add_typer(notice, name="notice")

_Party = Annotated[str, typer.Argument(help="The party: its number, its name, or an address or number of it.")]
_Id = Annotated[str, typer.Argument(help="The notice.")]
_Forms = Annotated[
    list[str] | None,
    typer.Option(
        "--form", help="Besides those promised: pdf, plain_text, large_print, coloured, easy_read, translated."
    ),
]
_Words = Annotated[str, typer.Option(help="Words of your own, behind the opening; @FILE takes those of a file.")]
_To = Annotated[str, typer.Option(help="One of the person's own addresses; else the one last confirmed.")]
_Language = Annotated[str, typer.Option(help="The code of one of your languages, as cy: languages/cy.toml.")]
_Translations = Annotated[
    Path | None,
    typer.Option(help='A TOML file of what colleagues typed, each text beside its translation: "text" = "words".'),
]
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
        str,
        typer.Argument(
            help="A warning, a restriction or its end, or the paper of a change, review, lifting or appeal; "
            f"{ARRANGEMENTS!r} for the page alone."
        ),
    ],
    form: _Forms = None,
    words: _Words = "",
    to: _To = "",
    language: _Language = "",
    translations: _Translations = None,
    as_json: _Json = False,
) -> None:
    """Draft the letter on something from the file as it is now. A person reads it before it leaves."""
    with _desk(context) as desk:
        drafted = desk.notices.draft(
            desk.register.found(party),
            about,
            desk.by,
            words=_typed(words),
            forms=form or (),
            to=to,
            language=language,
            translations=_translated(translations),
        )
        _drafted(desk, drafted, as_json)


@notice.command("arrangements")
def _arrangements(
    context: typer.Context,
    party: _Party,
    form: _Forms = None,
    words: _Words = "",
    to: _To = "",
    language: _Language = "",
    translations: _Translations = None,
    as_json: _Json = False,
) -> None:
    """Draft the page "Your contact arrangements" as things are now."""
    _draft(context, party, ARRANGEMENTS, form, words, to, language, translations, as_json)


@notice.command("list")
def _list(context: typer.Context, party: _Party, as_json: _Json = False) -> None:
    """List the letters to a party, the oldest first."""
    with _desk(context) as desk:
        found = desk.notices.list(desk.register.found(party), desk.by)
    if as_json:
        for one in found:
            print_json(plain_of(one))
        return
    if not found:
        typer.echo("No letter to this party is on record.")
        return
    zone, now = desk.settings.policy.zone, utc_now()
    shown = table(Notice=24, Kind=14, State=10, Drafted=13, About=None)
    for one in found:
        drafted = clock_time(one.drafted_at, zone, now)
        shown.add_row(one.id, words_of(one.kind), words_of(one.state.value), drafted, plain(one.about))
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
        write(pdf, found.printed)
    elif as_json:
        print_json(plain_of(found.notice) | {"text": found.notice.text, "pdfs": len(found.printed)})
    else:
        if not text:
            say(found, desk.settings)
        typer.echo(escaped(found.notice.text, lines=True))


@notice.command("read")
def _read(context: typer.Context, number: _Id, as_json: _Json = False) -> None:
    """Say that you have read it as it will leave. The person is told in your name."""
    with _desk(context) as desk:
        moved(desk.notices.read(number, desk.by), as_json, f"Read. To send it: parley notice send {escaped(number)}")


@notice.command("send")
def _send(context: typer.Context, number: _Id, as_json: _Json = False) -> None:
    """Send it by mail. The person counts as told once it has left, which a Parley that runs sees to."""
    with _desk(context) as desk:
        sent = desk.notices.send(number, desk.by)
        copies = f", with {len(sent.copies)} copies" if sent.copies else ""
        moved(sent, as_json, f"On its way to {escaped(sent.to)}{copies}. Nobody is told before it has left.")


@notice.command("posted")
def _posted(
    context: typer.Context,
    number: _Id,
    how: Annotated[str, typer.Option(help="How it left, where not by post.")] = "",
    as_json: _Json = False,
) -> None:
    """Say that you posted it, or gave it otherwise: the person is told now. `show --pdf` writes it for printing."""
    with _desk(context) as desk:
        moved(desk.notices.posted(number, desk.by, how=how), as_json, "The person is told.")


@notice.command("came-back")
def _came_back(
    context: typer.Context,
    number: _Id,
    detail: Annotated[str, typer.Option(help="What came back.")] = "",
    as_json: _Json = False,
) -> None:
    """Say that it came back: the person was not told, and what it told of stands no more until they are."""
    with _desk(context) as desk:
        moved(desk.notices.came_back(number, desk.by, detail=detail), as_json, "Not told. Draft it again another way.")


@notice.command("close")
def _close(
    context: typer.Context,
    number: _Id,
    reason: Annotated[str, typer.Option(help="Why nothing more is to be done.")],
    as_json: _Json = False,
) -> None:
    """Say that nothing more is to be done about it. Nobody is told by that."""
    with _desk(context) as desk:
        moved(desk.notices.close(number, desk.by, reason=reason), as_json, "Closed.")


def _typed(words: str) -> str:
    try:
        return words_given(words)
    except BadField as bad:
        refuse(escaped(str(bad)))


def _translated(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        refuse(f"{escaped(str(file))} cannot be read: {escaped(str(fault))}")
    if not all(isinstance(said, str) for said in found.values()):
        refuse(f"{escaped(str(file))}: each text stands beside its words in the other language.")
    return found


def _drafted(desk: _Desk, drafted: NoticeOnFile, as_json: bool) -> None:
    if as_json:
        print_json(plain_of(drafted))
        return
    say(desk.notices.show(drafted.id, desk.by), desk.settings)
    typer.echo(f"To read it: parley notice show {drafted.id}; then: parley notice read {drafted.id}")
