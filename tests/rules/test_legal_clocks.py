"""The last day of each legal clock against days worked out by hand with the published calendars."""

from __future__ import annotations

from datetime import date

import pytest

from rules.casework.refused import Refused
from rules.clarification import Asked, Clarification
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


@pytest.mark.parametrize("kind", [ClockKind.INFORMATION, ClockKind.ENVIRONMENTAL])
def test_information_can_have_forty(kind):
    """From 2 November over St Andrew's day and Christmas to the last day of the year (EIR 7, FOIA s.10(3))."""
    rules = policy("default", region=ENGLAND)
    assert last_day(kind, date(2026, 11, 2), rules, extended=True) == date(2026, 12, 31)


def test_scotland_has_no_longer_time_for_the_public_interest():
    """FOISA s.10 names none; its regulations on the environment do."""
    rules, received = policy("default", region=SCOTLAND), at("2026-03-09T10:00Z")
    with pytest.raises(Refused, match="no longer time"):
        LegalClock("c", ClockKind.INFORMATION, received, received).extend("A", "Why.", rules, received)
    longer = LegalClock("c", ClockKind.ENVIRONMENTAL, received, received).extend("A", "Why.", rules, received)
    assert longer.last_day(rules) == date(2026, 5, 6)  # Easter Monday is worked, Good Friday and 4 May are not


def asked(kind, received, *questions, region=ENGLAND, extended=""):
    """Play a clock: what we asked on which day, and the day of the answer where there is one; gives it."""
    rules, late = policy("default", region=region), at("2029-01-01T00:00Z")

    def moment(day):
        return at(f"{day}T12:00Z")

    clock = LegalClock("c", kind, moment(received), moment(received))
    for asked_for, day, answered in questions:
        clock = clock.ask(Clarification(asked_for, moment(day), "A", "What is meant?"), rules, late)
        if answered:
            clock = clock.answered(moment(answered), "B", "That.", rules, late)
    return clock.extend("A", "It is complex.", rules, moment(extended)) if extended else clock


MEANING, IDENTITY = Asked.MEANING, Asked.IDENTITY
DATA, FOI, EIR = ClockKind.OWN_DATA, ClockKind.INFORMATION, ClockKind.ENVIRONMENTAL
RESTS = [
    pytest.param(DATA, "2026-03-09", [(MEANING, "2026-03-10", "2026-03-17")], "2026-04-16", id="seven days are added"),
    pytest.param(
        DATA, "2026-03-09", [(MEANING, "2026-03-10", "2026-03-10")], "2026-04-09", id="the same day adds none"
    ),
    pytest.param(
        DATA,
        "2026-03-09",
        [(MEANING, "2026-03-09", "2026-03-12"), (MEANING, "2026-03-12", "2026-03-16")],
        "2026-04-16",
        id="two questions are added up",
    ),
    pytest.param(
        DATA,
        "2026-01-28",
        [(MEANING, "2026-01-29", "2026-02-05")],
        "2026-03-09",
        id="28 February, then days; 7 March is a Saturday",
    ),
    pytest.param(
        DATA, "2026-03-09", [(IDENTITY, "2026-03-10", "2026-03-31")], "2026-04-30", id="who it is begins a month anew"
    ),
    pytest.param(
        DATA,
        "2026-03-09",
        [
            (MEANING, "2026-03-10", "2026-03-12"),
            (IDENTITY, "2026-03-13", "2026-03-20"),
            (MEANING, "2026-03-23", "2026-03-26"),
        ],
        "2026-04-23",
        id="days before it began anew count no more",
    ),
    pytest.param(
        FOI,
        "2026-03-02",
        [(MEANING, "2026-03-30", "2026-04-15")],
        "2026-05-14",
        id="information begins anew, over May Day",
    ),
    pytest.param(
        EIR, "2026-03-02", [(MEANING, "2026-03-04", "2026-03-19")], "2026-04-20", id="so does the environment"
    ),
]


@pytest.mark.parametrize(("kind", "received", "questions", "expected"), RESTS)
def test_a_clock_rests_while_we_wait_for_an_answer(kind, received, questions, expected):
    """Days are added, or its time begins anew (UK GDPR 12A and 12(6), FOIA s.1(3) and s.10(6), EIR 9(4))."""
    rules, clock = policy("default", region=ENGLAND), asked(kind, received, *questions)
    assert clock.last_day(rules) == date.fromisoformat(expected)
    assert clock.waiting(rules).what is kind.waits
    *before, (asked_for, day, _) = questions
    resting = asked(kind, received, *before, (asked_for, day, ""))
    assert resting.rests and resting.last_day(rules) is None
    waits = resting.waiting(rules)
    assert (waits.what, waits.since) == (WaitingFor.CLARIFICATION, at(f"{day}T12:00Z"))
    # Somebody looks again a month after we asked.
    assert waits.due.date() > date.fromisoformat(day)


