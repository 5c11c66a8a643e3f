"""Calls that go on: what was answered, and what their callbacks have told so far.

Promises one document per call, replayed byte for byte, and that a callback told twice or late changes nothing (T2).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, false, select, true, update

from storage.contacts import settle
from storage.desk import Desk
from storage.entries import Call, State
from storage.schema import calls, contacts, in_state
from storage.statements import FIRST, Statement, add_unless
from storage.times import moment, stamp

_k = calls.c
_ADD = add_unless(calls, "sid")
_CALL = Statement(
    select(_k.sid, _k.contact_id, _k.document, _k.settled, _k.last_sequence).where(_k.sid == bindparam("sid"))
)
_SETTLE = Statement(
    update(calls)
    .where(_k.sid == bindparam("call"), _k.settled == false())
    .values(settled=true(), updated_at=bindparam("updated_at"))
    .returning(_k.contact_id)
)
_ANSWER_ANEW = Statement(
    update(calls)
    .where(_k.sid == bindparam("call"))
    .values(document=bindparam("document"), updated_at=bindparam("updated_at"))
)
_ADVANCE = Statement(
    update(calls)
    .where(_k.sid == bindparam("call"), _k.last_sequence < bindparam("sequence"))
    .values(last_sequence=bindparam("sequence"), updated_at=bindparam("updated_at"))
)
_c = contacts.c
_RINGING = Statement(
    select(_k.sid, _c.at)
    .join_from(contacts, calls, _k.contact_id == _c.id)
    .where(in_state(_c.state, State.RINGING), _c.at < bindparam("before"), _k.sid.startswith(bindparam("begins")))
    .order_by(_c.at, _k.sid)
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_MARKED = Statement(
    select(_k.sid)
    .join_from(contacts, calls, _k.contact_id == _c.id)
    .where(in_state(_c.state, State.RINGING), _c.detail == bindparam("detail"), _c.updated_at <= bindparam("until"))
    .order_by(_c.at, _k.sid)
    .limit(bindparam("limit"))
    .offset(FIRST)
)


def add_call(desk: Desk, call: Call) -> bool:
    """Put on record what a call was answered; False, and nothing done, where it was answered before."""
    values = {
        "sid": call.sid,
        "contact_id": call.contact_id,
        "document": call.document,
        "settled": call.settled,
        "last_sequence": call.last_sequence,
        "updated_at": stamp(desk.now()),
    }
    return desk.run(_ADD, values) == 1


def call(desk: Desk, sid: str) -> Call | None:
    """Give what is known of a call by its provider's id."""
    row = desk.row(_CALL, {"sid": sid})
    return Call(row[0], row[1], row[2], bool(row[3]), row[4]) if row else None


def answer_anew(desk: Desk, sid: str, document: str) -> None:
    """Keep another answer of a call, to be replayed from now on."""
    desk.run(_ANSWER_ANEW, {"call": sid, "document": document, "updated_at": stamp(desk.now())})


def advance_call(desk: Desk, sid: str, sequence: int) -> bool:
    """Note a callback's sequence number; False where one as late or later was noted before."""
    return desk.run(_ADVANCE, {"call": sid, "sequence": sequence, "updated_at": stamp(desk.now())}) == 1


def settle_call(desk: Desk, sid: str, *, talk_s: int, state: State, counted: bool, detail: str = "") -> bool:
    """Settle a call once by the provider's word: talk time in seconds, how it ended, whether limits count it.

    False, and nothing done, where it was settled before or is not known.
    """
    rows = desk.rows(_SETTLE, {"call": sid, "updated_at": stamp(desk.now())})
    if not rows:
        return False
    ((contact_id,),) = rows
    if counted:
        return settle(desk, contact_id, state=state, talk_s=talk_s, reserved_s=None, detail=detail)
    return settle(desk, contact_id, state=state, talk_s=talk_s, reserved_s=None, detail=detail, counted_at=None)


def ringing_calls(desk: Desk, before: datetime, begins: str, limit: int = 200) -> tuple[tuple[str, datetime], ...]:
    """List calls from before a time that nobody has settled: the provider's id, when they came; the oldest first.

    Of those whose id begins as one provider's do. They hold their place in limits, and their minutes, until they are
    settled (THREATS T7).
    """
    found = desk.rows(_RINGING, {"before": stamp(before), "begins": begins, "limit": limit})
    return tuple((str(sid), moment(at)) for sid, at in found)


def calls_marked(desk: Desk, detail: str, until: datetime, limit: int = 200) -> tuple[str, ...]:
    """List calls that nobody has settled and whose contact has had a detail since `until`; the oldest first."""
    return tuple(str(sid) for (sid,) in desk.rows(_MARKED, {"detail": detail, "until": stamp(until), "limit": limit}))
