"""Alerts to staff: raised once for one thing, in the transaction of what they tell of; how often told, who answered.

Promises that two processes that look at once tell an alert once, and that what a telling leads to is on record with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, literal_column, or_, select, update

from rules.alerts import AlertKind, Severity
from storage.desk import Desk, Row
from storage.entries import FlagState, Letter, State
from storage.outbox import enqueue as enqueue_letter
from storage.schema import contacts, flags, mailboxes, outbox
from storage.schema_alerts import alert_posts, alert_tellings, alerts
from storage.statements import FIRST, Statement, add_unless
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

MAIL, TEXT, WEBHOOK = "mail", "text", "webhook"


@dataclass(frozen=True, slots=True)
class Alert:
    """Hold one alert; `words` name the thing, never its contents, and `command` shows it where one does.

    `next_at` is when it is told next; None where it waits for a digest or nobody is told again. `step` is how many rows
    of the settings it has reached. `acknowledged_by` is empty where the thing itself was done.
    """

    id: str
    once: str
    kind: AlertKind
    severity: Severity
    title: str
    words: str
    raised_at: datetime
    about: str = ""
    contact_id: str | None = None
    command: str = ""
    next_at: datetime | None = None
    told_at: datetime | None = None
    last_at: datetime | None = None
    times: int = 0
    step: int = 0
    escalated_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""

    @property
    def open(self) -> bool:
        """Tell whether it waits for somebody."""
        return self.acknowledged_at is None


@dataclass(frozen=True, slots=True)
class NewPost:
    """Hold what is to leave by text or webhook: `recipient` is a number or a webhook's name, `parts` a text's cost."""

    id: str
    channel: str
    recipient: str
    body: str
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Telling:
    """Hold what tells of alerts: letters of the outbox, and what leaves by text or webhook."""

    letters: tuple[Letter, ...] = ()
    posts: tuple[NewPost, ...] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """Hold a new alert with what tells of it at once, if anything does."""

    alert: Alert
    telling: Telling = Telling()


@dataclass(frozen=True, slots=True)
class Told:
    """Say how an alert was told once: by which way, where that stands, and whether it may have left twice."""

    channel: str
    at: datetime
    state: str
    doubtful: bool
    detail: str


_a, _t, _c, _o, _p = alerts.c, alert_tellings.c, contacts.c, outbox.c, alert_posts.c
_FIELDS = tuple(alerts.columns)
_OPEN = _a.acknowledged_at.is_(None)
_ADD = add_unless(alerts, "once")
_ADD_POST = add_unless(alert_posts, "id")
_ADD_TELLING = add_unless(alert_tellings, "alert_id", "post_id")
_ONE = Statement(select(*_FIELDS).where(_a.id == bindparam("id")))
_DUE = Statement(
    select(*_FIELDS)
    .where(
        _OPEN,
        or_(
            _a.next_at <= bindparam("now"),
            and_(
                _a.severity == literal_column(f"'{Severity.URGENT.value}'"),
                _a.next_at <= bindparam("soon"),
                _a.last_at <= bindparam("rested"),
            ),
            # The clock was set back since: it is told again in its own time, not after the jump.
            and_(
                _a.next_at.is_not(None),
                or_(_a.last_at > bindparam("ahead"), and_(_a.told_at.is_(None), _a.raised_at > bindparam("ahead"))),
            ),
        ),
    )
    .order_by(_a.raised_at, _a.id)
    .limit(bindparam("limit"))
    .offset(FIRST)
    .with_for_update(skip_locked=True)
)
_MOVE = Statement(
    update(alerts)
    .where(_a.id == bindparam("alert"), _OPEN)
    .values({name: bindparam(name) for name in ("next_at", "told_at", "last_at", "times", "step", "escalated_at")})
)
_UNTOLD = Statement(
    select(*_FIELDS)
    .where(_OPEN, _a.told_at.is_(None), _a.next_at.is_(None))
    .order_by(_a.raised_at, _a.id)
    .limit(bindparam("limit"))
    .offset(FIRST)
    .with_for_update(skip_locked=True)
)
_END = Statement(
    update(alerts)
    .where(_a.id == bindparam("alert"), _OPEN)
    .values(acknowledged_at=bindparam("at"), acknowledged_by=bindparam("by"))
)
_ENDED = Statement(
    select(_a.id)
    .select_from(alerts.join(contacts, _a.contact_id == _c.id, isouter=True))
    .where(_a.once == bindparam("once"), or_(~_OPEN, _c.looked_at.is_not(None)))
)
_DOUBT = Statement(
    update(alert_tellings).where(_t.post_id == bindparam("post")).values(doubtful=literal_column("TRUE"))
)
_LATELY = Statement(
    select(func.count())
    .select_from(alerts)
    .join(contacts, _a.contact_id == _c.id)
    .where(_a.raised_at >= bindparam("since"), _c.party_id.is_not_distinct_from(bindparam("party")))
)
_TELLINGS = Statement(
    select(
        _t.channel,
        _t.at,
        func.coalesce(_o.state, _p.state, literal_column("''")),
        _t.doubtful,
        func.coalesce(_o.detail, _p.detail, literal_column("''")),
    )
    .select_from(alert_tellings)
    .join(outbox, _o.id == _t.post_id, isouter=True)
    .join(alert_posts, _p.id == _t.post_id, isouter=True)
    .where(_t.alert_id == bindparam("alert"))
    .order_by(_t.at, _t.channel, _t.post_id)
)


def _is(column: ColumnElement[str], *words: str) -> ColumnElement[bool]:
    return column.in_([literal_column(f"'{word}'") for word in words])


def _named(before: str) -> ColumnElement[str]:
    return func.substr(_a.about, literal_column(str(len(before) + 1)))


_LOOKED = exists().where(_c.id == _a.contact_id, _c.looked_at.is_not(None))
_SETTLED = exists().where(
    _c.id == _a.contact_id, ~_is(_c.state, State.HELD.value, State.UNCLEAR.value, State.INTENDED.value)
)
# What an alert is about is cut, and not glued together: so it is looked up by its key, and no table is read through.
_JUDGED = exists().where(flags.c.id == _named("flag:"), ~_is(flags.c.state, FlagState.OPEN.value))
_READ_AGAIN = exists().where(mailboxes.c.name == _named("mailbox:"), mailboxes.c.synced_at > _a.raised_at)
_ABOUT_A_LOOK = ("risk_to_life", "danger", "safeguard", "held", "recording")
_ANSWERED = Statement(
    update(alerts)
    .where(
        _OPEN,
        or_(
            and_(_is(_a.kind, *_ABOUT_A_LOOK), _LOOKED),
            and_(_is(_a.kind, "held"), _SETTLED),
            and_(_is(_a.kind, "flag"), _JUDGED),
            and_(_is(_a.kind, "mailbox"), _READ_AGAIN),
        ),
    )
    .values(acknowledged_at=bindparam("at"), acknowledged_by=literal_column("''"))
)


def enqueue(desk: Desk, what: Letter | Raised) -> bool:
    """Put a letter into the outbox, or raise an alert; False, and nothing done, where its `once` was there before."""
    return raise_alert(desk, what) if isinstance(what, Raised) else enqueue_letter(desk, what)


def raise_alert(desk: Desk, raised: Raised) -> bool:
    """Put an alert on record with all that tells of it; False, and nothing done, where it was raised before."""
    alert = raised.alert
    values = {
        "id": alert.id,
        "once": storable(alert.once),
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "about": storable(alert.about),
        "contact_id": alert.contact_id,
        "title": storable(alert.title),
        "words": storable(alert.words),
        "command": storable(alert.command),
        "raised_at": stamp(alert.raised_at),
        "acknowledged_at": None,
        "acknowledged_by": "",
    }
    if desk.run(_ADD, values | _course(alert)) != 1:
        return False
    tell(desk, [alert], raised.telling)
    return True


def tell(desk: Desk, told: Iterable[Alert], telling: Telling) -> None:
    """Put on its way what tells of alerts, each noted with it."""
    now = stamp(desk.now())
    ways = []
    for letter in telling.letters:
        if enqueue_letter(desk, letter):
            ways.append((MAIL, letter.id))
    for post in telling.posts:
        row: dict[str, Any] = {
            "id": post.id,
            "channel": post.channel,
            "recipient": post.recipient,
            "body": storable(post.body),
        }
        row |= {"parts": post.parts, "state": "queued", "attempts": 0, "since": now, "next_at": now}
        if desk.run(_ADD_POST, row | {"claimed_by": "", "claimed_at": None, "detail": ""}):
            ways.append((post.channel, post.id))
    for alert in told:
        for channel, number in ways:
            noted: dict[str, Any] = {
                "alert_id": alert.id,
                "post_id": number,
                "channel": channel,
                "at": now,
                "doubtful": False,
            }
            desk.run(_ADD_TELLING, noted)


def move_alert(desk: Desk, alert: Alert) -> bool:
    """Write down how far an alert has come; False, and nothing done, where somebody has answered it meanwhile."""
    return desk.run(_MOVE, {"alert": alert.id} | _course(alert)) == 1


def _course(alert: Alert) -> dict[str, int | None]:
    return {
        "next_at": stamp(alert.next_at),
        "told_at": stamp(alert.told_at),
        "last_at": stamp(alert.last_at),
        "times": alert.times,
        "step": alert.step,
        "escalated_at": stamp(alert.escalated_at),
    }


def alert(desk: Desk, number: str) -> Alert | None:
    """Give one alert."""
    row = desk.row(_ONE, {"id": number})
    return alert_of(row) if row else None


def all_alerts(desk: Desk, *, only_open: bool = False, limit: int = 1000) -> tuple[Alert, ...]:
    """List alerts: those open first, the newest first of each."""
    query = select(*_FIELDS).order_by(~_OPEN, _a.raised_at.desc(), _a.id.desc()).limit(limit)
    return tuple(alert_of(row) for row in desk.ask(query.where(_OPEN) if only_open else query))


def due_alerts(
    desk: Desk, now: datetime, *, soon: datetime, rested: datetime, ahead: datetime, limit: int = 200
) -> tuple[Alert, ...]:
    """Take the open alerts that are due at `now`; another process gets none of them until this transaction ends.

    With them come urgent ones that are due by `soon` and were last told by `rested`, so that they can be told together,
    and those last told after `ahead`, or raised then and never told, which a clock that was set back brings about.
    """
    values = {"now": stamp(now), "soon": stamp(soon), "rested": stamp(rested), "ahead": stamp(ahead), "limit": limit}
    return tuple(alert_of(row) for row in desk.rows(_DUE, values))


def untold_alerts(desk: Desk, limit: int = 1000) -> tuple[Alert, ...]:
    """Take the open alerts that wait for a digest, the oldest first."""
    return tuple(alert_of(row) for row in desk.rows(_UNTOLD, {"limit": limit}))


def acknowledge_alert(desk: Desk, number: str, by: str, at: datetime) -> bool:
    """Write down that somebody has taken an alert on; False where it is not open."""
    return desk.run(_END, {"alert": number, "at": stamp(at), "by": storable(by)}) == 1


def alert_ended(desk: Desk, once: str) -> bool:
    """Tell whether an alert was raised under a key and is over: answered, or its contact was looked at."""
    return desk.row(_ENDED, {"once": storable(once)}) is not None


def settle_answered(desk: Desk, at: datetime) -> int:
    """End the alerts whose thing was done: looked at, released, a flag judged, a mailbox read; gives how many."""
    return desk.run(_ANSWERED, {"at": stamp(at)})


def doubt_telling(desk: Desk, number: str) -> None:
    """Note that a letter or post about alerts may have left, and leaves again."""
    desk.run(_DOUBT, {"post": number})


def tellings(desk: Desk, number: str) -> tuple[Told, ...]:
    """List how an alert was told, the oldest first."""
    return tuple(
        Told(channel, moment(at), state, bool(doubtful), detail)
        for channel, at, state, doubtful, detail in desk.rows(_TELLINGS, {"alert": number})
    )


def alerts_lately(desk: Desk, party_id: int | None, since: datetime) -> int:
    """Count the alerts raised since a time on contacts of a party; of nobody's contacts for None."""
    ((count,),) = desk.rows(_LATELY, {"since": stamp(since), "party": party_id})
    return int(count)


def alert_of(row: Row) -> Alert:
    """Read a row of all columns of `alerts`, in their order."""
    number, once, kind, severity, about, contact_id, title, words, command, raised_at, *course = row
    next_at, told_at, last_at, times, step, escalated_at, acknowledged_at, acknowledged_by = course
    return Alert(
        id=number,
        once=once,
        kind=AlertKind(kind),
        severity=Severity(severity),
        title=title,
        words=words,
        raised_at=moment(raised_at),
        about=about,
        contact_id=contact_id,
        command=command,
        next_at=moment_or_none(next_at),
        told_at=moment_or_none(told_at),
        last_at=moment_or_none(last_at),
        times=times,
        step=step,
        escalated_at=moment_or_none(escalated_at),
        acknowledged_at=moment_or_none(acknowledged_at),
        acknowledged_by=acknowledged_by,
    )
