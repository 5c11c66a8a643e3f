"""Confidential records on colleagues who were named in public: on nobody's file, and few may see them (SPSO-71-75).

Promises that a record is never changed, and that one which was, or was added or taken away past the chain of acts, is
found. The chain holds a digest of it and no word.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, select

from storage.audit import act, acts_named
from storage.desk import Desk, Row
from storage.schema import confidential as table
from storage.statements import Statement, add
from storage.times import moment, stamp
from storage.words import storable

MADE = "confidential made"
_c = table.c
_NAMES = ("id", "at", "written_by", "colleague", "place", "words")
_COLUMNS = (_c.id, _c.at, _c.written_by, _c.colleague, _c.place, _c.words)
_ONE = Statement(select(*_COLUMNS).where(_c.id == bindparam("number")))
_ALL = Statement(select(_c.seq, *_COLUMNS).order_by(_c.seq))
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
    """Give a record; None for no such one."""
    row = desk.row(_ONE, {"number": number})
    return _read(row) if row else None


def all_confidential(desk: Desk) -> tuple[Confidential, ...]:
    """Give all records, the oldest first."""
    return tuple(_read(row) for _, *row in desk.rows(_ALL, {}))


def _read(row: Row | list[object]) -> Confidential:
    number, at, *words = row
    return Confidential(str(number), moment(int(str(at))), *map(str, words))


def add_confidential(desk: Desk, record: Confidential) -> None:
    """Put a record down and its digest into the chain of acts; RecordRefused where its id is taken."""
    texts = (record.by, record.colleague, record.place, record.words)
    values = dict(zip(_NAMES, (record.id, stamp(record.at), *map(storable, texts)), strict=True))
    linked = act(desk, record.by, MADE, f"confidential:{record.id}", {"digest": _digest(values)})
    desk.run(_ADD, values | {"seq": linked.seq})


def _digest(values: dict[str, object]) -> str:
    return sha256(json.dumps([values[name] for name in _NAMES]).encode()).hexdigest()


def verify_confidential(desk: Desk) -> tuple[str, ...]:
    """Compare every record with its link in the chain; gives the ids of those changed, missing or added."""
    chained = {each.seq: each for each in acts_named(desk, MADE)}
    wrong = []
    for seq, *row in desk.rows(_ALL, {}):
        values = dict(zip(_NAMES, row, strict=True))
        link = chained.pop(seq, None)
        known = link is not None and link.about == f"confidential:{values['id']}"
        if link is None or not known or link.detail.get("digest") != _digest(values):
            wrong.append(str(values["id"]))
    return (*wrong, *(each.about.removeprefix("confidential:") for each in chained.values()))
