"""What tells of alerts by text and webhook, on its way: claimed before it leaves, settled after.

Promises that a text that may have left is never sent again, and that a webhook may hear of one thing twice, always
under the same id. What texts cost is counted from the moment they are claimed (THREATS T6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, or_, select, update

from rules.alerts import Severity
from storage.alerts import TEXT, WEBHOOK, Alert, alert_of
from storage.desk import Desk, Row
from storage.entries import LetterState
from storage.schema import outbox
from storage.schema_alerts import alert_posts, alert_tellings, alerts
from storage.statements import FIRST, Statement
from storage.times import moment, stamp
from storage.words import storable


class PostState(StrEnum):
    """Name where something is that tells of alerts by text or webhook."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCLEAR = "unclear"
    """It may have left; nobody repeats it, and it is shown."""
    LOOKED_AT = "looked_at"
    """It was unclear, and somebody has found out or let it be."""
    FAILED = "failed"
    DROPPED = "dropped"
    """Nobody needs it any more: what it tells of was answered, or told again."""


@dataclass(frozen=True, slots=True)
class Post:
    """Hold one on its way; `since` is when it was queued."""

    id: str
    channel: str
    recipient: str
    body: str
    parts: int
    state: PostState
    attempts: int
    since: datetime
    next_at: datetime
    detail: str


_p, _a, _t = alert_posts.c, alerts.c, alert_tellings.c
_FIELDS = (_p.id, _p.channel, _p.recipient, _p.body, _p.parts, _p.state, _p.attempts, _p.since, _p.next_at, _p.detail)
_QUEUED: ColumnElement[str] = literal_column(f"'{PostState.QUEUED.value}'")
_SENDING: ColumnElement[str] = literal_column(f"'{PostState.SENDING.value}'")
_WEBHOOK: ColumnElement[str] = literal_column(f"'{WEBHOOK}'")
_SPENDS: list[ColumnElement[str]] = [
    literal_column(f"'{one.value}'")
    for one in (PostState.SENDING, PostState.SENT, PostState.UNCLEAR, PostState.LOOKED_AT)
]
_DUE = Statement(
    select(*_FIELDS)
    .where(
        _p.channel == bindparam("channel"),
        _p.recipient == bindparam("recipient"),
        # A webhook's that was claimed and not settled is due again.
        or_(_p.state == _QUEUED, and_(_p.state == _SENDING, _p.channel == _WEBHOOK)),
        _p.next_at <= bindparam("now"),
    )
    .order_by(_p.next_at, _p.id)
    .limit(bindparam("one"))
    .offset(FIRST)
    .with_for_update(skip_locked=True)
)
_CLAIM = Statement(
    update(alert_posts)
    .where(_p.id == bindparam("post"))
    .values(
        state=_SENDING,
        attempts=_p.attempts + literal_column("1"),
        claimed_by=bindparam("node"),
        claimed_at=bindparam("at"),
        next_at=bindparam("until"),
    )
)
_SETTLE = Statement(
    update(alert_posts)
    .where(_p.id == bindparam("post"), _p.state != literal_column(f"'{PostState.SENT.value}'"))
    .values({name: bindparam(name) for name in ("state", "next_at", "detail")})
)
_WAITING = Statement(
    select(_p.channel, _p.recipient)
    .where(_p.state.in_([_QUEUED, _SENDING]), _p.next_at <= bindparam("now"))
    .group_by(_p.channel, _p.recipient)
)
_LEFT = Statement(
    update(alert_posts)
    .where(_p.state == _SENDING, _p.channel != _WEBHOOK, _p.claimed_by == bindparam("node"))
    .values(state=literal_column(f"'{PostState.UNCLEAR.value}'"))
    .returning(_p.id)
)
_LOST = Statement(
    update(alert_posts)
    .where(_p.state == _SENDING, _p.channel != _WEBHOOK, _p.next_at <= bindparam("now"))
    .values(state=literal_column(f"'{PostState.UNCLEAR.value}'"))
    .returning(_p.id)
)
_other, _also = alert_posts.alias(), alert_tellings.alias()
_ALSO_TOLD = (
    select(_other.c.id)
    .select_from(_also.join(_other, _other.c.id == _also.c.post_id))
    .where(_also.c.alert_id == _a.id, _other.c.recipient == _p.recipient, _other.c.channel == _p.channel)
)
_TOLD_OF = (
    select(_a.id)
    .select_from(alert_posts.join(alert_tellings, _t.post_id == _p.id).join(alerts, _a.id == _t.alert_id))
    .where(_p.id == bindparam("post"), _a.acknowledged_at.is_(None))
)
_NEWS = Statement(
    _TOLD_OF.where(
        _a.severity == literal_column(f"'{Severity.URGENT.value}'"),
        ~_ALSO_TOLD.where(_other.c.since < _p.since, _other.c.state.in_(_SPENDS)).exists(),
    )
)
_NEEDED = Statement(
    _TOLD_OF.where(
        ~_ALSO_TOLD.where(_other.c.since > _p.since, _other.c.state.in_([_QUEUED, *_SPENDS])).exists(),
    )
)
_LETTER_LEAVES = (
    select(_also.c.post_id)
    .select_from(_also.join(outbox, outbox.c.id == _also.c.post_id))
    .where(
        _also.c.alert_id == _a.id,
        _also.c.at > _t.at,
        outbox.c.state.in_(
            [literal_column(f"'{one.value}'") for one in (LetterState.QUEUED, LetterState.SENDING, LetterState.SENT)]
        ),
    )
)
_NOT_MAILED = Statement(
    select(*alerts.columns)
    .select_from(alert_tellings)
    .join(alerts, _a.id == _t.alert_id)
    .where(_t.post_id == bindparam("post"), _a.acknowledged_at.is_(None), ~_LETTER_LEAVES.exists())
    .order_by(_a.raised_at, _a.id)
)
_OF_ALERT = select(_also.c.post_id).where(_also.c.alert_id == bindparam("alert"))
_CLEAR = Statement(
    update(alert_tellings)
    .where(_t.doubtful, _t.post_id.in_(_OF_ALERT))
    .values(doubtful=literal_column("FALSE"))
    .returning(_t.post_id)
)
_SEEN_TO = Statement(
    update(alert_posts)
    .where(_p.state == literal_column(f"'{PostState.UNCLEAR.value}'"), _p.id.in_(_OF_ALERT))
    .values(state=literal_column(f"'{PostState.LOOKED_AT.value}'"))
    .returning(_p.id)
)
_SPENT = Statement(
    select(func.count(), func.coalesce(func.sum(_p.parts), literal_column("0"))).where(
        _p.channel == literal_column(f"'{TEXT}'"),
        _p.claimed_at > bindparam("since"),
        _p.state.in_(_SPENDS),
    )
)


