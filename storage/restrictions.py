"""Restrictions and adjustments on parties, and the file of a party that a decision needs.

Promises that a file read once is kept only as long as nothing about the party changed, and that no adjustment is lost.
"""

from __future__ import annotations

import json

from sqlalchemy import bindparam, insert, select, update

from rules import measures
from rules.contact import Channel
from rules.standing import Adjustment, Restriction, Told
from storage.desk import Desk
from storage.entries import PartyFile
from storage.facts import facts
from storage.parties import bump, party
from storage.schema import adjustments, papers, parties, restrictions
from storage.statements import Statement, add
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_MOST_FILES = 4096
_r, _a = restrictions.c, adjustments.c
_VERSION = Statement(select(parties.c.version).where(parties.c.id == bindparam("id")))
_RESTRICTION_COLUMNS = (
    *(_r.id, _r.measures, _r.starts, _r.ends, _r.reason, _r.ground, _r.approved_by, _r.told, _r.review_at),
    _r.contract_agreed,
)
_RESTRICTIONS = Statement(
    select(*_RESTRICTION_COLUMNS).where(_r.party_id == bindparam("party_id")).order_by(_r.starts, _r.id)
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
_UNPAPERED = Statement(
    select(*_RESTRICTION_COLUMNS)
    .where(_r.party_id == bindparam("party_id"), _r.id.not_in(select(papers.c.id)))
    .order_by(_r.starts, _r.id)
)
_UNPAPERED_ADJUSTMENTS = Statement(
    select(*ADJUSTMENT_COLUMNS).where(_a.party_id == bindparam("party_id"), _a.paper.is_(None)).order_by(_a.id)
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
        tuple(_restriction(*row) for row in desk.rows(_RESTRICTIONS, values)),
        tuple(adjustment(*row) for row in desk.rows(_ADJUSTMENTS, values)),
        facts(desk, party_id),
    )


def unpapered(desk: Desk, party_id: int) -> tuple[tuple[Restriction, ...], tuple[Adjustment, ...]]:
    """Give the restrictions and adjustments of a party that no paper made: those that were imported."""
    values = {"party_id": party_id}
    return (
        tuple(_restriction(*row) for row in desk.rows(_UNPAPERED, values)),
        tuple(adjustment(*row) for row in desk.rows(_UNPAPERED_ADJUSTMENTS, values)),
    )


def adjustment(need: str, opened: str, agreed: int | None, ends: int | None, forms: str, detail: str) -> Adjustment:
    """Turn a row into an adjustment."""
    return Adjustment(
        need,
        frozenset(map(Channel, json.loads(opened))),
        moment_or_none(agreed),
        moment_or_none(ends),
        tuple(json.loads(forms)),
        detail,
    )


def _restriction(
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


def _agreed(adjustment: Adjustment) -> dict[str, object]:
    return {
        "need": storable(adjustment.need),
        "open": json.dumps(sorted(adjustment.open)),
        "agreed": stamp(adjustment.agreed),
        "ends": stamp(adjustment.ends),
        "forms": json.dumps(adjustment.forms),
        "detail": storable(adjustment.detail),
    }
