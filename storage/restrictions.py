"""Restrictions and adjustments on parties, and the file of a party that a decision needs.

Promises that a file read once is kept only as long as nothing about the party changed, and that no adjustment is lost.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from rules import measures
from rules.contact import Channel
from rules.standing import Adjustment, Restriction, Told
from storage.desk import Desk
from storage.entries import PartyFile
from storage.parties import bump, party
from storage.schema import adjustments, parties, restrictions
from storage.statements import Statement, add
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_MOST_FILES = 4096
_r, _a = restrictions.c, adjustments.c
_VERSION = Statement(select(parties.c.version).where(parties.c.id == bindparam("id")))
_RESTRICTIONS = Statement(
    select(
        *(_r.id, _r.measures, _r.starts, _r.ends, _r.reason, _r.ground, _r.approved_by, _r.told, _r.review_at),
    )
    .where(_r.party_id == bindparam("party_id"))
    .order_by(_r.starts, _r.id)
)
_ADJUSTMENTS = Statement(
    select(_a.need, _a.open, _a.agreed, _a.ends).where(_a.party_id == bindparam("party_id")).order_by(_a.id)
)
_ADD_RESTRICTION = add(restrictions)
_ADD_ADJUSTMENT = Statement(
    insert(adjustments).values(
        {name: bindparam(name) for name in ("party_id", "need", "open", "agreed", "ends", "created_at")}
    )
)
_END = Statement(
    update(restrictions).where(_r.id == bindparam("restriction")).values(ends=bindparam("ends")).returning(_r.party_id)
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
        tuple(
            Adjustment(need, frozenset(map(Channel, json.loads(open_))), moment_or_none(agreed), moment_or_none(ends))
            for need, open_, agreed, ends in desk.rows(_ADJUSTMENTS, values)
        ),
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
    )


def add_restriction(desk: Desk, party_id: int, restriction: Restriction) -> None:
    """Put a restriction on a party's file; RecordRefused where its id is taken or there is no such party."""
    values = {
        "id": restriction.id,
        "party_id": party_id,
        "measures": json.dumps([measures.dump(each) for each in restriction.measures]),
        "starts": stamp(restriction.starts),
        "ends": stamp(restriction.ends),
        "reason": storable(restriction.reason),
        "ground": storable(restriction.ground),
        "approved_by": storable(restriction.approved_by),
        "told": restriction.told.value,
        "review_at": stamp(restriction.review_at),
        "created_at": stamp(desk.now()),
    }
    bump(desk, party_id)
    desk.run(_ADD_RESTRICTION, values)


def end_restriction(desk: Desk, restriction_id: str, ends: datetime) -> bool:
    """Let a restriction end at another time; False for no such restriction."""
    rows = desk.rows(_END, {"restriction": restriction_id, "ends": stamp(ends)})
    for (party_id,) in rows:
        bump(desk, party_id)
    return bool(rows)


def add_adjustment(desk: Desk, party_id: int, adjustment: Adjustment) -> None:
    """Put an adjustment on a party's file; RecordRefused for no such party."""
    values = {
        "party_id": party_id,
        "need": storable(adjustment.need),
        "open": json.dumps(sorted(adjustment.open)),
        "agreed": stamp(adjustment.agreed),
        "ends": stamp(adjustment.ends),
        "created_at": stamp(desk.now()),
    }
    bump(desk, party_id)
    desk.run(_ADD_ADJUSTMENT, values)
