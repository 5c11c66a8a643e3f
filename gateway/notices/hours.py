"""When a channel is open in a week, as hours on the wall: what several time windows leave together.

Belongs here: arithmetic on a week's wall clock; no date, no zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from rules.measures.time_window import Day, TimeWindow
from rules.windows import Hours

DAY_MINUTES = 24 * 60
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
_PLAIN = ZoneInfo("UTC")  # a week without a change of the clocks


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Hold minutes of one day (Monday is 0) in which a channel is open; `closes` is exclusive, 1440 is midnight."""

    day: int
    opens: int
    closes: int


def open_spans(windows: Sequence[TimeWindow], least_s: int = 0) -> tuple[Span, ...]:
    """Give the spans of a week that all windows leave open, and that last `least_s` seconds at least."""
    hours = [Hours(frozenset(list(Day).index(day) for day in one.days), one.opens, one.closes) for one in windows]
    edges = {0, DAY_MINUTES} | {_minutes(wall) for one in windows for wall in (one.opens, one.closes)}
    marks = sorted(edges)
    spans: list[Span] = []
    for day in range(7):
        for start, end in pairwise(marks):
            moment = _MONDAY + timedelta(days=day, minutes=start)
            if not all(each.open_at(moment, _PLAIN) for each in hours):
                continue
            if spans and spans[-1].day == day and spans[-1].closes == start:
                spans[-1] = Span(day, spans[-1].opens, end)
            else:
                spans.append(Span(day, start, end))
    return tuple(one for one in spans if _long_enough(one, least_s))


def _long_enough(span: Span, least_s: int) -> bool:
    """Tell whether a call fits; what touches midnight may go on beyond it and is left alone."""
    overnight = span.opens == 0 or span.closes == DAY_MINUTES
    return overnight or (span.closes - span.opens) * 60 >= least_s


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute
