"""What follows from reports on our letters: a notice that bounced was not told (THREATS C6, PHSO-20).

Belongs here: following each report once, after any fault again; whom to believe is `mail_kind`'s. Notes and returns
that bounce stay on record and are never answered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from gateway.casework.desk import Stale
from gateway.casework.notice_mail import NOTICE
from gateway.clock import Clock
from gateway.ending import FATAL
from gateway.incident import where
from gateway.letters import HIGHLIGHTED, Letters
from rules.contact import Nature
from storage.entries import Letter
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.reports import LetterReport
from storage.transaction import Transaction

_NOT_THERE = "A message that went back with passages marked did not arrive"

log = structlog.get_logger()

Bounced = Callable[[str, str, bool], Awaitable[bool]]
"""Take it that the letter of this Message-ID came back; why; whether somebody vouches for it. May be called again."""


class LetterReports:
    """Follow reports; may be run by several at once."""

    def __init__(self, record: Record, bounced: Bounced, letters: Letters, clock: Clock) -> None:
        self._record = record
        self._bounced = bounced
        self._letters = letters
        self._clock = clock

    async def follow(self) -> int:
        """Do what follows from every report that nobody has followed; gives how many those were."""
        done = 0
        for one in await self._record.read(lambda reader: reader.unfollowed()):
            try:
                await self._follow(one)
                done += 1
            except Stale:
                continue  # the file is being changed at this moment: at the next time
            except (*FATAL, RecordUnavailable):
                raise
            except Exception as fault:  # the one broad except of this loop: the others are followed all the same
                log.error("report not followed", contact=one.contact_id, letter=one.letter_id, **where(fault))
        return done

    async def _follow(self, one: LetterReport) -> None:
        letter = await self._record.read(lambda reader: reader.letter(one.letter_id))
        if letter is not None and letter.kind == NOTICE and one.nature is Nature.BOUNCE:
            why = f"returned by mail{f', {one.status}' if one.status else ''}"
            news = await self._bounced(letter.message_id, why, one.vouched)
            log.warning(
                "a report says that a notice came back",
                letter=letter.id,
                contact=one.contact_id,
                status=one.status,
                vouched=one.vouched,
                news=news,
            )
        await self._record.write(lambda tx: self._followed(tx, one, letter))

    def _followed(self, tx: Transaction, one: LetterReport, letter: Letter | None) -> None:
        """Note that it was followed; tell staff of a message that they sent back and that did not arrive (PHSO-M3)."""
        if not tx.follow_report(one.contact_id) or letter is None:
            return
        if letter.kind == HIGHLIGHTED and one.nature is Nature.BOUNCE:
            about = tx.contact(letter.contact_id or "")
            party = tx.party(about.party_id) if about is not None and about.party_id is not None else None
            tx.enqueue(self._letters.alert_paper(letter.id, _NOT_THERE, party, self._clock()))
