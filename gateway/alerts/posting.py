"""Sends what tells of alerts by text and webhook: claimed on record before it leaves, settled after.

Belongs here: the order of these steps, and what becomes of one. A text leaves at most once and within the policy's
daily limit (THREATS T6, W6); a webhook may hear twice under one id. What did not arrive is told by mail instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from adapters.webhooks import Endpoint, post
from gateway.alerts.telling import Tellings
from gateway.casework.events import wait
from gateway.clock import Clock
from gateway.ending import FATAL
from gateway.failpoints import Failpoint, nothing
from gateway.incident import where
from rules.alerts import Severity
from rules.answers import Answer, Delivered, Permanent, Temporary
from rules.policies import Policy
from rules.policies.texting import Texting
from storage.alert_posts import Post, PostState
from storage.alerts import TEXT, WEBHOOK
from storage.record import Record
from storage.transaction import Transaction

# Longer than any attempt takes: after it, whoever claimed a webhook's has died.
_CLAIM = timedelta(minutes=2)
_DAY = timedelta(days=1)
_GIVE_UP = timedelta(hours=6)
_MOST_IN_A_RUN = 100
_SHARE_OF_REPEATS = 2
"""What repeats, or is not urgent, leaves room for the next urgent alert and for replies: it has the half of a day's
texts, and where others used those up, the half of what is kept for alerts."""

log = structlog.get_logger()

Send = Callable[[Endpoint, str, datetime, bytes], Awaitable[Answer]]


class Texter(Protocol):
    """Send one text; `adapters.phone.twilio_rest.TwilioRest` is one."""

    async def send_text(self, sender: str, to: str, words: str) -> Answer:
        """Send it once; `unclear` where nobody knows whether it was taken."""


class AlertPost:
    """Send what is due to numbers and webhooks; each by itself, so that one that hangs holds up no other."""

    def __init__(
        self,
        record: Record,
        tellings: Tellings,
        policy: Policy,
        *,
        texter: Texter | None,
        text_from: str,
        hooks: Mapping[str, Endpoint],
        clock: Clock,
        node: str,
        send: Send = post,
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._tellings = tellings
        self._policy = policy
        self._texter = texter
        self._text_from = text_from
        self._hooks = hooks
        self._clock = clock
        self._node = node
        self._send = send
        self._failpoint = failpoint
        self._unsettled: list[Callable[[Transaction], None]] = []

    async def send_due(self) -> int:
        """Send all that is due; give how many were tried. A fault of the record passes through at the end."""
        await self._settle_all()
        now = self._clock()
        ways = await self._record.read(lambda reader: reader.posts_waiting(now))
        found = await asyncio.gather(*(self._send_to(*way) for way in ways), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return sum(each for each in found if isinstance(each, int))

    async def _send_to(self, channel: str, recipient: str) -> int:
        for tried in range(_MOST_IN_A_RUN):
            claimed = await self._record.write(partial(self._claim, channel, recipient, self._clock()))
            if claimed is None:
                return tried
            self._failpoint("alert.claimed")
            answer = await self._attempt(claimed)
            self._failpoint("alert.left")
            self._unsettled.append(partial(self._settle, claimed, answer, self._clock()))
            await self._settle_all()
            self._failpoint("alert.settled")
            if not isinstance(answer, Delivered):
                log.warning("alert was not taken", post=claimed.id, channel=channel, answer=answer.detail)
                return tried + 1
        return _MOST_IN_A_RUN

    async def _settle_all(self) -> None:
        """Write down what became of attempts; where the record is locked just now, it is written at the next time."""
        while self._unsettled:
            first = self._unsettled.pop(0)  # others send at the same time: it is settled once
            try:
                await self._record.write(first)
            except BaseException:
                self._unsettled.insert(0, first)
                raise

    def _claim(self, channel: str, recipient: str, now: datetime, tx: Transaction) -> Post | None:
        """Take the next for a recipient; a text that may not leave, has no way, or is not needed, ends here."""
        if channel == TEXT:
            tx.lock_texts()
            for post_id in tx.unsettled_posts(now):
                tell_instead(tx, self._tellings, post_id, "nobody knows what became of it", now)
        claimed = tx.claim_post(channel, recipient, self._node, now, now + _CLAIM)
        # A webhook hears of everything; a phone rings for what somebody has still to answer.
        while claimed is not None and channel == TEXT and tx.outlived(claimed.id):
            tx.settle_post(claimed.id, PostState.DROPPED, now)
            claimed = tx.claim_post(channel, recipient, self._node, now, now + _CLAIM)
        if claimed is None:
            return None
        why = self._stopped(tx, claimed, now)
        if not why:
            return claimed
        self._fail(tx, claimed, why, now)
        return None

    def _stopped(self, tx: Transaction, claimed: Post, now: datetime) -> str:
        if claimed.channel == WEBHOOK:
            return "" if claimed.recipient in self._hooks else "the settings have no such webhook any more"
        if self._texter is None or not self._text_from:
            return "the settings have no way to send texts any more"
        if tx.texts_stopped(claimed.recipient):
            return "the number asked for no texts"
        repeats = tx.told_before(claimed.id)
        if not self._affords(tx, claimed, now, repeats=repeats):
            return f"as many texts as the policy allows in a day{' for this' if repeats else ''} have left"
        return ""

    def _affords(self, tx: Transaction, claimed: Post, now: datetime, *, repeats: bool) -> bool:
        """Tell whether a text may leave, which is claimed already and counted with those that left."""
        texting, since = self._policy.texting, now - _DAY

        def affords(limits: Texting, sent: tuple[int, int], share: int) -> bool:
            return limits.affords(sent[0] - 1, sent[1] - claimed.parts, claimed.parts, share=share)

        sent = tx.texts_sent(since)
        if not repeats or not affords(texting, sent, 1):
            return affords(texting, sent, 1)
        return affords(texting, sent, _SHARE_OF_REPEATS) or affords(
            texting.for_alerts(), tx.alert_texts_sent(since), _SHARE_OF_REPEATS
        )

    async def _attempt(self, claimed: Post) -> Answer:
        try:
            if claimed.channel == WEBHOOK:
                endpoint = self._hooks[claimed.recipient]
                return await self._send(endpoint, claimed.id, self._clock(), claimed.body.encode())
            assert self._texter is not None
            return await self._texter.send_text(self._text_from, claimed.recipient, claimed.body)
        except FATAL:
            raise
        except Exception as fault:  # the one broad except of this loop: nobody knows what became of it
            log.error("alert failed", post=claimed.id, channel=claimed.channel, **where(fault))
            return Temporary("A fault of ours.", unclear=True)

    def _settle(self, claimed: Post, answer: Answer, now: datetime, tx: Transaction) -> None:
        if isinstance(answer, Delivered):
            tx.settle_post(claimed.id, PostState.SENT, now)
        elif isinstance(answer, Temporary) and answer.unclear and claimed.channel == TEXT:
            tx.settle_post(claimed.id, PostState.UNCLEAR, now, answer.detail)
            tell_instead(tx, self._tellings, claimed.id, answer.detail, now)
        elif isinstance(answer, Permanent) or now - claimed.since >= _GIVE_UP:
            self._fail(tx, claimed, answer.detail, now)
        else:
            tx.settle_post(claimed.id, PostState.QUEUED, now + wait(claimed.attempts), answer.detail)
            # It is tried again; but what is urgent does not wait for that.
            tell_instead(tx, self._tellings, claimed.id, answer.detail, now, only=Severity.URGENT)

    def _fail(self, tx: Transaction, claimed: Post, why: str, now: datetime) -> None:
        tx.settle_post(claimed.id, PostState.FAILED, now, why)
        tell_instead(tx, self._tellings, claimed.id, why, now)


def tell_instead(
    tx: Transaction, tellings: Tellings, post_id: str, why: str, now: datetime, *, only: Severity | None = None
) -> None:
    """Tell by mail the open alerts that a text or webhook may not have told, where no mail has told them since."""
    found = [one for one in tx.not_mailed_since(post_id) if only in (None, one.severity)]
    if found:
        tx.tell(found, tellings.instead(found, post_id, why, now))


def recover(node: str, tellings: Tellings, now: datetime, tx: Transaction) -> None:
    """Account for the texts that this node was sending when it ended: unclear, shown, and told by mail."""
    for post_id in tx.recover_posts(node):
        tell_instead(tx, tellings, post_id, "the program ended while it was sent", now)
