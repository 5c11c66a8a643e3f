"""Requests of ours: asked with time and help, reminded, answered or judged, and never held against an answer."""

from datetime import date, timedelta

import pytest

from rules.casework.refused import Refused
from rules.casework.requests import answers_request, open_requests, overdue_requests, reminders_due
from rules.casework.waiting import waiting
from rules.waiting_for import WaitingFor
from tests.rules.casework.acts.clerk import CLERK, MANAGER, NAMES, NOW, Clerk

ASKED = {"what": "A summary of the complaint on one page.", "difficulty": "Asked; says that writing takes long."}


def asked(under="phso", **fields):
    """Give a clerk who has asked for something, and the request's id."""
    clerk = Clerk(under)
    return clerk, clerk.do("request", **ASKED | fields).id


def days(clerk):
    """Give the days of the only request."""
    (one,) = clerk.shelf.requests.values()
    return one.due, one.remind


@pytest.mark.parametrize("under", NAMES)
def test_PHSO_26_a_request_has_the_policys_time_and_a_reminder_halfway(under):
    """Ten working days from Wednesday 11 March are Wednesday 25 March; half of that is 18 March."""
    clerk, _ = asked(under)
    assert clerk.policy.request_working_days == 10
    assert days(clerk) == (date(2026, 3, 25), date(2026, 3, 18))


def test_PHSO_26_bank_holidays_are_no_working_days():
    """Easter 2026 lies between 1 April and the tenth working day after it."""
    clerk = Clerk()
    clerk.now += timedelta(days=21)
    clerk.do("request", **ASKED)
    assert days(clerk)[0] == date(2026, 4, 17)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"due": "2026-03-11"}, "leaves no time", id="due today"),
        pytest.param({"due": "2026-03-01"}, "leaves no time", id="due in the past"),
        pytest.param({"due": "9999-12-31"}, "beyond the calendar", id="due on the calendar's last day"),
        pytest.param({"remind": "2026-03-11"}, "not between", id="reminder today"),
        pytest.param({"due": "2026-03-20", "remind": "2026-03-21"}, "not between", id="reminder after it is due"),
    ],
)
def test_PHSO_26_a_request_leaves_reasonable_time(fields, why):
    """What leaves no time is refused, and nothing is on file."""
    clerk = Clerk()
    with pytest.raises(Refused, match=why):
        clerk.do("request", **ASKED | fields)
    assert not clerk.file.papers


@pytest.mark.parametrize("missing", ["what", "difficulty"])
def test_SPSO_53_a_request_says_what_and_asks_about_difficulty(missing):
    """Neither may be left out or left blank."""
    for fields in ({key: text for key, text in ASKED.items() if key != missing}, ASKED | {missing: "  "}):
        with pytest.raises(ValueError, match=missing):
            Clerk().do("request", **fields)


def test_PHSO_26_while_a_request_is_open_what_comes_may_be_its_answer():
    """From the moment it was asked until it is answered, overdue or not; before and after that nothing is expected."""
    clerk, number = asked(due="2026-03-12")
    assert not answers_request(clerk.shelf, NOW - timedelta(microseconds=1))
    assert answers_request(clerk.shelf, NOW)
    clerk.wait(days=30)
    assert answers_request(clerk.shelf, clerk.now)
    clerk.do("answer_request", request=number, contact="C1")
    assert not answers_request(clerk.shelf, clerk.now)
    assert answers_request(clerk.shelf, clerk.now - timedelta(microseconds=1))


def test_PHSO_26_it_is_overdue_from_the_end_of_its_day_in_the_offices_zone():
    """British summer time begins on 29 March: the 30th ends at 23:00 UTC."""
    clerk, number = asked(due="2026-03-30")
    (one,) = open_requests(clerk.shelf, clerk.now)
    end = NOW.replace(day=30, hour=23)
    assert not one.overdue(end - timedelta(microseconds=1), clerk.shelf.zone)
    assert [each.id for each in overdue_requests(clerk.shelf, end)] == [number]


