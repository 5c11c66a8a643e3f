"""Working days of an office, with the bank holidays of its part of the United Kingdom.

Belongs here: by when a person has looked at what was filed, by when an answer is due. In and out, datetimes are aware
UTC, days are the office's.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import count, islice
from zoneinfo import ZoneInfo

from rules.windows import local_midnight

REGIONS = {"england_and_wales": "ENG", "scotland": "SCT", "northern_ireland": "NIR"}
ANY_PART = "any_part"
"""Of the United Kingdom: a day is no working day where any part has a bank holiday (FOIA s.10(6))."""


def look_by(received: datetime, working_days: int, zone: ZoneInfo, region: str) -> datetime:
    """Give the end of the `working_days`-th working day after the day of receipt in `zone`, as aware UTC.

    The end is the first moment of the day that follows. Raises ValueError for an unknown region or less than one day.
    """
    last = working_day_after(received.astimezone(zone).date(), working_days, region)
    return local_midnight(last + timedelta(days=1), zone)


@lru_cache(maxsize=4096)  # long lists ask for the same few days again and again
def working_day_after(day: date, working_days: int, region: str) -> date:
    """Give the `working_days`-th working day after `day`, which itself never counts (PHSO-M11).

    `region` is one of REGIONS, or ANY_PART. Raises ValueError for an unknown region or less than one day.
    """
    if region not in REGIONS and region != ANY_PART:
        raise ValueError(f"there is no region {region!r}; the regions are {', '.join(REGIONS)}")
    if working_days < 1:
        raise ValueError(f"{working_days} working days: name at least one")
    following = (day + timedelta(days=offset) for offset in count(1))
    working = (day for day in following if is_working_day(day, region))
    return next(islice(working, working_days - 1, None))


def working_day_before(day: date, working_days: int, region: str) -> date:
    """Give the `working_days`-th working day before `day`, which itself never counts; `region` as above."""
    earlier = (day - timedelta(days=offset) for offset in count(1))
    return next(islice((day for day in earlier if is_working_day(day, region)), working_days - 1, None))


def is_working_day(day: date, region: str) -> bool:
    """Tell whether `day` is from Monday to Friday and no bank holiday of the region."""
    return day.weekday() < 5 and day not in _bank_holidays(region, day.year)


def in_words(day: date) -> str:
    """Say a day to a person: `Monday 9 March 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


@lru_cache(maxsize=64)
def _bank_holidays(region: str, year: int) -> frozenset[date]:
    # Here and not above: it takes 0.1 s to load, as one country brings in all; whoever files nothing need not wait.
    from holidays import country_holidays

    if region == ANY_PART:
        return frozenset().union(*(_bank_holidays(part, year) for part in REGIONS))
    return frozenset(country_holidays("GB", subdiv=REGIONS[region], years=year))
