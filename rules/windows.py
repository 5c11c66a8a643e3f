"""Windows of time in the office's zone: calendar and rolling, hours of the week, ends of days.

Belongs here: every computation with local time that a decision needs. In and out, datetimes are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Per(StrEnum):
    """Name the span of a window."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Mode(StrEnum):
    """Say whether a window follows the calendar or looks back from the contact."""

    CALENDAR = "calendar"
    ROLLING = "rolling"


ROLLING_SPANS = {
    Per.HOUR: timedelta(hours=1),
    Per.DAY: timedelta(hours=24),
    Per.WEEK: timedelta(days=7),
    Per.MONTH: timedelta(days=30),
}


_CALENDAR_WORDS = {Per.HOUR: "in an hour", Per.DAY: "in a day", Per.WEEK: "in a week", Per.MONTH: "in a month"}
_ROLLING_WORDS = {
    Per.HOUR: "in any 60 minutes",
    Per.DAY: "in any 24 hours",
    Per.WEEK: "in any 7 days",
    Per.MONTH: "in any 30 days",
}


@lru_cache(maxsize=1024)
def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the first moment of `day` in `zone`, aware UTC; where the clocks skip midnight, the moment of the skip."""
    midnight = datetime.combine(day, time.min, zone)
    moment, other = midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC)
    return moment if moment <= other else _jump(other, moment, zone)  # in a gap the later fold is the earlier moment


@dataclass(frozen=True, slots=True)
class Window:
    """Hold a window of a limit or a threshold."""

    per: Per
    mode: Mode = Mode.CALENDAR

    def since(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Give the first moment that is inside the window that holds `now`; a rolling one is (now - span, now]."""
        if self.mode is Mode.ROLLING:
            return now - ROLLING_SPANS[self.per] + MICROSECOND
        if self.per is Per.HOUR:
            return _hour(now, zone)[0]
        return local_midnight(self._first_day(now.astimezone(zone).date()), zone)

    def until(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Give the first moment after the calendar window that holds `now`.

        Raises ValueError for a rolling window, whose end depends on the contacts inside it.
        """
        if self.mode is Mode.ROLLING:
            raise ValueError("a rolling window opens again when its oldest contact leaves it")
        if self.per is Per.HOUR:
            return _hour(now, zone)[1]
        first = self._first_day(now.astimezone(zone).date())
        if self.per is Per.DAY:
            following = first + timedelta(days=1)
        elif self.per is Per.WEEK:
            following = first + timedelta(days=7)
        else:
            following = (first + timedelta(days=32)).replace(day=1)
        return local_midnight(following, zone)

    def frees(self, reached: datetime, now: datetime, zone: ZoneInfo) -> datetime:
        """Give the moment at which a limit reached by the contact counted at `reached` opens again."""
        return reached + ROLLING_SPANS[self.per] if self.mode is Mode.ROLLING else self.until(now, zone)

    def in_words(self) -> str:
        """Say the window to a person: `in a week`, `in any 7 days`."""
        return (_ROLLING_WORDS if self.mode is Mode.ROLLING else _CALENDAR_WORDS)[self.per]

    def _first_day(self, day: date) -> date:
        if self.per is Per.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self.per is Per.MONTH else day


def _hour(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give start and end of the hour on the wall; each of the two hours of an October night is its own.

    Where the clocks change inside an hour (Lord Howe Island, by half an hour) it ends, or starts, with the change.
    """
    local = now.astimezone(zone)
    start = now - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    end = start + timedelta(hours=1)
    if start.astimezone(zone).utcoffset() != local.utcoffset():
        start = _jump(start, now, zone)
    if (end - MICROSECOND).astimezone(zone).utcoffset() != local.utcoffset():
        end = _jump(now, end, zone)
    return start, end


@dataclass(frozen=True, slots=True)
class Hours:
    """Hold opening hours on days of the week (Monday is 0), by the office's wall clock.

    `opens` is inclusive, `closes` exclusive. Hours that end before they begin, or when they begin, run overnight and
    belong to the day on which they begin. What the clock on the wall shows decides, so an October hour that comes twice
    is open both times, and one that March skips is never open.
    """

    days: frozenset[int]
    opens: time
    closes: time

    def open_at(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether the wall clock shows an open time at `now`."""
        local = now.astimezone(zone)
        wall, day = local.time(), local.weekday()
        if self.opens < self.closes:
            return day in self.days and self.opens <= wall < self.closes
        return (day in self.days and wall >= self.opens) or ((day - 1) % 7 in self.days and wall < self.closes)

    def closes_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Give the first closed moment after `now`, an open one; None where that is over a week away."""
        return self._turn(now, zone, opens=False)

    def opens_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Give the first open moment after `now`, a closed one; None where that is over a week away."""
        return self._turn(now, zone, opens=True)

    def _turn(self, now: datetime, zone: ZoneInfo, *, opens: bool) -> datetime | None:
        """Give the first moment after `now` at which the hours can turn, and are open or closed then."""
        day = now.astimezone(zone).date()
        for _ in range(9):
            for moment, is_open in _turns_of(self, day, zone):
                if moment > now and is_open is opens:
                    return moment
            day += timedelta(days=1)
        return None


@lru_cache(maxsize=1024)
def _turns_of(hours: Hours, day: date, zone: ZoneInfo) -> tuple[tuple[datetime, bool], ...]:
    """Give, in order, every moment of `day` at which hours can open or close, and whether they are open then."""
    edges = _edges_of(day, hours.opens, hours.closes, zone)
    return tuple((moment, hours.open_at(moment, zone)) for moment in edges)


def _edges_of(day: date, opens: time, closes: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Give, in order, every moment of `day` at which hours can open or close."""
    midnight, following = local_midnight(day, zone), local_midnight(day + timedelta(days=1), zone)
    edges = {midnight}
    for wall in (opens, closes):
        local = datetime.combine(day, wall, zone)
        edges |= {local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)}
    if following - midnight != timedelta(days=1):
        edges.add(_jump(midnight, following, zone))
    return tuple(sorted(edges))


def _jump(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Find the moment between two at which the zone's offset from UTC changes."""
    before = low.astimezone(zone).utcoffset()
    while high - low > MICROSECOND:
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def months_after(day: date, months: int) -> date:
    """Give the day so many calendar months later; the last of its month where there is no such day (PHSO-7).

    Raises ValueError where the calendar ends before that.
    """
    year, month = divmod(day.month - 1 + months, 12)
    if not date.min.year <= day.year + year < date.max.year:
        raise ValueError(f"{months} months from {day} is beyond the calendar")
    first = date(day.year + year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first.replace(day=min(day.day, 28)) + timedelta(days=max(0, day.day - 28)), last)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the first moment after a day of the office, aware UTC; raises ValueError beyond the calendar."""
    if day.year >= date.max.year:
        raise ValueError(f"{day} is beyond the calendar")
    return local_midnight(day + timedelta(days=1), zone)


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """Say a moment to a person: `Monday 9 March 2026 at 10:00`, in the office's zone.

    An hour that an October night has twice says which it is: `Sunday 25 October 2026 at 01:30 (BST)`.
    """
    local = moment.astimezone(zone)
    twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M}{f' ({local:%Z})' if twice else ''}"
