"""Flags: that a level reached a threshold. Promises one flag per party, threshold and contact."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from storage.desk import Desk
from storage.entries import Flag, FlagState
from storage.schema import flags
from storage.statements import FIRST, Statement, add_unless
from storage.times import moment, stamp

_f = flags.c
_FIELDS = (_f.id, _f.whose, _f.threshold, _f.at, _f.contact_id, _f.level, _f.state)
_ADD = add_unless(flags, "whose", "threshold", "contact_id")
_LAST = Statement(
    select(*_FIELDS)
    .where(_f.whose == bindparam("whose"), _f.threshold == bindparam("threshold"))
    .order_by(_f.at.desc(), _f.id.desc())
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_SETTLE = Statement(update(flags).where(_f.id == bindparam("flag")).values(state=bindparam("state")))


def add_flag(desk: Desk, flag: Flag) -> bool:
    """Raise a flag; False, and nothing done, where this contact raised it before."""
    values = {
        "id": flag.id,
        "whose": flag.whose,
        "threshold": flag.threshold,
        "at": stamp(flag.at),
        "contact_id": flag.contact_id,
        "level": flag.level,
        "state": flag.state.value,
    }
    return desk.run(_ADD, values) == 1


def last_flag(desk: Desk, whose: str, threshold: str) -> Flag | None:
    """Give the newest flag of a party and threshold; it is raised again only after the level fell below."""
    rows = desk.rows(_LAST, {"whose": whose, "threshold": threshold, "limit": 1})
    return _flag(*rows[0]) if rows else None


def all_flags(
    desk: Desk, *, whose: str | None = None, state: FlagState | None = None, limit: int = 100
) -> tuple[Flag, ...]:
    """List flags, the newest first."""
    query = select(*_FIELDS).order_by(_f.at.desc(), _f.id.desc()).limit(limit)
    if whose is not None:
        query = query.where(_f.whose == whose)
    if state is not None:
        query = query.where(_f.state == state.value)
    return tuple(_flag(*row) for row in desk.ask(query))


def settle_flag(desk: Desk, flag_id: str, state: FlagState) -> bool:
    """Say what a person made of a flag; False for no such flag."""
    return desk.run(_SETTLE, {"flag": flag_id, "state": state.value}) == 1


def _flag(id_: str, whose: str, threshold: str, at: int, contact_id: str, level: int, state: str) -> Flag:
    return Flag(id_, whose, threshold, moment(at), contact_id, level, FlagState(state))
