"""Times and lengths as call logs write them: ISO, British and American days, zones by offset or name, and clocks.

Belongs here: pure readers. A time without a zone is one of the log's zone; one that no clock showed is refused, of one
that it showed twice the first is meant, and that is said.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.contact_lines import LATEST
from gateway.local_times import BadTime, on_the_clock

EARLIEST_PAST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before it no office kept what is brought in: 1970 and 1980 are where clocks begin that nobody set."""
MOST_SECONDS = 7 * 86_400
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: at for at, name in enumerate(_NAMES, start=1)}
# Hours that the names of zones mean, as logs of telephone systems use them; a name that means several is not here.
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3} | {
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_CLOCK = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})$")
_ISO_DAY = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})")
_DAY = re.compile(r"(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4}|\d{2})")
_NAMED = re.compile(r"(?P<day>\d{1,2})[\s-]+(?P<name>[A-Za-z]{3})[a-z]*\.?[\s,-]+(?P<year>\d{4})")
_NAMED_FIRST = re.compile(r"(?P<name>[A-Za-z]{3})[a-z]*\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})")
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", re.IGNORECASE)
_SERIAL = re.compile(r"[2-7]\d{4}(?:[.,]\d{1,15})?")
_EPOCH = re.compile(r"\d{10}(?:\.\d{1,9})?")
_PLAIN_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")
_SPAN = re.compile(r"(?:(?P<hours>\d{1,3}):)?(?P<minutes>\d{1,4}):(?P<seconds>\d{2})(?:[.,]\d+)?")
_SECONDS = re.compile(r"(?P<seconds>\d{1,7})(?:[.,]\d+)?\s*(?:s|sec|secs|seconds?)?", re.IGNORECASE)
_WORDS = re.compile(
    r"(?:(?P<hours>\d{1,3})\s*h(?:ours?|rs?)?)?\s*(?:(?P<minutes>\d{1,4})\s*m(?:in(?:ute)?s?)?)?\s*"
    r"(?:(?P<seconds>\d{1,5})\s*s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE,
)
_LONGEST = 80


class Days(StrEnum):
    """Say which number of 04/03/2026 is the day."""

    DMY = "dmy"
    MDY = "mdy"


def written_by_numbers(text: str) -> bool:
    """Tell whether a day is written so that nothing but an agreement says which number is the day."""
    return not _ISO_DAY.search(text) and _DAY.search(text) is not None


def days_told(text: str) -> tuple[Days, ...]:
    """Say in which order the numbers of a day can only be read, one above 12; nothing where either will do."""
    found = _DAY.search(text)
    one, two = (int(found["one"]), int(found["two"])) if found is not None else (0, 0)
    return () if (one > 12) == (two > 12) else (Days.DMY if one > 12 else Days.MDY,)


def moment_in(text: str, zone: ZoneInfo, days: Days) -> tuple[datetime, bool]:
    """Read a time; gives it aware UTC, and whether the clock showed it twice. Raises BadTime with a sentence."""
    words = " ".join(text[: _LONGEST + 1].split())
    if not words:
        raise BadTime("The time is missing")
    if len(words) > _LONGEST:
        raise BadTime("The time is no time")
    if _EPOCH.fullmatch(words):
        return _inside(datetime.fromtimestamp(float(words), UTC)), False
    try:
        return _read(_WEEKDAY.sub("", words), zone, days)
    except BadTime:
        raise
    except (ValueError, OverflowError):
        raise BadTime("The time has a day, hour or minute that is none") from None


