"""Whose levels are to be looked at: marked with each contact that adds to a sum, in its own transaction.

Promises that what was marked stays until it was looked at, and that a mark made meanwhile is not lost with it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Dialect, Executable, bindparam, case, literal_column, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.desk import Desk
from storage.schema import due_levels as table
from storage.statements import FIRST, POSTGRESQL, Statement
from storage.times import moment, stamp
from storage.words import storable

_d = table.c


@dataclass(frozen=True, slots=True)
class DueLevels:
    """Hold whose levels are to be looked at, as contacts changed them that came from `since` to `last` (aware UTC).

    `marks` is another number each time that it was said; `joined` tells that contacts of others became theirs.
    """

    whose: str
    since: datetime
    last: datetime
    marks: int
    joined: bool = False


def _mark(dialect: Dialect) -> Executable:
    made = (postgresql if dialect is POSTGRESQL else sqlite).insert(table)
    earlier = case((made.excluded.since < _d.since, made.excluded.since), else_=_d.since)
    later = case((made.excluded.last > _d.last, made.excluded.last), else_=_d.last)
    joined = or_(_d.joined, made.excluded.joined)
    changes = {"since": earlier, "last": later, "joined": joined, "marks": _d.marks + literal_column("1")}
    statement: Executable = made.on_conflict_do_update(index_elements=["whose"], set_=changes)
    return statement


_MARK = Statement(_mark)
_DUE = Statement(
    select(_d.whose, _d.since, _d.last, _d.marks, _d.joined).order_by(_d.since).limit(bindparam("limit")).offset(FIRST)
)
_DONE = Statement(
    table.delete().where(_d.whose == bindparam("whose"), _d.since == bindparam("since"), _d.marks == bindparam("marks"))
)


def mark_levels(desk: Desk, whose: str, since: datetime, *, last: datetime | None = None, joined: bool = False) -> None:
    """Say that levels of `whose` (`party:12`, `email:x@example.org`) changed at a moment, or up to `last`, aware UTC.

    `joined` says that contacts of others became theirs, whenever those came.
    """
    values = {"whose": storable(whose), "since": stamp(since), "last": stamp(last or since), "joined": joined}
    # By chance: a row that was deleted and made anew must not pass for the one that somebody looked at.
    desk.run(_MARK, values | {"marks": secrets.randbits(30)})


def due_levels(desk: Desk, limit: int) -> tuple[DueLevels, ...]:
    """List whose levels are to be looked at, those that wait longest first."""
    return tuple(
        DueLevels(whose, moment(since), moment(last), marks, bool(joined))
        for whose, since, last, marks, joined in desk.rows(_DUE, {"limit": limit})
    )


def levels_looked_at(desk: Desk, due: DueLevels) -> bool:
    """Say that levels were looked at as they were when `due` was read; False where a mark made since keeps them due."""
    return desk.run(_DONE, {"whose": due.whose, "since": stamp(due.since), "marks": due.marks}) == 1


def lock_levels(desk: Desk, whose: str) -> None:
    """Make everybody else who would flag `whose` wait until this transaction ends: both would see the same hill."""
    desk.link.lock(f"levels:{whose}")
