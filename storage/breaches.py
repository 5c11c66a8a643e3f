"""Data breaches that wait to be assessed: corrections on file that nobody has assessed yet.

Promises that none is left out: whoever lists them need not know on whose file they are.
"""

from __future__ import annotations

import json

from sqlalchemy import bindparam, select

from rules.casework import breaches, catalogue
from rules.casework.breaches import Breach
from rules.casework.file import Paper
from storage.desk import Desk
from storage.schema import papers, parties
from storage.statements import Statement
from storage.times import moment

_p = papers.c
_NAMED = Statement(
    select(_p.party_id, parties.c.name, _p.id, _p.at, _p.written_by, _p.role, _p.act, _p.data)
    .join_from(papers, parties, _p.party_id == parties.c.id)
    # One whose contents retention deleted was assessed, or it would be there.
    .where(_p.act.in_([bindparam("correct"), bindparam("assess")]), _p.removed.is_(None))
    .order_by(_p.seq)
)


def open_breaches(desk: Desk) -> tuple[tuple[int, str, Breach], ...]:
    """List what waits to be assessed, the oldest first: the party's number, its name, and the breach."""
    by_party: dict[tuple[int, str], list[Paper]] = {}
    for party_id, name, number, at, by, role, act, data in desk.rows(
        _NAMED, {"correct": "correct", "assess": "assess_breach"}
    ):
        try:
            paper = Paper(number, moment(at), by, role, catalogue.parse(act, json.loads(data)))
        except (ValueError, RecursionError):
            continue  # its whole file cannot be read, and waits for a person as that
        by_party.setdefault((party_id, name), []).append(paper)
    found = [(*party, one) for party, each in by_party.items() for one in breaches.open_of(each)]
    return tuple(sorted(found, key=lambda one: (one[2].due, one[2].id)))
