"""Tells other systems of accepted acts: an event for each webhook that wants it, sent until it was taken.

Belongs here: what an event says (ids, act, stage and states; no contents, names, addresses or numbers), when an attempt
is made again, and when it is given up, which staff are told of. An event is written in its act's own transaction.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from adapters.webhooks import Endpoint, post
from gateway.casework.desk import Done
from gateway.clock import Clock
from gateway.letters import Letters
from rules.answers import Answer, Delivered, Permanent
from storage.events import Event, EventState
from storage.record import Record
from storage.transaction import Transaction

KEPT = timedelta(days=30)
"""How long it is on record that an event was sent."""
# Longer than an attempt can take: what a killed process was sending is due again after it.
_CLAIM = timedelta(minutes=2)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
_MOST_IN_A_RUN = 200

log = structlog.get_logger()

Post = Callable[[Endpoint, str, datetime, bytes], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Hold one system that hears of acts: those it wants by name, all of them where it names none."""

    name: str
    endpoint: Endpoint
    acts: frozenset[str] = frozenset()
    give_up: timedelta = timedelta(days=3)

    def wants(self, act: str) -> bool:
        """Tell whether it hears of an act."""
        return not self.acts or act in self.acts


class Events:
    """Queue an event for every webhook that wants to hear of an act; one of `gateway.casework.desk.Effect`."""

    def __init__(self, hooks: Sequence[Webhook]) -> None:
        self._hooks = tuple(hooks)

    def __call__(self, tx: Transaction, done: Done) -> None:
        """Queue what one act calls for."""
        act = done.paper.act.name
        wanted = [hook for hook in self._hooks if hook.wants(act)]
        if not wanted:
            return
        number = f"evt_{done.paper.id}"
        body = json.dumps(told(number, done), separators=(",", ":"))
        for hook in wanted:
            tx.add_event(number, hook.name, done.file.party.id, act, body)


def told(number: str, done: Done) -> dict[str, object]:
    """Give what an event says: who reads it asks the API for the rest, with a token that may see it."""
    at, act = done.paper.at, done.paper.act.name
    states = [{"id": one.id, "state": one.state(at).value} for one in done.shelf.restrictions.values()]
    return {
        "type": act,
        "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {
            "event": number,
            "party": done.file.party.id,
            "paper": done.paper.id,
            "act": act,
            "stage": done.shelf.stage(at).value,
            "restrictions": states,
        },
    }


class EventPost:
    """Send the events that are due, each webhook by itself, so that one that hangs holds up no other."""

    def __init__(
        self, record: Record, hooks: Sequence[Webhook], letters: Letters, *, clock: Clock, send: Post = post
    ) -> None:
        self._record = record
        self._hooks = tuple(hooks)
        self._letters = letters
        self._clock = clock
        self._send = send

    async def send_due(self) -> int:
        """Send every event that is due; give how many were tried. A webhook that fails is left alone until next time.

        A fault of the record passes through once all webhooks have had their turn.
        """
        names = [hook.name for hook in self._hooks]
        await self._record.write(lambda tx: tx.give_up_strangers(names))
        found = await asyncio.gather(*map(self._send_to, self._hooks), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return sum(each for each in found if isinstance(each, int))

    async def forget_sent(self) -> None:
        """Forget what was sent long ago."""
        before = self._clock() - KEPT
        await self._record.write(lambda tx: tx.forget_events(before))

    async def _send_to(self, hook: Webhook) -> int:
        for tried in range(_MOST_IN_A_RUN):
            now = self._clock()
            event = await self._record.write(partial(_claim, hook.name, now))
            if event is None:
                return tried
            answer = await self._send(hook.endpoint, event.id, now, event.body.encode())
            await self._record.write(partial(self._settle, hook, event, answer, self._clock()))
            if not isinstance(answer, Delivered):
                log.warning("event was not taken", hook=hook.name, number=event.id, answer=answer.detail)
                return tried + 1
        return _MOST_IN_A_RUN

    def _settle(self, hook: Webhook, event: Event, answer: Answer, now: datetime, tx: Transaction) -> None:
        if isinstance(answer, Delivered):
            tx.settle_event(event.seq, EventState.SENT, now)
        elif isinstance(answer, Permanent) or now - event.since >= hook.give_up:
            tx.settle_event(event.seq, EventState.GIVEN_UP, now, answer.detail)
            tx.enqueue(self._letters.alert_webhook(hook.name, answer.detail, now))
        else:
            tx.settle_event(event.seq, EventState.QUEUED, now + wait(event.attempts), answer.detail)


def _claim(hook: str, now: datetime, tx: Transaction) -> Event | None:
    return tx.claim_event(hook, now, now + _CLAIM)


def wait(attempts: int) -> timedelta:
    """Say how long to wait after an attempt that failed; `attempts` were made before it."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * (1 << min(attempts, 12)))
