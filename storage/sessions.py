"""Sessions of the pages for the desk: which token a browser came in with, since when, and when it was last seen.

Promises that what a browser shows is nowhere in the record: only its SHA-256 digest is (THREATS W2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, or_, select, update

from storage.desk import Desk
from storage.schema import desk_sessions
from storage.statements import Statement, add
from storage.times import moment, stamp

_s = desk_sessions.c
_ADD = add(desk_sessions)
_ONE = Statement(select(_s.digest, _s.token_id, _s.began_at, _s.seen_at).where(_s.digest == bindparam("shown")))
_SEEN = Statement(update(desk_sessions).where(_s.digest == bindparam("shown")).values(seen_at=bindparam("seen_at")))
_END = Statement(delete(desk_sessions).where(_s.digest == bindparam("shown")))
_FORGET = Statement(
    delete(desk_sessions).where(or_(_s.seen_at < bindparam("unseen_since"), _s.began_at < bindparam("begun_before")))
)


@dataclass(frozen=True, slots=True)
class Session:
    """Hold one session: `digest` in hex, times aware UTC."""

    digest: str
    token_id: str
    began: datetime
    seen: datetime


def begin_session(desk: Desk, session: Session) -> None:
    """Put a session on record."""
    values = {"digest": session.digest, "token_id": session.token_id}
    desk.run(_ADD, values | {"began_at": stamp(session.began), "seen_at": stamp(session.seen)})


def session(desk: Desk, digest: str) -> Session | None:
    """Give the session with this digest, whether or not it still lasts."""
    row = desk.row(_ONE, {"shown": digest})
    return Session(row[0], row[1], moment(row[2]), moment(row[3])) if row else None


def see_session(desk: Desk, digest: str, at: datetime) -> None:
    """Write down when a session was last seen."""
    desk.run(_SEEN, {"shown": digest, "seen_at": stamp(at)})


def end_session(desk: Desk, digest: str) -> bool:
    """End a session; False where there is none."""
    return desk.run(_END, {"shown": digest}) == 1


def forget_sessions(desk: Desk, *, unseen_since: datetime, begun_before: datetime) -> int:
    """Delete sessions that nobody used since a time, or that began before another; gives how many."""
    return desk.run(_FORGET, {"unseen_since": stamp(unseen_since), "begun_before": stamp(begun_before)})
