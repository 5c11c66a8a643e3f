"""Parties and how they are recognised: identifiers, domains with their exceptions, whose contact it was.

Promises that an identifier stands on two parties only where it is marked shared, and that levels follow it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    false,
    insert,
    literal_column,
    select,
    union_all,
    update,
)

from rules.contact import Identifier, IdentifierKind
from rules.identity import domain_of
from rules.standing import Party, PartyKind
from storage.desk import Desk, Row
from storage.due_levels import mark_levels
from storage.entries import Holder
from storage.faults import RecordRefused
from storage.schema import contacts, flags, identifiers, parties
from storage.statements import FIRST, Statement, add
from storage.times import stamp
from storage.words import storable

_i, _p, _c = identifiers.c, parties.c, contacts.c
_STANDING = select(_i.kind, _i.value, _i.party_id, _i.shared, _i.exception, _p.name).join_from(
    identifiers, parties, _i.party_id == _p.id
)
_ONE = _STANDING.where(_i.kind == bindparam("kind"), _i.value == bindparam("value"))
_DOMAIN: ColumnElement[str] = literal_column(f"'{IdentifierKind.DOMAIN.value}'")
_HOLDERS = Statement(_ONE)
# One statement instead of two for nearly every message; an OR would make SQLite build a list of both first.
_HOLDERS_OR_DOMAINS = Statement(union_all(_ONE, _STANDING.where(_i.kind == _DOMAIN, _i.value == bindparam("domain"))))
_PARTY = Statement(select(_p.id, _p.name, _p.kind).where(_p.id == bindparam("id")))
_NAMED = Statement(
    select(_p.id, _p.name, _p.kind, _p.merged_into)
    .where(_p.name == bindparam("name"))
    .order_by(_p.merged_into.is_not(None), _p.id)
    .limit(literal_column("1"))
    .offset(FIRST)
)
_PARTIES = Statement(
    select(_p.id, _p.name, _p.kind)
    .where(_p.id > bindparam("after"), _p.merged_into.is_(None))
    .order_by(_p.id)
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_IDENTIFIERS = Statement(select(_i.kind, _i.value).where(_i.party_id == bindparam("party_id"), _i.exception == false()))
_ADD_PARTY = Statement(
    insert(parties)
    .values({name: bindparam(name) for name in ("name", "kind", "version", "created_at")})
    .returning(_p.id)
)
_ADD_IDENTIFIER = add(identifiers)
_DROP_IDENTIFIER = Statement(
    identifiers.delete().where(
        _i.kind == bindparam("kind"), _i.value == bindparam("value"), _i.party_id == bindparam("party_id")
    )
)
_CONFIRM = Statement(
    update(identifiers)
    .where(_i.kind == bindparam("kind_of"), _i.value == bindparam("value_of"), _i.party_id == bindparam("party"))
    .values(confirmed_at=bindparam("confirmed_at"))
)
_SHARE = Statement(
    update(identifiers)
    .where(_i.kind == bindparam("kind_of"), _i.value == bindparam("value_of"), _i.party_id == bindparam("party"))
    .values(shared=bindparam("shared"))
)
_BUMP = Statement(update(parties).where(_p.id == bindparam("party")).values(version=_p.version + literal_column("1")))
# FOR NO KEY UPDATE: others may refer to the party meanwhile; only who would count for its limits has to wait.
_LOCK = Statement(select(_p.id).where(_p.id == bindparam("id")).with_for_update(key_share=True))
_FOLLOW = Statement(
    update(contacts).where(_c.whose == bindparam("old")).values(whose=bindparam("new"), party_id=bindparam("party"))
)
_STRAYS = Statement(
    select(_i.kind, _i.value, _i.party_id).where(
        _i.shared == false(),
        _i.exception == false(),
        exists().where(_c.whose == _i.kind + literal_column("':'") + _i.value),
    )
)
_FOLLOW_FLAGS = Statement(update(flags).where(flags.c.whose == bindparam("old")).values(whose=bindparam("new")))


def holders(desk: Desk, candidates: Iterable[Identifier]) -> tuple[Holder, ...]:
    """Find the parties that identifiers stand on, in that order; an address before its domain, each party once.

    A domain's party does not hold an address that is marked as the domain's exception for it.
    """
    found: dict[int, Holder] = {}
    for identifier in candidates:
        excepted = set()
        for kind, value, party_id, shared, exception, name in _standing(desk, identifier):
            if exception:
                excepted.add(party_id)
            elif party_id not in found and party_id not in excepted:
                found[party_id] = Holder(party_id, name, bool(shared), Identifier(IdentifierKind(kind), value))
    return tuple(found.values())


def _standing(desk: Desk, identifier: Identifier) -> list[Row]:
    """Give what stands on record of an identifier, and behind it what does of its domain."""
    values = {"kind": identifier.kind.value, "value": identifier.value}
    domain = domain_of(identifier)
    if domain is None:
        return desk.rows(_HOLDERS, values)
    rows = desk.rows(_HOLDERS_OR_DOMAINS, {**values, "domain": domain.value})
    # No database promises the order of a union.
    return sorted(rows, key=_is_domain) if len(rows) > 1 else rows


def _is_domain(row: Row) -> bool:
    return bool(row[0] == IdentifierKind.DOMAIN.value)


def party(desk: Desk, party_id: int) -> Party | None:
    """Give a party with its identifiers."""
    row = desk.row(_PARTY, {"id": party_id})
    return _party(desk, *row) if row else None


def party_by_name(desk: Desk, name: str) -> Party | None:
    """Give the party of this name, the first one where there are several; for one that was merged, what it became."""
    row = desk.row(_NAMED, {"name": name})
    if row is None:
        return None
    *found, into = row
    return _party(desk, *found) if into is None else party(desk, into)


def all_parties(desk: Desk, *, after: int = 0, limit: int = 1000) -> tuple[Party, ...]:
    """List parties by their number, those behind `after`, `limit` at most; those that were merged are left out."""
    return tuple(_party(desk, *row) for row in desk.rows(_PARTIES, {"after": after, "limit": limit}))


def _party(desk: Desk, party_id: int, name: str, kind: str) -> Party:
    rows = desk.rows(_IDENTIFIERS, {"party_id": party_id})
    known = frozenset(Identifier(IdentifierKind(kind), value) for kind, value in rows)
    return Party(party_id, name, PartyKind(kind), known)


def lock_party(desk: Desk, party_id: int) -> None:
    """Make every other node that would count for this party's limits wait until this work is done."""
    desk.rows(_LOCK, {"id": party_id})


