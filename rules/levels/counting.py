"""From what the record adds up of a party's contacts in a window to levels, over all channels together and each.

Belongs here: what each level is made of; pure. Who asks the record, and for which window, is `gateway.party_levels`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields

from rules.contact import Channel
from rules.levels.kinds import Level
from rules.levels.staff_time import minutes_of
from rules.policies.contact_time import StaffTime


@dataclass(frozen=True, slots=True)
class Sums:
    """Hold what the record adds up of the contacts of one party by one channel in a window; times in seconds.

    `handled` are the contacts whose staff time is estimated, `handled_words` and `handled_talk_s` their words and
    talk, `unread` those of them that were written and whose words nobody counted; `corrected` is the minutes that staff
    put right. `uncounted` is what counts for nothing though nobody forged it: automatic mail, an advocate's, answers.
    """

    attempts: int = 0
    contacts: int = 0
    unanswered: int = 0
    let_through: int = 0
    talk_s: int = 0
    words: int = 0
    pages: int = 0
    files_not_counted: int = 0
    exact_repeats: int = 0
    near_repeats: int = 0
    only_cc: int = 0
    out_of_hours: int = 0
    claimed: int = 0
    handled: int = 0
    handled_words: int = 0
    handled_talk_s: int = 0
    unread: int = 0
    corrected: int = 0
    failed: int = 0
    uncounted: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in SUMMED))


SUMMED = tuple(field.name for field in fields(Sums))
NOTHING = Sums()


@dataclass(frozen=True, slots=True)
class Tally:
    """Hold what the record knows of a party's contacts in a window: sums by channel, and what is told apart.

    `places` and `matters` are (channel, number) pairs, each once.
    """

    sums: Mapping[Channel, Sums]
    places: Collection[tuple[Channel, int]] = ()
    matters: Collection[tuple[Channel, int]] = ()

    def of(self, channels: Collection[Channel]) -> Tally:
        """Give the part that came by some channels."""
        return Tally(
            {channel: sums for channel, sums in self.sums.items() if channel in channels},
            [pair for pair in self.places if pair[0] in channels],
            [pair for pair in self.matters if pair[0] in channels],
        )

    @property
    def uncounted(self) -> int:
        """Give how much came that counts for nothing though nobody forged it."""
        return sum(one.uncounted for one in self.sums.values())


_PLAIN = (
    *(Level.CONTACTS, Level.ATTEMPTS, Level.UNANSWERED, Level.LET_THROUGH, Level.WORDS, Level.PAGES),
    Level.FILES_NOT_COUNTED,
    *(Level.EXACT_REPEATS, Level.NEAR_REPEATS, Level.ONLY_CC, Level.OUT_OF_HOURS, Level.CLAIMED, Level.FAILED),
)
"""Levels that are sums as they stand."""


def levels(tally: Tally, time: StaffTime) -> dict[Level, float]:
    """Give every level of a tally; minutes are fractions, all else is whole."""
    total = together(tally.sums.values())
    found: dict[Level, float] = {level: getattr(total, level.value) for level in _PLAIN}
    found[Level.TALK_MINUTES] = total.talk_s / 60
    found[Level.STAFF_ADDRESSED] = len({number for _, number in tally.places})
    found[Level.MATTERS] = len({number for _, number in tally.matters})
    found[Level.STAFF_MINUTES] = minutes_of(tally.sums, time)
    return {level: found[level] for level in Level}


def by_channel(tally: Tally, time: StaffTime) -> dict[Channel, dict[Level, float]]:
    """Give every level for each channel by which anything came."""
    return {channel: levels(tally.of((channel,)), time) for channel in Channel if channel in tally.sums}


def together(sums: Iterable[Sums]) -> Sums:
    """Add sums up."""
    total = NOTHING
    for one in sums:
        total += one
    return total
