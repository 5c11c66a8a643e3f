"""Flags: that a level reached a threshold. Promises one flag per party, threshold and contact, dealt with once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from storage.desk import Desk, Row
from storage.entries import Flag, FlagState
from storage.schema import flags
from storage.statements import FIRST, Statement, add_unless
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_f = flags.c
_READ: dict[str, Callable[[Any], object]] = {
    "at": moment,
    "state": FlagState,
    "settled_at": moment_or_none,
    "wakes_at": moment_or_none,
}
_NAMES = tuple(column.name for column in _f)
_SETTLED = ("state", "settled_at", "settled_by", "why", "paper", "wakes_at")
_ADD = add_unless(flags, "whose", "threshold", "contact_id")
_ONE = Statement(select(flags).where(_f.id == bindparam("flag")))
_LAST = Statement(
    select(flags)
    .where(_f.whose == bindparam("whose"), _f.threshold == bindparam("threshold"))
    .order_by(_f.at.desc(), _f.id.desc())
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_SETTLE = Statement(
    update(flags)
    .where(_f.id == bindparam("flag"), _f.state == bindparam("among"))
    .values({name: bindparam(name) for name in _SETTLED})
)
_WAKE = Statement(
    update(flags).where(_f.id == bindparam("flag"), _f.wakes_at.is_not(None)).values(wakes_at=bindparam("never"))
)
_SLEEP = Statement(update(flags).where(_f.id == bindparam("flag")).values(wakes_at=bindparam("until")))
_ASLEEP = Statement(
    select(_f.threshold).where(_f.whose == bindparam("whose"), _f.wakes_at > bindparam("now")).distinct()
)
_WAKING = Statement(
    select(flags)
    .where(_f.wakes_at.is_not(None), _f.wakes_at <= bindparam("now"))
    .order_by(_f.wakes_at)
    .limit(bindparam("limit"))
    .offset(FIRST)
)


def add_flag(desk: Desk, flag: Flag) -> bool:
    """Raise a flag; False, and nothing done, where this contact raised it before."""
    values = {
        "id": flag.id,
        "whose": flag.whose,
        "threshold": flag.threshold,
        "at": stamp(flag.at),
        "contact_id": flag.contact_id,
        "level": flag.level,
    }
    return desk.run(_ADD, values | _settled(flag)) == 1


def _settled(flag: Flag) -> dict[str, Any]:
    return {
        "state": flag.state.value,
        "settled_at": stamp(flag.settled_at),
        "settled_by": storable(flag.settled_by),
        "why": storable(flag.why),
        "paper": flag.paper,
        "wakes_at": stamp(flag.wakes_at),
    }


def flag(desk: Desk, flag_id: str) -> Flag | None:
    """Give one flag."""
    row = desk.row(_ONE, {"flag": flag_id})
    return _flag(row) if row else None


def last_flag(desk: Desk, whose: str, threshold: str) -> Flag | None:
    """Give the newest flag of a party and threshold; it is raised again only after the level fell below."""
    rows = desk.rows(_LAST, {"whose": whose, "threshold": threshold, "limit": 1})
    return _flag(rows[0]) if rows else None


def all_flags(
    desk: Desk, *, whose: str | None = None, state: FlagState | None = None, limit: int = 100
) -> tuple[Flag, ...]:
    """List flags, the newest first."""
    query = select(flags).order_by(_f.at.desc(), _f.id.desc()).limit(limit)
    if whose is not None:
        query = query.where(_f.whose == whose)
    if state is not None:
        query = query.where(_f.state == state.value)
    return tuple(_flag(row) for row in desk.ask(query))


def settle_flag(desk: Desk, settled: Flag) -> bool:
    """Put on record what a person made of an open flag, as `settled` has it; False where it is open no more."""
    return desk.run(_SETTLE, _settled(settled) | {"flag": settled.id, "among": FlagState.OPEN.value}) == 1


def asleep(desk: Desk, whose: str, now: datetime) -> frozenset[str]:
    """Name the thresholds of which a flag of this party was dealt with and still sleeps."""
    return frozenset(name for (name,) in desk.rows(_ASLEEP, {"whose": whose, "now": stamp(now)}))


def waking_flags(desk: Desk, now: datetime, limit: int) -> tuple[Flag, ...]:
    """List the flags whose sleep is over and of which nobody has looked at the level since."""
    return tuple(_flag(row) for row in desk.rows(_WAKING, {"now": stamp(now), "limit": limit}))


def wake_flag(desk: Desk, flag_id: str) -> bool:
    """Say that the level was looked at after the sleep; False where somebody else was there first."""
    return desk.run(_WAKE, {"flag": flag_id, "never": None}) == 1


def let_sleep(desk: Desk, flag_id: str, until: datetime) -> None:
    """Let a flag that was dealt with sleep on, until its level is looked at again."""
    desk.run(_SLEEP, {"flag": flag_id, "until": stamp(until)})


def _flag(row: Row) -> Flag:
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    read: dict[str, Any] = {name: _READ[name](value) if name in _READ else value for name, value in values.items()}
    return Flag(**read)