def add_party(desk: Desk, name: str, kind: PartyKind = PartyKind.PERSON) -> int:
    """Put a party on record; gives its number, which no other party will ever have."""
    values = {"name": storable(name), "kind": kind.value, "version": 1, "created_at": stamp(desk.now())}
    return int(desk.rows(_ADD_PARTY, values)[0][0])


def add_identifier(
    desk: Desk,
    identifier: Identifier,
    party_id: int,
    *,
    shared: bool = False,
    exception: bool = False,
    how: str = "",
    by: str = "",
    confirmed_at: datetime | None = None,
) -> None:
    """Say that an identifier is a party's, how that was established and by whom; levels follow it.

    `exception` says of an address that it is not the party's though its domain is. RecordRefused where it stands on
    another party and either of the two is not marked shared, or on this party already.
    """
    desk.link.lock(str(identifier))
    if not exception:
        _refuse_second_holder(desk, identifier, party_id, shared)
    values = {
        "kind": identifier.kind.value,
        "value": storable(identifier.value),
        "party_id": party_id,
        "shared": shared,
        "exception": exception,
        "how": storable(how),
        "established_by": storable(by),
        "established_at": stamp(desk.now()),
        "confirmed_at": stamp(confirmed_at),
    }
    desk.run(_ADD_IDENTIFIER, values)
    bump(desk, party_id)
    if not shared and not exception:
        _follow(desk, identifier, party_id)


def _refuse_second_holder(desk: Desk, identifier: Identifier, party_id: int, shared: bool) -> None:
    rows = desk.rows(_HOLDERS, {"kind": identifier.kind.value, "value": identifier.value})
    for _, _, other, other_shared, exception, name in rows:
        if other == party_id:
            raise RecordRefused(f"{identifier} stands on {name} already")
        if not exception and not (shared and other_shared):
            raise RecordRefused(f"{identifier} stands on {name}; only where it is shared on both can it stand on two")


def bump(desk: Desk, party_id: int) -> None:
    """Give a party's file a new version, so that no copy kept from before is used; RecordRefused for no such party."""
    if desk.run(_BUMP, {"party": party_id}) != 1:
        raise RecordRefused(f"there is no party {party_id}")


def remove_identifier(desk: Desk, identifier: Identifier, party_id: int) -> bool:
    """Say that an identifier is not a party's; what came from it is the party's no more. False where it is not on it.

    An address that the party's domain still leads to stays the party's.
    """
    key = {"kind": identifier.kind.value, "value": identifier.value, "party_id": party_id}
    if desk.run(_DROP_IDENTIFIER, key) != 1:
        return False
    bump(desk, party_id)
    if party_id not in {each.party_id for each in holders(desk, (identifier,))}:
        leave(desk, identifier, party_id)
    return True


def confirm_identifier(desk: Desk, identifier: Identifier, party_id: int, at: datetime) -> bool:
    """Note that an identifier was found to be a party's still; False where it is not on it."""
    key = {"kind_of": identifier.kind.value, "value_of": identifier.value, "party": party_id}
    bump(desk, party_id)
    return desk.run(_CONFIRM, key | {"confirmed_at": stamp(at)}) == 1


