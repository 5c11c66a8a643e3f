"""Limited calls that are told before they end: which leg, when, and whether it was said.

Promises that a warning is claimed by one process, once, and never for a call that is settled; it goes with its call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, false, select, true, update

from storage.desk import Desk
from storage.schema import call_warnings, calls
from storage.statements import Statement, add_unless
from storage.times import stamp

_w = call_warnings.c
_ADD = add_unless(call_warnings, "sid")
_CLAIM = Statement(
    update(call_warnings)
    .where(_w.said == false(), _w.due_at <= bindparam("now"), _w.due_at > bindparam("since"))
    .where(_w.sid.in_(select(calls.c.sid).where(calls.c.settled == false())))
    .values(said=true())
    .returning(_w.sid, _w.leg)
)
_SAID = Statement(select(_w.said).where(_w.sid == bindparam("sid"), _w.said == true()))
_DROP = Statement(call_warnings.delete().where(_w.sid == bindparam("call")))


@dataclass(frozen=True, slots=True)
class CallWarning:
    """Hold a call by the provider's id, and the leg that was dialled for it."""

    sid: str
    leg: str


def plan_warning(desk: Desk, warning: CallWarning, due_at: datetime) -> bool:
    """Have a call told at a time; False, and nothing done, where it is planned already."""
    values = {"sid": warning.sid, "leg": warning.leg, "due_at": stamp(due_at), "said": False}
    return desk.run(_ADD, values) == 1


def claim_warnings(desk: Desk, since: datetime, now: datetime) -> tuple[CallWarning, ...]:
    """Take all that became due after `since`, up to now: they count as said from here on."""
    return tuple(CallWarning(*row) for row in desk.rows(_CLAIM, {"since": stamp(since), "now": stamp(now)}))


def warned(desk: Desk, sid: str) -> bool:
    """Tell whether a call was told."""
    return desk.row(_SAID, {"sid": sid}) is not None


def drop_warning(desk: Desk, sid: str) -> None:
    """Take back that a call was, or is to be, told."""
    desk.run(_DROP, {"call": sid})
