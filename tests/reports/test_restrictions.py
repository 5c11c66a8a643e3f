"""`report restrictions` on a made-up office against a plain count of the record's rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from gateway.config import read_policy
from gateway.reports.forms import as_data
from gateway.reports.lives import in_time, years_between
from gateway.reports.restrictions import restrictions_report
from gateway.reports.table import Period
from storage.record import Record
from storage.times import stamp
from tests.reports.office import NOW, made_up
from tests.reports.plain_count import plain_count

POLICY = read_policy("default", Path())
PERIODS = [
    pytest.param(date(2021, 1, 1), date(2026, 10, 30), id="all five years up to now"),
    pytest.param(date(2024, 1, 1), date(2024, 12, 31), id="a year that is past, whatever was done since"),
    pytest.param(date(2025, 10, 31), date(2026, 10, 30), id="the last twelve months"),
    pytest.param(date(2023, 3, 26), date(2023, 10, 29), id="from one change of the clocks to the other"),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office of five years."""
    folder = tmp_path_factory.mktemp("office")
    with Record.open(f"sqlite:///{folder}/parley.db", now=lambda: NOW) as record:
        made_up(record, POLICY, seed=8, parties=60, years=5, contacts=2500)
        yield record


def cells(report) -> dict[tuple[str, str, str], object]:
    """Give all cells of a report that are not nought, by table, row and column."""
    found = {}
    for table in as_data(report, POLICY.zone)["tables"]:
        for row in table["rows"]:
            found |= {(table["name"], row["name"], column): value for column, value in row["values"].items()}
        if table["name"] in ("grounds", "lengths", "kinds", "roles", "approval", "blocks", "measures", "channels"):
            found |= {(table["name"], "all", column): value for column, value in table["all"].items()}
    return {key: value for key, value in found.items() if value not in (0, "none")}


@pytest.mark.xdist_group("reports")
@pytest.mark.parametrize(("first", "last"), PERIODS)
def test_matches_a_plain_count_line_by_line(office, first, last):
    """Every cell is what plain loops over the record's rows count, and there is no cell more."""
    report = restrictions_report(office, POLICY, Period(first, last), now=NOW)
    counted = office.read_now(lambda reader: plain_count(reader.link, first, last, stamp(NOW)))
    assert cells(report) == {key: value for key, value in counted.items() if value}


@pytest.mark.xdist_group("reports")
def test_the_made_up_office_has_something_of_everything(office):
    """No line is right only because it is empty."""
    report = restrictions_report(office, POLICY, Period(date(2021, 1, 1), NOW.date()), now=NOW)
    empty = {(table.name, row.name) for table in report.tables for row in table.rows if not any(row.cells)}
    allowed = {"measures", "grounds", "roles", "contacts", "contact_channels"}
    assert {row for row in empty if row[0] not in allowed} <= {("parties", "2"), ("parties", "3")}


LENGTHS = [
    pytest.param(date(2024, 3, 4), date(2025, 3, 4), 0, id="a year to the day is one year"),
    pytest.param(date(2024, 3, 4), date(2025, 3, 5), 1, id="a day more is over one year"),
    pytest.param(date(2024, 2, 29), date(2025, 3, 1), 1, id="a leap day has its anniversary on the 28th"),
    pytest.param(date(2020, 1, 1), date(2026, 1, 1), 4, id="no more than four are counted"),
]


@pytest.mark.parametrize(("first", "after", "years"), LENGTHS)
def test_over_one_year_is_more_than_one_year(first, after, years):
    """The length is by the calendar, to the day."""
    assert years_between(first, after) == years


def test_a_review_has_its_whole_day():
    """Done in the last moment of its day it is in time, and late a moment after."""
    day = datetime(2026, 7, 1, tzinfo=POLICY.zone).astimezone(UTC)
    assert in_time(day, day + timedelta(days=1, microseconds=-1), POLICY.zone) == "in_time"
    assert in_time(day, day + timedelta(days=1), POLICY.zone) == "late"
    assert in_time(None, day, POLICY.zone) == "unasked"
