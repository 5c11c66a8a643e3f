"""Texts that came: what each was answered, what our own cost, and which numbers want none.

Promises one document per text, replayed byte for byte (T2), and that nobody else counts our texts while one is decided
(T6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, select, update

from storage.alert_posts import alert_texts_sent
from storage.desk import Desk
from storage.schema import text_stops, texts
from storage.statements import FIRST, Statement, add_unless
from storage.times import stamp

_t = texts.c
_LIMIT = "texts of ours"
_ADD = add_unless(texts, "sid")
_ONE = Statement(
    select(_t.sid, _t.contact_id, _t.document, _t.number, _t.parts, _t.once).where(_t.sid == bindparam("sid"))
)
_ONCE = Statement(select(_t.sid).where(_t.once == bindparam("once")))
_answered = _t.parts > literal_column("0")
_SENT = Statement(
    select(func.count(), func.coalesce(func.sum(_t.parts), literal_column("0"))).where(
        _answered, _t.at > bindparam("since")
    )
)
_SENT_TO = Statement(
    select(_t.sid)
    .where(_answered, _t.number == bindparam("number"), _t.at > bindparam("since"))
    .limit(bindparam("one"))
    .offset(FIRST)
)
_STOP = add_unless(text_stops, "number")
_STOP_AGAIN = Statement(
    update(text_stops)
    .where(text_stops.c.number == bindparam("whose"), text_stops.c.at < bindparam("later"))
    .values(at=bindparam("later"))
)
_ALLOW = Statement(
    text_stops.delete().where(text_stops.c.number == bindparam("number"), text_stops.c.at <= bindparam("at"))
)
_STOPS = Statement(select(func.count()).select_from(text_stops))
_STOPPED = Statement(select(text_stops.c.at).where(text_stops.c.number == bindparam("number")))


@dataclass(frozen=True, slots=True)
class TextTaken:
    """Hold what a text was answered; `number` (E.164) got a text of ours of so many `parts`, "" and 0 for none.

    `once` is the key under which it was said once, None where repeats are meant.
    """

    sid: str
    contact_id: str
    document: str
    number: str = ""
    parts: int = 0
    once: str | None = None


def add_text(desk: Desk, taken: TextTaken, at: datetime) -> bool:
    """Put on record what a text was answered; False, and nothing done, where it was answered before."""
    values = {
        "sid": taken.sid,
        "contact_id": taken.contact_id,
        "document": taken.document,
        "number": taken.number,
        "parts": taken.parts,
        "once": taken.once,
        "at": stamp(at),
    }
    return desk.run(_ADD, values) == 1


def text(desk: Desk, sid: str) -> TextTaken | None:
    """Give what a text was answered, by its provider's id."""
    row = desk.row(_ONE, {"sid": sid})
    return TextTaken(*row) if row else None


def lock_texts(desk: Desk) -> None:
    """Make everybody else who would send a text wait until this transaction ends: both would count the same."""
    desk.link.lock(_LIMIT)


def texts_sent(desk: Desk, since: datetime) -> tuple[int, int]:
    """Give how many texts of ours left after a time, to staff too, and of how many parts."""
    row = desk.row(_SENT, {"since": stamp(since)})
    sent, sent_parts = (int(row[0]), int(row[1])) if row else (0, 0)
    to_staff, their_parts = alert_texts_sent(desk, since)
    return sent + to_staff, sent_parts + their_parts


def text_sent_to(desk: Desk, number: str, since: datetime) -> bool:
    """Tell whether a text of ours went to a number after a time."""
    return desk.row(_SENT_TO, {"number": number, "since": stamp(since), "one": 1}) is not None


def text_said(desk: Desk, once: str) -> bool:
    """Tell whether something was said by text that is said once."""
    return desk.row(_ONCE, {"once": once}) is not None


def stop_texts(desk: Desk, number: str, at: datetime) -> None:
    """Note that a number wants no texts of ours (STOP)."""
    if desk.run(_STOP, {"number": number, "at": stamp(at)}) != 1:
        desk.run(_STOP_AGAIN, {"whose": number, "later": stamp(at)})


def allow_texts(desk: Desk, number: str, at: datetime) -> None:
    """Note that a number takes texts of ours again (START); nothing is done where it said STOP after `at`."""
    desk.run(_ALLOW, {"number": number, "at": stamp(at)})


def stopped_numbers(desk: Desk) -> int:
    """Count the numbers that want no texts of ours."""
    row = desk.row(_STOPS, {})
    return int(row[0]) if row else 0


def texts_stopped(desk: Desk, number: str) -> bool:
    """Tell whether a number wants no texts of ours."""
    return desk.row(_STOPPED, {"number": number}) is not None
