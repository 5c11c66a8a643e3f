"""What people did, in a chain in which each link covers the one before (THREATS W4).

Promises that an act changed, or taken out of the middle, is found; the last hash, kept elsewhere, anchors the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

from sqlalchemy import bindparam, select

from storage.desk import Desk, Row
from storage.entries import Act, Chain
from storage.schema import acts
from storage.statements import FIRST, Statement, add
from storage.times import moment, stamp
from storage.words import storable

RETENTION = "retention"
"""The act by which a run of retention says what it deleted of one party, or of what is no party's."""
_FIELDS = (acts.c.seq, acts.c.at, acts.c.who, acts.c.act, acts.c.about, acts.c.detail, acts.c.hash)
_LAST = Statement(select(acts.c.seq, acts.c.hash).order_by(acts.c.seq.desc()).limit(bindparam("limit")).offset(FIRST))
_FROM = Statement(
    select(*_FIELDS).where(acts.c.seq > bindparam("after")).order_by(acts.c.seq).limit(bindparam("limit")).offset(FIRST)
)
_NEWEST = Statement(select(*_FIELDS).order_by(acts.c.seq.desc()).limit(bindparam("limit")).offset(FIRST))
_NAMED = Statement(select(*_FIELDS).where(acts.c.act == bindparam("name")).order_by(acts.c.seq))
_ABOUT = Statement(select(*_FIELDS).where(acts.c.about == bindparam("about_it")).order_by(acts.c.seq))
_ADD = add(acts)
_AT_ONCE = 1000


def _link(before: str, seq: int, at: int, who: str, act: str, about: str, detail: str) -> str:
    return sha256(json.dumps([before, seq, at, who, act, about, detail]).encode()).hexdigest()


def act(desk: Desk, who: str, what: str, about: str = "", detail: Mapping[str, object] | None = None) -> Act:
    """Write down that somebody did something to something; gives it as it was written."""
    desk.link.lock("acts")
    rows = desk.rows(_LAST, {"limit": 1})
    seq, before = (rows[0][0] + 1, rows[0][1]) if rows else (1, "")
    written = json.dumps(detail or {}, sort_keys=True, separators=(",", ":"))
    at, who, what, about = stamp(desk.now()), storable(who), storable(what), storable(about)
    link = _link(before, seq, at, who, what, about, written)
    desk.run(_ADD, {"seq": seq, "at": at, "who": who, "act": what, "about": about, "detail": written, "hash": link})
    return Act(seq, moment(at), who, what, about, dict(detail or {}), link)


def all_acts(desk: Desk, *, limit: int = 100) -> tuple[Act, ...]:
    """List what was done, the newest first."""
    return tuple(_act(row) for row in desk.rows(_NEWEST, {"limit": limit}))


def acts_named(desk: Desk, name: str) -> tuple[Act, ...]:
    """List all that was done under one name, the oldest first."""
    return tuple(_act(row) for row in desk.rows(_NAMED, {"name": name}))


def acts_about(desk: Desk, about: str) -> tuple[Act, ...]:
    """List all that was done to one thing, the oldest first."""
    return tuple(_act(row) for row in desk.rows(_ABOUT, {"about_it": about}))


def removed_by_retention(desk: Desk, what: str) -> frozenset[str]:
    """Name all whose contents a run of retention deleted, of one sort: `papers` or `confidential`."""
    listed = (each.detail.get(what) for each in acts_named(desk, RETENTION))
    return frozenset(str(number) for each in listed if isinstance(each, Iterable) for number in each)


def _act(row: Row) -> Act:
    seq, at, who, what, about, detail, link = row
    return Act(seq, moment(at), who, what, about, json.loads(detail), link)


def verify_acts(desk: Desk) -> Chain:
    """Follow the whole chain; says the first act that is not as it was written, or the number that is missing."""
    length, head = 0, ""
    while rows := desk.rows(_FROM, {"after": length, "limit": _AT_ONCE}):
        for seq, at, who, what, about, detail, link in rows:
            if seq != length + 1 or link != _link(head, seq, at, who, what, about, detail):
                return Chain(length, head, broken_at=length + 1)
            length, head = seq, link
    return Chain(length, head)
