"""The office's time that contact took: reading, handling and talk, by estimate; what staff put right stands instead.

Belongs here: the estimate, pure. It is said to be one wherever it is shown, and is no ground for anything by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from rules.contact import Channel
from rules.policies.contact_time import StaffTime


class Handled(Protocol):
    """Name what an estimate is made of: a `Taken`, or the sums of one party (`rules.levels.counting`)."""

    @property
    def handled(self) -> int:
        """Contacts that are estimated."""

    @property
    def handled_words(self) -> int:
        """Their words."""

    @property
    def handled_talk_s(self) -> int:
        """Their talk, in seconds."""

    @property
    def unread(self) -> int:
        """Those of them that were written and whose words nobody counted."""

    @property
    def corrected(self) -> int:
        """Minutes that staff put right, of other contacts."""


class Taken(NamedTuple):
    """Hold what the record adds up of one sender and channel for the whole office; there may be very many of them."""

    whose: str
    channel: Channel
    attempts: int
    contacts: int
    talk_s: int
    handled: int
    handled_words: int
    handled_talk_s: int
    unread: int
    corrected: int


def minutes_of(sums: Mapping[Channel, Handled], time: StaffTime) -> float:
    """Give the minutes that contacts took, by estimate."""
    return sum(_minutes(one, time.handling.minutes(channel), time) for channel, one in sums.items())


def minutes_each(rows: Iterable[Taken], time: StaffTime) -> dict[str, float]:
    """Give the minutes of each sender, by estimate."""
    handling = {channel: time.handling.minutes(channel) for channel in Channel}
    found: dict[str, float] = {}
    for row in rows:
        found[row.whose] = found.get(row.whose, 0.0) + _minutes(row, handling[row.channel], time)
    return found


def _minutes(one: Handled, handling: int, time: StaffTime) -> float:
    read = (one.handled_words + one.unread * time.words_unread) / time.words_a_minute
    return one.handled * handling + read + one.handled_talk_s / 60 + one.corrected
