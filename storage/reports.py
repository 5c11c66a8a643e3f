"""Reports on letters of ours: that one bounced, is delayed, was answered by a machine (THREATS C5, C6).

Promises that a report is on record with its contact, and is followed once however often somebody tries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, select, update

from rules.contact import Nature
from storage.desk import Desk, Row
from storage.entries import Letter
from storage.outbox import letter
from storage.schema import outbox, reports
from storage.statements import FIRST, Statement, add_unless
from storage.times import moment, stamp
from storage.words import storable


@dataclass(frozen=True, slots=True)
class LetterReport:
    """Hold that a contact is a report on a letter of ours; `status` is as `5.1.1`, empty where it says none.

    `vouched` tells whether somebody speaks for it: anybody who got our letter can write a report on it (THREATS I4).
    """

    contact_id: str
    letter_id: str
    nature: Nature
    status: str
    at: datetime
    vouched: bool = False


_r, _o = reports.c, outbox.c
_FIELDS = (_r.contact_id, _r.letter_id, _r.nature, _r.status, _r.at, _r.vouched)
_ADD = add_unless(reports, "contact_id")
_ONE = Statement(select(*_FIELDS).where(_r.contact_id == bindparam("contact_id")))
_COUNT = Statement(select(func.count()).select_from(reports).where(_r.letter_id == bindparam("letter_id")))
_UNFOLLOWED = Statement(
    select(*_FIELDS).where(_r.followed_at.is_(None)).order_by(_r.at).limit(bindparam("limit")).offset(FIRST)
)
_FOLLOW = Statement(
    update(reports)
    .where(_r.contact_id == bindparam("contact"), _r.followed_at.is_(None))
    .values(followed_at=bindparam("at_last"))
)
_ABOUT = Statement(
    select(_o.id).where(_o.message_id == bindparam("message_id")).limit(literal_column("1")).offset(FIRST)
)


def letter_about(desk: Desk, message_ids: Iterable[str]) -> Letter | None:
    """Give the letter of ours that has the first of these Message-IDs that is ours; None where none is."""
    for message_id in message_ids:
        row = desk.row(_ABOUT, {"message_id": storable(message_id)})
        if row is not None:
            return letter(desk, row[0])
    return None


def add_report(desk: Desk, told: LetterReport, *, followed: bool = False) -> bool:
    """Put a report on record; False, and nothing done, where the contact is one already."""
    values = {
        "contact_id": told.contact_id,
        "letter_id": told.letter_id,
        "nature": told.nature.value,
        "status": storable(told.status),
        "at": stamp(told.at),
        "vouched": told.vouched,
        "followed_at": stamp(told.at) if followed else None,
    }
    return desk.run(_ADD, values) == 1


def report(desk: Desk, contact_id: str) -> LetterReport | None:
    """Give what a contact reports; None where it reports nothing of ours."""
    row = desk.row(_ONE, {"contact_id": contact_id})
    return _report(row) if row else None


def reports_on(desk: Desk, letter_id: str) -> int:
    """Count the reports on a letter."""
    row = desk.row(_COUNT, {"letter_id": letter_id})
    return int(row[0]) if row else 0


def unfollowed(desk: Desk, limit: int = 100) -> tuple[LetterReport, ...]:
    """List the reports from which something has still to follow, the oldest first."""
    return tuple(_report(row) for row in desk.rows(_UNFOLLOWED, {"limit": limit}))


def follow_report(desk: Desk, contact_id: str) -> bool:
    """Note that what follows from a report was done; False where it was before."""
    return desk.run(_FOLLOW, {"contact": contact_id, "at_last": stamp(desk.now())}) == 1


def _report(row: Row) -> LetterReport:
    contact_id, letter_id, nature, status, at, vouched = row
    return LetterReport(contact_id, letter_id, Nature(nature), status, moment(at), bool(vouched))
