"""Two parties that turn out to be one, and the way back: what moved is written down, and given back exactly.

Promises that nothing on a merged party is lost (THREATS W10), and that its levels, limits and file move as one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, exists, false, insert, literal, or_, select, update
from sqlalchemy import String as Characters
from sqlalchemy import cast as as_type

from rules.contact import Identifier, IdentifierKind
from storage.audit import acts_named
from storage.desk import Desk
from storage.entries import Act
from storage.fingerprints import fingerprints_follow
from storage.parties import bump, gather_senders, joined
from storage.schema import (
    adjustments,
    contacts,
    flags,
    identifiers,
    moves,
    papers,
    parties,
    restrictions,
    threads,
)
from storage.statements import Statement, add
from storage.times import stamp

CONTACT, RESTRICTION, ADJUSTMENT, PAPER = "contact", "restriction", "adjustment", "paper"
IDENTIFIER, SET_ASIDE, ALIAS = "identifier", "set_aside", "alias"
MERGED, SPLIT = "merged", "split"
"""The acts by which the chain says what moved from one file to another."""
_c, _m = contacts.c, moves.c
_FILED: tuple[tuple[str, Table], ...] = ((RESTRICTION, restrictions), (ADJUSTMENT, adjustments), (PAPER, papers))
_INTO = Statement(select(parties.c.merged_into).where(parties.c.id == bindparam("id")))
_ALIASES = Statement(
    select(parties.c.id, parties.c.name).where(parties.c.merged_into == bindparam("id")).order_by(parties.c.id)
)
_MOVES = Statement(select(_m.what, _m.which).where(_m.paper == bindparam("paper")).order_by(_m.what, _m.which))
_ADD_MOVE = add(moves)
_ALL_MERGED = Statement(
    select(parties.c.id, parties.c.merged_into).where(parties.c.merged_into > bindparam("none")).order_by(parties.c.id)
)
_ON = Statement(select(papers.c.id, papers.c.party_id).order_by(papers.c.seq))
_GATHER = Statement(
    update(contacts).where(_c.whose == bindparam("old")).values(whose=bindparam("new"), party_id=bindparam("party"))
)


def merged_into(desk: Desk, party_id: int) -> int | None:
    """Give the party that this one turned out to be; None where it was not merged."""
    row = desk.row(_INTO, {"id": party_id})
    return row[0] if row else None


def aliases(desk: Desk, party_id: int) -> tuple[tuple[int, str], ...]:
    """List the parties that were merged into this one: number and name."""
    return tuple((number, name) for number, name in desk.rows(_ALIASES, {"id": party_id}))


def moved(desk: Desk, paper: str) -> Mapping[str, tuple[str, ...]]:
    """Give what a merge moved, by what it is."""
    found: dict[str, list[str]] = {}
    for what, which in desk.rows(_MOVES, {"paper": paper}):
        found.setdefault(what, []).append(which)
    return {what: tuple(each) for what, each in found.items()}


def digest_of(brought: Mapping[str, Iterable[str]]) -> str:
    """Give the digest of what moved, which the chain of acts keeps."""
    return sha256(json.dumps({what: sorted(each) for what, each in sorted(brought.items())}).encode()).hexdigest()


def misfiled(desk: Desk) -> tuple[str, ...]:
    """Name the papers that are on another file than the chain of acts says (THREATS W4).

    A paper is on the file on which it was written, or to which merges and splits have brought it since.
    """
    files: dict[str, set[str]] = {}
    links = [link for name in (PAPER, MERGED, SPLIT) for link in acts_named(desk, name)]
    for link in sorted(links, key=lambda link: link.seq):
        _follow(files, link)
    meant = {paper: party for party, there in files.items() for paper in there}
    return tuple(paper for paper, party in desk.rows(_ON, {}) if meant.get(paper) != str(party))


def _follow(files: dict[str, set[str]], link: Act) -> None:
    """Take one link of the chain to what it says of who has which paper."""
    to = str(link.detail.get("to"))
    if link.act == PAPER:
        files.setdefault(link.about.removeprefix("party:"), set()).add(str(link.detail.get("paper")))
    elif link.act == MERGED:
        files.setdefault(to, set()).update(files.pop(str(link.detail.get("from")), set()))
    else:
        listed = link.detail.get("papers")
        back = {str(paper) for paper in listed} if isinstance(listed, list) else set()
        for there in files.values():
            there -= back
        files.setdefault(to, set()).update(back)


def lock_files(desk: Desk, *party_ids: int) -> None:
    """Make whoever would act on these files wait, always in the same order."""
    for number in sorted(party_ids):
        desk.link.lock(f"file:{number}")


# Merging


def merge_parties(desk: Desk, paper: str, survivor: int, other: int) -> Mapping[str, tuple[str, ...]]:
    """Bring all of another party's to a survivor, under the paper that says so; gives what moved."""
    for what, table in _FILED:
        mine = table.c.party_id == other
        _note(desk, paper, what, select(as_type(table.c.id, Characters)).where(mine))
        desk.ask(update(table).where(mine).values(party_id=survivor))
    _bring_identifiers(desk, paper, survivor, other)
    mine = _c.whose == f"party:{other}"
    _note(desk, paper, CONTACT, select(_c.id).where(mine))
    desk.ask(update(contacts).where(mine).values(whose=f"party:{survivor}", party_id=survivor))
    _flags_follow(desk, other, survivor)
    _copy_threads(desk, survivor, other)
    fingerprints_follow(desk, other, survivor)
    merged = parties.c.merged_into == other
    _note(desk, paper, ALIAS, select(as_type(parties.c.id, Characters)).where(merged))
    desk.ask(update(parties).where(or_(merged, parties.c.id == other)).values(merged_into=survivor))
    bump(desk, survivor)
    bump(desk, other)
    joined(desk, survivor)
    return moved(desk, paper)


