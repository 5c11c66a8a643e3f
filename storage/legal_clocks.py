"""Legal clocks of contacts: started, resting, made longer, stopped; and those that run.

Promises that a contact has one clock of a kind, and that of two who change one at the same moment one does. Whose it
is follows its contact, through merges and splits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, select, update

from rules.clarification import Asked, Clarification
from rules.legal_clocks import ClockKind, LegalClock, Stopped
from storage.desk import Desk, Row
from storage.schema import contacts, parties
from storage.schema import legal_clocks as table
from storage.schema_clocks import clarifications
from storage.statements import Statement, add, add_unless
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_l, _c, _q = table.c, contacts.c, clarifications.c
_CHANGED = ("extended_at", "extended_by", "extended_why", "stopped_at", "stopped_by", "stopped", "how")
_ADD = add_unless(table, "contact_id", "kind")
_WITH = select(table, _c.whose, _c.sender, _c.party_id, parties.c.name).select_from(
    table.join(contacts, _l.contact_id == _c.id).outerjoin(parties, _c.party_id == parties.c.id)
)
_RUNNING = Statement(_WITH.where(_l.stopped_at.is_(None)).order_by(_l.received, _l.contact_id, _l.kind))
_ALL = Statement(_WITH.order_by(_l.received, _l.contact_id, _l.kind))
_OF_PARTY = Statement(_WITH.where(_c.party_id == bindparam("party_id")).order_by(_l.received, _l.contact_id, _l.kind))
_OF = Statement(select(table).where(_l.contact_id == bindparam("contact")).order_by(_l.kind))
_CHANGE = Statement(
    update(table)
    .where(_l.contact_id == bindparam("contact"), _l.kind == bindparam("of_kind"), _l.stopped_at.is_(None))
    .values({name: bindparam(name) for name in _CHANGED})
)
_IN_ORDER = (_q.contact_id, _q.kind, _q.number)
_SAME = and_(_q.contact_id == _l.contact_id, _q.kind == _l.kind)
_ASKED = select(clarifications).order_by(*_IN_ORDER)
_ASKED_RUNNING = Statement(_ASKED.join_from(clarifications, table, _SAME).where(_l.stopped_at.is_(None)))
_ASKED_ALL = Statement(_ASKED)
_ASKED_OF = Statement(_ASKED.where(_q.contact_id == bindparam("contact")))
_ASKED_OF_PARTY = Statement(
    _ASKED.join_from(clarifications, contacts, _q.contact_id == _c.id).where(_c.party_id == bindparam("party_id"))
)
_ADD_QUESTION = add(clarifications)
_ANSWER = Statement(
    update(clarifications)
    .where(
        _q.contact_id == bindparam("contact"),
        _q.kind == bindparam("of_kind"),
        _q.number == bindparam("of_number"),
        _q.answered_at.is_(None),
    )
    .values({name: bindparam(name) for name in ("answered_at", "answered_by", "answer")})
)
Questions = dict[tuple[str, str], list[Clarification]]


@dataclass(frozen=True, slots=True)
class ClockOnRecord:
    """Hold a clock with who asked: `whose` as levels fall to, the party and its name where it is one's."""

    clock: LegalClock
    whose: str
    sender: str
    party: int | None
    name: str


def start_clock(desk: Desk, clock: LegalClock) -> bool:
    """Start a clock; False, and nothing done, where its contact has or had one of the kind."""
    values = {
        "contact_id": clock.contact,
        "kind": clock.kind.value,
        "received": stamp(clock.received),
        "started_at": stamp(clock.started_at),
        "started_by": storable(clock.started_by),
        "why": storable(clock.why),
        **_changed(clock),
    }
    if desk.run(_ADD, values) != 1:
        return False
    _put_questions(desk, clock.contact, clock.kind, (), clock.questions)
    return True


