"""The mailboxes of the settings as places to put mail into: what is released, filed or routed, and our own alerts.

Belongs here: which address is a mailbox, and how one signs in to it. Watching one is the watcher's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from adapters.mail.imap import ImapSettings, Secret, SignIn
from adapters.mail.imap_mailbox import ImapMailbox, Place
from adapters.mail.oauth import GoogleApp, GoogleColleague, MicrosoftApp, MicrosoftColleague
from gateway.clock import Clock
from gateway.config import Config
from gateway.config_mailbox import Mailbox, secret_of
from rules.answers import Answer, Delivered
from rules.decision import Outcome
from storage.record import Record

T = TypeVar("T")
TOKENS = "mailboxes"
"""The folder beside the settings where the sign-ins of colleagues are kept."""
_AT_ONCE = 4


class Mailboxes:
    """Put messages into mailboxes; each time over a connection of its own, for the watcher's waits."""

    def __init__(self, config: Config, record: Record, *, clock: Clock) -> None:
        self._named = {one.key: (one.name, mailbox_of(config, one, clock)) for one in config.mailbox}
        self._record = record
        self._threads: ThreadPoolExecutor | None = None

    def has(self, address: str) -> bool:
        """Tell whether an address is one of ours."""
        return address.lower() in self._named

    async def put(self, address: str, message: bytes, digest: str, outcome: Outcome) -> Answer:
        """Have a message lie where an outcome wants it; `digest` is its content's, empty for our own mail."""
        name, box = self._named[address.lower()]
        seen = await self._record.read(lambda reader: reader.seen_in(name, digest)) if digest else None
        place = Place.FILED if outcome is Outcome.FILE else Place.INBOX
        return await self._apart(lambda: box.put(place, message, digest, seen.arrived if seen else None))

    async def take_out(self, address: str, digest: str) -> Answer:
        """Have a message that was held or filed here, and went elsewhere, lie among what was passed on."""
        name, box = self._named[address.lower()]
        seen = await self._record.read(lambda reader: reader.seen_in(name, digest))
        return await self._apart(lambda: box.take_out(digest, seen.arrived)) if seen else Delivered()

    async def _apart(self, work: Callable[[], T]) -> T:
        """Do what blocks in a thread of our own: a server that does not answer keeps no other work waiting."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_AT_ONCE, "mailbox")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Let the threads go."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)


def mailbox_of(config: Config, mailbox: Mailbox, clock: Clock) -> ImapMailbox:
    """Build one mailbox with its sign-in."""
    host, port = mailbox.endpoint
    settings = ImapSettings(
        host,
        port,
        mailbox.username or mailbox.address,
        mailbox.security,
        ca_file=str(_beside(config, mailbox.ca_file)) if mailbox.ca_file else "",
    )
    folders = {
        Place.INBOX: "INBOX",
        Place.FILED: mailbox.filed,
        Place.HELD: mailbox.held,
        Place.RETURNED: mailbox.returned,
        Place.PASSED_ON: mailbox.passed_on,
    }
    return ImapMailbox(settings, sign_in_of(config, mailbox, clock), folders, config.mail.largest_mb * 1024 * 1024)


def sign_in_of(config: Config, mailbox: Mailbox, clock: Clock) -> SignIn:
    """Build what gives the password or the token of a mailbox."""
    secret = secret_of(mailbox, config.mailbox_secrets)
    match mailbox.sign_in:
        case "microsoft-app":
            return MicrosoftApp(mailbox.tenant, mailbox.client_id, secret)
        case "google-app":
            assert mailbox.key_file is not None  # the settings saw to it
            return GoogleApp(_beside(config, mailbox.key_file), mailbox.username or mailbox.address, clock)
        case "microsoft" | "google":
            return colleague_of(config, mailbox)
        case "password":
            return lambda: Secret(secret)


def colleague_of(config: Config, mailbox: Mailbox) -> MicrosoftColleague | GoogleColleague:
    """Build the sign-in of a colleague, once for all, by a browser."""
    cache = config.state / TOKENS / f"{mailbox.name}.json"
    if mailbox.sign_in == "google":
        return GoogleColleague(mailbox.client_id, secret_of(mailbox, config.mailbox_secrets), cache)
    return MicrosoftColleague(mailbox.tenant or "organizations", mailbox.client_id, cache)


def _beside(config: Config, path: Path) -> Path:
    return config.state / path
