"""Keep contact to hours of the week (PHSO-M10, SPSO-21.5)."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import Channels, Measure, handled, let_through
from rules.policies import Policy
from rules.standing import Standing
from rules.windows import Hours, in_words


class Day(StrEnum):
    """Name a day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def _wall_time(value: Any) -> Any:  # noqa: ANN401  # whatever a file holds
    if isinstance(value, time):
        return value
    if not isinstance(value, str):
        raise ValueError("write a time of day as 09:30")
    if value.strip() == "24:00":
        return time(0)
    try:
        hour, minute = (int(part) for part in value.split(":"))
        return time(hour, minute)
    except ValueError:
        raise ValueError(f"{value!r} is not a time of day; write it as 09:30") from None


def _local(value: time) -> time:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise ValueError("a time of day is in the office's zone and in whole minutes")
    return value


def _some(days: frozenset[Day]) -> frozenset[Day]:
    if not days:
        raise ValueError("name at least one day")
    return days


WallTime = Annotated[
    time,
    BeforeValidator(_wall_time),
    AfterValidator(_local),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
]
Days = Annotated[
    frozenset[Day],
    AfterValidator(_some),
    PlainSerializer(lambda value: [day for day in Day if day in value], return_type=list),
]


class TimeWindow(Measure):
    """Keep `channels` to the hours `from` (inclusive) up to `to` (exclusive) on `days`, on the office's clock."""

    kind: ClassVar[str] = "time_window"
    sender_words: ClassVar[str] = "Contact from you reaches us {hours}."
    staff_words: ClassVar[str] = (
        "Contact passes within the hours named; mail outside them waits, calls get the recorded message."
    )

    channels: Channels
    days: Days = frozenset(Day)
    opens: Annotated[WallTime, Field(alias="from")]
    closes: Annotated[WallTime, Field(alias="to")]
    email: Literal["hold", "file", "return"] = "hold"
    call: Literal["automated_line", "voicemail"] = "automated_line"

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the contact open within the hours, for a call up to their end; handled outside them."""
        if contact.channel not in self.channels:
            return None
        if not self._hours.open_at(now, policy.zone):
            return self._closed(contact, policy, now)
        if contact.channel is not Channel.CALL:
            return Finding(let_through(contact), f"Within the hours {self._words}")
        closes = self._hours.closes_at(now, policy.zone)
        left = None if closes is None else int((closes - now).total_seconds())
        if left is not None and left < policy.least_call_s:
            return self._closed(contact, policy, now)
        return Finding(Outcome.CONNECT, f"Within the hours {self._words}", time_limit_s=left)

    def _closed(self, contact: Contact, policy: Policy, now: datetime) -> Finding:
        outcome = handled(contact, self.email, self.call)
        opens = self._hours.opens_at(now, policy.zone)
        opening = f"; it opens on {in_words(opens, policy.zone)}" if opens else ""
        words = self.sender_words.format(hours=self._words)
        until = opens if outcome is Outcome.HOLD else None
        return Finding(outcome, f"Outside the hours {self._words}{opening}", until=until, sender_text=words)

    @cached_property
    def _hours(self) -> Hours:
        return Hours(frozenset(list(Day).index(day) for day in self.days), self.opens, self.closes)

    @cached_property
    def _words(self) -> str:
        days = ", ".join(day.value.capitalize() for day in Day if day in self.days)
        return f"{self.opens:%H:%M} to {self.closes:%H:%M} on {days}"
