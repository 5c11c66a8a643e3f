"""Keep contact to hours of the week (PHSO-M10, SPSO-21.5)."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import ByCall, ByEmail, Channels, Measure, handled, let_through
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


def _beginning(value: Any) -> Any:  # noqa: ANN401  # whatever a file holds
    if isinstance(value, str) and value.strip() == "24:00":
        raise ValueError("hours begin at 00:00 of a day, and not at 24:00 of the one before")
    return value


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

    channels: Annotated[Channels, Field(description="Channels that keep to the hours.")]
    days: Annotated[Days, Field(description="Days of the week on which the hours begin.")] = frozenset(Day)
    opens: Annotated[
        WallTime, BeforeValidator(_beginning), Field(alias="from", description="Open from this time of day, as 09:30.")
    ]
    closes: Annotated[WallTime, Field(alias="to", description="Up to, not including, this time of day.")]
    email: Annotated[Literal["hold", "file", "return"], ByEmail] = "hold"
    call: Annotated[Literal["automated_line", "voicemail"], ByCall] = "automated_line"

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the contact open within the hours, for a call up to their end; handled outside them."""
        if contact.channel not in self.channels:
            return None
        if not self._hours.open_at(now, policy.zone):
            return self._closed(contact, policy, f"Outside the hours {self._words}", now)
        if contact.channel is not Channel.CALL:
            return Finding(let_through(contact), f"Within the hours {self._words}")
        closes = self._hours.closes_at(now, policy.zone)
        left = None if closes is None else int((closes - now).total_seconds())
        if closes is not None and left is not None and left < policy.least_call_s:
            text = f"Less than the least call of {policy.least_call_s} seconds is left of the hours {self._words}"
            return self._closed(contact, policy, text, closes)
        return Finding(Outcome.CONNECT, f"Within the hours {self._words}", time_limit_s=left)

    def _closed(self, contact: Contact, policy: Policy, text: str, since: datetime) -> Finding:
        outcome = handled(contact, self.email, self.call)
        opens = self._hours.opens_at(since, policy.zone)
        opening = f"; it opens on {in_words(opens, policy.zone)}" if opens else ""
        words = self.sender_words.format(hours=self._words)
        until = opens if outcome is Outcome.HOLD else None
        return Finding(outcome, text + opening, until=until, sender_text=words)

    @cached_property
    def _hours(self) -> Hours:
        return Hours(frozenset(list(Day).index(day) for day in self.days), self.opens, self.closes)

    @cached_property
    def _words(self) -> str:
        days = ", ".join(day.value.capitalize() for day in Day if day in self.days)
        when = "every day" if len(self.days) == len(Day) else f"on {days}"
        return f"{self.opens:%H:%M} to {self.closes:%H:%M} {when}"
