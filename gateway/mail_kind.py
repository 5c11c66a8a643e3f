"""What a message is: a bounce, a delay, an automatic reply, our own mail come back; and on which letter of ours.

Belongs here: bringing what a message says of itself together with what is on record (THREATS C5): it is exempt from
limits and levels only with the null path and a reference to a letter of ours, and only so often for each letter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from adapters.mail.automatic import nature_of
from adapters.mail.bounces import Report, Tells, may_report, report
from adapters.mail.message import NULL_PATH, thread
from gateway.mail_message import About, Message
from rules.contact import Assurance, Nature
from storage.entries import Entry, Letter
from storage.record import Record
from storage.reports import LetterReport
from storage.transaction import Reader, Transaction

MOST_ABOUT_A_LETTER = 3
"""Reports on one letter that count for nothing: a delay, a bounce, an automatic reply. What comes after them counts."""
LETTER_AGE = timedelta(days=30)
"""How long after a letter a report on it is expected; servers give up after five days, people come back later."""
GIVEN_UP = timedelta(days=5)
"""After how long servers give a letter up (RFC 5321 4.5.4.1): a report that comes later is looked into by a person."""
NATURES = {
    Tells.FAILED: Nature.BOUNCE,
    Tells.DELAYED: Nature.DELAY,
    Tells.DELIVERED: Nature.RECEIPT,
    Tells.READ: Nature.RECEIPT,
    Tells.COMPLAINT: Nature.COMPLAINT,
}

log = structlog.get_logger()


class MailKinds:
    """Say what messages are; `own` are the addresses that our own mail is from."""

    def __init__(self, record: Record, own: Iterable[str]) -> None:
        self._record = record
        self._own = frozenset(address.lower() for address in own)

    async def recognised(self, mail: Message) -> Message:
        """Give a message with what it is; what a person sends is looked at no further than its header."""
        heading, mail_from = mail.heading, mail.incoming.mail_from
        nature = nature_of(heading, mail_from)
        ours = (heading.sender or "").lower() in self._own
        if nature is Nature.PERSON and not ours and not may_report(heading, mail_from):
            return mail
        told = await self._report(mail, nature)
        nature = NATURES[told.tells] if told is not None else nature
        about = await self._about(mail, told, ours=ours)
        if ours and about is not None and about.letter.message_id == heading.message_id:
            nature = Nature.OUR_OWN
        if mail_from != NULL_PATH or nature in (Nature.PERSON, Nature.LIST):
            about = None
        contact = replace(
            mail.contact,
            nature=nature,
            automatic=about is not None and about.before < MOST_ABOUT_A_LETTER,
            # Nobody else writes from the office's own address: an answer would come to us.
            answerable=mail.contact.answerable and nature is Nature.PERSON and not ours,
        )
        log.info(
            "mail by a machine", contact=contact.id, nature=nature.value, letter=about.letter.id if about else None
        )
        return replace(mail, contact=contact, about=about)

    async def _report(self, mail: Message, nature: Nature) -> Report | None:
        """Read it as a report in a thread, unless it is but an automatic reply."""
        heading = mail.heading
        plain_reply = nature is Nature.AUTO_REPLY and not may_report(heading, heading.sender or "x")
        if plain_reply or not may_report(heading, mail.incoming.mail_from):
            return None
        return await asyncio.to_thread(report, mail.incoming.raw)

    async def _about(self, mail: Message, told: Report | None, *, ours: bool) -> About | None:
        """Find the letter of ours that a message refers to."""
        ids = told.about if told is not None else thread(mail.incoming.raw).answers
        if ours and mail.heading.message_id:
            ids = (mail.heading.message_id, *ids)
        if not ids:
            return None
        status = told.status if told is not None else ""
        about = await self._record.read(partial(_find, ids, status, mail.now))
        if about is None or told is None:
            return about
        return replace(about, vouched=self._vouched(mail, told, about.letter))

    def _vouched(self, mail: Message, told: Report, letter: Letter) -> bool:
        """Tell whether a report is the word of our own servers, or of those of whoever the letter went to.

        A restricted person has our letter, and with it all that a report quotes: one that nobody vouches for, names
        somebody else, or comes late, is a person's to look into, and lifts nothing by itself (THREATS I4, PHSO-20).
        """
        sender, rcpt = mail.contact.sender, letter.rcpt.lower()
        domain = sender.value.lower().rpartition("@")[2] if sender is not None else "-"
        domains = {one.rpartition("@")[2] for one in (*self._own, rcpt)}
        return (
            mail.contact.assurance is Assurance.VERIFIED
            and any(f".{domain}".endswith(f".{one}") for one in domains)
            and not told.guessed
            and rcpt in {one.lower() for one in told.recipients}
            and mail.now - letter.next_at <= GIVEN_UP
        )


def _find(ids: tuple[str, ...], status: str, now: datetime, reader: Reader) -> About | None:
    letter = reader.letter_about(ids)
    if letter is None or now - letter.next_at > LETTER_AGE:
        return None
    return About(letter, status, reader.reports_on(letter.id))


def keep_report(tx: Transaction, mail: Message, entry: Entry) -> None:
    """Put on record that a contact is a report on a letter; one that is forged tells nothing (THREATS I4)."""
    about, contact = mail.about, mail.contact
    if about is None or not contact.automatic or contact.assurance is Assurance.FAILED:
        return
    tx.add_report(
        LetterReport(entry.id, about.letter.id, contact.nature, about.status, mail.now, vouched=about.vouched)
    )