def gather_strays(desk: Desk) -> int:
    """Bring what came in for a merged party at the very moment of its merge to what the party became; gives how many.

    A contact is decided before it is recorded; a merge may come in between, or an identifier that is put on a party.
    """
    strays = 0
    for number, into in desk.rows(_ALL_MERGED, {"none": 0}):
        values = {"old": f"party:{number}", "new": f"party:{into}", "party": into}
        came = desk.run(_GATHER, values)
        if came:
            strays += came
            _flags_follow(desk, number, into)
            fingerprints_follow(desk, number, into)
            joined(desk, into)
    return strays + gather_senders(desk)


def _note(desk: Desk, paper: str, what: str, which: Any) -> None:  # noqa: ANN401  # a select of one column
    (column,) = which.selected_columns
    chosen = which.with_only_columns(literal(paper), literal(what), column)
    desk.ask(insert(moves).from_select(["paper", "what", "which"], chosen))


def _bring_identifiers(desk: Desk, paper: str, survivor: int, other: int) -> None:
    """Bring identifiers; where both have one, the row that says less is set aside, to be given back."""
    there = {(row["kind"], row["value"]): row for row in _rows(desk, survivor)}
    for row in _rows(desk, other):
        key = row["kind"], row["value"]
        known = there.get(key)
        if known is None or (known["exception"] and not row["exception"]):
            if known is not None:
                _set_aside(desk, paper, known)
            desk.ask(update(identifiers).where(*_key(row)).values(party_id=survivor))
            _run_move(desk, paper, IDENTIFIER, f"{row['kind']}:{row['value']}")
        else:
            _set_aside(desk, paper, row)


def _rows(desk: Desk, party_id: int) -> list[dict[str, Any]]:
    names = [column.name for column in identifiers.columns]
    found = desk.ask(select(identifiers).where(identifiers.c.party_id == party_id))
    return [dict(zip(names, row, strict=True)) for row in found]


def _key(row: Mapping[str, Any]) -> tuple[ColumnElement[bool], ...]:
    return tuple(identifiers.c[name] == row[name] for name in ("kind", "value", "party_id"))


def _set_aside(desk: Desk, paper: str, row: Mapping[str, Any]) -> None:
    plain = {name: bool(value) if name in ("shared", "exception") else value for name, value in row.items()}
    _run_move(desk, paper, SET_ASIDE, json.dumps(plain, sort_keys=True))
    desk.ask(identifiers.delete().where(*_key(row)))


def _run_move(desk: Desk, paper: str, what: str, which: str) -> None:
    desk.run(_ADD_MOVE, {"paper": paper, "what": what, "which": which})


def _copy_threads(desk: Desk, survivor: int, other: int) -> None:
    """Let the survivor's replies belong to the other's matters too; the other keeps its own."""
    t, there = threads.c, threads.alias()
    known = exists().where(there.c.party_id == survivor, there.c.message == t.message, there.c.matter == t.matter)
    chosen = select(literal(survivor), t.message, t.matter, t.at).where(t.party_id == other, ~known)
    desk.ask(insert(threads).from_select(["party_id", "message", "matter", "at"], chosen))


