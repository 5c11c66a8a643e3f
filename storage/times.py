"""Times as the record keeps them: whole microseconds since 1970 in UTC. Belongs here: the way in and out."""

from __future__ import annotations

from collections.abc import Sequence
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


class Moments(Sequence[datetime]):
    """Hold stamps that come out as aware UTC datetimes where they are looked at: few of many are."""

    __slots__ = ("_stamps",)

    def __init__(self, stamps: Sequence[int]) -> None:
        self._stamps = stamps

    def __len__(self) -> int:
        return len(self._stamps)

    @overload
    def __getitem__(self, at: int) -> datetime: ...
    @overload
    def __getitem__(self, at: slice) -> Moments: ...
    def __getitem__(self, at: int | slice) -> datetime | Moments:
        return Moments(self._stamps[at]) if isinstance(at, slice) else moment(self._stamps[at])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal to a list of the same moments, so it has no hash either
