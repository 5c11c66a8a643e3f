"""Times as the record keeps them: whole microseconds since 1970 in UTC. Belongs here: the way in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000
_SECOND = 1_000_000


@overload
def stamp(moment: datetime) -> int: ...
@overload
def stamp(moment: None) -> None: ...
@overload
def stamp(moment: datetime | None) -> int | None: ...
def stamp(moment: datetime | None) -> int | None:
    """Turn an aware datetime into microseconds, exactly; None stays None, a naive one is a TypeError."""
    if moment is None:
        return None
    since = moment - EPOCH
    return since.days * _DAY + since.seconds * _SECOND + since.microseconds


def moment(stamped: int) -> datetime:
    """Turn microseconds into an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=stamped)


def moment_or_none(stamped: int | None) -> datetime | None:
    """Turn microseconds into an aware UTC datetime; None stays None."""
    return None if stamped is None else EPOCH + timedelta(microseconds=stamped)