def test_PHSO_26_reminder_and_answer_wait_on_the_human_clock():
    """The reminder is shown on its day, the answer from the start; both with who asked."""
    clerk, number = asked()
    assert [(one.what, one.about, one.owner) for one in waiting(clerk.shelf, clerk.policy, clerk.now)] == [
        (WaitingFor.ANSWER, number, CLERK.name)
    ]
    clerk.wait(days=7)
    assert [one.what for one in waiting(clerk.shelf, clerk.policy, clerk.now)] == [
        WaitingFor.REMINDER,
        WaitingFor.ANSWER,
    ]
    assert [one.id for one in reminders_due(clerk.shelf, clerk.now)] == [number]
    clerk.do("remind_request", request=number, how="By email.")
    assert reminders_due(clerk.shelf, clerk.now) == ()
    clerk.do("answer_request", request=number, day="2026-03-17")
    assert waiting(clerk.shelf, clerk.policy, clerk.now) == ()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({}, "what answered it", id="neither contact nor day"),
        pytest.param({"day": "2026-03-12"}, "not between", id="a day to come"),
        pytest.param({"day": "2026-03-10"}, "not between", id="a day before it was asked"),
        pytest.param({"request": "none", "contact": "C1"}, "no request", id="a request that is not there"),
    ],
)
def test_PHSO_26_an_answer_is_a_contact_or_a_day(fields, why):
    """Anything else is refused, and the request stays open."""
    clerk, number = asked()
    with pytest.raises(Refused, match=why):
        clerk.do("answer_request", **{"request": number} | fields)
    assert answers_request(clerk.shelf, clerk.now)


@pytest.mark.parametrize("name", ["answer_request", "remind_request", "judge_request"])
def test_PHSO_26_what_is_closed_stays_closed(name):
    """An answered request is neither answered, reminded of nor judged again."""
    clerk, number = asked()
    clerk.do("answer_request", request=number, contact="C1")
    more = {"judgement": "refusal", "difficulty": "None known.", "reason": "Silence."} if "judge" in name else {}
    with pytest.raises(Refused, match="answered or judged before"):
        clerk.do(name, MANAGER, request=number, **more)


@pytest.mark.parametrize("day", ["2026-03-10", "2026-03-12"])
def test_PHSO_26_a_reminder_is_between_the_request_and_today(day):
    """A day before it was asked, or to come, is refused."""
    clerk, number = asked()
    with pytest.raises(Refused, match="not between"):
        clerk.do("remind_request", request=number, day=day)


JUDGED = {"judgement": "refusal", "difficulty": "None that we know of.", "reason": "No word in three weeks."}


def test_PHSO_26_a_refusal_is_judged_only_after_its_day_and_a_reminder():
    """Each step on the way is refused with the clause and the way, and the last one is taken."""
    clerk, number = asked(due="2026-03-20")
    with pytest.raises(Refused, match="until 2026-03-20") as refused:
        clerk.do("judge_request", MANAGER, request=number, **JUDGED)
    assert refused.value.clause == "PHSO-26"
    clerk.wait(days=10)
    with pytest.raises(Refused, match="not reminded") as refused:
        clerk.do("judge_request", MANAGER, request=number, **JUDGED)
    assert "remind_request" in refused.value.way
    clerk.do("remind_request", request=number)
    with pytest.raises(Refused, match="reminded today"):
        clerk.do("judge_request", MANAGER, request=number, **JUDGED)
    clerk.wait(days=1)
    clerk.do("judge_request", MANAGER, request=number, **JUDGED)
    (one,) = clerk.shelf.requests.values()
    assert (one.judgement, answers_request(clerk.shelf, clerk.now)) == ("refusal", False)
    assert not clerk.shelf.restrictions


@pytest.mark.parametrize("under", NAMES[:4])
def test_SPSO_53_only_the_policys_roles_judge_it(under):
    """A caseworker may not, under any of the four policies."""
    clerk, number = asked(under)
    clerk.wait(days=60)
    with pytest.raises(Refused, match="may not do this"):
        clerk.do("judge_request", CLERK, request=number, **JUDGED)


def test_PHSO_26_more_time_leaves_it_open_and_asks_for_another_reminder():
    """The new day is the policy's unless given; the old reminder no longer carries a judgement."""
    clerk, number = asked(due="2026-03-12")
    clerk.wait(days=2)
    clerk.do("remind_request", request=number)
    clerk.do("judge_request", MANAGER, request=number, **JUDGED | {"judgement": "more_time", "due": "2026-04-01"})
    (one,) = open_requests(clerk.shelf, clerk.now)
    assert (one.due, one.reminded) == (date(2026, 4, 1), None)
    clerk.wait(days=30)
    with pytest.raises(Refused, match="not reminded"):
        clerk.do("judge_request", MANAGER, request=number, **JUDGED)


@pytest.mark.parametrize("judgement", ["refusal", "good_reason"])
def test_PHSO_26_a_new_day_goes_with_more_time_alone(judgement):
    """A day beside another judgement is refused."""
    clerk, number = asked(due="2026-03-12")
    clerk.wait(days=9)
    with pytest.raises(Refused, match="with more time"):
        clerk.do("judge_request", MANAGER, request=number, **JUDGED | {"judgement": judgement, "due": "2026-05-01"})
