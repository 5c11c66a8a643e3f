"""Restrictions and adjustments on parties, and the file of a party that a decision needs.

Promises that a file read once is kept only as long as nothing about the party changed, and that no adjustment is lost.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, exists, insert, select, update

from rules import measures
from rules.casework.file import imported_name
from rules.contact import Channel
from rules.standing import Adjustment, Restriction, Told
from storage.desk import Desk, Row
from storage.entries import PartyFile
from storage.facts import facts
from storage.faults import PaperUnreadable, RecordRefused
from storage.parties import bump, party
from storage.schema import adjustments, papers, parties, restrictions
from storage.statements import Statement, add
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_MOST_FILES = 4096
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What reading a row raises that somebody wrote past the program."""
_r, _a = restrictions.c, adjustments.c
_VERSION = Statement(select(parties.c.version).where(parties.c.id == bindparam("id")))
RESTRICTION_COLUMNS = (
    *(_r.id, _r.measures, _r.starts, _r.ends, _r.reason, _r.ground, _r.approved_by, _r.told, _r.review_at),
    _r.contract_agreed,
)
_RESTRICTIONS = Statement(
    select(*RESTRICTION_COLUMNS).where(_r.party_id == bindparam("party_id")).order_by(_r.starts, _r.id)
)
ADJUSTMENT_COLUMNS = (_a.need, _a.open, _a.agreed, _a.ends, _a.forms, _a.detail)
_ADJUSTMENTS = Statement(select(*ADJUSTMENT_COLUMNS).where(_a.party_id == bindparam("party_id")).order_by(_a.id))
_ADD_RESTRICTION = add(restrictions)
_ADD_ADJUSTMENT = Statement(
    insert(adjustments).values(
        {
            name: bindparam(name)
            for name in ("party_id", "need", "open", "agreed", "ends", "created_at", "paper", "forms", "detail")
        }
    )
)
_PUT_RESTRICTION = Statement(
    update(restrictions)
    .where(_r.id == bindparam("restriction"))
    .values(
        {
            name: bindparam(name)
            for name in (
                *("measures", "starts", "ends", "reason", "ground", "approved_by", "told", "review_at"),
                "contract_agreed",
            )
        }
    )
)
_PUT_ADJUSTMENT = Statement(
    update(adjustments)
    .where(_a.paper == bindparam("number"))
    .values({name: bindparam(name) for name in ("need", "open", "agreed", "ends", "forms", "detail")})
)
_END_IMPORTED = Statement(
    update(adjustments)
    .where(_a.id == bindparam("number"), _a.party_id == bindparam("party"), _a.paper.is_(None))
    .values(ends=bindparam("ends"))
)
# Not NOT IN: for each file PostgreSQL would read the papers of all.
_UNPAPERED = Statement(
    select(_r.party_id, *RESTRICTION_COLUMNS)
    .where(
        _r.party_id.between(bindparam("first"), bindparam("last")),
        ~exists().where(papers.c.id == _r.id),
    )
    .order_by(_r.party_id, _r.starts, _r.id)
)
_UNPAPERED_ADJUSTMENTS = Statement(
    select(_a.party_id, _a.id, *ADJUSTMENT_COLUMNS)
    .where(_a.party_id.between(bindparam("first"), bindparam("last")), _a.paper.is_(None))
    .order_by(_a.party_id, _a.id)
)


def party_file(desk: Desk, party_id: int) -> PartyFile | None:
    """Give all that stands on a party; None for no such party.

    A measure that cannot be read is a ValueError: whoever decides must put the contact before a person.
    """
    row = desk.row(_VERSION, {"id": party_id})
    if row is None:
        return None
    kept = desk.files.get(party_id)
    if kept is not None and kept[0] == row[0]:
        return kept[1]
    read = _read(desk, party_id)
    if desk.keeps:
        if len(desk.files) >= _MOST_FILES:
            desk.files.clear()
        desk.files[party_id] = (row[0], read)
    return read


def _read(desk: Desk, party_id: int) -> PartyFile:
    found = party(desk, party_id)
    assert found is not None, "its version was read in this transaction"
    values = {"party_id": party_id}
    return PartyFile(
        found,
        tuple(restriction_of(*row) for row in desk.rows(_RESTRICTIONS, values)),
        tuple(adjustment_of(*row) for row in desk.rows(_ADJUSTMENTS, values)),
        facts(desk, party_id),
    )


class Unpapered:
    """Hold the restrictions and adjustments of some parties that no paper made: those that were imported."""

    __slots__ = ("_adjustments", "_restrictions")

    def __init__(self, restrictions: Mapping[int, list[Row]], adjustments: Mapping[int, list[Row]]) -> None:
        self._restrictions = restrictions
        self._adjustments = adjustments

    def restrictions(self, party_id: int) -> tuple[Restriction, ...]:
        """Give those on a party; PaperUnreadable for one with a measure that nobody can read."""
        found = []
        for row in self._restrictions.get(party_id, ()):
            try:
                found.append(restriction_of(*row))
            except UNREADABLE as fault:
                raise PaperUnreadable(party_id, str(row[0])) from fault
        return tuple(found)

    def adjustments(self, party_id: int) -> tuple[tuple[str, Adjustment], ...]:
        """Give those of a party with their names."""
        return tuple(
            (imported_name(number), adjustment_of(*row)) for number, *row in self._adjustments.get(party_id, ())
        )


