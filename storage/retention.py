"""What retention deletes beside the words of papers: rows that papers made, letters, mail as it came, contacts, names.

Belongs here: the deleting and what is looked at before; what may go is judged by `rules.retention`. Promises that
nothing goes that waits for a person, and that what another row refers to goes with it or not at all. Numbers that asked
for no texts (STOP) stay until START: without them we would text them again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, bindparam, delete, exists, func, or_, select, update

from rules.retention import RecordClass, closed_name
from storage.desk import Desk
from storage.entries import FlagState, LetterState, State
from storage.evidence import drop_evidence
from storage.parties import bump
from storage.schema import (
    adjustments,
    contacts,
    facts,
    flags,
    identifiers,
    legal_clocks,
    metadata,
    moves,
    notices,
    outbox,
    papers,
    parties,
    raw,
    restrictions,
    speakers,
    threads,
)
from storage.schema_alerts import alert_posts, alert_tellings, alerts
from storage.statements import FIRST, Statement
from storage.times import moment, moment_or_none, stamp

_c, _o, _p, _a = contacts.c, outbox.c, papers.c, alerts.c
_OVER = (
    *(State.DEFERRED, State.DELIVERED, State.FILED_UNREAD, State.LOOKED_AT, State.RETURNED, State.REFUSED),
    *(State.PASSED_BACK, State.ANSWERED, State.MISSED, State.AUTOMATED_LINE),
    *(State.OURS, State.TAKEN_BACK, State.PAST),
)
"""States of a contact in which nobody and nothing has still to do with it."""
_NOTICE = "notice"
_GONE = (LetterState.SENT.value, LetterState.LOOKED_AT.value)
_RUN = "retention"
_TABLES = {RecordClass.LETTERS: outbox, RecordClass.ALERTS: alerts}
_WORDS = re.compile(r"[0-9A-Za-z]{6,}")
_SAID = Statement(select(_p.seq, _p.data).where(_p.seq > bindparam("after"), _p.removed.is_(None)).order_by(_p.seq))
_SINCE = Statement(select(parties.c.created_at).where(parties.c.id == bindparam("id")))
_ANY = Statement(select(_c.id).where(_c.party_id == bindparam("party")).limit(bindparam("one")).offset(FIRST))


def lock_retention(desk: Desk) -> None:
    """Make other runs of retention wait until this transaction ends: two would each say that they did it."""
    desk.link.lock(_RUN)


def party_since(desk: Desk, party_id: int) -> datetime | None:
    """Give when a party was put on record; None for no such party."""
    row = desk.row(_SINCE, {"id": party_id})
    return moment_or_none(row[0]) if row else None


def has_contacts(desk: Desk, party_id: int) -> bool:
    """Tell whether any contact of a party is on record."""
    return desk.row(_ANY, {"party": party_id, "one": 1}) is not None


def remove_parts(desk: Desk, party_id: int, numbers: Collection[str]) -> None:
    """Delete what papers made, by their ids: restrictions, adjustments, what was sealed, what a merge noted."""
    for number in numbers:
        drop_evidence(desk, number)
    for some in _some(numbers):
        desk.ask(delete(restrictions).where(restrictions.c.party_id == party_id, restrictions.c.id.in_(some)))
        desk.ask(delete(adjustments).where(adjustments.c.party_id == party_id, adjustments.c.paper.in_(some)))
        desk.ask(delete(moves).where(moves.c.paper.in_(some)))
    bump(desk, party_id)


def empty_notices(desk: Desk, numbers: Collection[str]) -> None:
    """Delete what notices say and to whom they went; that they were, their states and digests stay."""
    for some in _some(numbers):
        letters: list[str] = []
        for number, terms, listed in desk.ask(
            select(notices.c.id, notices.c.terms, notices.c.letters).where(notices.c.id.in_(some))
        ):
            letters += json.loads(listed)
            blank = {key: type(value)() if value is not None else None for key, value in json.loads(terms).items()}
            values = {"text": "", "terms": json.dumps(blank), "printed": b"[]", "detail": ""}
            desk.ask(update(notices).where(notices.c.id == number).values(**values))
        for lot in _some(letters):
            desk.ask(update(outbox).where(_o.id.in_(lot), _o.state.in_(_GONE)).values(**_EMPTY))


def close_party(desk: Desk, party_id: int) -> None:
    """Take a party's name and all by which it was known, and the names of those that were merged into it."""
    for table in (identifiers, adjustments, restrictions, threads, facts, speakers):
        desk.ask(delete(table).where(table.c.party_id == party_id))
    merged = [number for (number,) in desk.ask(select(parties.c.id).where(parties.c.merged_into == party_id))]
    for number in (party_id, *merged):
        desk.ask(update(parties).where(parties.c.id == number).values(name=closed_name(number)))
        desk.ask(delete(threads).where(threads.c.party_id == number))
        bump(desk, number)


# What is no party's alone

_EMPTY = {"message": b"", "mail_from": "", "rcpt": "", "detail": ""}


def mentioned(desk: Desk, after: int = 0) -> tuple[frozenset[str], int]:
    """Give every word that papers after a place in the chain say, contacts' ids among them, and the last place."""
    words: set[str] = set()
    for seq, data in desk.rows(_SAID, {"after": after}):
        after = seq
        words.update(_WORDS.findall(data))
    return frozenset(words), after