def posts_waiting(desk: Desk, now: datetime) -> tuple[tuple[str, str], ...]:
    """Name the channels and recipients for which something is due."""
    return tuple((channel, recipient) for channel, recipient in desk.rows(_WAITING, {"now": stamp(now)}))


def claim_post(desk: Desk, channel: str, recipient: str, node: str, now: datetime, until: datetime) -> Post | None:
    """Take what is due for a recipient, for this node to send; nothing may leave before this is committed.

    It is nobody else's up to `until`; a webhook's that is not settled by then is due again.
    """
    row = desk.row(_DUE, {"channel": channel, "recipient": recipient, "now": stamp(now), "one": 1})
    if row is None:
        return None
    desk.run(_CLAIM, {"post": row[0], "node": node, "at": stamp(now), "until": stamp(until)})
    return _post(row)


def settle_post(desk: Desk, number: str, state: PostState, next_at: datetime, detail: str = "") -> bool:
    """Say what became of an attempt; `next_at` is when it is due again, or when it ended."""
    values = {"post": number, "state": state.value, "next_at": stamp(next_at), "detail": storable(detail)}
    return desk.run(_SETTLE, values) == 1


def recover_posts(desk: Desk, node: str) -> tuple[str, ...]:
    """Account for the texts that this node was sending when it ended: they may have left, and are shown as unclear."""
    return tuple(sorted(row[0] for row in desk.rows(_LEFT, {"node": node})))


def unsettled_posts(desk: Desk, now: datetime) -> tuple[str, ...]:
    """Account for the texts whose time with whoever claimed them is over: they may have left, and are unclear."""
    return tuple(sorted(row[0] for row in desk.rows(_LOST, {"now": stamp(now)})))


def told_before(desk: Desk, number: str) -> bool:
    """Tell whether a text repeats: each open, urgent alert that it tells of has gone to its recipient before."""
    return desk.row(_NEWS, {"post": number}) is None


def outlived(desk: Desk, number: str) -> bool:
    """Tell whether nobody needs a text any more: each of its alerts is answered, or is told by a later one to them."""
    return desk.row(_NEEDED, {"post": number}) is None


def alert_texts_sent(desk: Desk, since: datetime) -> tuple[int, int]:
    """Give how many texts to staff left, or may have, after a time, and of how many parts."""
    row = desk.row(_SPENT, {"since": stamp(since)})
    return (int(row[0]), int(row[1])) if row else (0, 0)


def settle_tellings(desk: Desk, alert_id: str) -> int:
    """Write down that somebody saw to what is unclear of how an alert was told; gives how many letters and texts.

    A letter or text that tells of several alerts is then clear for all of them.
    """
    values = {"alert": alert_id}
    found = [*desk.rows(_CLEAR, values), *desk.rows(_SEEN_TO, values)]
    return len({row[0] for row in found})


def not_mailed_since(desk: Desk, number: str) -> tuple[Alert, ...]:
    """List the open alerts of one text or webhook of which no letter that left, or leaves, has told since."""
    return tuple(alert_of(row) for row in desk.rows(_NOT_MAILED, {"post": number}))


def _post(row: Row) -> Post:
    number, channel, recipient, body, parts, state, attempts, since, next_at, detail = row
    return Post(
        number, channel, recipient, body, parts, PostState(state), attempts, moment(since), moment(next_at), detail
    )
