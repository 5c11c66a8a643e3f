"""The last day of each legal clock against days worked out by hand with the published calendars."""

from __future__ import annotations

from datetime import date

import pytest

from rules.casework.refused import Refused
from rules.legal_clocks import ClockKind, LegalClock, Stopped, last_day, started_by_words
from rules.safeguards.kinds import TOPICS
from rules.waiting_for import WaitingFor
from tests.rules.casework.acts.clerk import policy as shipped
from tests.rules.office import at


def policy(name, **changes):
    """Give a policy that ships, with changes."""
    return shipped(name).with_changes(**changes)


ENGLAND, SCOTLAND, NORTH = "england_and_wales", "scotland", "northern_ireland"
MONTHS = [
    pytest.param("2026-03-09", ENGLAND, "2026-04-09", id="the same day of the next month"),
    pytest.param("2026-03-31", ENGLAND, "2026-04-30", id="31 March has no 31 April"),
    pytest.param("2026-01-31", ENGLAND, "2026-03-02", id="28 February is a Saturday"),
    pytest.param("2027-01-29", ENGLAND, "2027-03-01", id="28 February is a Sunday"),
    pytest.param("2028-01-31", ENGLAND, "2028-02-29", id="a leap year has a 29 February"),
    pytest.param("2026-03-07", ENGLAND, "2026-04-07", id="it counts from a Saturday too"),
    pytest.param("2026-11-25", ENGLAND, "2026-12-29", id="Christmas Day, a weekend, and Boxing Day moved to Monday"),
    pytest.param("2026-12-02", ENGLAND, "2027-01-04", id="2 January is a Saturday"),
    pytest.param("2026-12-02", SCOTLAND, "2027-01-05", id="and Scotland keeps it on the Monday"),
    pytest.param("2026-10-30", ENGLAND, "2026-11-30", id="England works on 30 November"),
    pytest.param("2026-10-30", SCOTLAND, "2026-12-01", id="which is St Andrew's day"),
    pytest.param("2026-03-03", ENGLAND, "2026-04-07", id="from Good Friday over Easter Monday"),
    pytest.param("2026-03-03", SCOTLAND, "2026-04-06", id="Scotland works on Easter Monday"),
    pytest.param("2026-06-12", NORTH, "2026-07-14", id="12 July is a Sunday, kept on the Monday in the north"),
    pytest.param("2026-06-12", ENGLAND, "2026-07-13", id="and worked elsewhere"),
]
LONGER = [
    pytest.param("2027-11-30", ENGLAND, "2028-02-29", id="three months end on a leap day"),
    pytest.param("2026-08-31", ENGLAND, "2026-11-30", id="31 August has no 31 November"),
    pytest.param("2026-08-31", SCOTLAND, "2026-12-01", id="St Andrew's day again"),
    pytest.param("2026-03-09", ENGLAND, "2026-06-09", id="three months from receipt, not from the first last day"),
]
TWENTY = [
    pytest.param("2026-12-18", ENGLAND, "2027-01-21", id="Christmas to New Year, and Scotland's 2 January"),
    pytest.param("2026-12-18", SCOTLAND, "2027-01-21", id="the same in Scotland"),
    pytest.param("2025-12-31", ENGLAND, "2026-01-30", id="2 January is no working day anywhere"),
    pytest.param("2026-11-02", ENGLAND, "2026-12-01", id="St Andrew's day counts for nobody"),
    pytest.param("2026-11-02", NORTH, "2026-12-01", id="nor in the north"),
    pytest.param("2026-11-02", SCOTLAND, "2026-12-01", id="nor in Scotland"),
    pytest.param("2026-03-19", ENGLAND, "2026-04-20", id="over the four days of Easter"),
    pytest.param("2026-03-19", SCOTLAND, "2026-04-17", id="Scotland's own law counts Easter Monday"),
    pytest.param("2026-03-02", ENGLAND, "2026-03-31", id="St Patrick's day is a bank holiday in a part"),
    pytest.param("2026-03-02", SCOTLAND, "2026-03-30", id="and not in Scotland's law"),
    pytest.param("2026-07-17", NORTH, "2026-08-17", id="Scotland's summer holiday"),
]


@pytest.mark.parametrize(("received", "region", "expected"), MONTHS)
def test_own_data_has_a_month(received, region, expected):
    """The same day of the next month or its last, then the next day on which anybody works (UK GDPR 12(3))."""
    found = last_day(ClockKind.OWN_DATA, date.fromisoformat(received), policy("default", region=region))
    assert found == date.fromisoformat(expected)


@pytest.mark.parametrize(("received", "region", "expected"), LONGER)
def test_own_data_can_have_three_months(received, region, expected):
    """Two further months, counted from receipt."""
    rules = policy("default", region=region)
    found = last_day(ClockKind.OWN_DATA, date.fromisoformat(received), rules, extended=True)
    assert found == date.fromisoformat(expected)


