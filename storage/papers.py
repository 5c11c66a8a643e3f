"""The papers of a party's file: what people did about the party, each with its link in the chain of acts (THREATS W4).

Promises that a paper is never changed, that whoever acts on an older version of a file is told, and that a paper which
was changed, added or taken away past the chain is found, as are contents that no audited run of retention deleted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256

from sqlalchemy import bindparam, func, select, update

from rules.casework import catalogue
from rules.casework.file import CaseFile, Mark, Paper
from rules.casework.removed import Removed
from rules.contact import Identifier, IdentifierKind
from rules.standing import Party, PartyKind
from storage.audit import act, acts_named, removed_by_retention
from storage.desk import Desk
from storage.faults import PaperUnreadable, RecordStale
from storage.merges import misfiled
from storage.parties import bump
from storage.restrictions import by_party, unpapered
from storage.schema import identifiers, papers, parties
from storage.statements import Statement, add
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

PAPER = "paper"
_p, _i = papers.c, identifiers.c
_ADD = add(papers)
_COLUMNS = (_p.id, _p.at, _p.written_by, _p.role, _p.act, _p.data, _p.removed)
_OF = Statement(select(*_COLUMNS).where(_p.party_id == bindparam("party_id")).order_by(_p.seq))
_OF_SEVERAL = Statement(
    select(_p.party_id, *_COLUMNS)
    .where(_p.party_id.between(bindparam("first"), bindparam("last")))
    .order_by(_p.party_id, _p.seq)
)
_ALL = Statement(select(_p.seq, *_COLUMNS).order_by(_p.seq))
_REMOVE = Statement(
    update(papers)
    .where(_p.id == bindparam("number"), _p.party_id == bindparam("party"), _p.removed.is_(None))
    .values(data=bindparam("data"), removed=bindparam("removed"))
)
_REMOVED = Statement(select(func.count()).select_from(papers).where(_p.removed.is_not(None)))
_VERSION = Statement(select(parties.c.version).where(parties.c.id == bindparam("id")))
_PARTIES = Statement(
    select(parties.c.id, parties.c.name, parties.c.kind, parties.c.version)
    .where(parties.c.id.between(bindparam("first"), bindparam("last")))
    .order_by(parties.c.id)
)
_MARKS = Statement(
    select(
        *(_i.party_id, _i.kind, _i.value, _i.shared, _i.exception),
        *(_i.how, _i.established_by, _i.established_at, _i.confirmed_at),
    )
    .where(_i.party_id.between(bindparam("first"), bindparam("last")))
    .order_by(_i.party_id, _i.kind, _i.value)
)
_TOGETHER, _APART = 500, 8
"""So many files are read together, where the numbers of no two of them are further apart than that."""


def case_file(desk: Desk, party_id: int) -> CaseFile | None:
    """Give a party's whole file; None for no such party.

    A paper, or an imported restriction, that cannot be read is PaperUnreadable: nobody acts on a file that shows less
    than is on it.
    """
    for _, found in case_files(desk, (party_id,)):
        if isinstance(found, PaperUnreadable):
            raise found
        return found
    return None


def case_files(desk: Desk, party_ids: Iterable[int]) -> Iterator[tuple[int, CaseFile | PaperUnreadable]]:
    """Give the whole files of those of these parties that there are, by number; the fault for one that nobody can read.

    Files that lie beside each other are read together: an office has thousands, and each statement takes its time.
    """
    for numbers in _beside_each_other(sorted(set(party_ids))):
        yield from _together(desk, numbers)


def _beside_each_other(numbers: Iterable[int]) -> Iterator[list[int]]:
    found: list[int] = []
    for number in numbers:
        if found and (len(found) == _TOGETHER or number - found[-1] > _APART):
            yield found
            found = []
        found.append(number)
    if found:
        yield found


def _together(desk: Desk, numbers: list[int]) -> Iterator[tuple[int, CaseFile | PaperUnreadable]]:
    values = {"first": numbers[0], "last": numbers[-1]}
    wanted = frozenset(numbers)
    rows = [row for row in desk.rows(_PARTIES, values) if row[0] in wanted]
    if not rows:
        return
    on_file, known = by_party(desk.rows(_OF_SEVERAL, values)), by_party(desk.rows(_MARKS, values))
    imported = unpapered(desk, **values)
    for number, name, kind, version in rows:
        marked = tuple(_mark(*row) for row in known.get(number, ()))
        own = frozenset(one.identifier for one in marked if not one.exception)
        try:
            written = tuple(_read(number, *row) for row in on_file.get(number, ()))
            restrictions = imported.restrictions(number)
        except PaperUnreadable as fault:
            yield number, fault
            continue
        found = Party(number, name, PartyKind(kind), own)
        yield number, CaseFile(found, version, written, marked, restrictions, imported.adjustments(number))


def _read(party_id: int, number: str, at: int, by: str, role: str, name: str, data: str, removed: str | None) -> Paper:
    if removed is not None:
        return Paper(number, moment(at), by, role, Removed(was=name))
    try:
        return Paper(number, moment(at), by, role, catalogue.parse(name, json.loads(data)))
    except (ValueError, RecursionError) as fault:
        raise PaperUnreadable(party_id, number) from fault


def marks(desk: Desk, party_id: int) -> tuple[Mark, ...]:
    """Give the identifiers of a party with how, when and by whom each was established."""
    return tuple(_mark(*row) for _, *row in desk.rows(_MARKS, {"first": party_id, "last": party_id}))


def _mark(
    kind: str,
    value: str,
    shared: bool,
    exception: bool,
    how: str,
    by: str,
    established: int | None,
    confirmed: int | None,
) -> Mark:
    return Mark(
        Identifier(IdentifierKind(kind), value),
        bool(shared),
        bool(exception),
        how,
        by,
        moment_or_none(established),
        moment_or_none(confirmed),
    )


def add_paper(desk: Desk, party_id: int, paper: Paper, version: int) -> None:
    """Put a paper on a party's file and into the chain.

    `version` is that of the file on which it was judged; RecordStale where the file has changed since.
    """
    desk.link.lock(f"file:{party_id}")
    row = desk.row(_VERSION, {"id": party_id})
    if row is None or row[0] != version:
        raise RecordStale("the file has changed meanwhile")
    data = json.dumps(catalogue.dump(paper.act), sort_keys=True, separators=(",", ":"))
    values = {
        "id": paper.id,
        "party_id": party_id,
        "at": stamp(paper.at),
        "written_by": storable(paper.by),
        "role": storable(paper.role),
        "act": paper.act.name,
        "data": data,
    }
    linked = act(desk, paper.by, PAPER, f"party:{party_id}", {"paper": paper.id, "digest": _digest(values)})
    desk.run(_ADD, values | {"seq": linked.seq, "removed": None})
    bump(desk, party_id)


def remove_papers(desk: Desk, party_id: int, numbers: Collection[str]) -> tuple[str, ...]:
    """Delete the contents of papers of a party; gives the ids of those that had any, for the act that says so.

    Id, time, hand, role and the act's name stay, with the digest of the contents, by which the chain still holds.
    """
    gone = []
    for number, *_, data, removed in desk.rows(_OF, {"party_id": party_id}):
        if number in numbers and removed is None:
            values = {"number": number, "party": party_id, "data": "", "removed": _digest_of(data)}
            desk.run(_REMOVE, values)
            gone.append(number)
    if gone:
        bump(desk, party_id)
    return tuple(gone)


def papers_removed(desk: Desk) -> int:
    """Tell of how many papers the contents were deleted."""
    row = desk.row(_REMOVED, {})
    return int(row[0]) if row else 0


def _digest_of(data: str) -> str:
    return sha256(data.encode()).hexdigest()


def _digest(values: dict[str, object]) -> str:
    """Give what the chain keeps of a paper: it covers the digest of the contents, so that they can be deleted."""
    contents = values.get("removed") or _digest_of(str(values["data"]))
    covered = [*(values[name] for name in ("id", "at", "written_by", "role", "act")), contents]
    return sha256(json.dumps(covered).encode()).hexdigest()


def verify_papers(desk: Desk) -> tuple[str, ...]:
    """Compare every paper with its link in the chain; gives the ids of those changed, missing, added, moved.

    Contents that are gone are among them where no act of retention names the paper, and so are those that came back.
    """
    chained = {each.seq: each.detail for each in acts_named(desk, PAPER)}
    deleted = removed_by_retention(desk, "papers")
    wrong = []
    for seq, *row in desk.rows(_ALL, {}):
        values = dict(zip(("id", "at", "written_by", "role", "act", "data", "removed"), row, strict=True))
        link = chained.pop(seq, {})
        as_written = link.get("paper") == values["id"] and link.get("digest") == _digest(values)
        gone = values["removed"] is not None
        if not as_written or gone != (values["id"] in deleted) or (gone and values["data"]):
            wrong.append(str(values["id"]))
    wrong += [str(link.get("paper", "")) for link in chained.values()]
    return (*wrong, *(number for number in misfiled(desk) if number not in wrong))