def _read(words: str, zone: ZoneInfo, days: Days) -> tuple[datetime, bool]:
    clock = _CLOCK.search(words)
    if clock is None:
        if _SERIAL.fullmatch(words):
            raise BadTime(
                "The time is a spreadsheet's number: give that column the form of a date with its time, and save"
            )
        raise BadTime("The time has a day, if anything, and no hour")
    before, after = words[: clock.start()], words[clock.end() :]
    own = _zone_of(after if _ISO_DAY.search(before) or _has_day(before) else _first_word(after))
    day = _day_of(f"{before.rstrip('T').rstrip()} | {after}", days)
    local = datetime.combine(day, _time_of(clock))
    if own is not None:
        return _inside(local.replace(tzinfo=own).astimezone(UTC)), False
    moment = local.replace(tzinfo=zone)
    on_the_clock(moment, zone)
    twice = moment.utcoffset() != moment.replace(fold=1).utcoffset()
    return _inside(moment.astimezone(UTC)), twice


def _has_day(words: str) -> bool:
    return any(form.search(words) for form in (_DAY, _NAMED, _NAMED_FIRST))


def _first_word(words: str) -> str:
    """Give what may be the name of a zone where the day comes after it: 10:29:59 PDT 2026-06-19."""
    first = words.strip().split(" ", 1)[0]
    return first if first.lower() in _ZONES or _OFFSET.fullmatch(first) else ""


def _zone_of(words: str) -> timezone | None:
    """Read the zone that stands behind a time; None where none does."""
    name = words.strip().strip("()").lower()
    if not name:
        return None
    offset = _OFFSET.fullmatch(name.replace(" ", "").removeprefix("utc").removeprefix("gmt"))
    if offset is not None:
        span = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"]))
        return timezone(span if offset["sign"] == "+" else -span)
    if name not in _ZONES:
        raise BadTime("Behind the time stands what is no zone that we know")
    return timezone(timedelta(hours=_ZONES[name]))


def _day_of(words: str, days: Days) -> date:
    iso = _ISO_DAY.search(words)
    if iso is not None:
        return date(int(iso["year"]), int(iso["month"]), int(iso["day"]))
    plain = _DAY.search(words)
    if plain is not None:
        one, two = int(plain["one"]), int(plain["two"])
        day, month = (one, two) if days is Days.DMY else (two, one)
        if month > 12:
            other = Days.MDY if days is Days.DMY else Days.DMY
            raise BadTime(f"The time has a month above 12; are its days written the other way (--dates {other})?")
        year = int(plain["year"])
        return date(year if year > 99 else 2000 + year, month, day)
    named = _NAMED.search(words) or _NAMED_FIRST.search(words)
    month = _MONTHS.get(named["name"].lower(), 0) if named else 0
    if named is None or not month:
        raise BadTime("The time has no day that can be read")
    return date(int(named["year"]), month, int(named["day"]))


def _time_of(clock: re.Match[str]) -> time:
    hour = int(clock["hour"])
    if clock["half"]:
        if not 1 <= hour <= 12:
            raise BadTime("The time has an hour that is none")
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    return time(hour, int(clock["minute"]), int(clock["second"] or 0))


def _inside(moment: datetime) -> datetime:
    if not EARLIEST_PAST <= moment < LATEST:
        raise BadTime("The time is one that no log of an office reaches: a clock was not set")
    return moment


def seconds_in(text: str, each: float = 1.0) -> int:
    """Read how long was talked: 312, 312 s, 5:12, 00:05:12, 5m 12s; empty is 0. Raises ValueError with a sentence.

    `each` is how many seconds a plain number counts, for a column of minutes.
    """
    words = text.strip()
    if not words or words == "-":
        return 0
    if each != 1.0 and _PLAIN_NUMBER.fullmatch(words):
        return _at_most_a_week(round(float(words.replace(",", ".")) * each))
    found = _SECONDS.fullmatch(words) or _SPAN.fullmatch(words) or _WORDS.fullmatch(words[:_LONGEST])
    if found is None or not any(found.groupdict().values()):
        raise ValueError("The length of the call is none that can be read")
    parts = found.groupdict()
    total = sum(int(parts.get(name) or 0) * each for name, each in (("hours", 3600), ("minutes", 60), ("seconds", 1)))
    return _at_most_a_week(total)


def _at_most_a_week(seconds: int) -> int:
    if seconds > MOST_SECONDS:
        raise ValueError("The length of the call is more than a week")
    return seconds
