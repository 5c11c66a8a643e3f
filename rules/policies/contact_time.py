"""What a policy says of an office's hours and of the time that contact takes: the figures behind estimates (SPSO-51).

Belongs here: the parts of the file and their plain defaults. What they give is an estimate, and ground for nothing.
"""

from __future__ import annotations

from datetime import time
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from rules.contact import Channel
from rules.policies.parts import Part
from rules.windows import DAYS, Hours


def _wall_time(value: Any) -> Any:  # noqa: ANN401  # whatever a file holds
    if isinstance(value, time):
        return value
    try:
        hour, minute = (int(part) for part in str(value).split(":"))
        return time(0) if (hour, minute) == (24, 0) else time(hour, minute)
    except ValueError:
        raise ValueError(f"{value!r} is not a time of day; write it as 09:30") from None


def _days(days: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [day for day in days if day not in DAYS]
    if wrong or not days:
        raise ValueError(f"days are {', '.join(DAYS)}; name at least one")
    return tuple(day for day in DAYS if day in days)


WallTime = Annotated[time, BeforeValidator(_wall_time), PlainSerializer(lambda one: f"{one:%H:%M}")]
Minutes = Annotated[int, Field(ge=0, le=480)]


class OfficeHours(Part):
    """Hold the office's hours by its wall clock; `bank_holidays` tells that it is closed on them."""

    days: Annotated[tuple[str, ...], AfterValidator(_days)] = ("mon", "tue", "wed", "thu", "fri")
    opens: Annotated[WallTime, Field(alias="from")] = time(9)
    closes: Annotated[WallTime, Field(alias="to")] = time(17)
    bank_holidays: bool = True

    @property
    def hours(self) -> Hours:
        """Give them as a value that can be asked of a moment."""
        return _hours(self.days, self.opens, self.closes)


@lru_cache(maxsize=64)  # every contact asks
def _hours(days: tuple[str, ...], opens: time, closes: time) -> Hours:
    return Hours(frozenset(DAYS.index(day) for day in days), opens, closes)


class Handling(Part):
    """Hold how long it takes to deal with one contact beside reading and talk, in minutes, by channel."""

    email: Minutes = 6
    call: Minutes = 4
    sms: Minutes = 2
    letter: Minutes = 15
    visit: Minutes = 20
    web: Minutes = 6
    online: Minutes = 4

    def minutes(self, channel: Channel) -> int:
        """Give the minutes of a channel."""
        minutes: int = getattr(self, channel.value)
        return minutes


class StaffTime(Part):
    """Hold what staff time is estimated by. `words_unread` stands for messages whose words nobody counted."""

    words_a_minute: Annotated[int, Field(ge=50, le=1000)] = 200
    words_unread: Annotated[int, Field(ge=0, le=5000)] = 150
    handling: Handling = Handling()
