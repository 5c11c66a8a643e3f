"""Legal clocks of contacts: started, made longer, stopped; and those that run.

Promises that a contact has one clock of a kind, and that of two who change one at the same moment one does. Whose it
is follows its contact, through merges and splits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, update

from rules.legal_clocks import ClockKind, LegalClock, Stopped
from storage.desk import Desk, Row
from storage.schema import contacts, parties
from storage.schema import legal_clocks as table
from storage.statements import Statement, add_unless
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_l, _c = table.c, contacts.c
_CHANGED = ("extended_at", "extended_by", "extended_why", "stopped_at", "stopped_by", "stopped", "how")
_ADD = add_unless(table, "contact_id", "kind")
_WITH = select(table, _c.whose, _c.sender, _c.party_id, parties.c.name).select_from(
    table.join(contacts, _l.contact_id == _c.id).outerjoin(parties, _c.party_id == parties.c.id)
)
_RUNNING = Statement(_WITH.where(_l.stopped_at.is_(None)).order_by(_l.received, _l.contact_id, _l.kind))
_ALL = Statement(_WITH.order_by(_l.received, _l.contact_id, _l.kind))
_OF = Statement(select(table).where(_l.contact_id == bindparam("contact")).order_by(_l.kind))
_CHANGE = Statement(
    update(table)
    .where(
        _l.contact_id == bindparam("contact"),
        _l.kind == bindparam("of_kind"),
        _l.stopped_at.is_(None),
        func.coalesce(_l.extended_at, bindparam("none")) == bindparam("extended_before"),
    )
    .values({name: bindparam(name) for name in _CHANGED})
)
_NEVER = -1


@dataclass(frozen=True, slots=True)
class ClockOnRecord:
    """Hold a clock with who asked: `whose` as levels fall to, the party and its name where it is one's."""

    clock: LegalClock
    whose: str
    sender: str
    party: int | None
    name: str


def start_clock(desk: Desk, clock: LegalClock) -> bool:
    """Start a clock; False, and nothing done, where its contact has or had one of the kind."""
    values = {
        "contact_id": clock.contact,
        "kind": clock.kind.value,
        "received": stamp(clock.received),
        "started_at": stamp(clock.started_at),
        "started_by": storable(clock.started_by),
        "why": storable(clock.why),
        **_changed(clock),
    }
    return desk.run(_ADD, values) == 1


def change_clock(desk: Desk, was: LegalClock, now: LegalClock) -> bool:
    """Make a running clock longer, or stop it; False, and nothing done, where somebody else was faster."""
    named = {"contact": was.contact, "of_kind": was.kind.value, "none": _NEVER}
    before = stamp(was.extended_at) if was.extended_at is not None else _NEVER
    return desk.run(_CHANGE, named | {"extended_before": before} | _changed(now)) == 1


def _changed(clock: LegalClock) -> dict[str, Any]:
    return {
        "extended_at": stamp(clock.extended_at),
        "extended_by": storable(clock.extended_by),
        "extended_why": storable(clock.extended_why),
        "stopped_at": stamp(clock.stopped_at),
        "stopped_by": storable(clock.stopped_by),
        "stopped": clock.stopped.value if clock.stopped else None,
        "how": storable(clock.how),
    }


def clocks_of(desk: Desk, contact_id: str) -> tuple[LegalClock, ...]:
    """Give the clocks of a contact, stopped ones too."""
    return tuple(_clock(row) for row in desk.rows(_OF, {"contact": contact_id}))


def legal_clocks(desk: Desk, *, stopped: bool = False) -> tuple[ClockOnRecord, ...]:
    """List the clocks that run, or all, the oldest received first."""
    rows = desk.rows(_ALL if stopped else _RUNNING, {})
    return tuple(ClockOnRecord(_clock(row[:-4]), row[-4], row[-3], row[-2], row[-1] or "") for row in rows)


def _clock(row: Row) -> LegalClock:
    contact, kind, received, at, by, why, ext_at, ext_by, ext_why, stop_at, stop_by, stopped, how = row
    return LegalClock(
        contact,
        ClockKind(kind),
        moment(received),
        moment(at),
        by,
        why,
        moment_or_none(ext_at),
        ext_by,
        ext_why,
        moment_or_none(stop_at),
        stop_by,
        Stopped(stopped) if stopped else None,
        how,
    )
