"""What the papers of a party say that decisions must know beside restrictions: one small row for each party with any.

Promises that a file read once is read anew after a change of its facts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select

from rules.facts import NOTHING, Closed, Facts, Span, Way
from storage.desk import Desk
from storage.parties import bump
from storage.schema import facts as table
from storage.statements import Statement, add
from storage.times import moment, moment_or_none, stamp

_FIND = Statement(select(table.c.data).where(table.c.party_id == bindparam("party_id")))
_DROP = Statement(delete(table).where(table.c.party_id == bindparam("party_id")))
_ADD = add(table)


def facts(desk: Desk, party_id: int) -> Facts:
    """Give the facts of a party; `NOTHING` where there are none."""
    row = desk.row(_FIND, {"party_id": party_id})
    return NOTHING if row is None else _read(row[0])


def keep_facts(desk: Desk, party_id: int, known: Facts) -> None:
    """Put the facts of a party in the place of those there were; RecordRefused for no such party."""
    bump(desk, party_id)
    desk.run(_DROP, {"party_id": party_id})
    if known != NOTHING:
        desk.run(_ADD, {"party_id": party_id, "data": _written(known)})


def _written(known: Facts) -> str:
    data = {
        "shields": [[way.own, way.instead, *_stamps(way.span)] for way in known.shields],
        "closed": [[one.reference, *_stamps(one.span)] for one in known.closed],
        "requests": [_stamps(span) for span in known.requests],
    }
    return json.dumps({name: rows for name, rows in data.items() if rows}, separators=(",", ":"))


def _read(text: str) -> Facts:
    data = json.loads(text)
    return Facts(
        shields=tuple(Way(own, instead, _span(rest)) for own, instead, *rest in data.get("shields", ())),
        closed=tuple(Closed(reference, _span(rest)) for reference, *rest in data.get("closed", ())),
        requests=tuple(_span(rest) for rest in data.get("requests", ())),
    )


def _stamps(span: Span) -> list[int | None]:
    return [stamp(span.since), stamp(span.until)]


def _span(stamps: Sequence[int]) -> Span:
    since, until = stamps
    return Span(moment(since), moment_or_none(until))
