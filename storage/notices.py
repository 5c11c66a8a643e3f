"""Notices to parties with what was printed of them: from draft to what became of them.

Promises that the words and the octets of a notice are never changed once it is drafted, and that of several who move it
from one state to the next at the same moment one does.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import bindparam, select, update

from rules.casework.notices import NoticeOnFile, NoticeState
from storage.desk import Desk, Row
from storage.schema import notices as table
from storage.statements import Statement, add
from storage.times import moment, stamp
from storage.words import storable

_n = table.c
_COLUMNS = (
    *(_n.id, _n.party_id, _n.about, _n.kind, _n.act, _n.drafted_at, _n.drafted_by, _n.says, _n.digest, _n.text),
    *(_n.terms, _n.state, _n.changed_at, _n.read_by, _n.read_roles, _n.letters, _n.paper, _n.detail),
)
_MOVED = ("state", "read_by", "read_roles", "letters", "paper", "detail")
_ONE = Statement(select(*_COLUMNS).where(_n.id == bindparam("number")))
_OF = Statement(select(*_COLUMNS).where(_n.party_id == bindparam("party")).order_by(_n.drafted_at, _n.id))
_IN_STATE = Statement(select(*_COLUMNS).where(_n.state == bindparam("in_state")).order_by(_n.drafted_at, _n.id))
_PRINTED = Statement(select(_n.printed).where(_n.id == bindparam("number")))
_ADD = add(table)
_MOVE = Statement(
    update(table)
    .where(_n.id == bindparam("number"), _n.state == bindparam("from_state"))
    .values({name: bindparam(name) for name in (*_MOVED, "changed_at")})
)


@dataclass(frozen=True, slots=True)
class Printed:
    """Hold one PDF of a notice: the form that it is in, which notice it is, and its octets."""

    form: str
    kind: str
    content: bytes


def add_notice(desk: Desk, notice: NoticeOnFile, printed: Sequence[Printed]) -> str:
    """Put a drafted notice on record with its PDFs; gives the digest of both as they are kept, for the chain of acts.

    RecordRefused where its id is taken.
    """
    terms = {
        "reading_age": notice.reading_age,
        "look_at": notice.look_at,
        "words": notice.words,
        "forms": notice.forms,
        "language": notice.language,
        "translations": notice.translations,
        "page": notice.page,
        "to": notice.to,
        "copies": notice.copies,
    }
    octets = json.dumps([[one.form, one.kind, b64encode(one.content).decode()] for one in printed]).encode()
    values = {
        "id": notice.id,
        "party_id": notice.party,
        "about": storable(notice.about),
        "kind": notice.kind,
        "act": notice.act,
        "drafted_at": stamp(notice.drafted_at),
        "drafted_by": storable(notice.drafted_by),
        "says": notice.says,
        "digest": notice.digest,
        "text": storable(notice.text),
        "terms": json.dumps(terms),
        "printed": octets,
        "state": notice.state.value,
        "changed_at": stamp(desk.now()),
        **_moving(notice),
    }
    desk.run(_ADD, values)
    return kept_digest(notice.text, octets)


def kept_digest(text: str, printed: bytes) -> str:
    """Give the digest of what a notice says and of all that was printed of it, as both are kept."""
    return sha256(sha256(storable(text).encode()).digest() + sha256(printed).digest()).hexdigest()


def move_notice(desk: Desk, was: NoticeState, notice: NoticeOnFile) -> bool:
    """Bring a notice to its new state with what goes with it; False, and nothing done, where it was not in `was`."""
    values = {"number": notice.id, "from_state": was.value, "changed_at": stamp(desk.now()), **_moving(notice)}
    return desk.run(_MOVE, values | {"state": notice.state.value}) == 1


def _moving(notice: NoticeOnFile) -> dict[str, str]:
    return {
        "read_by": storable(notice.read_by),
        "read_roles": json.dumps(notice.read_roles),
        "letters": json.dumps(notice.letters),
        "paper": notice.paper,
        "detail": storable(notice.detail),
    }


def notice(desk: Desk, number: str) -> NoticeOnFile | None:
    """Give a notice; None for no such one."""
    row = desk.row(_ONE, {"number": number})
    return _read(row) if row else None


def printed(desk: Desk, number: str) -> tuple[Printed, ...]:
    """Give the PDFs of a notice, as they were when it was drafted."""
    row = desk.row(_PRINTED, {"number": number})
    found = json.loads(bytes(row[0])) if row else ()
    return tuple(Printed(form, kind, b64decode(content)) for form, kind, content in found)


def notices_of(desk: Desk, party: int) -> tuple[NoticeOnFile, ...]:
    """List the notices to a party, the oldest first."""
    return tuple(map(_read, desk.rows(_OF, {"party": party})))


def notices_in(desk: Desk, *states: NoticeState) -> tuple[NoticeOnFile, ...]:
    """List the notices in these states, state by state, the oldest first."""
    return tuple(_read(row) for state in states for row in desk.rows(_IN_STATE, {"in_state": state.value}))


def _read(row: Row) -> NoticeOnFile:
    number, party, about, kind, act, drafted_at, drafted_by, says, digest, text, terms, state, *rest = row
    changed_at, read_by, read_roles, letters, paper, detail = rest
    known = json.loads(terms)
    return NoticeOnFile(
        id=number,
        party=party,
        about=about,
        kind=kind,
        act=act,
        drafted_at=moment(drafted_at),
        drafted_by=drafted_by,
        says=says,
        digest=digest,
        text=text,
        reading_age=known["reading_age"],
        look_at=tuple(known["look_at"]),
        words=known["words"],
        forms=tuple(known["forms"]),
        language=known["language"],
        translations=tuple((text, said) for text, said in known["translations"]),
        page=known["page"],
        to=known["to"],
        copies=tuple(known["copies"]),
        state=NoticeState(state),
        changed_at=moment(changed_at),
        read_by=read_by,
        read_roles=tuple(json.loads(read_roles)),
        letters=tuple(json.loads(letters)),
        paper=paper,
        detail=detail,
    )
