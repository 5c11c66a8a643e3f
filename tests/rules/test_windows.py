"""Windows and hours against an oracle that walks the wall clock minute by minute and knows nothing of the product."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules.windows import ROLLING_SPANS, Hours, Mode, Per, Window, in_words, local_midnight
from tests.rules.office import at

MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
LONDON = ZoneInfo("Europe/London")
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/London",
        "America/Sao_Paulo",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Asia/Kathmandu",
        "UTC",
    )
]
# Moments around which clocks change, days are leapt and years end.
TURNS = {
    "the October night of 2026 in London": (LONDON, "2026-10-25T01:00+00:00"),
    "the October night of 2027 in London": (LONDON, "2027-10-31T01:00+00:00"),
    "the March gap in London": (LONDON, "2026-03-29T01:00+00:00"),
    "the midnight that Sao Paulo skipped": (ZoneInfo("America/Sao_Paulo"), "2018-11-04T03:00+00:00"),
    "the hour before midnight that Sao Paulo had twice": (ZoneInfo("America/Sao_Paulo"), "2018-02-18T02:00+00:00"),
    "the half hour that Lord Howe has twice": (ZoneInfo("Australia/Lord_Howe"), "2026-04-04T15:00+00:00"),
    "the half hour that Lord Howe skips": (ZoneInfo("Australia/Lord_Howe"), "2026-10-03T15:30+00:00"),
    "the leap day": (LONDON, "2028-02-29T00:00+00:00"),
    "the end of the leap day": (LONDON, "2028-03-01T00:00+00:00"),
    "no leap day in 2026": (LONDON, "2026-03-01T00:00+00:00"),
    "the end of a year": (LONDON, "2027-01-01T00:00+00:00"),
    "the end of a year of 53 weeks": (ZoneInfo("America/New_York"), "2027-01-01T05:00+00:00"),
    "the end of a month of 31 days": (LONDON, "2026-08-31T23:00+00:00"),
}


@lru_cache(maxsize=1 << 17)  # walks from moments near each other pass the same minutes
def bucket(moment: datetime, per: Per, zone: ZoneInfo) -> object:
    """Name the calendar window that a moment is in, as the wall shows it."""
    local = moment.astimezone(zone)
    if per is Per.HOUR:
        return local.date(), local.hour, local.utcoffset()
    if per is Per.DAY:
        return local.date()
    return local.isocalendar()[:2] if per is Per.WEEK else (local.year, local.month)


def walked(now: datetime, per: Per, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Walk back and on from `now` by minutes to the first and last of its calendar window."""
    here = bucket(now, per, zone)
    since = until = now.replace(second=0, microsecond=0)
    while bucket(since - MINUTE, per, zone) == here:
        since -= MINUTE
    while bucket(until, per, zone) == here:
        until += MINUTE
    return since, until


TURN = st.sampled_from(list(TURNS.values()))
JITTER = st.timedeltas(timedelta(hours=-30), timedelta(hours=30))
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=20 * 365)).map(
    lambda span: datetime(2015, 1, 1, tzinfo=UTC) + span
)
NEAR = st.sampled_from([timedelta(0), -MICROSECOND, MICROSECOND, timedelta(minutes=-29), timedelta(minutes=31)])


@pytest.mark.parametrize("per", list(Per))
@pytest.mark.parametrize(("zone", "turn"), TURNS.values(), ids=TURNS)
def test_calendar_windows_are_those_of_the_wall_clock(zone, turn, per):
    """A calendar window starts and ends where a walk along the wall clock finds its first and last minute."""
    for offset in (-90, -60, -45, -30, -15, -1, 0, 1, 15, 30, 45, 60, 90):
        now = at(turn) + offset * MINUTE
        assert (Window(per).since(now, zone), Window(per).until(now, zone)) == walked(now, per, zone)


@settings(deadline=None, max_examples=60)
@given(TURN, st.one_of(JITTER, NEAR), st.sampled_from([Per.HOUR, Per.DAY, Per.WEEK]))
def test_any_moment_has_the_window_that_a_walk_finds(turn, offset, per):
    """A calendar window is the one that the oracle walks to, at any moment around a turn."""
    zone, moment = turn
    now = at(moment) + offset
    assert (Window(per).since(now, zone), Window(per).until(now, zone)) == walked(now, per, zone)


@given(
    MOMENTS,
    st.sampled_from(ZONES),
    st.sampled_from(list(Per)),
)
def test_calendar_windows_follow_each_other(now, zone, per):
    """Now is in its window, and where a window ends the next one starts."""
    window = Window(per)
    since, until = window.since(now, zone), window.until(now, zone)
    assert since <= now < until
    assert window.since(until, zone) == until
    assert window.until(until - MICROSECOND, zone) == until
    assert window.since(until - MICROSECOND, zone) == since


