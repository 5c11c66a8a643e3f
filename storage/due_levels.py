"""Whose levels are to be looked at: marked with each contact that adds to a sum, in its own transaction.

Promises that what was marked stays until it was looked at, and that a mark made meanwhile is not lost with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Dialect, Executable, bindparam, case, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.desk import Desk
from storage.schema import due_levels as table
from storage.statements import FIRST, POSTGRESQL, Statement
from storage.times import moment, stamp
from storage.words import storable

_d = table.c


@dataclass(frozen=True, slots=True)
class DueLevels:
    """Hold whose levels are to be looked at from when on (aware UTC); `marks` counts how often that was said."""

    whose: str
    since: datetime
    marks: int


def _mark(dialect: Dialect) -> Executable:
    made = (postgresql if dialect is POSTGRESQL else sqlite).insert(table)
    earlier = case((made.excluded.since < _d.since, made.excluded.since), else_=_d.since)
    changes = {"since": earlier, "marks": _d.marks + made.excluded.marks}
    statement: Executable = made.on_conflict_do_update(index_elements=["whose"], set_=changes)
    return statement


_MARK = Statement(_mark)
_DUE = Statement(select(_d.whose, _d.since, _d.marks).order_by(_d.since).limit(bindparam("limit")).offset(FIRST))
_DONE = Statement(table.delete().where(_d.whose == bindparam("whose"), _d.marks == bindparam("marks")))


def mark_levels(desk: Desk, whose: str, since: datetime) -> None:
    """Say that levels of `whose` (`party:12`, `email:x@example.org`) changed at a moment, aware UTC."""
    desk.run(_MARK, {"whose": storable(whose), "since": stamp(since), "marks": 1})


def due_levels(desk: Desk, limit: int) -> tuple[DueLevels, ...]:
    """List whose levels are to be looked at, those that wait longest first."""
    return tuple(DueLevels(whose, moment(since), marks) for whose, since, marks in desk.rows(_DUE, {"limit": limit}))


def levels_looked_at(desk: Desk, due: DueLevels) -> None:
    """Say that levels were looked at as they were when `due` was read; a mark made since keeps them due."""
    desk.run(_DONE, {"whose": due.whose, "marks": due.marks})


def lock_levels(desk: Desk, whose: str) -> None:
    """Make everybody else who would flag `whose` wait until this transaction ends: both would see the same hill."""
    desk.link.lock(f"levels:{whose}")
