"""Milder measures to hold beside the ones that somebody has in mind (SPSO-15: the least restrictive that works).

Belongs here: the ladder, one rung or two down from each measure. It suggests; people decide.
"""

from __future__ import annotations

from collections.abc import Sequence

from rules import measures
from rules.measures import Measure

_WEEKLY: dict[str, object] = {"kind": "volume_limit", "channels": ["call", "email"], "count": 1, "per": "week"}
_DAILY: dict[str, object] = {"kind": "volume_limit", "channels": ["call", "email"], "count": 1, "per": "day"}
_LONGEST_CALL: dict[str, object] = {"kind": "call_length_limit", "minutes": 20}
_FILED: dict[str, object] = {"kind": "file_unanswered", "channels": ["email"]}
_LADDER: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "block": (_FILED, _WEEKLY),
    "channel_only": (_WEEKLY, _DAILY),
    "return_mail": (_FILED, _WEEKLY),
    "file_unanswered": (_WEEKLY, _DAILY),
    "automated_line": (_WEEKLY, _LONGEST_CALL),
    "time_window": (_WEEKLY, _DAILY),
    "third_party": (_FILED, _WEEKLY),
    "refuse_new": (_WEEKLY, _DAILY),
    "stop_case": (_FILED, _WEEKLY),
}
_GENTLE = (_DAILY, _LONGEST_CALL)


def milder(meant: Sequence[Measure]) -> tuple[tuple[Measure, ...], ...]:
    """Give two milder sets of measures, the nearer one first; what limits already is limited half as much."""
    rungs: list[list[Measure]] = [[], []]
    for each in meant:
        for rung, data in zip(rungs, _below(each), strict=True):
            one = measures.parse(data)
            if one not in rung and one != each:
                rung.append(one)
    return tuple(tuple(rung) for rung in rungs if rung)


def _below(measure: Measure) -> tuple[dict[str, object], dict[str, object]]:
    data = measures.dump(measure)
    for name in ("count", "minutes"):
        if isinstance(number := data.get(name), int):
            return data | {name: min(1000, number * 2)}, data | {name: min(1000, number * 4)}
    return _LADDER.get(measure.kind, _GENTLE)
