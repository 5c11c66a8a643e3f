"""What is put on a screen: safe, short, in the office's zone."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli import screen

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


@given(st.text())
def test_no_text_steers_a_terminal(text):
    """Whatever a sender wrote, no control, bidi or unassigned-by-intent character is left."""
    for shown in (screen.escaped(text), screen.escaped(text, lines=True).replace("\n", "")):
        assert not any(unicodedata.category(ch) in {"Cc", "Cs", "Zl", "Zp"} for ch in shown)
        assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain", "plain", id="plain text stays"),
        pytest.param("Dŵr 👩‍⚖️", "Dŵr 👩‍⚖️", id="other scripts and joined emoji stay"),
        pytest.param("\x1b[31m", "\\x1b[31m", id="an escape sequence is shown"),
        pytest.param("a\u202eb", "a\\u202eb", id="text that runs backwards is shown"),
        pytest.param("a\tb", "a    b", id="a tab becomes blanks"),
        pytest.param("a\nb", "a\\x0ab", id="a line feed is shown in a cell"),
    ],
)
def test_escaped(text, shown):
    """What a terminal would obey is written out."""
    assert screen.escaped(text) == shown


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        pytest.param(NOW, "11:00", id="today: the hour, in summer time"),
        pytest.param(NOW - timedelta(days=2), "29 Jun 11:00", id="this year: with its day"),
        pytest.param(NOW.replace(year=2025), "1 Jul 2025 11:00", id="another year: with its year"),
        pytest.param(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "00:30", id="today begins at local midnight"),
    ],
)
def test_clock_time(moment, said):
    """Moments are said in the office's zone, no longer than needed."""
    assert screen.clock_time(moment, LONDON, NOW) == said


def test_a_day_that_ends_at_midnight():
    """A limit that ends at a midnight is said as the day before it."""
    assert screen.day_of(datetime(2026, 7, 2, 23, 0, tzinfo=UTC), LONDON) == "2 Jul"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 days"),
    ],
    ids=["a clock that stepped back", "minutes", "hours", "days"],
)
def test_span(length, said):
    """Ages are said in their largest unit."""
    assert screen.span(length) == said


@pytest.mark.parametrize(("seconds", "said"), [(0, "0 s"), (45, "45 s"), (420, "7 min"), (450, "7 min 30 s")])
def test_minutes(seconds, said):
    """Talk is said in minutes and seconds."""
    assert screen.minutes(seconds) == said