def share_identifier(desk: Desk, identifier: Identifier, party_id: int, *, shared: bool) -> bool:
    """Say that others use an identifier too, or that nobody else does any more; False where it is not on the party.

    What came from a shared one falls to nobody (THREATS I6), from an unshared one to the party. RecordRefused where
    it stands on another party and is to be one's own.
    """
    desk.link.lock(str(identifier))
    if not shared:
        _refuse_other_holder(desk, identifier, party_id)
    key = {"kind_of": identifier.kind.value, "value_of": identifier.value, "party": party_id}
    bump(desk, party_id)
    if desk.run(_SHARE, key | {"shared": shared}) != 1:
        return False
    if shared:
        leave(desk, identifier, party_id)
    else:
        _follow(desk, identifier, party_id)
    return True


def _refuse_other_holder(desk: Desk, identifier: Identifier, party_id: int) -> None:
    for _, _, other, _, exception, name in desk.rows(
        _HOLDERS, {"kind": identifier.kind.value, "value": identifier.value}
    ):
        if other != party_id and not exception:
            raise RecordRefused(f"{identifier} stands on {name} too")


def leave(desk: Desk, identifier: Identifier, party_id: int) -> None:
    """Let what came from an identifier, and the flags that it raised, fall to the sender and to no party."""
    domain = identifier.kind is IdentifierKind.DOMAIN
    sent = of_domain(_c.sender, identifier) if domain else _c.sender == str(identifier)
    theirs = and_(_c.whose == f"party:{party_id}", sent)
    again = flags.alias()
    # Correlated by name: two levels down SQLAlchemy would take flags for another table of the query.
    sender = select(_c.sender).where(_c.id == flags.c.contact_id).correlate(flags).scalar_subquery()
    there = exists().where(
        again.c.whose == sender, again.c.threshold == flags.c.threshold, again.c.contact_id == flags.c.contact_id
    )
    raised = flags.c.contact_id.in_(select(_c.id).where(theirs))
    desk.ask(update(flags).where(flags.c.whose == f"party:{party_id}", raised, ~there).values(whose=sender))
    desk.ask(update(contacts).where(theirs).values(whose=_c.sender, party_id=None))


def reassign(desk: Desk, identifier: Identifier, party_id: int, *, how: str = "", by: str = "") -> None:
    """Give an identifier to a party, taking it from whoever had it; contacts, levels and flags follow."""
    key = {"kind": identifier.kind.value, "value": identifier.value}
    for _, _, holder, _, exception, _ in desk.rows(_HOLDERS, key):
        if not exception or holder == party_id:
            desk.run(_DROP_IDENTIFIER, key | {"party_id": holder})
            bump(desk, holder)
        if not exception and holder != party_id:
            _take(desk, identifier, holder, party_id)
    add_identifier(desk, identifier, party_id, how=how, by=by)
    joined(desk, party_id)


def _follow(desk: Desk, identifier: Identifier, party_id: int) -> None:
    """Give a party what fell to the identifier while nobody had said whose it is."""
    new = {"new": f"party:{party_id}", "party": party_id}
    if identifier.kind is not IdentifierKind.DOMAIN:
        desk.run(_FOLLOW_FLAGS, {"old": str(identifier), "new": new["new"]})
        if desk.run(_FOLLOW, {"old": str(identifier), **new}):
            joined(desk, party_id)
        return
    _move(desk, and_(_c.whose.startswith("email:"), of_domain(_c.whose, identifier)), party_id)
    joined(desk, party_id)


def gather_senders(desk: Desk) -> int:
    """Bring what fell to a sender, at the very moment they were put on a party, to that party; gives of how many."""
    strays = desk.rows(_STRAYS, {})
    for kind, value, party_id in strays:
        _follow(desk, Identifier(IdentifierKind(kind), value), party_id)
    return len(strays)


def joined(desk: Desk, party_id: int) -> None:
    """Have the levels of a party looked at that contacts of others became part of: no contact may cross a threshold.

    After `bump`: whoever records a contact has the party locked before the mark, too.
    """
    mark_levels(desk, f"party:{party_id}", desk.now(), joined=True)


def _take(desk: Desk, identifier: Identifier, holder: int, party_id: int) -> None:
    """Give a party what fell to another one because of this identifier."""
    domain = identifier.kind is IdentifierKind.DOMAIN
    sent = of_domain(_c.sender, identifier) if domain else _c.sender == str(identifier)
    _move(desk, and_(_c.whose == f"party:{holder}", sent), party_id)


def of_domain(column: Column[str], domain: Identifier) -> ColumnElement[bool]:
    """Match addresses of a domain, but for those that are on record by themselves."""
    known: Select[tuple[str]] = select(literal_column("'email:'") + _i.value).where(
        _i.kind == IdentifierKind.EMAIL.value
    )
    return and_(column.endswith(f"@{domain.value}", autoescape=True), column.not_in(known))


def _move(desk: Desk, theirs: ColumnElement[bool], party_id: int) -> None:
    new = f"party:{party_id}"
    again = flags.alias()
    there = exists().where(
        again.c.whose == new, again.c.threshold == flags.c.threshold, again.c.contact_id == flags.c.contact_id
    )
    desk.ask(update(flags).where(flags.c.contact_id.in_(select(_c.id).where(theirs)), ~there).values(whose=new))
    desk.ask(update(contacts).where(theirs).values(whose=new, party_id=party_id))