def test_days_of_waiting_are_added_to_the_longer_time_too():
    """The period for an extension is that much longer as well (UK GDPR 12A)."""
    clock = asked(DATA, "2026-03-09", (MEANING, "2026-03-10", "2026-03-17"), extended="2026-04-16")
    assert clock.last_day(policy("default", region=ENGLAND)) == date(2026, 6, 16)


@pytest.mark.parametrize(
    ("kind", "question", "sentence"),
    [
        pytest.param(FOI, (IDENTITY, "2026-03-10"), "does not rest", id="who it is, for information"),
        pytest.param(ClockKind.DATA_COMPLAINT, (MEANING, "2026-03-10"), "does not rest", id="a complaint on data"),
        pytest.param(ClockKind.APPEAL, (MEANING, "2026-03-10"), "does not rest", id="an appeal"),
        pytest.param(DATA, (MEANING, "2026-04-10"), "time is over", id="the day after its last"),
        pytest.param(DATA, (MEANING, "2026-03-08"), "before the request", id="before it came"),
        pytest.param(DATA, (MEANING, "2029-03-08"), "in the future", id="in the future"),
    ],
)
def test_a_question_that_stops_no_time_is_refused(kind, question, sentence):
    """The clock runs on."""
    with pytest.raises(Refused, match=sentence):
        asked(kind, "2026-03-09", (*question, ""))


def test_a_clock_at_rest_is_dealt_with_by_its_answer():
    """Neither asked again nor made longer meanwhile; an answer comes after the question, and once."""
    rules, late = policy("default", region=ENGLAND), at("2029-01-01T00:00Z")
    clock = asked(DATA, "2026-03-09", (MEANING, "2026-03-11", ""))
    with pytest.raises(Refused, match="It rests"):
        clock.ask(Clarification(IDENTITY, late, "A", "Who?"), rules, late)
    with pytest.raises(Refused, match="It rests"):
        clock.extend("A", "Why.", rules, late)
    for day, now in (("2026-03-10", late), ("2026-03-12", at("2026-03-11T00:00Z"))):
        with pytest.raises(Refused, match="before we asked, or in the future"):
            clock.answered(at(f"{day}T12:00Z"), "B", "That.", rules, now)
    stopped = clock.stop(Stopped.ASKED_BACK, "A", "No answer came.", late)
    assert not stopped.rests and stopped.last_day(rules) is None
    with pytest.raises(Refused, match="was stopped"):
        stopped.answered(late, "B", "That.", rules, late)
    with pytest.raises(Refused, match="does not rest"):
        asked(DATA, "2026-03-09").answered(late, "B", "That.", rules, late)


def test_a_longer_time_does_not_begin_anew():
    """Whoever was told of 40 days, or three months, is not told of a new beginning by a question."""
    rules, late = policy("default", region=ENGLAND), at("2026-03-20T00:00Z")
    for kind, asked_for in ((FOI, MEANING), (EIR, MEANING), (DATA, IDENTITY)):
        longer = asked(kind, "2026-03-09", extended="2026-03-10")
        with pytest.raises(Refused, match="made longer"):
            longer.ask(Clarification(asked_for, late, "A", "What?"), rules, late)
    longer = asked(DATA, "2026-03-09", extended="2026-03-10")
    assert longer.ask(Clarification(MEANING, late, "A", "What?"), rules, late).rests


def test_a_day_of_asking_is_the_offices_own():
    """Half past midnight in summer time is the next day, though the day of Greenwich is the one before."""
    rules, late = policy("default", region=ENGLAND), at("2029-01-01T00:00Z")
    received = at("2026-07-01T10:00Z")
    clock = LegalClock("c", DATA, received, received)
    resting = clock.ask(Clarification(MEANING, at("2026-07-02T23:30Z"), "A", "What?"), rules, late)
    assert resting.answered(at("2026-07-05T22:30Z"), "B", "That.", rules, late).days_waited(rules.zone) == 2


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
        LegalClock("c", ClockKind.DATA_COMPLAINT, received, received).extend("A", "Why.", rules, received)


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