def change_clock(desk: Desk, was: LegalClock, now: LegalClock) -> bool:
    """Change a running clock; False, and nothing done, where it is no longer as it `was`: somebody was faster."""
    desk.link.lock(f"legal_clock:{was.contact}")
    if was not in clocks_of(desk, was.contact):
        return False
    if desk.run(_CHANGE, {"contact": was.contact, "of_kind": was.kind.value} | _changed(now)) != 1:
        return False
    _put_questions(desk, was.contact, was.kind, was.questions, now.questions)
    return True


def _put_questions(
    desk: Desk, contact: str, kind: ClockKind, were: tuple[Clarification, ...], now: tuple[Clarification, ...]
) -> None:
    """Write what was asked or answered since; what was asked stays as it is."""
    for number, one in enumerate(now):
        answer = {
            "answered_at": stamp(one.answered_at),
            "answered_by": storable(one.answered_by),
            "answer": storable(one.answer),
        }
        if number >= len(were):
            asked = {
                "asked_for": one.asked_for.value,
                "asked_at": stamp(one.asked_at),
                "asked_by": storable(one.asked_by),
                "words": storable(one.words),
            }
            desk.run(_ADD_QUESTION, {"contact_id": contact, "kind": kind.value, "number": number} | asked | answer)
        elif were[number] != one:
            desk.run(_ANSWER, {"contact": contact, "of_kind": kind.value, "of_number": number} | answer)


def _changed(clock: LegalClock) -> dict[str, Any]:
    return {
        "extended_at": stamp(clock.extended_at),
        "extended_by": storable(clock.extended_by),
        "extended_why": storable(clock.extended_why),
        "stopped_at": stamp(clock.stopped_at),
        "stopped_by": storable(clock.stopped_by),
        "stopped": clock.stopped.value if clock.stopped else None,
        "how": storable(clock.how),
    }


def clocks_of(desk: Desk, contact_id: str) -> tuple[LegalClock, ...]:
    """Give the clocks of a contact, stopped ones too."""
    values = {"contact": contact_id}
    asked = _questions(desk.rows(_ASKED_OF, values))
    return tuple(_clock(row, asked) for row in desk.rows(_OF, values))


def legal_clocks(desk: Desk, *, stopped: bool = False) -> tuple[ClockOnRecord, ...]:
    """List the clocks that run, those at rest too, or all, the oldest received first."""
    asked = _questions(desk.rows(_ASKED_ALL if stopped else _ASKED_RUNNING, {}))
    return _on_record(desk.rows(_ALL if stopped else _RUNNING, {}), asked)


def clocks_of_party(desk: Desk, party_id: int) -> tuple[ClockOnRecord, ...]:
    """List all clocks of a party's contacts, stopped ones too, the oldest received first."""
    values = {"party_id": party_id}
    return _on_record(desk.rows(_OF_PARTY, values), _questions(desk.rows(_ASKED_OF_PARTY, values)))


def _on_record(rows: Iterable[Row], asked: Questions) -> tuple[ClockOnRecord, ...]:
    return tuple(ClockOnRecord(_clock(row[:-4], asked), row[-4], row[-3], row[-2], row[-1] or "") for row in rows)


def _questions(rows: Iterable[Row]) -> Questions:
    found: Questions = defaultdict(list)
    for contact, kind, _, asked_for, asked_at, asked_by, words, answered_at, answered_by, answer in rows:
        one = Clarification(
            Asked(asked_for), moment(asked_at), asked_by, words, moment_or_none(answered_at), answered_by, answer
        )
        found[contact, kind].append(one)
    return found


def _clock(row: Row, asked: Questions) -> LegalClock:
    contact, kind, received, at, by, why, ext_at, ext_by, ext_why, stop_at, stop_by, stopped, how = row
    return LegalClock(
        contact,
        ClockKind(kind),
        moment(received),
        moment(at),
        by,
        why,
        moment_or_none(ext_at),
        ext_by,
        ext_why,
        moment_or_none(stop_at),
        stop_by,
        Stopped(stopped) if stopped else None,
        how,
        tuple(asked.get((contact, kind), ())),
    )
