"""When alerts leave that can wait: quiet hours and digests by the office's clock, and on the nights it changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.alerts import ALWAYS_URGENT, SEVERITIES, AlertKind, Quiet, Severity, last_due

LONDON = ZoneInfo("Europe/London")
NIGHT, NOON = Quiet(time(22), time(7)), Quiet(time(12), time(13))
EARLY = Quiet(time(0), time(1, 30))


def utc(text):
    """Read a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "over"),
    [
        pytest.param(NIGHT, "2026-01-12 21:59:59", None, id="a second before they begin they do not hold"),
        pytest.param(NIGHT, "2026-01-12 22:00", "2026-01-13 07:00", id="they hold from their first moment to tomorrow"),
        pytest.param(NIGHT, "2026-01-13 06:59", "2026-01-13 07:00", id="after midnight they end today"),
        pytest.param(NIGHT, "2026-01-13 07:00", None, id="their end is outside them"),
        pytest.param(NOON, "2026-01-13 12:30", "2026-01-13 13:00", id="within one day"),
        pytest.param(NIGHT, "2026-03-28 23:00", "2026-03-29 06:00", id="the March night is an hour shorter"),
        pytest.param(NIGHT, "2026-10-24 22:00", "2026-10-25 07:00", id="the October night is an hour longer"),
        pytest.param(
            EARLY, "2026-10-25 00:10", "2026-10-25 00:30", id="the first of two hours ends at the first 01:30"
        ),
        pytest.param(EARLY, "2026-10-25 01:10", "2026-10-25 01:30", id="the second one at the second"),
    ],
)
def test_quiet_hours(quiet, now, over):
    """They hold from their beginning up to their end on the office's clock, and say when they end."""
    assert quiet.over(utc(now), LONDON) == (utc(over) if over else None)


@pytest.mark.parametrize(
    ("now", "at", "weekday", "due"),
    [
        pytest.param("2026-01-13 08:00", time(8), None, "2026-01-13 08:00", id="due at its moment"),
        pytest.param("2026-01-13 07:59", time(8), None, "2026-01-12 08:00", id="before it, yesterday's is the last"),
        pytest.param("2026-01-13 09:00", time(8), 0, "2026-01-12 08:00", id="the weekly one is Monday's on Tuesday"),
        pytest.param("2026-01-12 07:59", time(8), 0, "2026-01-05 08:00", id="and last week's before it is eight"),
        pytest.param("2026-07-13 07:00", time(8), None, "2026-07-13 07:00", id="summer time is an hour earlier in UTC"),
        pytest.param("2026-10-25 00:40", time(1, 30), None, "2026-10-25 00:30", id="the first of two such hours"),
        pytest.param("2026-10-25 01:40", time(1, 30), None, "2026-10-25 00:30", id="the second is not due again"),
        pytest.param("2026-03-29 01:40", time(1, 30), None, "2026-03-29 01:30", id="an hour left out is just after it"),
    ],
)
def test_a_digest_is_due(now, at, weekday, due):
    """The newest moment of a digest that is not to come."""
    assert last_due(utc(now), at, LONDON, weekday) == utc(due)


@pytest.mark.parametrize("at", [time(1, 30), time(8)])
def test_W7_each_day_has_one_digest(at):
    """Looked at every ten minutes over both changes of the clock, the due moments are one for each day."""
    for start in (utc("2026-03-27 12:00"), utc("2026-10-23 12:00")):
        moments = [start + timedelta(minutes=10 * n) for n in range(6 * 24 * 4)]
        due = {last_due(now, at, LONDON) for now in moments}
        days = [one.astimezone(LONDON).date() for one in due]
        assert len(days) == len(set(days)) == 5


def test_every_kind_has_its_severity():
    """Risk to life, the key for danger and zero tolerance are urgent; nothing else is."""
    assert SEVERITIES.keys() == set(AlertKind)
    assert {kind for kind, severity in SEVERITIES.items() if severity is Severity.URGENT} == ALWAYS_URGENT
