"""Moments as staff write them: by the office's clock, today's date left out. Belongs here: reading them."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo


class BadTime(ValueError):
    """Say to a person how a moment is written."""


def moment_of(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Read `2026-03-04T09:30`, `2026-03-04 09:30` or `09:30` of today, in the office's zone; empty is `now`.

    One with an offset of its own is taken as it is. In the hour that the clocks go back over, the first is meant.
    Raises BadTime with a sentence, also for a time that the clocks skip.
    """
    words = text.strip()
    if not words:
        return now
    try:
        moment = _of_today(words, zone, now) if len(words) == 5 else datetime.fromisoformat(words)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
            on_the_clock(moment, zone)
        return moment.astimezone(now.tzinfo)
    except (ValueError, OverflowError) as bad:
        if isinstance(bad, BadTime):
            raise
        raise BadTime("Write the time as 2026-03-04T09:30, or 09:30 for today.") from None


def _of_today(words: str, zone: ZoneInfo, now: datetime) -> datetime:
    return datetime.combine(now.astimezone(zone).date(), time.fromisoformat(words))


def on_the_clock(moment: datetime, zone: ZoneInfo) -> None:
    """Refuse a time that was not on the office's clock that day."""
    there_and_back = moment.astimezone(ZoneInfo("UTC")).astimezone(zone)
    if there_and_back.replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise BadTime("The clocks went forward over this time: it was on no clock. Write another.")
