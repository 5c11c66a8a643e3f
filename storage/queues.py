"""What waits for a person or for the clock: held, filed, unclear, voicemail, intended.

Promises that nothing waits unseen: every contact in one of these states is in its list, the oldest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, exists, or_, select

from rules.contact import Channel
from storage.contacts import entry_of
from storage.desk import Desk
from storage.entries import Entry, FlagState, LetterState, State
from storage.schema import contacts, flags, in_state, outbox, papers, parties, restrictions
from storage.statements import FIRST, Statement
from storage.times import moment, moment_or_none, stamp

_c, _o = contacts.c, outbox.c


def _waiting(state: State, *where: ColumnElement[bool]) -> Statement:
    query = select(contacts).where(in_state(_c.state, state), *where)
    return Statement(query.order_by(_c.at, _c.id).limit(bindparam("limit")).offset(FIRST))


_QUEUES = {state: _waiting(state) for state in (State.HELD, State.FILED, State.UNCLEAR, State.VOICEMAIL)}
_DUE = _waiting(State.HELD, _c.release_at <= bindparam("now"))
_OVERDUE = _waiting(State.FILED, _c.look_by < bindparam("now"))
_INTENDED = _waiting(State.INTENDED, _c.node == bindparam("node"))


_CHANNELS = {one.value: one for one in Channel}
_COLUMNS = (
    *(_c.id, _c.channel, _c.at, _c.whose, _c.party_id, parties.c.name, _c.sender),
    *(_c.look_by, _c.release_at, _c.owner, _c.detail),
)
_SHORT = {
    state: Statement(
        select(*_COLUMNS)
        .select_from(contacts.outerjoin(parties, _c.party_id == parties.c.id))
        .where(in_state(_c.state, state))
    )
    for state in _QUEUES
}


_FILES = Statement(
    select(parties.c.id, parties.c.name, parties.c.version)
    .where(
        parties.c.merged_into.is_(None),
        or_(
            exists().where(papers.c.party_id == parties.c.id),
            exists().where(restrictions.c.party_id == parties.c.id),
        ),
    )
    .order_by(parties.c.id)
)


def parties_with_files(desk: Desk) -> tuple[tuple[int, str, int], ...]:
    """Give the parties on whose file something may wait, with a paper or a restriction: number, name, version."""
    return tuple((number, name, version) for number, name, version in desk.rows(_FILES, {}))


@dataclass(frozen=True, slots=True)
class InQueue:
    """Hold what a list says of a contact that waits: little, for lists are long; times are aware UTC."""

    id: str
    state: State
    channel: Channel
    at: datetime
    whose: str
    party: int | None
    name: str
    sender: str
    look_by: datetime | None
    release_at: datetime | None
    owner: str
    detail: str


def in_queue(desk: Desk) -> tuple[InQueue, ...]:
    """Give every contact that is held, filed, unclear or a voicemail, in no order."""
    return tuple(
        InQueue(
            number,
            state,
            _CHANNELS[channel],
            moment(at),
            whose,
            party,
            name or "",
            sender,
            moment_or_none(look_by),
            moment_or_none(release_at),
            owner,
            detail,
        )
        for state, statement in _SHORT.items()
        for number, channel, at, whose, party, name, sender, look_by, release_at, owner, detail in desk.rows(
            statement, {}
        )
    )


_LETTERS = Statement(
    select(_o.id, _o.kind, _o.written_at, _c.sender, _c.party_id, parties.c.name)
    .select_from(outbox.outerjoin(contacts, _o.contact_id == _c.id).outerjoin(parties, _c.party_id == parties.c.id))
    .where(_o.state == bindparam("in_state"))
)


@dataclass(frozen=True, slots=True)
class Astray:
    """Hold a letter of ours that failed or may not have left, with the contact's sender and party that it is about."""

    id: str
    kind: str
    at: datetime
    sender: str
    party: int | None
    name: str


def letters_astray(desk: Desk) -> tuple[Astray, ...]:
    """Give our own letters that failed or are unclear, in no order."""
    return tuple(
        Astray(number, kind, moment(at), sender or "", party, name or "")
        for state in (LetterState.FAILED, LetterState.UNCLEAR)
        for number, kind, at, sender, party, name in desk.rows(_LETTERS, {"in_state": state.value})
    )


_FLAGS = Statement(
    select(flags.c.id, flags.c.at, _c.sender, _c.party_id, parties.c.name)
    .select_from(flags.join(contacts, flags.c.contact_id == _c.id).outerjoin(parties, _c.party_id == parties.c.id))
    .where(flags.c.state == bindparam("in_state"))
)


@dataclass(frozen=True, slots=True)
class OpenFlag:
    """Hold a flag that nobody has dealt with, with the sender and party of the contact that raised it."""

    id: str
    at: datetime
    sender: str
    party: int | None
    name: str


def open_flags(desk: Desk) -> tuple[OpenFlag, ...]:
    """Give the flags that nobody has dealt with, in no order."""
    return tuple(
        OpenFlag(number, moment(at), sender, party, name or "")
        for number, at, sender, party, name in desk.rows(_FLAGS, {"in_state": FlagState.OPEN.value})
    )


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
