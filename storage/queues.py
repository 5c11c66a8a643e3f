"""What waits for a person or for the clock: held, filed, unclear, voicemail, intended.

Promises that nothing waits unseen: every contact in one of these states is in its list, the oldest first.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, select

from storage.contacts import entry_of
from storage.desk import Desk
from storage.entries import Entry, State
from storage.schema import contacts, in_state
from storage.statements import FIRST, Statement
from storage.times import stamp

_c = contacts.c


def _waiting(state: State, *where: ColumnElement[bool]) -> Statement:
    query = select(contacts).where(in_state(_c.state, state), *where)
    return Statement(query.order_by(_c.at, _c.id).limit(bindparam("limit")).offset(FIRST))


_QUEUES = {state: _waiting(state) for state in (State.HELD, State.FILED, State.UNCLEAR, State.VOICEMAIL)}
_DUE = _waiting(State.HELD, _c.release_at <= bindparam("now"))
_OVERDUE = _waiting(State.FILED, _c.look_by < bindparam("now"))
_INTENDED = _waiting(State.INTENDED, _c.node == bindparam("node"))


def queue(desk: Desk, *states: State, limit: int = 1000) -> tuple[Entry, ...]:
    """List what waits for a person, oldest first: held, filed, unclear, voicemail, or those of them that are named."""
    found = [entry_of(row) for state in states or _QUEUES for row in desk.rows(_QUEUES[state], {"limit": limit})]
    return tuple(sorted(found, key=lambda entry: (entry.at, entry.id))[:limit])


def due_holds(desk: Desk, now: datetime, limit: int) -> tuple[Entry, ...]:
    """List what was held until `now` or earlier, in the order in which it came."""
    return tuple(entry_of(row) for row in desk.rows(_DUE, {"now": stamp(now), "limit": limit}))


def overdue(desk: Desk, now: datetime, limit: int = 1000) -> tuple[Entry, ...]:
    """List what was filed and should have been looked at before `now`, oldest first."""
    return tuple(entry_of(row) for row in desk.rows(_OVERDUE, {"now": stamp(now), "limit": limit}))


def intended(desk: Desk, node: str, limit: int = 1000) -> tuple[Entry, ...]:
    """List what a node has decided and not yet acknowledged, oldest first."""
    return tuple(entry_of(row) for row in desk.rows(_INTENDED, {"node": node, "limit": limit}))
