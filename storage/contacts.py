"""Contacts on record: adding one, finding one, listing them, saying what became of one.

Promises that a key is on record once, and that a contact changes its state only from where it is known to be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import bindparam, literal_column, or_, select, update

from rules.contact import Assurance, Channel, Nature
from rules.decision import Outcome, Reason
from storage.desk import Desk, Row
from storage.entries import Entry, Goal, State
from storage.schema import at_of_all, contacts, in_state
from storage.statements import Statement, add_unless
from storage.times import moment, moment_or_none, stamp
from storage.words import OUTCOMES, read_goals, read_reasons, storable, write_goals, write_reasons


class _Kept(Enum):
    KEPT = "kept"


KEPT: Final = _Kept.KEPT
"""Leave a field as it is (None would be a value)."""

_c = contacts.c
_ADD = add_unless(contacts, "key", where=_c.key.is_not(None))
_FIND = Statement(select(contacts).where(_c.key == bindparam("key")))
_CONTACT = Statement(select(contacts).where(_c.id == bindparam("id")))
_LOOKED_FOR = (State.FILED, State.FILED_UNREAD, State.VOICEMAIL, State.UNCLEAR)
_RESTATE_BUT = frozenset({"id", "key", "at", "channel"})
_RESTATED = tuple(column.name for column in _c if column.name not in _RESTATE_BUT)
_RESTATE = Statement(
    update(contacts)
    .where(_c.id == bindparam("contact"), _c.state == bindparam("among"))
    .values({name: bindparam(name) for name in _RESTATED})
)
_LOOK = Statement(
    update(contacts)
    .where(_c.id == bindparam("contact"), or_(*(in_state(_c.state, state) for state in _LOOKED_FOR)))
    .values(
        state=literal_column(f"'{State.LOOKED_AT.value}'"),
        looked_by=bindparam("looked_by"),
        looked_at=bindparam("looked_at"),
        updated_at=bindparam("updated_at"),
    )
)


def add_contact(desk: Desk, entry: Entry) -> bool:
    """Put a contact on record; False, and nothing done, where its key is there already."""
    return desk.run(_ADD, _values(entry, stamp(entry.updated_at or desk.now()))) == 1


def _as_it_is(value: object) -> object:
    return value


def _values(entry: Entry, updated_at: int) -> dict[str, Any]:
    # `_value_`, not `value`, which is a property in Python: every contact comes by.
    return {
        "id": entry.id,
        "key": entry.key,
        "channel": entry.channel._value_,
        "at": stamp(entry.at),
        "whose": storable(entry.whose),
        "party_id": entry.party_id,
        "sender": storable(entry.sender),
        "assurance": entry.assurance._value_,
        "nature": entry.nature._value_,
        "decided": entry.decided._value_,
        "carried": entry.carried._value_,
        "state": entry.state._value_,
        "counts": entry.counts,
        "counted_at": stamp(entry.counted_at),
        "size": entry.size,
        "words": entry.words,
        "talk_s": entry.talk_s,
        "reserved_s": entry.reserved_s,
        "reasons": write_reasons(entry.reasons),
        "targets": write_goals(entry.targets),
        "release_at": stamp(entry.release_at),
        "look_by": stamp(entry.look_by),
        "owner": storable(entry.owner),
        "looked_at": stamp(entry.looked_at),
        "looked_by": storable(entry.looked_by),
        "detail": storable(entry.detail),
        "node": entry.node,
        "updated_at": updated_at,
    }


_READ: dict[str, Callable[[Any], object]] = {
    "channel": Channel,
    "at": moment,
    "assurance": Assurance,
    "nature": Nature,
    "decided": OUTCOMES.__getitem__,
    "carried": OUTCOMES.__getitem__,
    "state": State,
    "counts": bool,
    "counted_at": moment_or_none,
    "reasons": read_reasons,
    "targets": read_goals,
    "release_at": moment_or_none,
    "look_by": moment_or_none,
    "looked_at": moment_or_none,
    "updated_at": moment,
}
_COLUMNS = tuple((name, _READ.get(name, _as_it_is)) for name in _c.keys())  # noqa: SIM118  (no dict: iterates columns)


def entry_of(row: Row) -> Entry:
    """Turn a whole row of the table into a value."""
    values: dict[str, Any] = {name: read(value) for (name, read), value in zip(_COLUMNS, row, strict=True)}
    return Entry(**values)


def find(desk: Desk, key: str) -> Entry | None:
    """Give the contact that has this key (DESIGN: never doubling)."""
    row = desk.row(_FIND, {"key": key})
    return entry_of(row) if row else None


def contact(desk: Desk, contact_id: str) -> Entry | None:
    """Give one contact."""
    row = desk.row(_CONTACT, {"id": contact_id})
    return entry_of(row) if row else None


def listed(
    desk: Desk,
    *,
    whose: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    channels: Iterable[Channel] | None = None,
    outcomes: Iterable[Outcome] | None = None,
    limit: int = 100,
    oldest_first: bool = False,
) -> tuple[Entry, ...]:
    """List contacts, the newest first unless asked otherwise, `limit` at most; `since` is inclusive, `until` exclusive.

    `outcomes` are those decided. One party's are read channel by channel from the index, so that a long history costs
    no more than a short one.
    """
    at = at_of_all if whose is None else _c.at
    order = (at, _c.id) if oldest_first else (at.desc(), _c.id.desc())
    query = select(contacts).order_by(*order).limit(limit)
    if since:
        query = query.where(at >= stamp(since))
    if until:
        query = query.where(at < stamp(until))
    if outcomes is not None:
        query = query.where(_c.decided.in_([each.value for each in outcomes]))
    if whose is None:
        if channels is not None:
            query = query.where(_c.channel.in_([each.value for each in channels]))
        return tuple(entry_of(row) for row in desk.ask(query))
    found = [
        entry_of(row)
        for channel in (Channel if channels is None else channels)
        for counts in (True, False)
        for row in desk.ask(query.where(_c.whose == whose, _c.channel == channel.value, _c.counts == counts))
    ]
    return tuple(sorted(found, key=lambda entry: (entry.at, entry.id), reverse=not oldest_first)[:limit])


def settle(
    desk: Desk,
    contact_id: str,
    *,
    state: State,
    among: Collection[State] = (),
    decided: Outcome | _Kept = KEPT,
    carried: Outcome | _Kept = KEPT,
    counts: bool | _Kept = KEPT,
    counted_at: datetime | _Kept | None = KEPT,
    talk_s: int | _Kept | None = KEPT,
    reserved_s: int | _Kept | None = KEPT,
    reasons: Sequence[Reason] | _Kept = KEPT,
    targets: Sequence[Goal] | _Kept = KEPT,
    release_at: datetime | _Kept | None = KEPT,
    look_by: datetime | _Kept | None = KEPT,
    owner: str | _Kept = KEPT,
    detail: str | _Kept = KEPT,
    node: str | _Kept = KEPT,
) -> bool:
    """Say what became of a contact; what is not named stays as it is.

    `among` names the states that it may be in now (any, where empty). False, and nothing done, where it is in none of
    them or not on record: then somebody else was there first.
    """
    given: dict[str, Any] = {
        "decided": decided if decided is KEPT else decided.value,
        "carried": carried if carried is KEPT else carried.value,
        "counts": counts,
        "counted_at": counted_at if counted_at is KEPT else stamp(counted_at),
        "talk_s": talk_s,
        "reserved_s": reserved_s,
        "reasons": reasons if reasons is KEPT else write_reasons(reasons),
        "targets": targets if targets is KEPT else write_goals(targets),
        "release_at": release_at if release_at is KEPT else stamp(release_at),
        "look_by": look_by if look_by is KEPT else stamp(look_by),
        "owner": owner if owner is KEPT else storable(owner),
        "detail": detail if detail is KEPT else storable(detail),
        "node": node,
    }
    values = {name: value for name, value in given.items() if value is not KEPT}
    values |= {"state": state.value, "updated_at": stamp(desk.now())}
    statement = _settling(tuple(values), frozenset(among))
    return desk.run(statement, values | {"contact": contact_id}) == 1


@lru_cache(maxsize=512)
def _settling(columns: tuple[str, ...], among: frozenset[State]) -> Statement:
    # A parameter must not have the name of a column that is set, hence `contact`.
    change = update(contacts).where(_c.id == bindparam("contact"))
    if among:
        change = change.where(_c.state.in_([literal_column(f"'{state.value}'") for state in sorted(among)]))
    return Statement(change.values({name: bindparam(name) for name in columns}))


def restate(desk: Desk, entry: Entry, among: State) -> bool:
    """Put a contact on record anew, decided again on more than was known of its sender; time and channel stay.

    False, and nothing done, where it is not in the state `among` any more.
    """
    values = _values(entry, stamp(desk.now()))
    given = {name: values[name] for name in _RESTATED}
    return desk.run(_RESTATE, given | {"contact": entry.id, "among": among.value}) == 1


def look(desk: Desk, contact_id: str, who: str, at: datetime) -> bool:
    """Note that a person looked at what was filed, left as a message or unclear; False where it waits for no look."""
    values = {
        "contact": contact_id,
        "looked_by": storable(who),
        "looked_at": stamp(at),
        "updated_at": stamp(desk.now()),
    }
    return desk.run(_LOOK, values) == 1
