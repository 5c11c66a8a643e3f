"""What staff wrote down by hand of contacts that no door saw: letters, visits, calls, mail to a personal box.

Promises that a key is on record once, and that an entry is taken back once. The note goes when its contact goes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update

from storage.desk import Desk, Row
from storage.entries import ByHand
from storage.schema import hand_log as table
from storage.statements import Statement, add_unless
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_h = table.c
_ADD = add_unless(table, "key")
_ONE = Statement(select(table).where(_h.contact_id == bindparam("contact")))
_BY_KEY = Statement(select(table).where(_h.key == bindparam("given")))
_TAKE_BACK = Statement(
    update(table)
    .where(_h.contact_id == bindparam("contact"), _h.taken_back_at.is_(None))
    .values({name: bindparam(name) for name in ("taken_back_at", "taken_back_by", "taken_back_why")})
)


def add_by_hand(desk: Desk, one: ByHand) -> bool:
    """Put on record what somebody wrote down of a contact that is on record; False where its key is there already."""
    values = {
        "contact_id": one.contact_id,
        "key": storable(one.key) if one.key is not None else None,
        "logged_at": stamp(one.logged_at),
        "logged_by": storable(one.logged_by),
        "staff": storable(one.staff),
        "ours": one.ours,
        "minutes": one.minutes,
        "note": storable(one.note),
        "taken_back_at": stamp(one.taken_back_at),
        "taken_back_by": storable(one.taken_back_by),
        "taken_back_why": storable(one.taken_back_why),
    }
    return desk.run(_ADD, values) == 1


def by_hand(desk: Desk, contact_id: str) -> ByHand | None:
    """Give what was written down of a contact; None where nobody wrote it down."""
    row = desk.row(_ONE, {"contact": contact_id})
    return _value(row) if row else None


def by_hand_with_key(desk: Desk, key: str) -> ByHand | None:
    """Give what was written down under this key."""
    row = desk.row(_BY_KEY, {"given": storable(key)})
    return _value(row) if row else None


def take_back(desk: Desk, contact_id: str, by: str, why: str, at: datetime) -> bool:
    """Note that an entry was a mistake; False where it is none, or was taken back before."""
    values = {"taken_back_at": stamp(at), "taken_back_by": storable(by), "taken_back_why": storable(why)}
    return desk.run(_TAKE_BACK, {"contact": contact_id, **values}) == 1


def _value(row: Row) -> ByHand:
    contact, key, logged, by, staff, ours, minutes, note, back, back_by, back_why = row
    return ByHand(
        contact,
        moment(logged),
        by,
        staff,
        bool(ours),
        minutes,
        note,
        key,
        moment_or_none(back),
        back_by,
        back_why,
    )
