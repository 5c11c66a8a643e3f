"""Charts of weeks as SVG: bars for a level, lines for thresholds, bars above for restrictions, marks for flags.

Belongs here: where everything stands on the drawing. All is told apart by shape and words, never by colour alone, and
the figures stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gateway.reports.party_report import Band, PartyReport, Series

WIDTH, LEFT, RIGHT = 736, 48, 12
_HIGH, _BAND = 150, 20


@dataclass(frozen=True, slots=True)
class Bar:
    """Hold one bar by its corner and size."""

    x: float
    y: float
    width: float
    height: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Hold a chart as it is drawn; `ground` is the height at which the bars stand, `scale` the marks of the axis."""

    title: str
    says: str
    height: float
    ground: float
    bars: tuple[Bar, ...]
    bands: tuple[Bar, ...]
    lines: tuple[tuple[float, str], ...]
    scale: tuple[tuple[float, str], ...]
    flags: tuple[float, ...]
    days: tuple[tuple[float, str], ...]


def drawing(series: Series, report: PartyReport, zone: ZoneInfo) -> Drawing:
    """Put one series of a report on paper."""
    top = 24 + _BAND * len(report.bands)
    ground = top + _HIGH
    most = max([1.0, *series.values, *(float(line.at_least) for line in series.lines)])
    step = (WIDTH - LEFT - RIGHT) / len(report.weeks)
    high = [_HIGH * value / most for value in series.values]
    return Drawing(
        title=series.title,
        says=_says(series),
        height=ground + 44,
        ground=ground,
        bars=tuple(
            Bar(LEFT + at * step + step * 0.12, ground - each, step * 0.76, each)
            for at, each in enumerate(high)
            if each
        ),
        bands=tuple(_band(one, report.weeks, zone, step) for one in report.bands),
        lines=tuple((ground - _HIGH * line.at_least / most, line.words) for line in series.lines),
        scale=((ground, "0"), (ground - _HIGH, f"{most:g}")),
        flags=tuple(_across(at, report.weeks, zone, step) for at, _ in report.flags),
        days=tuple(_days(report.weeks, step)),
    )


def _says(series: Series) -> str:
    most = max(series.values, default=0.0)
    lines = "".join(f" Threshold: {line.words}." for line in series.lines)
    return f"A bar for each of {len(series.values)} weeks, the highest {most:g}.{lines} The figures are in the table."


def _across(moment: datetime, weeks: Sequence[date], zone: ZoneInfo, step: float) -> float:
    local = moment.astimezone(zone)
    days = (local.date() - weeks[0]).days + local.hour / 24
    return min(max(LEFT + days / 7 * step, LEFT), WIDTH - RIGHT)


def _band(one: Band, weeks: Sequence[date], zone: ZoneInfo, step: float) -> Bar:
    begins, ends = _across(one.begins, weeks, zone, step), _across(one.ends, weeks, zone, step)
    return Bar(begins, 8 + _BAND * (one.number - 1), max(ends - begins, 2.0), _BAND - 6, str(one.number))


def _days(weeks: Sequence[date], step: float) -> list[tuple[float, str]]:
    """Name about eight of the weeks beneath the axis."""
    every = -(-len(weeks) // 8)
    room = WIDTH - RIGHT - 56
    named = ((LEFT + at * step, f"{day.day} {day:%b %y}") for at, day in enumerate(weeks) if at % every == 0)
    return [(x, words) for x, words in named if x <= room]
