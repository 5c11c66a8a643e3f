"""Messages that callers left: to be fetched from the provider, kept here, deleted there.

Promises that one is on record once by its provider's id, that what is claimed and not moved on is due again, and that
none is forgotten: it is kept here, or said to be lost. The bytes of a party's are evidence; others' are kept here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, literal_column, select, update

from storage.desk import Desk, Row
from storage.schema import recordings
from storage.statements import FIRST, Statement, add_unless
from storage.times import moment, stamp
from storage.words import storable


class RecordingState(StrEnum):
    """Name where a recording is."""

    WAITING = "waiting"
    """It is to be fetched."""
    KEPT = "kept"
    """It is kept here, and still to be deleted at the provider."""
    DONE = "done"
    """It is kept here, and the provider's copy is no concern of ours any more."""
    LOST = "lost"
    """It was not to be had, or is too large; staff were told."""


@dataclass(frozen=True, slots=True)
class RecordingEntry:
    """Hold a recording as it is on record; `paper` is the evidence that it became, "" where there is none.

    `at` is when we heard of it, `next_at` when it is due; `attempts` were made to fetch it, or to delete it there.
    """

    sid: str
    contact_id: str
    at: datetime
    next_at: datetime
    duration_s: int | None = None
    state: RecordingState = RecordingState.WAITING
    attempts: int = 0
    paper: str = ""
    media_type: str = ""
    detail: str = ""


_r = recordings.c
_FIELDS = (
    *(_r.sid, _r.contact_id, _r.at, _r.next_at, _r.duration_s, _r.state, _r.attempts),
    *(_r.paper, _r.media_type, _r.detail),
)
_ADD = add_unless(recordings, "sid")
_ONE = Statement(select(*_FIELDS).where(_r.sid == bindparam("sid")))
_OF = Statement(select(*_FIELDS).where(_r.contact_id == bindparam("contact")).order_by(_r.at, _r.sid))
_IN = Statement(
    select(*_FIELDS)
    .where(_r.state == bindparam("state"))
    .order_by(_r.at, _r.sid)
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_HAS_CONTENT = Statement(
    select(literal_column("1")).select_from(recordings).where(_r.sid == bindparam("sid"), _r.content.is_not(None))
)
_CONTENT = Statement(select(_r.content).where(_r.sid == bindparam("sid"), _r.content.is_not(None)))
_DUE = Statement(
    select(*_FIELDS)
    .where(_r.state == bindparam("state"), _r.next_at <= bindparam("now"))
    .order_by(_r.next_at, _r.sid)
    .limit(literal_column("1"))
    .offset(FIRST)
    .with_for_update(skip_locked=True)
)
_CLAIM = Statement(
    update(recordings)
    .where(_r.sid == bindparam("of"))
    .values(attempts=_r.attempts + literal_column("1"), next_at=bindparam("until"))
)
_KEEP = Statement(update(recordings).where(_r.sid == bindparam("of")).values(content=bindparam("content")))
_MOVE = Statement(
    update(recordings)
    .where(_r.sid == bindparam("of"), _r.state == bindparam("among"))
    .values({name: bindparam(name) for name in ("state", "next_at", "attempts", "paper", "media_type", "detail")})
)


def add_recording(desk: Desk, entry: RecordingEntry) -> bool:
    """Put a recording on record that a caller left; False, and nothing done, where it is there already."""
    values = {
        "sid": storable(entry.sid),
        "contact_id": entry.contact_id,
        "at": stamp(entry.at),
        "next_at": stamp(entry.next_at),
        "duration_s": entry.duration_s,
        "state": entry.state.value,
        "attempts": entry.attempts,
        "paper": entry.paper,
        "media_type": storable(entry.media_type),
        "content": None,
        "detail": storable(entry.detail),
    }
    return desk.run(_ADD, values) == 1


def recording(desk: Desk, sid: str) -> RecordingEntry | None:
    """Give a recording by the provider's id."""
    row = desk.row(_ONE, {"sid": sid})
    return _entry(row) if row else None


def recordings_of(desk: Desk, contact_id: str) -> tuple[RecordingEntry, ...]:
    """List what was left in one call, the oldest first."""
    return tuple(map(_entry, desk.rows(_OF, {"contact": contact_id})))


def recordings_in(desk: Desk, state: RecordingState, limit: int = 1000) -> tuple[RecordingEntry, ...]:
    """List the recordings in a state, the oldest first."""
    return tuple(map(_entry, desk.rows(_IN, {"state": state.value, "limit": limit})))


def recording_content(desk: Desk, sid: str) -> bytes | None:
    """Give the sound that is kept here; None where it is evidence on a file, or not here."""
    row = desk.row(_CONTENT, {"sid": sid})
    return bytes(row[0]) if row else None


def has_recording(desk: Desk, sid: str) -> bool:
    """Tell whether the sound is kept here, without reading it."""
    return desk.row(_HAS_CONTENT, {"sid": sid}) is not None


def claim_recording(desk: Desk, state: RecordingState, now: datetime, until: datetime) -> RecordingEntry | None:
    """Take what is due in a state, the longest due first; it is due again at `until`. None where nothing is."""
    row = desk.row(_DUE, {"state": state.value, "now": stamp(now)})
    if row is None:
        return None
    desk.run(_CLAIM, {"of": row[0], "until": stamp(until)})
    return _entry(row)


def keep_recording(desk: Desk, sid: str, content: bytes) -> None:
    """Keep the sound itself, of a caller who is no party."""
    desk.run(_KEEP, {"of": sid, "content": content})


def move_recording(desk: Desk, before: RecordingState, entry: RecordingEntry) -> bool:
    """Say what became of one; False, and nothing done, where it is not in the state `before` any more."""
    values = {
        "of": entry.sid,
        "among": before.value,
        "state": entry.state.value,
        "next_at": stamp(entry.next_at),
        "attempts": entry.attempts,
        "paper": entry.paper,
        "media_type": storable(entry.media_type),
        "detail": storable(entry.detail),
    }
    return desk.run(_MOVE, values) == 1


def _entry(row: Row) -> RecordingEntry:
    sid, contact_id, at, next_at, duration_s, state, attempts, paper, media_type, detail = row
    return RecordingEntry(
        sid,
        contact_id,
        moment(at),
        moment(next_at),
        duration_s,
        RecordingState(state),
        attempts,
        paper,
        media_type,
        detail,
    )