def unpapered(desk: Desk, first: int, last: int) -> Unpapered:
    """Read the restrictions and adjustments that were imported, of the parties with these and the numbers between."""
    values = {"first": first, "last": last}
    return Unpapered(by_party(desk.rows(_UNPAPERED, values)), by_party(desk.rows(_UNPAPERED_ADJUSTMENTS, values)))


def by_party(rows: list[Row]) -> Mapping[int, list[Row]]:
    """Sort rows by the party that each begins with, in their order, without it."""
    found: dict[int, list[Row]] = defaultdict(list)
    for party_id, *row in rows:
        found[party_id].append(tuple(row))
    return found


def adjustment_of(need: str, opened: str, agreed: int | None, ends: int | None, forms: str, detail: str) -> Adjustment:
    """Turn a row into an adjustment."""
    return Adjustment(
        need,
        frozenset(map(Channel, json.loads(opened))),
        moment_or_none(agreed),
        moment_or_none(ends),
        tuple(json.loads(forms)),
        detail,
    )


def restriction_of(
    id_: str,
    written: str,
    starts: int,
    ends: int,
    reason: str,
    ground: str,
    approved_by: str,
    told: str,
    review_at: int | None,
    contract_agreed: int | None,
) -> Restriction:
    """Turn a row into a restriction; ValueError for a measure that cannot be read."""
    return Restriction(
        id=id_,
        measures=tuple(measures.parse(each) for each in json.loads(written)),
        starts=moment(starts),
        ends=moment(ends),
        reason=reason,
        ground=ground,
        approved_by=approved_by,
        told=Told(told),
        review_at=moment_or_none(review_at),
        contract_agreed=moment_or_none(contract_agreed),
    )


def add_restriction(desk: Desk, party_id: int, restriction: Restriction) -> None:
    """Put a restriction on a party's file; RecordRefused where its id is taken or there is no such party."""
    values = {
        "id": restriction.id,
        "party_id": party_id,
        "created_at": stamp(desk.now()),
        **_written(restriction),
    }
    bump(desk, party_id)
    desk.run(_ADD_RESTRICTION, values)


def put_restriction(desk: Desk, party_id: int, restriction: Restriction) -> None:
    """Put a restriction on a party's file, or put it there as it is now."""
    bump(desk, party_id)
    if desk.run(_PUT_RESTRICTION, {"restriction": restriction.id, **_written(restriction)}) == 0:
        add_restriction(desk, party_id, restriction)


def written_digest(restriction: Restriction) -> str:
    """Give the digest of a restriction as it is written, which the chain keeps of one that no paper made."""
    return row_digest((restriction.id, *_written(restriction).values()))


def row_digest(row: Row) -> str:
    """Give the digest of a row of restrictions, its columns in their order."""
    return sha256(json.dumps(list(row)).encode()).hexdigest()


def _written(restriction: Restriction) -> dict[str, object]:
    return {
        "measures": json.dumps([measures.dump(each) for each in restriction.measures]),
        "starts": stamp(restriction.starts),
        "ends": stamp(restriction.ends),
        "reason": storable(restriction.reason),
        "ground": storable(restriction.ground),
        "approved_by": storable(restriction.approved_by),
        "told": restriction.told.value,
        "review_at": stamp(restriction.review_at),
        "contract_agreed": stamp(restriction.contract_agreed),
    }


def add_adjustment(desk: Desk, party_id: int, adjustment: Adjustment, paper: str | None = None) -> None:
    """Put an adjustment on a party's file, with the paper that agreed it; RecordRefused for no such party."""
    values = {"party_id": party_id, "created_at": stamp(desk.now()), "paper": paper, **_agreed(adjustment)}
    bump(desk, party_id)
    desk.run(_ADD_ADJUSTMENT, values)


def put_adjustment(desk: Desk, party_id: int, paper: str, adjustment: Adjustment) -> None:
    """Put an adjustment that a paper agreed on a party's file, or put it there as it is now."""
    bump(desk, party_id)
    if desk.run(_PUT_ADJUSTMENT, {"number": paper, **_agreed(adjustment)}) == 0:
        add_adjustment(desk, party_id, adjustment, paper)


def end_imported(desk: Desk, party_id: int, name: str, ends: datetime) -> None:
    """End an adjustment that no paper agreed, by its name on the file; RecordRefused where the party has none such."""
    bump(desk, party_id)
    number = int(name.removeprefix(imported_name("")))
    if desk.run(_END_IMPORTED, {"number": number, "party": party_id, "ends": stamp(ends)}) == 0:
        raise RecordRefused(f"there is no adjustment {name} on party {party_id}")


def _agreed(adjustment: Adjustment) -> dict[str, object]:
    return {
        "need": storable(adjustment.need),
        "open": json.dumps(sorted(adjustment.open)),
        "agreed": stamp(adjustment.agreed),
        "ends": stamp(adjustment.ends),
        "forms": json.dumps(adjustment.forms),
        "detail": storable(adjustment.detail),
    }