@pytest.mark.parametrize("kind", [ClockKind.INFORMATION, ClockKind.ENVIRONMENTAL])
@pytest.mark.parametrize(("received", "region", "expected"), TWENTY)
def test_information_has_twenty_working_days(received, region, expected, kind):
    """A bank holiday of any part counts for nobody under FOIA s.10(6); Scotland's law has its own (FOISA s.73)."""
    assert last_day(kind, date.fromisoformat(received), policy("default", region=region)) == date.fromisoformat(
        expected
    )


def test_environmental_information_can_have_forty():
    """From 2 November over St Andrew's day and Christmas to the last day of the year (EIR regulation 7)."""
    rules = policy("default", region=ENGLAND)
    assert last_day(ClockKind.ENVIRONMENTAL, date(2026, 11, 2), rules, extended=True) == date(2026, 12, 31)


@pytest.mark.parametrize(("received", "expected"), [("2026-03-09", "2026-04-07"), ("2028-02-10", "2028-03-10")])
def test_a_data_complaint_is_acknowledged_in_thirty_days(received, expected):
    """Days of the calendar that begin with the day of receipt (DPA 2018 s.164A(3))."""
    found = last_day(ClockKind.DATA_COMPLAINT, date.fromisoformat(received), policy("default", region=ENGLAND))
    assert found == date.fromisoformat(expected)


@pytest.mark.parametrize(("region", "expected"), [(ENGLAND, "2027-01-06"), (SCOTLAND, "2027-01-07")])
def test_an_appeal_has_the_days_of_the_policy(region, expected):
    """Ten working days over Christmas, in the office's own part."""
    assert last_day(ClockKind.APPEAL, date(2026, 12, 18), policy("default", region=region)) == date.fromisoformat(
        expected
    )


@pytest.mark.parametrize(
    ("received", "due"),
    [
        pytest.param("2026-03-08T23:59Z", "2026-04-08T23:00Z", id="the last minute of 8 March, to summer time"),
        pytest.param("2026-03-09T00:00Z", "2026-04-09T23:00Z", id="a minute later it is 9 March"),
        pytest.param("2026-07-05T23:30Z", "2026-08-06T23:00Z", id="half past midnight of 6 July by the office's clock"),
        pytest.param("2026-10-05T22:59Z", "2026-11-06T00:00Z", id="out of summer time"),
        pytest.param("2026-10-05T23:01Z", "2026-11-07T00:00Z", id="two minutes later it is the next day"),
    ],
)
def test_a_day_is_the_offices_own(received, due):
    """It ends at the office's midnight, across its clock changes."""
    clock = LegalClock("c", ClockKind.OWN_DATA, at(received), at(received))
    assert clock.due(policy("default", region=ENGLAND)) == at(due)


def test_a_longer_time_is_taken_within_the_first_one():
    """Once, by laws that have one, and before the first time is over."""
    rules, received = policy("default", region=ENGLAND), at("2026-03-09T10:00Z")
    clock = LegalClock("c", ClockKind.OWN_DATA, received, received)
    last = at("2026-04-09T22:59Z")
    longer = clock.extend("A", "It is complex.", rules, last)
    assert longer.due(rules) == at("2026-06-09T23:00Z")
    for refused, kind in ((longer, "no longer time"), (clock, "it is over")):
        with pytest.raises(Refused, match=kind):
            refused.extend("A", "Again.", rules, at("2026-04-09T23:00Z"))
    with pytest.raises(Refused, match="no longer time"):
        LegalClock("c", ClockKind.INFORMATION, received, received).extend("A", "Why.", rules, received)


def test_a_stopped_clock_stays_stopped():
    """Neither stopped twice nor made longer."""
    rules, now = policy("default", region=ENGLAND), at("2026-03-09T10:00Z")
    stopped = LegalClock("c", ClockKind.OWN_DATA, now, now).stop(Stopped.ANSWERED, "A", "By letter.", now)
    with pytest.raises(Refused, match="stopped before"):
        stopped.stop(Stopped.WITHDRAWN, "B", "Again.", now)
    with pytest.raises(Refused, match="was stopped"):
        stopped.extend("B", "Why.", rules, now)


def test_words_start_the_clocks_of_what_they_ask_for():
    """Each topic its own; an appeal none where decisions are final (PHSO-21)."""
    words = tuple(TOPICS.values())
    kinds = (ClockKind.OWN_DATA, ClockKind.INFORMATION, ClockKind.DATA_COMPLAINT)
    assert started_by_words(words, policy("default")) == (*kinds, ClockKind.APPEAL)
    assert started_by_words(words, policy("phso")) == kinds
    assert started_by_words(("risk to life: self-harm", "words of a colleague"), policy("default")) == ()


def test_every_clock_waits_under_a_name_of_its_own():
    """What waits is named in the policy, the API and on the screen."""
    assert len({kind.waits for kind in ClockKind}) == len(ClockKind)
    assert all(isinstance(kind.waits, WaitingFor) for kind in ClockKind)
