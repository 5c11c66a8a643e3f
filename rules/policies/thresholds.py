"""Thresholds: levels of contact that a policy calls unacceptable, with the least numbers that make sense.

Belongs here: one row of [[thresholds]], its name for the record and its words. A threshold restricts nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from rules.alerts import Severity
from rules.contact import Channel
from rules.levels.kinds import Level
from rules.policies.parts import Part
from rules.windows import Mode, Per, Window

NOT_THEIRS: Mapping[Level, str] = {
    Level.FAILED: "forged contact counts for nothing: nobody can worsen another's record by forging (THREATS I4)",
    Level.FILES_NOT_COUNTED: "what nobody could count says nothing of how much it was",
    Level.UNANSWERED: "what we left unanswered is our own doing, and is shown beside a level (SPSO-14)",
}
"""Levels on which there is no threshold, each with its reason."""
LEAST: Mapping[Level, int] = {
    Level.CONTACTS: 2,
    Level.ATTEMPTS: 2,
    Level.LET_THROUGH: 2,
    Level.CLAIMED: 2,
    Level.TALK_MINUTES: 10,
    Level.WORDS: 500,
    Level.PAGES: 5,
    Level.EXACT_REPEATS: 2,
    Level.NEAR_REPEATS: 2,
    Level.STAFF_ADDRESSED: 3,
    Level.ONLY_CC: 2,
    Level.OUT_OF_HOURS: 3,
    Level.MATTERS: 3,
    Level.STAFF_MINUTES: 30,
}
"""Below these, one ordinary contact would be a level, even in an office of two people (MP-1)."""
MOST_AT_ONCE = 1000
"""So many attempts are looked at, at most, while a contact goes on record."""
_UNITS: Mapping[Level, str] = {
    Level.ATTEMPTS: "contacts",
    Level.CONTACTS: "contacts that came about",
    Level.LET_THROUGH: "contacts let through",
    Level.CLAIMED: "contacts of which nothing vouches for the sender",
    Level.TALK_MINUTES: "minutes of talk",
    Level.WORDS: "words",
    Level.PAGES: "pages",
    Level.EXACT_REPEATS: "exact repeats",
    Level.NEAR_REPEATS: "near repeats",
    Level.STAFF_ADDRESSED: "separate colleagues addressed",
    Level.ONLY_CC: "messages with us in Cc alone",
    Level.OUT_OF_HOURS: "contacts out of hours",
    Level.MATTERS: "separate matters",
    Level.STAFF_MINUTES: "minutes of staff time, by estimate",
}
_SUFFIXES = {Level.ATTEMPTS: "", Level.TALK_MINUTES: "min"}
_EVERY = frozenset(Channel)
_NAME = re.compile(r"([a-z+]+):(\d+)([a-z_]*)/([a-z]+)/([a-z]+)")


class Threshold(Part):
    """Hold a level that the policy calls unacceptable once it is reached (PHSO-25, HO-2, SPSO-42, SPSO-51, MP-2).

    Without `channels` it is over all of them, talk over calls. `title` is what staff read, `ground` the category of the
    incident that is drafted from its flag, `severity` that of its alert where it is not that of all flags. The share of
    the office's time is no level: none can be put on it (SPSO-14).
    """

    level: Level = Level.ATTEMPTS
    at_least: Annotated[int, Field(le=10_000_000)]
    per: Per
    window: Mode = Mode.ROLLING
    channels: frozenset[Channel] = _EVERY
    title: Annotated[str, Field(max_length=100)] = ""
    clause: Annotated[str, Field(max_length=100)] = ""
    severity: Severity | None = None
    ground: Annotated[str, Field(max_length=60)] = ""

    @model_validator(mode="before")
    @classmethod
    def _as_it_is_written(cls, data: Any) -> Any:  # noqa: ANN401  # whatever a file holds
        if not isinstance(data, Mapping):
            return data
        if data.get("level") == "share":
            raise ValueError("there is no threshold on a share of the office's time: it is never a ground (SPSO-14)")
        if "count" in data:
            raise ValueError("write at_least in place of count")
        if "talk_minutes" in data:
            raise ValueError('write level = "talk_minutes" and at_least in place of talk_minutes')
        if data.get("level") == Level.TALK_MINUTES and "channels" not in data:
            return {**data, "channels": [Channel.CALL]}
        return data

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.level in NOT_THEIRS:
            raise ValueError(f"there is no threshold on {self.level.value}: {NOT_THEIRS[self.level]}")
        least = LEAST[self.level]
        if self.at_least < least:
            raise ValueError(
                f"{self.at_least} {self.unit} may be one ordinary contact; the least that makes a level is {least}"
            )
        if self.counted and self.at_least > MOST_AT_ONCE:
            raise ValueError(
                f"{self.at_least} attempts are too many to be counted with each contact; {MOST_AT_ONCE} are the most, "
                'or name level = "contacts", which is counted a moment later'
            )
        if not self.channels:
            raise ValueError("name at least one channel")
        if self.level is Level.TALK_MINUTES and self.channels != {Channel.CALL}:
            raise ValueError("talk_minutes are counted on calls alone; leave channels out")
        return self

    @property
    def name(self) -> str:
        """Name the threshold for the record: stable as long as its numbers are."""
        by = "all" if self.channels == _EVERY else "+".join(sorted(self.channels))
        return f"{by}:{self.at_least}{_SUFFIXES.get(self.level, self.level.value)}/{self.per.value}/{self.window.value}"

    @classmethod
    def named(cls, name: str) -> Self | None:
        """Read a threshold back from its name, which a flag holds when the policy has forgotten it; None where not."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        by, number, suffix, per, window = found.groups()
        levels = {end: level for level, end in _SUFFIXES.items()}
        try:
            return cls(
                level=levels.get(suffix) or Level(suffix),
                at_least=int(number),
                per=Per(per),
                window=Mode(window),
                channels=_EVERY if by == "all" else frozenset(map(Channel, by.split("+"))),
            )
        except ValueError:
            return None

    def alike(self, other: Threshold) -> bool:
        """Tell whether both are on the same level, channels and window; the numbers may differ."""
        return (self.level, self.channels, self.span) == (other.level, other.channels, other.span)

    @property
    def span(self) -> Window:
        """Give its window."""
        return Window(self.per, self.window)

    @property
    def counted(self) -> bool:
        """Tell whether it is on a count of attempts, which is known at once; all others are added up a moment later."""
        return self.level is Level.ATTEMPTS

    @property
    def unit(self) -> str:
        """Say what is counted: `contacts`, `minutes of talk`."""
        return _UNITS.get(self.level, self.level.value)

    def said(self, level: int) -> str:
        """Say to staff that a level was reached: `3 contacts by phone in any 60 minutes`."""
        return f"{level:,} {self.unit}{self._by()} {self.span.in_words()}"

    def _by(self) -> str:
        from rules.measures.measure import channel_words  # measures stand upon policies

        if self.level is Level.TALK_MINUTES or self.channels == _EVERY:
            return ""
        return f" by {channel_words(self.channels)}"
