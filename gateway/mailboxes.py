"""The mailboxes of the settings as places to put mail into: what is released, filed or routed, and our own alerts.

Belongs here: which address is a mailbox. Watching one is the watcher's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from adapters.mail.imap import ImapSettings
from adapters.mail.imap_mailbox import ImapMailbox, Place
from gateway.clock import Clock
from gateway.config import Config
from gateway.config_mailbox import Mailbox
from gateway.sign_ins import of_mailbox, sign_in_of
from rules.answers import Answer, Delivered
from rules.decision import Outcome
from storage.record import Record

T = TypeVar("T")
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
        ca_file=str(config.state / mailbox.ca_file) if mailbox.ca_file else "",
    )
    folders = {
        Place.INBOX: "INBOX",
        Place.FILED: mailbox.filed,
        Place.HELD: mailbox.held,
        Place.RETURNED: mailbox.returned,
        Place.PASSED_ON: mailbox.passed_on,
    }
    sign_in = sign_in_of(config, of_mailbox(config, mailbox), clock)
    return ImapMailbox(settings, sign_in, folders, config.mail.largest_mb * 1024 * 1024)
