"""What was overdue and to which step it was told: remembered for good, so that nothing is told twice.

Promises that of several who would tell the same at the same moment, one does.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from rules.waiting_for import WaitingFor
from storage.desk import Desk
from storage.schema import escalations as table
from storage.statements import Statement, add_unless
from storage.times import moment, stamp
from storage.words import storable

_e = table.c
_ADD = add_unless(table, "what", "about", "due", "step")
_ALL = Statement(select(_e.what, _e.about, _e.due, _e.step))

Told = tuple[str, str, datetime, str]
"""What waits, about what, when it was due, and the step to which it was told."""


def add_escalation(desk: Desk, what: WaitingFor, about: str, due: datetime, step: str) -> bool:
    """Note that something is told to a step; False, and nothing done, where that was noted before."""
    values = {"what": what.value, "about": storable(about), "due": stamp(due), "step": step, "at": stamp(desk.now())}
    return desk.run(_ADD, values) == 1


def escalations(desk: Desk) -> frozenset[Told]:
    """Give all that was told."""
    return frozenset((what, about, moment(due), step) for what, about, due, step in desk.rows(_ALL, {}))
