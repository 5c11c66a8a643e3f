"""Events that wait to leave for other systems, one row for each webhook that wants one.

Promises that an event is on record with the act it tells of, that those of one party leave in their order, and that
what is claimed and not settled is due again: an event may come twice, always under the same id, and none is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam, exists, insert, literal_column, select, update

from storage.desk import Desk, Row
from storage.schema import events
from storage.statements import FIRST, Statement
from storage.times import moment, stamp
from storage.words import storable


class EventState(StrEnum):
    """Name where an event is on its way to one webhook."""

    QUEUED = "queued"
    SENT = "sent"
    GIVEN_UP = "given_up"
    """It was tried for as long as the settings say, or nobody wants it; a person can have it tried again."""


@dataclass(frozen=True, slots=True)
class Event:
    """Hold one event on its way to one webhook; `since` is when it was queued, anew where a person had it retried.

    `id` is the same for every webhook and at every attempt. `body` is JSON without contents, names or addresses.
    """

    seq: int
    id: str
    hook: str
    party_id: int
    act: str
    body: str
    state: EventState
    attempts: int
    since: datetime
    next_at: datetime
    detail: str


_e = events.c
_before = events.alias("before")
_QUEUED: ColumnElement[str] = literal_column(f"'{EventState.QUEUED.value}'")
_GIVEN_UP: ColumnElement[str] = literal_column(f"'{EventState.GIVEN_UP.value}'")
_FIELDS = (
    *(_e.seq, _e.id, _e.hook, _e.party_id, _e.act, _e.body, _e.state, _e.attempts, _e.since, _e.next_at, _e.detail),
)
_ADD = Statement(
    insert(events).values(
        {
            name: bindparam(name)
            for name in ("id", "hook", "party_id", "act", "body", "state", "attempts", "since", "next_at", "detail")
        }
    )
)
_EARLIER = exists().where(
    _before.c.hook == _e.hook, _before.c.party_id == _e.party_id, _before.c.state == _QUEUED, _before.c.seq < _e.seq
)
_DUE = Statement(
    select(*_FIELDS)
    .where(_e.hook == bindparam("hook"), _e.state == _QUEUED, _e.next_at <= bindparam("now"), ~_EARLIER)
    .order_by(_e.seq)
    .limit(literal_column("1"))
    .offset(FIRST)
    .with_for_update(skip_locked=True, of=events)
)
_CLAIM = Statement(
    update(events)
    .where(_e.seq == bindparam("event"))
    .values(attempts=_e.attempts + literal_column("1"), next_at=bindparam("until"))
)
_SETTLE = Statement(
    update(events)
    .where(_e.seq == bindparam("event"), _e.state == _QUEUED)
    .values({name: bindparam(name) for name in ("state", "next_at", "detail")})
)
_LISTED = Statement(
    select(*_FIELDS).where(_e.state == bindparam("state")).order_by(_e.seq).limit(bindparam("limit")).offset(FIRST)
)
_RETRY = Statement(
    update(events)
    .where(_e.id == bindparam("number"), _e.state == _GIVEN_UP)
    .values(state=_QUEUED, since=bindparam("now"), next_at=bindparam("now"))
)
_FORGET = Statement(
    events.delete().where(_e.state == literal_column(f"'{EventState.SENT.value}'"), _e.next_at < bindparam("before_it"))
)


def add_event(desk: Desk, number: str, hook: str, party_id: int, act: str, body: str) -> None:
    """Queue an event for one webhook, within the transaction of the act that it tells of."""
    now = stamp(desk.now())
    values = {"id": number, "hook": storable(hook), "party_id": party_id, "act": act, "body": body, "detail": ""}
    desk.run(_ADD, values | {"state": EventState.QUEUED.value, "attempts": 0, "since": now, "next_at": now})


def claim_event(desk: Desk, hook: str, now: datetime, until: datetime) -> Event | None:
    """Take the oldest event for a webhook that is due at `now` and first in its party's order; None for none.

    It is nobody else's up to `until`; where it is not settled by then, it is due again.
    """
    row = desk.row(_DUE, {"hook": hook, "now": stamp(now)})
    if row is None:
        return None
    desk.run(_CLAIM, {"event": row[0], "until": stamp(until)})
    return _event(row)


def settle_event(desk: Desk, seq: int, state: EventState, next_at: datetime, detail: str = "") -> None:
    """Say what became of an attempt; `next_at` is when it is due again, or when it ended."""
    values = {"event": seq, "state": state.value, "next_at": stamp(next_at), "detail": storable(detail)}
    desk.run(_SETTLE, values)


def give_up_strangers(desk: Desk, hooks: Iterable[str]) -> int:
    """Give up what waits for webhooks that the settings do not have any more; gives how many."""
    known = sorted(hooks)
    ended = {"state": EventState.GIVEN_UP.value, "detail": "no such webhook any more"}
    gone = update(events).where(_e.state == EventState.QUEUED.value, _e.hook.not_in(known)).values(ended)
    return len(desk.ask(gone.returning(_e.seq)))


def events_in(desk: Desk, state: EventState, *, limit: int = 1000) -> tuple[Event, ...]:
    """List the events in a state, the oldest first."""
    return tuple(_event(row) for row in desk.rows(_LISTED, {"state": state.value, "limit": limit}))


def retry_event(desk: Desk, number: str, now: datetime) -> bool:
    """Have an event that was given up tried again, for every webhook that it never reached; False for none such."""
    return desk.run(_RETRY, {"number": number, "now": stamp(now)}) > 0


def forget_events(desk: Desk, before: datetime) -> int:
    """Forget events that were sent before a time; gives how many."""
    return desk.run(_FORGET, {"before_it": stamp(before)})


def _event(row: Row) -> Event:
    seq, number, hook, party_id, act, body, state, attempts, since, next_at, detail = row
    return Event(
        seq, number, hook, party_id, act, body, EventState(state), attempts, moment(since), moment(next_at), detail
    )
