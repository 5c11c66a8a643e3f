"""Builds what brings in contacts of the past: what is read, with what is known of the office and its parties.

Belongs here: which part is given what; see gateway/build.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.mail.authentication_results import Border
from gateway.build_desk import TRACE_SECRET
from gateway.build_mail import border_of
from gateway.clock import Clock
from gateway.config import Settings
from gateway.config_mailbox import Mailbox
from gateway.mailboxes import mailbox_of
from gateway.past_imap import INBOX, Folders
from gateway.past_mail import Reading
from storage.record import Record
from storage.transaction import Reader


def reading_of(settings: Settings, record: Record, now: datetime, mailbox: Mailbox | None = None) -> Reading:
    """Build how mail of the past is read; of a mailbox's mail, its provider vouches for senders as it does live."""
    config = settings.config
    border = border_of(config, mailbox) if mailbox is not None else None
    if border is None and config.mail.border:
        mail = config.mail
        border = Border(mail.border, below=mail.border_results == "below", relays=frozenset(mail.relays))

    def known(reader: Reader) -> tuple[frozenset[str], str]:
        return reader.addresses_of_parties(), reader.setting(TRACE_SECRET) or ""

    addresses, secret = record.read_now(known)
    return Reading(
        frozenset(config.office.domains),
        config.office.address,
        addresses,
        now,
        settings.policy,
        border,
        bytes.fromhex(secret),
    )


def folders_of(
    settings: Settings, record: Record, clock: Clock, mailbox: Mailbox, folders: Sequence[str] = ()
) -> Folders:
    """Build what reads a mailbox's folders: those that are named, else its inbox."""
    cursor = record.read_now(lambda reader: reader.mailbox_cursor(mailbox.name))
    box = mailbox_of(settings.config, mailbox, clock)
    reading = reading_of(settings, record, clock(), mailbox)
    return Folders(mailbox.name, box, tuple(folders) or (INBOX,), reading, cursor.since if cursor else None)
