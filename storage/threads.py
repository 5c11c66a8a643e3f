"""Which matters of a restricted party a message is known to be on, so that what answers it is on them too (PHSO-M9).

Promises that of a message only a digest of its Message-ID is kept, and of a party only the newest messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import bindparam, delete, select

from storage.desk import Desk
from storage.schema import threads as table
from storage.statements import Statement, add_unless
from storage.times import stamp
from storage.words import storable

MOST = 1_000
"""Messages on matters that are known of one party; the oldest are forgotten first."""

_t, _newer = table.c, table.alias("newer")
_ADD = add_unless(table, "party_id", "message", "matter")
_FIND = Statement(
    select(_t.matter)
    .where(_t.party_id == bindparam("party_id"), _t.message == bindparam("message"))
    .order_by(_t.matter)
)
_LAST_KEPT = (
    select(_newer.c.at)
    .where(_newer.c.party_id == bindparam("party_id"))
    .order_by(_newer.c.at.desc())
    .limit(bindparam("one"))
    .offset(bindparam("most"))
    .scalar_subquery()
)
_FORGET_ALL = Statement(delete(table).where(_t.party_id == bindparam("party_id")))
_FORGET = Statement(delete(table).where(_t.party_id == bindparam("party_id"), _t.at <= _LAST_KEPT))


def keep_thread(desk: Desk, party_id: int, message_id: str, matters: Iterable[str], at: datetime) -> None:
    """Note which matters of a party a message is on; RecordRefused for no such party."""
    if not message_id:
        return
    values = {"party_id": party_id, "message": _digest(message_id), "at": stamp(at)}
    added = [desk.run(_ADD, values | {"matter": storable(matter)}) for matter in matters]
    if any(added):
        desk.run(_FORGET, {"party_id": party_id, "one": 1, "most": MOST})


def thread_matters(desk: Desk, party_id: int, message_ids: Iterable[str]) -> tuple[str, ...]:
    """Name the matters of a party that any of these messages is known to be on."""
    digests = dict.fromkeys(_digest(one) for one in message_ids)
    rows = (row for digest in digests for row in desk.rows(_FIND, {"party_id": party_id, "message": digest}))
    return tuple(dict.fromkeys(matter for (matter,) in rows))


def forget_threads(desk: Desk, party_id: int) -> int:
    """Forget what messages of a party were on, after somebody else's were taken for theirs; gives how many rows."""
    return desk.run(_FORGET_ALL, {"party_id": party_id})


def _digest(message_id: str) -> str:
    return blake2b(message_id.encode("utf-8", "replace"), digest_size=16).hexdigest()
