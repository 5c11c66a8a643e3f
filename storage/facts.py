"""What the papers of a party say that decisions must know beside restrictions: one small row for each party with any.

Promises that a file read once is read anew after a change of its facts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from rules.contact import Identifier
from rules.facts import NOTHING, Closed, Facts, Span, Voice, Way
from storage.desk import Desk
from storage.parties import bump
from storage.schema import facts as table
from storage.schema import parties, speakers
from storage.statements import Statement, add
from storage.times import moment, moment_or_none, stamp

_FIND = Statement(select(table.c.data).where(table.c.party_id == bindparam("party_id")))
_DROP = Statement(delete(table).where(table.c.party_id == bindparam("party_id")))
_ADD = add(table)
_SPEAKS_FOR = Statement(
    select(speakers.c.party_id, parties.c.name)
    .join(parties, parties.c.id == speakers.c.party_id)
    .where(speakers.c.identifier == bindparam("identifier"))
)
_SILENCE = Statement(delete(speakers).where(speakers.c.party_id == bindparam("party_id")))
_NAME = add(speakers)


def facts(desk: Desk, party_id: int) -> Facts:
    """Give the facts of a party; `NOTHING` where there are none."""
    row = desk.row(_FIND, {"party_id": party_id})
    return NOTHING if row is None else _read(row[0])


def keep_facts(desk: Desk, party_id: int, known: Facts) -> None:
    """Put the facts of a party in the place of those there were; RecordRefused for no such party."""
    bump(desk, party_id)
    desk.run(_DROP, {"party_id": party_id})
    desk.run(_SILENCE, {"party_id": party_id})
    if known != NOTHING:
        desk.run(_ADD, {"party_id": party_id, "data": _written(known)})
    for identifier in sorted(frozenset().union(*(voice.identifiers for voice in known.voices))):
        desk.run(_NAME, {"identifier": identifier, "party_id": party_id})


def speaks_for(desk: Desk, sender: Identifier, now: datetime) -> tuple[str, ...]:
    """Name the parties whose advocate writes or calls from here at `now` (aware UTC), in alphabetical order."""
    written = str(sender)
    found = desk.rows(_SPEAKS_FOR, {"identifier": written})
    return tuple(sorted({name for party_id, name in found if facts(desk, party_id).speaking(written, now)}))


def _written(known: Facts) -> str:
    data = {
        "shields": [[way.own, way.instead, *_stamps(way.span)] for way in known.shields],
        "closed": [[one.reference, *_stamps(one.span)] for one in known.closed],
        "requests": [_stamps(span) for span in known.requests],
        "highlighted": list(known.highlighted),
        "voices": [[one.name, sorted(one.identifiers), one.scope, *_stamps(one.span)] for one in known.voices],
    }
    return json.dumps({name: rows for name, rows in data.items() if rows}, separators=(",", ":"))


def _read(text: str) -> Facts:
    data = json.loads(text)
    return Facts(
        shields=tuple(Way(own, instead, _span(rest)) for own, instead, *rest in data.get("shields", ())),
        closed=tuple(Closed(reference, _span(rest)) for reference, *rest in data.get("closed", ())),
        requests=tuple(_span(rest) for rest in data.get("requests", ())),
        voices=tuple(
            Voice(name, frozenset(identifiers), _span(rest), scope)
            for name, identifiers, scope, *rest in data.get("voices", ())
        ),
        highlighted=tuple(data.get("highlighted", ())),
    )


def _stamps(span: Span) -> list[int | None]:
    return [stamp(span.since), stamp(span.until)]


def _span(stamps: Sequence[int]) -> Span:
    since, until = stamps
    return Span(moment(since), moment_or_none(until))
