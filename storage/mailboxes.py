"""Mailboxes that are watched: how far each was read, which messages of it are known, and which process watches it.

Promises that one process at a time holds a mailbox, and that a message once seen is known again by its digest, whatever
number the server gives it afterwards (THREATS M5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update

from storage.desk import Desk
from storage.schema import mailbox_messages, mailboxes
from storage.statements import Statement, add_unless
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_b, _m = mailboxes.c, mailbox_messages.c
_ADD = add_unless(mailboxes, "name")
_LEASE = Statement(
    update(mailboxes)
    .where(
        _b.name == bindparam("mailbox"),
        or_(_b.holder == bindparam("node"), _b.leased_until <= bindparam("now")),
    )
    .values(holder=bindparam("holder"), leased_until=bindparam("until"))
)
_LEAVE = Statement(
    update(mailboxes)
    .where(_b.name == bindparam("mailbox"), _b.holder == bindparam("node"))
    .values(leased_until=bindparam("until"))
)
_CURSOR = (_b.name, _b.uidvalidity, _b.last_uid, _b.rescan_to, _b.since, _b.synced_at)
_ONE = Statement(select(*_CURSOR).where(_b.name == bindparam("name")))
_MOVE = Statement(
    update(mailboxes)
    .where(_b.name == bindparam("mailbox"))
    .values({name: bindparam(name) for name in ("uidvalidity", "last_uid", "rescan_to", "synced_at")})
)
_SEEN = (_m.mailbox, _m.digest, _m.contact_id, _m.arrived, _m.placed)
_KNOWN = Statement(select(*_SEEN).where(_m.mailbox == bindparam("mailbox"), _m.digest == bindparam("digest")))
_KEEP = add_unless(mailbox_messages, "mailbox", "digest")
_CHANGE = Statement(
    update(mailbox_messages)
    .where(_m.mailbox == bindparam("box"), _m.digest == bindparam("known"))
    .values(arrived=bindparam("arrived"), placed=bindparam("placed"))
)
_FORGET = Statement(mailbox_messages.delete().where(_m.arrived < bindparam("before")))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Hold how far a mailbox was read, in the numbers of its server.

    Up to `rescan_to` lies what was there when the server's numbers changed. What arrived before `since`, when the watch
    began, is none of ours. `synced` is the last time that the mailbox was found and read. Times are aware UTC.
    """

    mailbox: str
    uidvalidity: int
    last_uid: int
    rescan_to: int
    since: datetime
    synced: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold that a message of a mailbox is a contact; `placed` once it lies where that contact belongs.

    `arrived` is when the mailbox got it, by its server's word: it tells what a person moved from a second copy.
    """

    mailbox: str
    digest: str
    contact_id: str
    arrived: datetime
    placed: bool


def lease_mailbox(desk: Desk, mailbox: str, node: str, now: datetime, until: datetime) -> bool:
    """Take or keep the watch over a mailbox until a time; False where another process has it.

    The first to ask puts it on record: what arrived before `now` is none of ours.
    """
    row = {"name": mailbox, "uidvalidity": 0, "last_uid": 0, "rescan_to": 0, "since": stamp(now), "synced_at": None}
    desk.run(_ADD, row | {"holder": node, "leased_until": stamp(until)})
    values = {"mailbox": mailbox, "node": node, "holder": node, "now": stamp(now), "until": stamp(until)}
    return desk.run(_LEASE, values) == 1


def leave_mailbox(desk: Desk, mailbox: str, node: str, now: datetime) -> None:
    """Give the watch over a mailbox up, so that another process need not wait."""
    desk.run(_LEAVE, {"mailbox": mailbox, "node": node, "until": stamp(now)})


def mailbox_cursor(desk: Desk, mailbox: str) -> Cursor | None:
    """Give how far a mailbox was read; None where nobody ever watched it."""
    row = desk.row(_ONE, {"name": mailbox})
    if row is None:
        return None
    name, uidvalidity, last_uid, rescan_to, since, synced = row
    return Cursor(name, uidvalidity, last_uid, rescan_to, moment(since), moment_or_none(synced))


def move_cursor(desk: Desk, cursor: Cursor) -> None:
    """Put on record how far a mailbox was read, and when; `since` stays as it was."""
    values = {
        "mailbox": cursor.mailbox,
        "uidvalidity": cursor.uidvalidity,
        "last_uid": cursor.last_uid,
        "rescan_to": cursor.rescan_to,
        "synced_at": stamp(cursor.synced),
    }
    desk.run(_MOVE, values)


def seen_in(desk: Desk, mailbox: str, digest: str) -> Seen | None:
    """Give what is known of a message of a mailbox."""
    row = desk.row(_KNOWN, {"mailbox": mailbox, "digest": digest})
    return Seen(row[0], row[1], row[2], moment(row[3]), bool(row[4])) if row else None


def keep_seen(desk: Desk, messages: Iterable[Seen]) -> None:
    """Put on record that messages of a mailbox are contacts, or where they lie now."""
    for one in messages:
        values = {"arrived": stamp(one.arrived), "placed": one.placed}
        row = {"mailbox": one.mailbox, "digest": one.digest, "contact_id": storable(one.contact_id), **values}
        if not desk.run(_KEEP, row):
            desk.run(_CHANGE, {"box": one.mailbox, "known": one.digest, **values})


def forget_seen(desk: Desk, before: datetime) -> int:
    """Forget messages that arrived before a time; gives how many. Who watches takes none so old for new."""
    return desk.run(_FORGET, {"before": stamp(before)})
