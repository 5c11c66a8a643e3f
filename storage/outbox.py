"""Our own messages: returns, notes, alerts; each leaves at most once.

Promises that a letter is on record as leaving before it leaves, and that what may have left is never sent again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, literal_column, select, update

from storage.desk import Desk, Row
from storage.entries import Letter, LetterState, Recovered, State
from storage.schema import contacts, in_state, outbox
from storage.statements import FIRST, Statement, add_unless
from storage.times import moment, stamp
from storage.words import storable

_o, _c = outbox.c, contacts.c
_FIELDS = (
    *(_o.id, _o.kind, _o.mail_from, _o.rcpt, _o.message_id, _o.message, _o.next_at, _o.once, _o.contact_id),
    *(_o.state, _o.attempts, _o.claimed_by, _o.detail),
)
_ADD = add_unless(outbox, "once")
_LETTER = Statement(select(*_FIELDS).where(_o.id == bindparam("id")))
_ONCE = Statement(select(*_FIELDS).where(_o.once == bindparam("once")))
_LETTERS = Statement(
    select(*_FIELDS)
    .where(_o.state == bindparam("state"))
    .order_by(_o.next_at, _o.id)
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_WRITTEN = Statement(
    select(_o.rcpt, _c.party_id)
    .join_from(outbox, contacts, _o.contact_id == _c.id, isouter=True)
    .where(_o.written_at >= bindparam("since"), _o.kind == bindparam("kind"))
    .order_by(_o.written_at.desc())
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_DUE = Statement(
    select(*_FIELDS)
    .where(_o.state == literal_column(f"'{LetterState.QUEUED.value}'"), _o.next_at <= bindparam("now"))
    .order_by(_o.next_at, _o.id)
    .limit(bindparam("limit"))
    .offset(FIRST)
    .with_for_update(skip_locked=True)
)
_CLAIM = Statement(
    update(outbox)
    .where(_o.id == bindparam("letter"))
    .values(
        state=literal_column(f"'{LetterState.SENDING.value}'"),
        attempts=_o.attempts + literal_column("1"),
        claimed_by=bindparam("claimed_by"),
        updated_at=bindparam("updated_at"),
    )
)
_SETTLE = Statement(
    update(outbox)
    # What has left has left.
    .where(_o.id == bindparam("letter"), _o.state != literal_column(f"'{LetterState.SENT.value}'"))
    .values({name: bindparam(name) for name in ("state", "next_at", "detail", "updated_at")})
)
_SENDING = (
    update(outbox)
    .where(_o.state == literal_column(f"'{LetterState.SENDING.value}'"))
    .values(state=literal_column(f"'{LetterState.UNCLEAR.value}'"), updated_at=bindparam("updated_at"))
    .returning(_o.id)
)
_LEFT = Statement(_SENDING.where(_o.claimed_by == bindparam("node")))
_LEFT_LONG_AGO = Statement(_SENDING.where(_o.updated_at < bindparam("before")))
_INTENDED = (
    update(contacts)
    .where(in_state(_c.state, State.INTENDED))
    .values(
        state=literal_column(f"'{State.DEFERRED.value}'"),
        updated_at=bindparam("updated_at"),
    )
    .returning(_c.id)
)
_DEFER = Statement(_INTENDED.where(_c.node == bindparam("node_of")))
_DEFER_LONG_AGO = Statement(_INTENDED.where(_c.updated_at < bindparam("before")))


def enqueue(desk: Desk, letter: Letter) -> bool:
    """Put a letter into the outbox; False, and nothing done, where its `once` was there before."""
    values = {
        "id": letter.id,
        "once": letter.once,
        "kind": letter.kind,
        "contact_id": letter.contact_id,
        "mail_from": storable(letter.mail_from),
        "rcpt": storable(letter.rcpt),
        "message_id": storable(letter.message_id),
        "message": letter.message,
        "state": letter.state.value,
        "attempts": letter.attempts,
        "next_at": stamp(letter.next_at),
        "claimed_by": letter.claimed_by,
        "detail": storable(letter.detail),
        "written_at": stamp(desk.now()),
        "updated_at": stamp(desk.now()),
    }
    return desk.run(_ADD, values) == 1


def letter(desk: Desk, letter_id: str) -> Letter | None:
    """Give one letter."""
    row = desk.row(_LETTER, {"id": letter_id})
    return _letter(row) if row else None


def letter_once(desk: Desk, once: str) -> Letter | None:
    """Give the letter that has this `once`."""
    row = desk.row(_ONCE, {"once": once})
    return _letter(row) if row else None


def letters(desk: Desk, state: LetterState, limit: int = 1000) -> tuple[Letter, ...]:
    """List the letters in a state, those due first before the others."""
    return tuple(_letter(row) for row in desk.rows(_LETTERS, {"state": state.value, "limit": limit}))


def _letter(row: Row) -> Letter:
    id_, kind, mail_from, rcpt, message_id, message, next_at, once, contact_id, state, attempts, claimed_by, detail = (
        row
    )
    return Letter(
        id=id_,
        kind=kind,
        mail_from=mail_from,
        rcpt=rcpt,
        message_id=message_id,
        message=bytes(message),
        next_at=moment(next_at),
        once=once,
        contact_id=contact_id,
        state=LetterState(state),
        attempts=attempts,
        claimed_by=claimed_by,
        detail=detail,
    )


def written_to(desk: Desk, since: datetime, kind: str, limit: int = 1000) -> tuple[tuple[str, int | None], ...]:
    """Give to whom letters of a kind were written since a time, the newest `limit` at most.

    For each letter its address, and the party whose contact it is on, if it is any party's.
    """
    return tuple(
        (rcpt, party) for rcpt, party in desk.rows(_WRITTEN, {"since": stamp(since), "kind": kind, "limit": limit})
    )


def claim_letters(desk: Desk, now: datetime, node: str, limit: int) -> tuple[Letter, ...]:
    """Take due letters for this node to send, `limit` at most; nobody else gets them.

    Nothing may leave before this is committed: from then on a letter counts as one that may have left.
    """
    updated_at = stamp(desk.now())
    due = [row[0] for row in desk.rows(_DUE, {"now": stamp(now), "limit": limit})]
    for letter_id in due:
        desk.run(_CLAIM, {"letter": letter_id, "claimed_by": node, "updated_at": updated_at})
    return tuple(_letter(row) for letter_id in due for row in desk.rows(_LETTER, {"id": letter_id}))


def settle_letter(
    desk: Desk, letter_id: str, state: LetterState, *, next_at: datetime | None = None, detail: str = ""
) -> bool:
    """Say what became of a letter; `next_at` goes with one that is queued again.

    False for no such letter, or one that was sent.
    """
    now = stamp(desk.now())
    due = now if next_at is None else stamp(next_at)
    values = {"letter": letter_id, "state": state.value, "next_at": due, "detail": storable(detail), "updated_at": now}
    return desk.run(_SETTLE, values) == 1


def recover(desk: Desk, node: str) -> Recovered:
    """Account for what this node left unfinished when it ended, at its start.

    Letters that it was sending may have left: unclear, for a person. Contacts that it had not acknowledged are
    deferred, for their senders try again; they keep their place in a limit, for they may have arrived all the same: who
    was let through once is not filed the second time because others came in between. Ringing calls go on without us.
    """
    values = {"updated_at": stamp(desk.now())}
    return Recovered(
        letters=tuple(sorted(row[0] for row in desk.rows(_LEFT, values | {"node": node}))),
        contacts=tuple(sorted(row[0] for row in desk.rows(_DEFER, values | {"node_of": node}))),
    )


def recover_left(desk: Desk, before: datetime) -> Recovered:
    """Account for what any node was at before a time and has not finished since: as `recover`, for it may never return.

    A container has another name after each start, so that nobody would ever come for what its last process left.
    """
    values = {"updated_at": stamp(desk.now()), "before": stamp(before)}
    return Recovered(
        letters=tuple(sorted(row[0] for row in desk.rows(_LEFT_LONG_AGO, values))),
        contacts=tuple(sorted(row[0] for row in desk.rows(_DEFER_LONG_AGO, values))),
    )