@given(MOMENTS, st.sampled_from(list(Per)))
def test_a_rolling_window_is_open_behind_and_closed_before(now, per):
    """A rolling window is (now - span, now]: what is a span old is outside, a microsecond later inside."""
    window, span = Window(per, Mode.ROLLING), ROLLING_SPANS[per]
    since = window.since(now, LONDON)
    assert not (now - span >= since)
    assert now - span + MICROSECOND >= since
    assert window.frees(now - span, now, LONDON) == now
    freed = window.frees(now, now, LONDON)
    assert window.since(freed - MICROSECOND, LONDON) <= now < window.since(freed, LONDON)


@pytest.mark.parametrize(
    ("per", "span"),
    [
        (Per.HOUR, timedelta(hours=1)),
        (Per.DAY, timedelta(hours=24)),
        (Per.WEEK, timedelta(days=7)),
        (Per.MONTH, timedelta(days=30)),
    ],
)
def test_rolling_spans_are_elapsed_time(per, span):
    """A rolling day has 24 elapsed hours on an October night too."""
    now = at("2026-10-25T12:00+00:00")
    assert Window(per, Mode.ROLLING).since(now, LONDON) == now - span + MICROSECOND


def test_a_rolling_window_has_no_end_of_its_own():
    """Asking when a rolling window ends is a mistake that is named."""
    with pytest.raises(ValueError, match="opens again when its oldest contact leaves it"):
        Window(Per.DAY, Mode.ROLLING).until(at("2026-03-09T10:00Z"), LONDON)


def test_a_calendar_window_frees_when_it_ends():
    """A calendar limit opens again at the end of the window, whenever it was reached."""
    now = at("2026-03-11T10:00Z")
    assert Window(Per.WEEK).frees(at("2026-03-09T08:00Z"), now, LONDON) == at("2026-03-16T00:00Z")


@pytest.mark.parametrize(
    ("zone", "day", "first"),
    [
        pytest.param("Europe/London", date(2026, 7, 1), "2026-06-30T23:00Z", id="a summer day begins at 23:00 UTC"),
        pytest.param(
            "America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00Z", id="a skipped midnight begins at one"
        ),
        pytest.param("America/Havana", date(2025, 11, 2), "2025-11-02T04:00Z", id="of two midnights, the first"),
        pytest.param("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30Z", id="a gap from 23:30 ends the day"),
        pytest.param("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00Z", id="a day that never was is the next"),
    ],
)
def test_the_first_moment_of_a_day(zone, day, first):
    """The first moment of a day is where its wall clock starts, whatever the clocks did at midnight."""
    moment = local_midnight(day, ZoneInfo(zone))
    assert moment == at(first)
    assert moment.astimezone(ZoneInfo(zone)).date() >= day
    assert (moment - MICROSECOND).astimezone(ZoneInfo(zone)).date() < day


