"""Working days against the bank holidays that the governments published for 2026 and 2027."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.workdays import REGIONS, in_words, is_working_day, look_by, working_day_after, working_day_before
from tests.rules.office import at

LONDON = ZoneInfo("Europe/London")
# As published; those that fall on a weekend are left out, as nobody works then anyway.
ENGLAND_AND_WALES = """2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
                       2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28"""
PUBLISHED = {
    "england_and_wales": ENGLAND_AND_WALES,
    "northern_ireland": ENGLAND_AND_WALES + " 2026-03-17 2026-07-13 2027-03-17 2027-07-12",
    "scotland": """2026-01-01 2026-01-02 2026-04-03 2026-05-04 2026-05-25 2026-06-15 2026-08-03 2026-11-30 2026-12-25
                   2026-12-28 2027-01-01 2027-01-04 2027-03-26 2027-05-03 2027-05-31 2027-08-02 2027-11-30 2027-12-27
                   2027-12-28""",
}


@pytest.mark.parametrize("region", REGIONS)
def test_two_years_of_bank_holidays_are_those_published(region):
    """On weekdays of 2026 and 2027 nobody works on the published days, and on all others somebody does."""
    published = {date.fromisoformat(day) for day in PUBLISHED[region].split()}
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(730)]
    assert {day for day in days if day.weekday() < 5 and not is_working_day(day, region)} == published
    assert not any(is_working_day(day, region) for day in days if day.weekday() >= 5)


@pytest.mark.parametrize(
    ("received", "working_days", "region", "expected"),
    [
        pytest.param(
            "2026-03-09T10:00Z", 2, "england_and_wales", "2026-03-12T00:00Z", id="Monday, by the end of Wednesday"
        ),
        pytest.param(
            "2026-03-09T00:00Z", 1, "england_and_wales", "2026-03-11T00:00Z", id="the day of receipt never counts"
        ),
        pytest.param(
            "2026-03-07T10:00Z", 1, "england_and_wales", "2026-03-10T00:00Z", id="a Saturday counts from Monday"
        ),
        pytest.param(
            "2026-03-06T18:00Z", 2, "england_and_wales", "2026-03-11T00:00Z", id="Friday evening, over a weekend"
        ),
        pytest.param(
            "2026-04-02T10:00Z", 1, "england_and_wales", "2026-04-07T23:00Z", id="over the four days of Easter"
        ),
        pytest.param("2026-04-02T10:00Z", 1, "scotland", "2026-04-06T23:00Z", id="Scotland works on Easter Monday"),
        pytest.param(
            "2026-12-24T10:00Z", 2, "england_and_wales", "2026-12-31T00:00Z", id="Boxing Day moved to the 28th"
        ),
        pytest.param("2027-12-24T10:00Z", 1, "england_and_wales", "2027-12-30T00:00Z", id="both Christmas days moved"),
        pytest.param(
            "2025-12-31T10:00Z", 1, "england_and_wales", "2026-01-03T00:00Z", id="2 January is worked in England"
        ),
        pytest.param("2025-12-31T10:00Z", 1, "scotland", "2026-01-06T00:00Z", id="2 January is kept in Scotland"),
        pytest.param(
            "2026-12-31T10:00Z", 1, "scotland", "2027-01-06T00:00Z", id="and moved to the 4th from a Saturday"
        ),
        pytest.param(
            "2026-07-10T10:00Z", 1, "northern_ireland", "2026-07-14T23:00Z", id="the Boyne, moved from a Sunday"
        ),
        pytest.param(
            "2026-07-10T10:00Z", 1, "england_and_wales", "2026-07-13T23:00Z", id="which England does not keep"
        ),
        pytest.param("2026-03-26T10:00Z", 2, "england_and_wales", "2026-03-30T23:00Z", id="into summer time"),
        pytest.param("2026-10-22T10:00Z", 2, "england_and_wales", "2026-10-27T00:00Z", id="out of summer time"),
        pytest.param(
            "2026-07-05T23:30Z", 1, "england_and_wales", "2026-07-07T23:00Z", id="half past midnight is the new day"
        ),
    ],
)
def test_look_by(received, working_days, region, expected):
    """What was received is looked at by the end of the n-th working day after the day of receipt."""
    assert look_by(at(received), working_days, LONDON, region) == at(expected)


def days_until(last: date, day: date, region: str) -> int:
    """Count the working days after `day` up to and including `last`, one by one."""
    between = [day + timedelta(days=offset) for offset in range(1, (last - day).days + 1)]
    return sum(is_working_day(one, region) for one in between)


@given(st.dates(date(2025, 1, 1), date(2035, 12, 31)), st.integers(1, 60), st.sampled_from(sorted(REGIONS)))
def test_working_days_after_a_day_are_those_that_are_counted(day, working_days, region):
    """It is a working day, and as many are counted up to it; the day itself never is (PHSO-M11)."""
    last = working_day_after(day, working_days, region)
    assert is_working_day(last, region)
    assert days_until(last, day, region) == working_days


@pytest.mark.parametrize(
    ("day", "working_days", "region", "expected"),
    [
        pytest.param("2026-12-18", 10, "england_and_wales", "2027-01-06", id="ten over Christmas"),
        pytest.param("2026-12-18", 10, "scotland", "2027-01-07", id="Scotland keeps the second of January, moved"),
        pytest.param("2026-07-10", 10, "northern_ireland", "2026-07-27", id="ten over the Boyne"),
        pytest.param("2026-07-10", 10, "england_and_wales", "2026-07-24", id="which nobody else keeps"),
        pytest.param("2028-02-28", 2, "scotland", "2028-03-01", id="over a leap day"),
        pytest.param("2026-03-14", 1, "scotland", "2026-03-16", id="from a Saturday"),
    ],
)
def test_ten_working_days_in_three_countries(day, working_days, region, expected):
    """Days worked out by hand with the published calendars."""
    assert working_day_after(date.fromisoformat(day), working_days, region) == date.fromisoformat(expected)


@given(st.dates(date(2025, 1, 1), date(2035, 12, 31)), st.integers(1, 20), st.sampled_from(sorted(REGIONS)))
def test_working_days_before_a_day_lead_back_to_it(day, working_days, region):
    """It is a working day, and between it and the day lie all the others."""
    first = working_day_before(day, working_days, region)
    assert is_working_day(first, region)
    assert days_until(day - timedelta(days=1), first, region) == working_days - 1


def test_a_day_in_words_has_no_nought_in_front():
    """People write 9 March, not 09 March."""
    assert in_words(date(2026, 3, 9)) == "Monday 9 March 2026"


@pytest.mark.parametrize(("days", "region"), [(2, "wales"), (0, "scotland"), (-1, "scotland")])
def test_what_cannot_be_counted_is_a_sentence(days, region):
    """An unknown region and less than one day are refused with a sentence."""
    with pytest.raises(ValueError, match=r"there is no region 'wales'; the regions are|name at least one"):
        look_by(at("2026-03-09T10:00Z"), days, LONDON, region)
    with pytest.raises(ValueError, match=r"there is no region 'wales'; the regions are|name at least one"):
        working_day_after(date(2026, 3, 9), days, region)


def test_the_library_is_loaded_only_when_asked():
    """Importing the rules loads no calendar: it takes 0.1 s, as any country brings in all the others."""
    program = "import sys, rules.workdays; print('holidays' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
