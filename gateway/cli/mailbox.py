"""`parley mailbox`: whether watched mailboxes can be worked on, and the one sign-in of a colleague that some need."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.mail.imap import Imap, ImapFault
from adapters.mail.imap_mailbox import Place
from adapters.mail.oauth import GoogleColleague, MicrosoftColleague
from gateway.cli.office import app, print_json, record_of, refuse, settings_of
from gateway.cli.screen import clock_time, escaped
from gateway.clock import utc_now
from gateway.config import Config, Settings
from gateway.config_mailbox import Mailbox
from gateway.mailboxes import mailbox_of
from gateway.sign_ins import SigningIn, colleague_of, of_mailbox, of_outbound
from gateway.watcher import SORTS
from storage.mailboxes import Cursor

_LATER = 75

mailbox = typer.Typer(no_args_is_help=True, help="Watched mailboxes: see whether they can be read, sign in to them.")
app.add_typer(mailbox, name="mailbox")


@mailbox.command("check")
def _check(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="One of \\[\\[mailbox]]; all of them without it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object for each mailbox, for a program.")] = False,
) -> None:
    """Sign in to mailboxes and say what their servers can do; nothing in them is changed. Exit 75 on trouble."""
    settings = settings_of(context)
    chosen = [_named(settings.config, name)] if name else list(settings.config.mailbox)
    if not chosen:
        refuse("No mailbox is watched: [[mailbox]] in parley.toml names one.")
    with record_of(settings) as record:
        cursors = record.read_now(lambda reader: {one.name: reader.mailbox_cursor(one.name) for one in chosen})
    found = [_looked_at(settings, one, cursors[one.name]) for one in chosen]
    for one in found:
        if as_json:
            print_json(one)
        else:
            _say(one)
    if not as_json:
        typer.echo(SORTS)
    if any(one["trouble"] for one in found):
        raise typer.Exit(_LATER)


def _looked_at(settings: Settings, one: Mailbox, cursor: Cursor | None) -> dict[str, Any]:
    box = mailbox_of(settings.config, one, utc_now)
    synced = cursor.synced if cursor is not None else None
    zone = settings.policy.zone
    said: dict[str, Any] = {
        "mailbox": one.name,
        "address": one.address,
        "watched": one.watch,
        "read_last": synced.isoformat() if synced else None,
        "read_last_in_words": clock_time(synced, zone, utc_now()) if synced else "never",
        "trouble": "",
    }
    try:
        imap = box.open()
    except ImapFault as fault:
        return said | {"trouble": str(fault)}
    try:
        return said | _abilities(imap, {place.value: folder for place, folder in box.folders.items()})
    except ImapFault as fault:
        return said | {"trouble": str(fault)}
    finally:
        imap.close()


def _abilities(imap: Imap, folders: dict[str, str]) -> dict[str, Any]:
    messages = imap.select(folders[Place.INBOX]).messages
    able = imap.abilities
    return {
        "messages": messages,
        "tells_at_once": able.idle,
        "moves": able.takes_out,
        "keeps_our_mark": able.keyword,
        "folders": {folder: imap.folder_exists(folder) for folder in folders.values()},
    }


def _say(one: dict[str, Any]) -> None:
    typer.echo(f"{one['mailbox']}: {escaped(one['address'])}, read last: {one['read_last_in_words']}")
    if one["trouble"]:
        typer.echo(f"  {one['trouble']}")
        return
    typer.echo(f"  Signed in. {one['messages']} messages in the inbox.")
    if not one["watched"]:
        typer.echo("  It is not watched (watch = false); mail that a decision sends there is put into it.")
    if not one["tells_at_once"]:
        typer.echo("  Its server does not tell of new mail (no IDLE): it is looked at every few minutes.")
    if not one["moves"]:
        typer.echo(
            "  Its server can neither MOVE nor UIDPLUS: filed mail is copied, marked as read, and stays in the inbox."
        )
    if not one["keeps_our_mark"]:
        typer.echo("  Its server keeps no marks of ours: what was handled is known by the record alone.")
    missing = [folder for folder, there in one["folders"].items() if not there]
    if missing:
        typer.echo(f"  Folders made when they are needed: {', '.join(map(escaped, missing))}.")


@mailbox.command("sign-in")
def _sign_in(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="One of \\[\\[mailbox]], with sign_in microsoft or google.")] = "",
    outbound: Annotated[bool, typer.Option("--outbound", help="Sign in to send our own mail (mail.outbound).")] = False,
) -> None:
    """Have the colleague who may open a mailbox, or send, sign in once, by a browser on any machine."""
    config = settings_of(context).config
    if outbound == bool(name):
        refuse("Name a mailbox, or say --outbound.")
    one = _sending(config) if outbound else of_mailbox(config, _named(config, name))
    if one.account.sign_in not in {"microsoft", "google"}:
        how = "" if outbound else f"; see whether it can: parley mailbox check {name}"
        refuse(f"{'mail.outbound' if outbound else name} signs in by itself ({one.account.sign_in}){how}")
    colleague = colleague_of(config, one)
    try:
        _with_browser(colleague)
    except ImapFault as fault:
        refuse(str(fault), _LATER)
    typer.echo(f"Signed in. What it gave is kept in {colleague.cache}, which only you can read.")


def _sending(config: Config) -> SigningIn:
    if config.mail.outbound is None:
        refuse("No server is set by which our own mail leaves: mail.outbound in parley.toml names one.")
    return of_outbound(config.mail.outbound)


def _with_browser(colleague: MicrosoftColleague | GoogleColleague) -> None:
    if isinstance(colleague, MicrosoftColleague):
        colleague.sign_in(lambda words: typer.echo(escaped(words)))
        return
    begun = colleague.begin()
    typer.echo(f"Open this in a browser, and sign in as who may open the mailbox:\n\n{begun.address}\n")
    typer.echo("The browser ends at an address of 127.0.0.1 that it cannot show. Copy that address.")
    colleague.finish(begun, typer.prompt("The address"))


def _named(config: Config, name: str) -> Mailbox:
    one = next((one for one in config.mailbox if one.name == name), None)
    if one is None:
        known = ", ".join(one.name for one in config.mailbox) or "none"
        refuse(f"There is no mailbox {escaped(name)!r}; those of the settings: {known}.")
    return one