def _flags_follow(desk: Desk, old: int, new: int) -> None:
    """Let flags fall to whoever the contact that raised them falls to; one that is there already stays."""
    again = flags.alias()
    there = exists().where(
        again.c.whose == f"party:{new}",
        again.c.threshold == flags.c.threshold,
        again.c.contact_id == flags.c.contact_id,
    )
    raised = flags.c.contact_id.in_(select(_c.id).where(_c.whose == f"party:{new}"))
    desk.ask(update(flags).where(flags.c.whose == f"party:{old}", raised, ~there).values(whose=f"party:{new}"))


# Splitting


def give_back(
    desk: Desk, paper: str, survivor: int, other: int, *, followers: Collection[str], merged_at: datetime
) -> None:
    """Give a merged party back what came under `paper`, as far as the survivor still has it.

    `followers` are papers of later that are about what came; restrictions and adjustments of theirs go too. Contacts
    that came after the merge go by their identifier.
    """
    came = moved(desk, paper)
    for what, table in _FILED:
        noted = as_type(table.c.id, Characters).in_(_noted(paper, what))
        desk.ask(update(table).where(table.c.party_id == survivor, noted).values(party_id=other))
    later = list(followers)
    for table, column in ((papers, papers.c.id), (restrictions, restrictions.c.id), (adjustments, adjustments.c.paper)):
        desk.ask(update(table).where(table.c.party_id == survivor, column.in_(later)).values(party_id=other))
    given = _give_identifiers(desk, survivor, other, came)
    _give_contacts(desk, paper, survivor, other, given, stamp(merged_at))
    _flags_follow(desk, survivor, other)
    fingerprints_follow(desk, survivor, other)
    numbers = [int(each) for each in came.get(ALIAS, ())]
    theirs = and_(parties.c.id.in_(numbers), parties.c.merged_into == survivor)
    desk.ask(update(parties).where(theirs).values(merged_into=other))
    desk.ask(update(parties).where(parties.c.id == other).values(merged_into=None))
    bump(desk, survivor)
    bump(desk, other)


def _noted(paper: str, what: str) -> Any:  # noqa: ANN401  # a select of one column
    return select(_m.which).where(_m.paper == paper, _m.what == what)


def _give_identifiers(desk: Desk, survivor: int, other: int, came: Mapping[str, tuple[str, ...]]) -> list[Identifier]:
    """Give back the identifiers that came and are still there; then what was set aside stands again."""
    given = []
    for each in came.get(IDENTIFIER, ()):
        kind, _, value = each.partition(":")
        key = {"kind": kind, "value": value, "party_id": survivor}
        row = desk.ask(update(identifiers).where(*_key(key)).values(party_id=other).returning(identifiers.c.exception))
        if row and not row[0][0]:
            given.append(Identifier(IdentifierKind(kind), value))
    for each in came.get(SET_ASIDE, ()):
        row_again = json.loads(each)
        free = not desk.ask(select(identifiers.c.value).where(*_key(row_again)))
        if free and (row_again["exception"] or _stands(desk, row_again, survivor)):
            desk.ask(insert(identifiers).values(**row_again))
    return given


def _stands(desk: Desk, row: Mapping[str, Any], survivor: int) -> bool:
    """Tell whether the survivor still has an identifier that both had: what was taken off both is on neither."""
    return bool(desk.ask(select(identifiers.c.value).where(*_key({**row, "party_id": survivor}))))


def _give_contacts(
    desk: Desk, paper: str, survivor: int, other: int, given: Iterable[Identifier], merged_at: int | None
) -> None:
    mine = _c.whose == f"party:{survivor}"
    new = {"whose": f"party:{other}", "party_id": other}
    desk.ask(update(contacts).where(mine, _c.id.in_(_noted(paper, CONTACT))).values(new))
    for one in given:
        if one.kind is IdentifierKind.DOMAIN:
            known = select(literal("email:") + identifiers.c.value).where(
                identifiers.c.kind == IdentifierKind.EMAIL.value,
                identifiers.c.party_id == survivor,
                identifiers.c.exception == false(),
            )
            sent = and_(_c.sender.endswith(f"@{one.value}", autoescape=True), _c.sender.not_in(known))
        else:
            sent = _c.sender == str(one)
        desk.ask(update(contacts).where(mine, _c.at >= merged_at, sent).values(new))
