"""Sends our own mail: claimed on record before it leaves, and never repeated where nobody knows whether it left.

Belongs here: by which door a letter goes, and what becomes of it (THREATS W6). What a party sees is at most once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from adapters.mail.maildir import Maildir
from adapters.mail.next_hop import NextHop
from adapters.mail.send import Outbound
from gateway.clock import Clock
from gateway.delivery import SENT_INBOX, inbox
from gateway.ending import FATAL
from gateway.failpoints import Failpoint, nothing
from gateway.incident import where
from gateway.letters import ALERT
from gateway.mailboxes import Mailboxes
from rules.answers import Answer, Delivered, Permanent, Temporary
from rules.decision import Outcome
from storage.entries import Letter, LetterState
from storage.record import Record
from storage.transaction import Transaction

# One at a time: whatever is claimed when the process dies may have left, and goes before a person.
_BATCH = 1
_LONGEST_WAIT = timedelta(hours=4)
_MOST_TRIES = 30
_LEFT_AFTER = timedelta(hours=1)
"""Longer than any door is waited for: what is at work so long is at work no more."""

log = structlog.get_logger()


class Outbox:
    """Send what is due; alerts stay in the house, everything else leaves by the outbound server.

    Where mail lies in mailboxes of the settings, an alert to another address leaves too: nobody reads our Maildirs.
    """

    def __init__(
        self,
        record: Record,
        maildir: Maildir,
        next_hop: NextHop | None,
        outbound: Outbound | None,
        *,
        mailboxes: Mailboxes | None = None,
        clock: Clock,
        node: str,
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._maildir = maildir
        self._next_hop = next_hop
        self._outbound = outbound
        self._mailboxes = mailboxes
        self._clock = clock
        self._node = node
        self._failpoint = failpoint
        self._unsettled: list[Callable[[Transaction], None]] = []

    async def send_due(self) -> int:
        """Send every letter that is due; give how many were tried."""
        tried = 0
        await self._settle_all()
        while letters := await self._record.write(lambda tx: tx.claim_letters(self._clock(), self._node, _BATCH)):
            self._failpoint("letter.claimed")
            for letter in letters:
                await self._send(letter)
            tried += len(letters)
        return tried

    async def recover_left(self) -> None:
        """Account for what processes left that never returned, whoever they were."""
        await self._record.write(partial(_recover_left, self._clock() - _LEFT_AFTER))

    async def _send(self, letter: Letter) -> None:
        answer = await self._handed_over(letter)
        self._failpoint("letter.left")
        state, next_at = _fate(letter, answer, self._clock())
        if state in {LetterState.UNCLEAR, LetterState.FAILED}:
            log.warning("letter did not leave", letter=letter.id, kind=letter.kind, state=state.value)
        detail = "" if isinstance(answer, Delivered) else answer.detail
        unclear = isinstance(answer, Temporary) and answer.unclear
        self._unsettled.append(partial(_settle, letter.id, state, next_at, detail, unclear))
        await self._settle_all()
        self._failpoint("letter.settled")

    async def _settle_all(self) -> None:
        """Write down what became of letters; where the record is locked just now, it is written at the next time."""
        while self._unsettled:
            first = self._unsettled[0]
            await self._record.write(first)
            if first in self._unsettled:  # who sends at the same time may have settled it meanwhile
                self._unsettled.remove(first)

    async def _handed_over(self, letter: Letter) -> Answer:
        try:
            return await self._hand_over(letter)
        except FATAL:
            raise
        except Exception as fault:  # the one broad except of this loop: nobody knows what became of it
            log.error("letter failed", letter=letter.id, kind=letter.kind, **where(fault))
            return Temporary("A fault of ours.", unclear=True)

    async def _hand_over(self, letter: Letter) -> Answer:
        if letter.kind == ALERT:
            if self._mailboxes is not None and self._mailboxes.has(letter.rcpt):
                return await self._mailboxes.put(letter.rcpt, letter.message, "", Outcome.DELIVER)
            if self._next_hop is not None:
                answers = await self._next_hop.send(letter.mail_from, (letter.rcpt,), (letter.message,))
                return answers[letter.rcpt]
            if self._mailboxes is not None and self._outbound is not None:
                return await self._outbound.send(letter.mail_from, letter.rcpt, letter.message)
            return await asyncio.to_thread(self._maildir.deliver, inbox(letter.rcpt), letter.message, letter.id)
        if self._outbound is not None:
            return await self._outbound.send(letter.mail_from, letter.rcpt, letter.message)
        return await asyncio.to_thread(self._maildir.deliver, SENT_INBOX, letter.message, letter.id, seen=True)


def recover(node: str, tx: Transaction) -> None:
    """Account for what this node left unfinished when it ended; alerts are sent again, and shown as doubtful."""
    _account_for(tx.recover(node).letters, tx)


def _recover_left(before: datetime, tx: Transaction) -> None:
    _account_for(tx.recover_left(before).letters, tx)


def _account_for(letters: tuple[str, ...], tx: Transaction) -> None:
    for letter_id in letters:
        letter = tx.letter(letter_id)
        if letter is not None and letter.kind == ALERT:
            tx.settle_letter(letter_id, LetterState.QUEUED)
            tx.doubt_telling(letter_id)


def _settle(
    letter_id: str, state: LetterState, next_at: datetime | None, detail: str, unclear: bool, tx: Transaction
) -> None:
    tx.settle_letter(letter_id, state, next_at=next_at, detail=detail)
    if unclear:
        tx.doubt_telling(letter_id)  # there is one for alerts alone, which are sent again


def _fate(letter: Letter, answer: Answer, now: datetime) -> tuple[LetterState, datetime | None]:
    """Say what becomes of a letter: sent, failed, to be tried again, or unclear, which only a person resolves.

    Alerts may come twice, so an unclear one is tried again.
    """
    if isinstance(answer, Delivered):
        return LetterState.SENT, None
    if isinstance(answer, Permanent):
        return LetterState.FAILED, None
    if answer.unclear and letter.kind != ALERT:
        return LetterState.UNCLEAR, None
    if letter.attempts + 1 >= _MOST_TRIES:
        return LetterState.FAILED, None
    return LetterState.QUEUED, now + min(_LONGEST_WAIT, timedelta(seconds=30) * 2 ** min(letter.attempts, 10))