def old(desk: Desk, kind: RecordClass, before: datetime, after: str = "", limit: int = 500) -> tuple[str, ...]:
    """Name what of a class was over before a time, by id, from behind `after` on; `limit` at most."""
    (column,) = _old(kind).selected_columns
    query = _old(kind).where(_age(kind) < stamp(before), column > after).order_by(column).limit(limit)
    return tuple(str(number) for (number,) in desk.ask(query))


def oldest(desk: Desk, kind: RecordClass, since: datetime) -> datetime | None:
    """Give when the oldest of a class was over that was so at `since` or later; None where there is none."""
    found = _old(kind).with_only_columns(func.min(_age(kind))).where(_age(kind) >= stamp(since))
    ((least,),) = desk.ask(found)
    return None if least is None else moment(least)


def remove_old(desk: Desk, kind: RecordClass, before: datetime, numbers: Collection[str]) -> int:
    """Delete those of `numbers` that are still over since before a time; gives how many there were."""
    lock_retention(desk)
    removed = 0
    for some in _some(numbers):
        (column,) = _old(kind).selected_columns
        # Whoever takes one up again meanwhile is waited for, and then it stays.
        of = _TABLES.get(kind, contacts)
        still = _old(kind).where(_age(kind) < stamp(before), column.in_(some)).with_for_update(of=of)
        ids = [number for (number,) in desk.ask(still)]
        _remove(desk, kind, ids)
        removed += len(ids)
    return removed


def _old(kind: RecordClass) -> Select[tuple[str]]:
    over = _c.state.in_([state.value for state in _OVER])
    if kind is RecordClass.MESSAGES:
        asked = and_(legal_clocks.c.contact_id == _c.id, legal_clocks.c.stopped_at.is_(None))
        kept = select(raw.c.contact_id).join_from(raw, contacts, raw.c.contact_id == _c.id)
        return kept.where(over, ~exists().where(asked))
    if kind is RecordClass.CONTACTS:
        return select(_c.id).where(over, ~_is_needed())
    if kind is RecordClass.ALERTS:
        return select(_a.id).where(_a.acknowledged_at.is_not(None))
    if kind is not RecordClass.LETTERS:
        raise ValueError(f"{kind} is judged by the party")
    alone = _o.kind != _NOTICE  # those go with their notice
    return select(_o.id).where(_o.state.in_(_GONE), func.length(_o.message) > 0, alone)


def _age(kind: RecordClass) -> ColumnElement[int]:
    if kind is RecordClass.ALERTS:
        return _a.acknowledged_at
    return _o.updated_at if kind is RecordClass.LETTERS else _c.updated_at


def _is_needed() -> ColumnElement[bool]:
    """Tell of a contact whether a flag on it is open, a letter or alert about it waits, or its legal clock runs."""
    going = and_(_o.contact_id == _c.id, _o.state.not_in(_GONE))
    flagged = and_(flags.c.contact_id == _c.id, flags.c.state == FlagState.OPEN.value)
    asked = and_(legal_clocks.c.contact_id == _c.id, legal_clocks.c.stopped_at.is_(None))
    told = and_(_a.contact_id == _c.id, _a.acknowledged_at.is_(None))
    return or_(*(exists().where(each) for each in (going, flagged, asked, told)))


def _remove(desk: Desk, kind: RecordClass, numbers: list[str]) -> None:
    if kind is RecordClass.MESSAGES:
        desk.ask(delete(raw).where(raw.c.contact_id.in_(numbers)))
    elif kind is RecordClass.LETTERS:
        desk.ask(update(outbox).where(_o.id.in_(numbers)).values(**_EMPTY))
    elif kind is RecordClass.ALERTS:
        desk.ask(delete(alerts).where(_a.id.in_(numbers)))
    else:
        forget_contacts(desk, numbers)
    if kind in (RecordClass.ALERTS, RecordClass.CONTACTS):
        # How an alert was told goes with it; what left tells of several, and goes with the last.
        desk.ask(delete(alert_posts).where(alert_posts.c.id.not_in(select(alert_tellings.c.post_id))))


def forget_contacts(desk: Desk, numbers: Collection[str]) -> None:
    """Delete contacts with all that refers to them, by their ids; who asks has looked whether they may go."""
    for column in _about_contacts():
        desk.ask(delete(column.table).where(column.in_(numbers)))
    desk.ask(delete(contacts).where(_c.id.in_(numbers)))


@lru_cache(maxsize=1)
def _about_contacts() -> tuple[Column[Any], ...]:
    """Name what refers to a contact, in whichever table: it goes with the contact.

    Asked when all tables are known, wherever they are described. What a merge moved stays: bare ids, which the
    chain has a digest of, or a split would be refused.
    """
    tables = metadata.sorted_tables
    return tuple(column for table in tables for column in table.columns if column.references(_c.id))


def _some(numbers: Iterable[str], most: int = 500) -> Iterable[list[str]]:
    """Give them in lots: a statement takes only so many parameters."""
    listed = sorted(numbers)
    return (listed[at : at + most] for at in range(0, len(listed), most))