def open_minutes(hours: Hours, around: date) -> set[tuple[date, int]]:
    """Write down every minute of the wall that the hours say is open, day by day, for a fortnight each way."""
    begin, end = (60 * wall.hour + wall.minute for wall in (hours.opens, hours.closes))
    length = (end - begin) % (24 * 60) or 24 * 60
    shown = set()
    for offset in range(-14, 15):
        day = around + timedelta(days=offset)
        if day.weekday() in hours.days:
            for minute in range(begin, begin + length):
                shown.add((day + timedelta(days=minute // 1440), minute % 1440))
    return shown


def shows_open(shown: set[tuple[date, int]], moment: datetime, zone: ZoneInfo) -> bool:
    """Read the wall clock and look it up."""
    local = moment.astimezone(zone)
    return (local.date(), 60 * local.hour + local.minute) in shown


WALLS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
HOURS = st.builds(Hours, st.frozensets(st.integers(0, 6), min_size=1), WALLS, WALLS)


@settings(deadline=None, max_examples=150)
@given(HOURS, TURN, JITTER)
@example(Hours(frozenset({6}), time(1, 30), time(1, 45)), (LONDON, "2026-10-25T01:00+00:00"), timedelta(minutes=-20))
@example(Hours(frozenset({6}), time(1, 15), time(1, 45)), (LONDON, "2026-03-29T01:00+00:00"), timedelta(minutes=-20))
@example(Hours(frozenset({5}), time(22), time(1, 30)), (LONDON, "2026-10-25T01:00+00:00"), timedelta(minutes=-5))
@example(Hours(frozenset(range(7)), time(9), time(9)), (LONDON, "2026-10-25T01:00+00:00"), timedelta(0))
@example(Hours(frozenset({6}), time(0), time(0)), (TURNS["the midnight that Sao Paulo skipped"]), -MICROSECOND)
def test_hours_open_and_close_with_the_wall_clock(hours, turn, offset):
    """Hours are open when the wall shows an open minute, and close and open at the first moments that a walk finds."""
    zone, moment = turn
    now = at(moment) + offset
    shown = open_minutes(hours, now.astimezone(zone).date())
    is_open = shows_open(shown, now, zone)
    assert hours.open_at(now, zone) is is_open
    walk = now.replace(second=0, microsecond=0) + MINUTE
    while shows_open(shown, walk, zone) is is_open and walk - now < timedelta(days=8):
        walk += MINUTE
    found = hours.closes_at(now, zone) if is_open else hours.opens_at(now, zone)
    if walk - now < timedelta(days=7):
        assert found == walk
    else:
        assert found is None or found - now >= timedelta(days=7)


@pytest.mark.parametrize(
    ("opens", "closes", "days", "moment", "expected"),
    [
        pytest.param(
            "10:00", "12:00", "2", "2026-03-11T09:59:59.999999Z", False, id="closed a microsecond before from"
        ),
        pytest.param("10:00", "12:00", "2", "2026-03-11T10:00Z", True, id="from is inside"),
        pytest.param("10:00", "12:00", "2", "2026-03-11T11:59:59.999999Z", True, id="open a microsecond before to"),
        pytest.param("10:00", "12:00", "2", "2026-03-11T12:00Z", False, id="to is outside"),
        pytest.param("10:00", "12:00", "1", "2026-03-11T11:00Z", False, id="closed on another day"),
        pytest.param(
            "22:00", "06:00", "2", "2026-03-12T05:59Z", True, id="overnight hours belong to the day they begin"
        ),
        pytest.param("22:00", "06:00", "2", "2026-03-11T05:59Z", False, id="and not to the day they end on"),
        pytest.param("22:00", "06:00", "6", "2026-03-09T05:59Z", True, id="Sunday's night runs into Monday"),
        pytest.param("09:00", "09:00", "2", "2026-03-12T08:59Z", True, id="equal hours run a whole day"),
        pytest.param("09:00", "09:00", "2", "2026-03-11T08:59Z", False, id="from when they begin"),
        pytest.param("00:00", "00:00", "2", "2026-03-11T00:00Z", True, id="from midnight to midnight is the day"),
        pytest.param("01:00", "02:00", "6", "2026-10-25T00:30Z", True, id="the October hour, the first time"),
        pytest.param("01:00", "02:00", "6", "2026-10-25T01:30Z", True, id="the October hour, the second time"),
        pytest.param("01:00", "02:00", "6", "2026-10-25T02:00Z", False, id="and closed after it"),
        pytest.param("01:00", "02:00", "6", "2026-03-29T00:59Z", False, id="an hour that March skips is not before"),
        pytest.param("01:00", "02:00", "6", "2026-03-29T01:00Z", False, id="nor after the gap"),
        pytest.param("10:00", "12:00", "2", "2026-07-01T09:00Z", True, id="summer time counts on the wall"),
    ],
)
def test_hours_at_their_edges(opens, closes, days, moment, expected):
    """From is inclusive, to exclusive, on the office's wall clock."""
    hours = Hours(frozenset(map(int, days)), time.fromisoformat(opens), time.fromisoformat(closes))
    assert hours.open_at(at(moment), LONDON) is expected


def test_hours_that_never_close_have_no_end():
    """Hours of every day, all day, close at no moment."""
    assert Hours(frozenset(range(7)), time(0), time(0)).closes_at(at("2026-03-11T10:00Z"), LONDON) is None


def test_the_edges_of_an_october_day_come_in_order():
    """Hours that open in the hour that comes twice open twice, and each opening has its close."""
    hours, now, seen = Hours(frozenset({6}), time(1, 15), time(1, 45)), at("2026-10-24T12:00Z"), []
    for _ in range(2):
        opens = hours.opens_at(now, LONDON)
        now = hours.closes_at(opens, LONDON)
        seen += [opens, now]
    assert seen == [at(f"2026-10-25T0{hour}:{minute}Z") for hour in (0, 1) for minute in (15, 45)]
    assert all(one < other for one, other in pairwise(seen))


@pytest.mark.parametrize(
    ("window", "words"),
    [(Window(Per.WEEK), "in a week"), (Window(Per.HOUR, Mode.ROLLING), "in any 60 minutes")],
)
def test_windows_have_words(window, words):
    """A window says itself to a person."""
    assert window.in_words() == words


def test_a_moment_is_said_in_the_zone_of_the_office():
    """A moment is said with its weekday, in summer time where that is on the wall."""
    assert in_words(at("2026-07-06T09:05Z"), LONDON) == "Monday 6 July 2026 at 10:05"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        pytest.param("2026-10-25T00:30Z", "01:30 (BST)", id="the first of the two hours"),
        pytest.param("2026-10-25T01:30Z", "01:30 (GMT)", id="the second"),
        pytest.param("2026-10-25T02:00Z", "02:00", id="the hour after them"),
        pytest.param("2026-03-29T00:59Z", "00:59", id="before the hour that March leaves out"),
        pytest.param("2026-03-29T01:00Z", "02:00", id="after it"),
    ],
)
def test_W7_a_moment_that_the_clock_shows_twice_says_which(moment, words):
    """So that an alert of an October night is not taken for an hour later than it was."""
    assert in_words(at(moment), LONDON).partition(" at ")[2] == words
