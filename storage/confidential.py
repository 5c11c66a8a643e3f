"""Confidential records on colleagues who were named in public: on nobody's file, and few may see them (SPSO-71-75).

Promises that a record is never changed, and that one which was, or was added or taken away past the chain of acts, is
found, as are words that no audited run of retention deleted. The chain holds a digest of it and no word.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, func, select, update

from storage.audit import act, acts_named, removed_by_retention
from storage.desk import Desk, Row
from storage.schema import confidential as table
from storage.statements import Statement, add
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

MADE = "confidential made"
_c = table.c
_NAMES = ("id", "at", "written_by", "colleague", "place", "words")
_COLUMNS = (_c.id, _c.at, _c.written_by, _c.colleague, _c.place, _c.words)
_ONE = Statement(select(*_COLUMNS).where(_c.id == bindparam("number"), _c.removed.is_(None)))
_ALL = Statement(select(_c.seq, *_COLUMNS).where(_c.removed.is_(None)).order_by(_c.seq))
_EVERY = Statement(select(_c.seq, *_COLUMNS, _c.removed).order_by(_c.seq))
_OLD = Statement(select(*_COLUMNS).where(_c.removed.is_(None), _c.at < bindparam("before")).order_by(_c.seq))
_OLDEST = Statement(select(func.min(_c.at)).where(_c.removed.is_(None), _c.at >= bindparam("before")))
_REMOVE = Statement(
    update(table)
    .where(_c.id == bindparam("number"))
    .values({name: bindparam(name) for name in ("colleague", "place", "words", "removed")})
)
_ADD = add(table)


@dataclass(frozen=True, slots=True)
class Confidential:
    """Hold one record: which colleague was named, where, and what was written; `at` is aware UTC."""

    id: str
    at: datetime
    by: str
    colleague: str
    place: str
    words: str


def confidential(desk: Desk, number: str) -> Confidential | None:
    """Give a record; None for no such one, and for one whose words were deleted."""
    row = desk.row(_ONE, {"number": number})
    return _read(row) if row else None


def all_confidential(desk: Desk) -> tuple[Confidential, ...]:
    """Give all records that have words still, the oldest first."""
    return tuple(_read(row) for _, *row in desk.rows(_ALL, {}))


def _read(row: Row | list[object]) -> Confidential:
    number, at, *words = row
    return Confidential(str(number), moment(int(str(at))), *map(str, words))


def add_confidential(desk: Desk, record: Confidential) -> None:
    """Put a record down and its digest into the chain of acts; RecordRefused where its id is taken."""
    texts = (record.by, record.colleague, record.place, record.words)
    values = dict(zip(_NAMES, (record.id, stamp(record.at), *map(storable, texts)), strict=True))
    linked = act(desk, record.by, MADE, f"confidential:{record.id}", {"digest": _digest(values)})
    desk.run(_ADD, values | {"seq": linked.seq, "removed": None})


def old_confidential(desk: Desk, before: datetime) -> tuple[tuple[str, ...], datetime | None]:
    """Name the records made before a time, and give when the oldest of the others was made."""
    row = desk.row(_OLDEST, {"before": stamp(before)})
    oldest = moment_or_none(row[0]) if row else None
    return tuple(str(number) for number, *_ in desk.rows(_OLD, {"before": stamp(before)})), oldest


def remove_confidential(desk: Desk, before: datetime) -> tuple[str, ...]:
    """Delete the words of records made before a time; gives their ids, for the act that says so."""
    gone = []
    for row in desk.rows(_OLD, {"before": stamp(before)}):
        values = dict(zip(_NAMES, row, strict=True))
        desk.run(
            _REMOVE,
            {"number": values["id"], "colleague": "", "place": "", "words": "", "removed": _digest_of(values)},
        )
        gone.append(str(values["id"]))
    return tuple(gone)


def _digest_of(values: dict[str, object]) -> str:
    return sha256(json.dumps([values[name] for name in ("colleague", "place", "words")]).encode()).hexdigest()


def _digest(values: dict[str, object]) -> str:
    """Give what the chain keeps of a record: it covers the digest of the words, so that they can be deleted."""
    words = values.get("removed") or _digest_of(values)
    return sha256(json.dumps([*(values[name] for name in ("id", "at", "written_by")), words]).encode()).hexdigest()


def verify_confidential(desk: Desk) -> tuple[str, ...]:
    """Compare every record with its link in the chain; gives the ids of those changed, missing or added.

    Words that are gone are among them where no act of retention names the record.
    """
    chained = {each.seq: each for each in acts_named(desk, MADE)}
    deleted = removed_by_retention(desk, "confidential")
    wrong = []
    for seq, *row in desk.rows(_EVERY, {}):
        values = dict(zip((*_NAMES, "removed"), row, strict=True))
        link = chained.pop(seq, None)
        known = link is not None and link.about == f"confidential:{values['id']}"
        gone = values["removed"] is not None
        emptied = not (values["colleague"] or values["place"] or values["words"])
        as_said = gone == (values["id"] in deleted) and (emptied or not gone)
        if link is None or not known or link.detail.get("digest") != _digest(values) or not as_said:
            wrong.append(str(values["id"]))
    return (*wrong, *(each.about.removeprefix("confidential:") for each in chained.values()))
