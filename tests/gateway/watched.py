"""An office whose mailboxes lie in a Dovecot of the test's own. Belongs here: building it, and letting it watch."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.entries import Entry
from tests.gateway.office import DOMAIN, PARTY, Clock, office, settled
from tests.servers.dovecot import PASSWORD

FOLDERS = ("INBOX", "Filed unanswered", "Held", "Returned", "Passed on")
_numbers = itertools.count(1)


def address(name: str = "enquiries") -> str:
    """Give an address whose mailbox nobody has used yet."""
    return f"{name}{next(_numbers)}@{DOMAIN}"


def clock() -> Clock:
    """Give a clock that stands an hour ago: the servers of the tests have a clock of their own, which says now."""
    return Clock(datetime.now(UTC) - timedelta(hours=1))


@asynccontextmanager
async def watching(folder, server, *addresses, port=0, start=True, **more):
    """Build an office that watches mailboxes, and let it; their names are box0, box1 and so on."""
    mailboxes = [
        {
            "name": f"box{number}",
            "address": one,
            "server": f"127.0.0.1:{port or server.port}",
            "security": "none",
            "password": PASSWORD,
        }
        for number, one in enumerate(addresses)
    ]
    mail = {"check_senders": False} | more.pop("mail", {})
    if not mail.keys() & {"next_hop", "outbound"}:  # else an alert would lie where nobody reads, which is refused
        more["office"] = {"alerts": addresses[0]} | more.pop("office", {})
    async with office(folder, clock=more.pop("clock", None) or clock(), mail=mail, mailbox=mailboxes, **more) as here:
        if start:
            await begin(here)
        try:
            yield here
        finally:
            await end(here)
            here.gateway.mailboxes.close()


async def begin(here, *, poll_s=0.5, reply_timeout_s=5.0):
    """Let an office's watchers begin, impatient ones, and wait until each has looked once."""
    for watcher in here.gateway.watchers:
        box = watcher.watched.box
        box = replace(box, settings=replace(box.settings, reply_timeout_s=reply_timeout_s, connect_timeout_s=5.0))
        watcher.watched = replace(watcher.watched, box=box, poll_s=poll_s, first_pause_s=0.05, longest_pause_s=2.0)
        watcher.start()
    await settled(lambda: all(cursor_of(here, watcher.name) for watcher in here.gateway.watchers))


async def end(here):
    """Stop an office's watchers."""
    for watcher in here.gateway.watchers:
        await watcher.stop()


def cursor_of(here, name="box0"):
    """Give how far a mailbox was read; None where it was not yet."""
    cursor = here.record.read_now(lambda reader: reader.mailbox_cursor(name))
    return cursor if cursor is not None and cursor.synced is not None else None


def delivered(message: bytes, sender: str = PARTY) -> bytes:
    """Give a message as a mailbox's server writes it down."""
    return f"Return-Path: <{sender}>\r\n".encode() + message


async def handled(here, count: int, *, within_s: float = 20.0) -> list[Entry]:
    """Wait until so many contacts are on record and settled, and give them."""

    def done() -> bool:
        found = here.contacts()
        return len(found) >= count and all(entry.state not in {"intended", "deferred"} for entry in found)

    await settled(done, within_s=within_s)
    return here.contacts()


async def lying(server, user: str, expected: dict[str, int], *, within_s: float = 20.0) -> None:
    """Wait until so many messages lie in the folders of a mailbox."""

    def there() -> dict[str, int]:
        return {folder: len(server.lies(user, folder)) for folder in expected}

    await settled(lambda: there() == expected, within_s=within_s)


async def read_to_its_end(here, server, user: str, *, within_s: float = 20.0) -> None:
    """Wait until the watcher has sorted and put into its place all that lies in an inbox."""

    def done() -> bool:
        with server.reader(user) as client:
            newest, numbers = max(client.search("ALL"), default=0), client.folder_status("INBOX", ["UIDVALIDITY"])
        cursor = cursor_of(here)
        return cursor.uidvalidity == numbers[b"UIDVALIDITY"] and cursor.last_uid >= newest

    await settled(done, within_s=within_s)
