"""The papers of a party's file: what people did about the party, each with its link in the chain of acts (THREATS W4).

Promises that a paper is never changed, that whoever acts on an older version of a file is told, and that a paper which
was changed, added or taken away past the chain is found.
"""

from __future__ import annotations

import json
from hashlib import sha256

from sqlalchemy import bindparam, select

from rules.casework import catalogue
from rules.casework.file import CaseFile, Mark, Paper
from rules.contact import Identifier, IdentifierKind
from storage.audit import act, acts_named
from storage.desk import Desk
from storage.faults import RecordStale
from storage.parties import bump, party
from storage.restrictions import unpapered
from storage.schema import identifiers, papers, parties
from storage.statements import Statement, add
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

PAPER = "paper"
_p, _i = papers.c, identifiers.c
_ADD = add(papers)
_COLUMNS = (_p.id, _p.at, _p.written_by, _p.role, _p.act, _p.data)
_OF = Statement(select(*_COLUMNS).where(_p.party_id == bindparam("party_id")).order_by(_p.seq))
_ALL = Statement(select(_p.seq, *_COLUMNS).order_by(_p.seq))
_VERSION = Statement(select(parties.c.version).where(parties.c.id == bindparam("id")))
_MARKS = Statement(
    select(*(_i.kind, _i.value, _i.shared, _i.exception, _i.how, _i.established_by, _i.established_at, _i.confirmed_at))
    .where(_i.party_id == bindparam("party_id"))
    .order_by(_i.kind, _i.value)
)


def case_file(desk: Desk, party_id: int) -> CaseFile | None:
    """Give a party's whole file; None for no such party.

    A paper that cannot be read is a ValueError: nobody acts on a file that shows less than is on it.
    """
    row = desk.row(_VERSION, {"id": party_id})
    found = party(desk, party_id) if row else None
    if row is None or found is None:
        return None
    values = {"party_id": party_id}
    known = tuple(
        Paper(number, moment(at), by, role, catalogue.parse(name, json.loads(data)))
        for number, at, by, role, name, data in desk.rows(_OF, values)
    )
    restrictions, adjustments = unpapered(desk, party_id)
    return CaseFile(found, row[0], known, marks(desk, party_id), restrictions, adjustments)


def marks(desk: Desk, party_id: int) -> tuple[Mark, ...]:
    """Give the identifiers of a party with how, when and by whom each was established."""
    return tuple(
        Mark(
            Identifier(IdentifierKind(kind), value),
            bool(shared),
            bool(exception),
            how,
            by,
            moment_or_none(established),
            moment_or_none(confirmed),
        )
        for kind, value, shared, exception, how, by, established, confirmed in desk.rows(_MARKS, {"party_id": party_id})
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
    desk.run(_ADD, values | {"seq": linked.seq})
    bump(desk, party_id)


def _digest(values: dict[str, object]) -> str:
    covered = [values[name] for name in ("id", "at", "written_by", "role", "act", "data")]
    return sha256(json.dumps(covered).encode()).hexdigest()


def verify_papers(desk: Desk) -> tuple[str, ...]:
    """Compare every paper with its link in the chain; gives the ids of those that are changed, missing or added."""
    chained = {each.seq: each.detail for each in acts_named(desk, PAPER)}
    wrong = []
    for seq, *row in desk.rows(_ALL, {}):
        values = dict(zip(("id", "at", "written_by", "role", "act", "data"), row, strict=True))
        link = chained.pop(seq, {})
        if link.get("paper") != values["id"] or link.get("digest") != _digest(values):
            wrong.append(str(values["id"]))
    return (*wrong, *(str(link.get("paper", "")) for link in chained.values()))
