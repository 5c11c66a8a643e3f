"""Times and lengths as call logs write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.local_times import BadTime
from gateway.past_times import Days, moment_in, seconds_in

LONDON = ZoneInfo("Europe/London")
MARCH = datetime(2026, 3, 4, 10, 15, 30, tzinfo=UTC)
JUNE = datetime(2026, 6, 4, 9, 15, 30, tzinfo=UTC)
WRITTEN = {
    "ISO in UTC": ("2026-03-04T10:15:30Z", MARCH),
    "ISO with Microsoft's seven digits": ("2026-03-04T10:15:30.1234567Z", MARCH),
    "ISO with an offset": ("2026-03-04T11:15:30+01:00", MARCH),
    "ISO with a space before the offset": ("2026-03-04 11:15:30 +0100", MARCH),
    "ISO in the office's zone, in winter": ("2026-03-04 10:15:30", MARCH),
    "ISO in the office's zone, in summer": ("2026-06-04 10:15:30", JUNE),
    "Twilio's console, in UTC": ("10:15:30 UTC 2026-03-04", MARCH),
    "Twilio's console, on the Pacific": ("03:15:30 PDT 2026-03-04", MARCH),
    "RFC 2822": ("Wed, 04 Mar 2026 10:15:30 +0000", MARCH),
    "British days": ("04/03/2026 10:15:30", MARCH),
    "British days, two digits of the year": ("04/03/26 10:15:30", MARCH),
    "German days": ("04.03.2026 10:15:30", MARCH),
    "named months": ("04-Mar-2026 10:15:30", MARCH),
    "named months before the day": ("March 4, 2026 10:15:30 AM", MARCH),
    "half days": ("04/03/2026 10:15:30 am", MARCH),
    "a zone by its name": ("2026-06-04 10:15:30 BST", JUNE),
    "seconds since 1970": (str(int(MARCH.timestamp())), MARCH),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_a_time_is_read_as_logs_write_it(form):
    """Every form that the logs of offices have is one moment."""
    text, expected = WRITTEN[form]
    assert moment_in(text, LONDON, Days.DMY) == (expected, False)


def test_american_days_are_read_where_they_are_asked_for():
    """The month is first, and noon and midnight are where Americans have them."""
    assert moment_in("3/4/2026 10:15:30 AM", LONDON, Days.MDY) == (MARCH, False)
    assert moment_in("3/4/2026 12:00 AM", LONDON, Days.MDY)[0].hour == 0
    assert moment_in("3/4/2026 12:00 PM", LONDON, Days.MDY)[0].hour == 12


def test_a_time_that_the_clock_showed_twice_is_the_first_and_says_so():
    """On the night that the clocks go back, the hour of summer time is meant; one with a zone is plain."""
    assert moment_in("2026-10-25 01:30", LONDON, Days.DMY) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True)
    assert moment_in("2026-10-25 01:30 GMT", LONDON, Days.DMY) == (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), False)
    assert moment_in("2026-10-25 02:00", LONDON, Days.DMY)[1] is False


BAD = {
    "nothing": "",
    "no hour": "2026-03-04",
    "no day": "10:15",
    "a month of 13": "2026-13-04 10:15",
    "a month above 12 by the wrong order": "03/25/2026 10:15",
    "a day that is none": "30/02/2026 10:15",
    "an hour that is none": "04/03/2026 25:15",
    "an hour of 13 in the afternoon": "04/03/2026 13:15 PM",
    "a time that the clocks skip": "2026-03-29 01:30",
    "a zone that nobody knows": "2026-03-04 10:15 XYZT",
    "words": "yesterday",
    "a spreadsheet's number": "46090.41667",
    "a clock that was not set": "1970-01-01 00:00",
    "the year 9999": "31/12/9999 23:59",
    "very much of it": "1" * 5000,
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_time_is_refused_in_a_sentence(what):
    """Whoever brings a log in is told what is wrong, without what stands there."""
    with pytest.raises(BadTime) as refused:
        moment_in(BAD[what], LONDON, Days.DMY)
    assert str(refused.value).startswith(("The time", "Behind the time", "The clocks"))


LENGTHS = {
    "312": 312,
    "312 s": 312,
    "312.4": 312,
    "5:12": 312,
    "00:05:12": 312,
    "5m 12s": 312,
    "1h 2m": 3720,
    "": 0,
    "-": 0,
}


@pytest.mark.parametrize("text", LENGTHS)
def test_a_length_is_read_as_logs_write_it(text):
    """Seconds, clocks and words are the same."""
    assert seconds_in(text) == LENGTHS[text]


@pytest.mark.parametrize(("text", "seconds"), [("1.5", 90), ("2,5", 150), ("1:30", 90), ("90 s", 90), ("", 0)])
def test_a_plain_number_counts_what_its_column_says(text, seconds):
    """What says its unit itself is not multiplied."""
    assert seconds_in(text, 60.0) == seconds


@pytest.mark.parametrize("text", ["-5", "long", "5:1", "999999", "12 o'clock"])
def test_what_is_no_length_is_refused(text):
    """Whoever brings a log in is told what is wrong."""
    with pytest.raises(ValueError, match="length of the call"):
        seconds_in(text)
