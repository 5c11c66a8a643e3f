"""Which parties those at the phones must know of: on whom something is in force now, or who has agreed something.

Promises that nobody on whom a restriction or an adjustment is in force at the moment asked about is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import and_, bindparam, literal_column, or_, select, union

from rules.contact import Identifier, IdentifierKind
from storage.desk import Desk
from storage.schema import adjustments, facts, identifiers, parties, restrictions
from storage.statements import Statement
from storage.times import stamp

_r, _a, _p, _i = restrictions.c, adjustments.c, parties.c, identifiers.c
_UNDER = select(_r.party_id).where(_r.starts <= bindparam("at"), _r.ends > bindparam("at"))
_AGREED = select(_a.party_id).where(
    and_(
        or_(_a.agreed.is_(None), _a.agreed <= bindparam("at")),
        or_(_a.ends.is_(None), _a.ends > bindparam("at")),
    )
)
_ANY = union(_UNDER, _AGREED, select(facts.c.party_id)).subquery()
_CONCERNED = Statement(
    select(_p.id).where(_p.id.in_(select(_ANY.c.party_id)), _p.merged_into.is_(None)).order_by(_p.id)
)
_SHARED = Statement(
    select(_i.kind, _i.value, _i.party_id)
    .where(_i.shared == literal_column("true"))
    .order_by(_i.kind, _i.value, _i.party_id)
)


def concerned(desk: Desk, at: datetime) -> tuple[int, ...]:
    """Number the parties of whom something may be in force at `at` (aware UTC), or whose file has further facts."""
    return tuple(number for (number,) in desk.rows(_CONCERNED, {"at": stamp(at)}))


def shared_identifiers(desk: Desk) -> Iterator[tuple[Identifier, int]]:
    """Give every identifier that several people use, with each party on which it stands."""
    return ((Identifier(IdentifierKind(kind), value), party) for kind, value, party in desk.rows(_SHARED, {}))
