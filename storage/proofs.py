"""What is enforced and kept, as the tables have it, to be held against papers and the chain of acts (THREATS W4).

Promises that every row is given, whatever somebody made of it past the program, and that octets are read piece by
piece. What should be there is for others to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import bindparam, func, select

from rules.standing import Adjustment, Restriction
from storage.desk import Desk
from storage.notices import kept_digest
from storage.restrictions import (
    ADJUSTMENT_COLUMNS,
    RESTRICTION_COLUMNS,
    UNREADABLE,
    adjustment_of,
    by_party,
    restriction_of,
    row_digest,
)
from storage.schema import adjustments, evidence, evidence_contents, identifiers, notices, parties, restrictions
from storage.statements import FIRST, Statement
from storage.words import storable

_r, _a, _e, _n = restrictions.c, adjustments.c, evidence.c, notices.c
_RESTRICTIONS = Statement(
    select(_r.party_id, *RESTRICTION_COLUMNS)
    .where(_r.party_id.between(bindparam("first"), bindparam("last")))
    .order_by(_r.party_id, _r.id)
)
_ADJUSTMENTS = Statement(
    select(_a.party_id, _a.paper, *ADJUSTMENT_COLUMNS)
    .where(_a.party_id.between(bindparam("first"), bindparam("last")))
    .order_by(_a.party_id, _a.id)
)
_NUMBERS = Statement(
    select(parties.c.id)
    .where(parties.c.id > bindparam("after"))
    .order_by(parties.c.id)
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_IDENTIFIERS = Statement(select(func.count()).select_from(identifiers))
_SEALED = Statement(select(_e.paper, _e.digest).order_by(_e.digest, _e.paper))
_CONTENT = Statement(select(evidence_contents.c.content).where(evidence_contents.c.digest == bindparam("digest")))
_NOTICES = Statement(
    select(_n.id, _n.party_id, _n.about, _n.kind, _n.digest, _n.text, _n.printed)
    .where(_n.id > bindparam("after"))
    .order_by(_n.id)
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_NOTICES_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Enforced:
    """Hold what decisions about one party are made by.

    Restrictions go by their id, None for one that cannot be read, each with the digest of its row. Adjustments go by
    the id of their paper; `unpapered` is how many have none.
    """

    restrictions: Mapping[str, tuple[Restriction | None, str]]
    adjustments: Mapping[str, Adjustment | None]
    unpapered: int


def party_numbers(desk: Desk, after: int, limit: int) -> tuple[int, ...]:
    """Number parties from behind `after` on, merged ones too, `limit` at most."""
    return tuple(number for (number,) in desk.rows(_NUMBERS, {"after": after, "limit": limit}))


def enforced(desk: Desk, numbers: Sequence[int]) -> Iterator[tuple[int, Enforced]]:
    """Give what is enforced of parties, by number; `numbers` are in order, and none is left out between them."""
    values = {"first": numbers[0], "last": numbers[-1]}
    restricted = by_party(desk.rows(_RESTRICTIONS, values))
    agreed = by_party(desk.rows(_ADJUSTMENTS, values))
    for number in numbers:
        mine = agreed.get(number, ())
        limits = {str(row[0]): (_restriction(row), row_digest(row)) for row in restricted.get(number, ())}
        papered = {str(paper): _adjustment(row) for paper, *row in mine if paper is not None}
        yield number, Enforced(limits, papered, len(mine) - len(papered))


def _restriction(row: Sequence[object]) -> Restriction | None:
    try:
        return restriction_of(*row)  # type: ignore[arg-type]  # its columns, in their order
    except UNREADABLE:
        return None  # somebody wrote what the program never does


def _adjustment(row: Sequence[object]) -> Adjustment | None:
    try:
        return adjustment_of(*row)  # type: ignore[arg-type]  # as above
    except UNREADABLE:
        return None


def restriction_as_kept(one: Restriction) -> Restriction:
    """Give a restriction as it is read again once it was written."""
    return replace(one, reason=storable(one.reason), ground=storable(one.ground), approved_by=storable(one.approved_by))


def adjustment_as_kept(one: Adjustment) -> Adjustment:
    """Give an adjustment as it is read again once it was written."""
    return replace(one, need=storable(one.need), forms=tuple(one.forms), detail=storable(one.detail))


def count_identifiers(desk: Desk) -> int:
    """Tell how many identifiers stand on parties."""
    return int(desk.rows(_IDENTIFIERS, {})[0][0])


def sealed_contents(desk: Desk) -> Iterator[tuple[str, str]]:
    """Give each paper that sealed something with the SHA-256 of the bytes that are kept; empty where there are none."""
    last, found = "", ""
    for paper, digest in desk.rows(_SEALED, {}):
        if digest != last:
            row = desk.row(_CONTENT, {"digest": digest})
            last, found = digest, sha256(bytes(row[0])).hexdigest() if row else ""
        yield paper, found


def kept_notices(desk: Desk) -> Iterator[tuple[str, dict[str, object], bool]]:
    """Give each notice by its id with what its draft put in the chain, and whether its words are gone."""
    after = ""
    while rows := desk.rows(_NOTICES, {"after": after, "limit": _NOTICES_AT_ONCE}):
        for number, party, about, kind, digest, text, printed in rows:
            content = bytes(printed)
            detail = {"party": party, "about": about, "kind": kind, "digest": digest}
            yield number, detail | {"kept": kept_digest(text, content)}, not text and content == b"[]"
        after = str(rows[-1][0])
