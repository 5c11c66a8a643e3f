"""Ask, warn, manage: incidents, asks and warnings on a file, and the stage that follows from them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rules.casework.refused import Refused
from rules.casework.shelf import Stage
from tests.rules.casework.acts.clerk import CLERK, MANAGER, NOW, Clerk

ASK = {"text": "Please call once a day.", "distress": "They did not say.", "adjustments": "None needed."}


def test_PHSO_3_the_stage_is_read_from_the_file():
    """Nobody types a stage in: it goes up with what is on the file, and down again by the clock."""
    clerk = Clerk()
    found = [clerk.shelf.stage(clerk.now)]
    clerk.do("ask", **ASK)
    found.append(clerk.shelf.stage(clerk.now))
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.", spoken=True)
    found.append(clerk.shelf.stage(clerk.now))
    clerk.restriction({"kind": "call_length_limit", "minutes": 10})
    found.append(clerk.shelf.stage(clerk.now))
    clerk.wait(days=190)
    found.append(clerk.shelf.stage(clerk.now))
    assert found == [Stage.NONE, Stage.ASK, Stage.WARN, Stage.MANAGE, Stage.ASK]


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        pytest.param("distress", "distress is missing", id="PHSO-4 what causes distress is asked"),
        pytest.param("adjustments", "adjustments is missing", id="PHSO-4, SPSO-9 adjustments are asked about"),
    ],
)
def test_an_ask_brings_two_questions(left_out, sentence):
    """An ask without an answer to either question is not taken."""
    with pytest.raises(ValueError, match=sentence):
        Clerk().do("ask", **{key: value for key, value in ASK.items() if key != left_out})


@pytest.mark.parametrize(
    ("said", "last"),
    [
        pytest.param(date(2026, 8, 31), date(2027, 2, 28), id="PHSO-7 31 August and six months"),
        pytest.param(date(2027, 8, 31), date(2028, 2, 29), id="PHSO-7 31 August before a leap year"),
        pytest.param(date(2026, 10, 25), date(2027, 4, 25), id="PHSO-7 from winter time into summer time"),
        pytest.param(date(2026, 3, 4), date(2026, 9, 4), id="PHSO-7 from winter time and back again"),
    ],
)
def test_a_warning_lasts_six_months(said, last):
    """It stands from the day it was communicated to the last moment of its last day, by the office's clock."""
    clerk = Clerk()
    clerk.now = datetime(said.year, said.month, said.day, 15, tzinfo=UTC)
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.", spoken=True)
    (warning,) = clerk.shelf.warnings.values()
    assert (warning.communicated, warning.last_day) == (said, last)
    summer = clerk.policy.zone.utcoffset(datetime(last.year, last.month, last.day, 12)).total_seconds() / 3600  # noqa: DTZ001
    last_minute = datetime(last.year, last.month, last.day, 23 - int(summer), 59, tzinfo=UTC)
    assert warning.stands(last_minute, clerk.policy.zone)
    clerk.now = last_minute
    clerk.wait(minutes=1)
    assert not warning.stands(clerk.now, clerk.policy.zone)
    assert list(clerk.shelf.warnings.values()) == [warning], "PHSO-7: an expired warning stays readable"


def test_PHSO_6_a_written_warning_runs_from_its_letter():
    """Any colleague may warn; in writing it stands from the day on which its letter left."""
    clerk = Clerk()
    warning = clerk.do("warn", CLERK, incidents=[clerk.incident()], text="Please stop.").id
    assert not clerk.shelf.standing_warnings(clerk.now)
    clerk.wait(days=3)
    clerk.do("communicate_warning", warning=warning, how="By post")
    assert [one.communicated for one in clerk.shelf.standing_warnings(clerk.now)] == [date(2026, 3, 14)]


def _warned(clerk: Clerk) -> str:
    return clerk.do("warn", incidents=[clerk.incident()], text="Please stop.").id


BAD = {
    "an incident of a kind that the policy does not name": (
        lambda clerk: clerk.incident(category="rudeness"),
        "no ground of this policy",
    ),
    "an incident to come": (lambda clerk: clerk.incident(day="2026-03-12"), "still to come"),
    "a warning about nothing on the file": (
        lambda clerk: clerk.do("warn", incidents=["none"], text="Stop."),
        "no incident none",
    ),
    "a written warning with a day of its own": (
        lambda clerk: clerk.do("warn", incidents=[clerk.incident()], text="Stop.", day="2026-03-10"),
        "has its day when it is communicated",
    ),
    "a spoken warning to come": (
        lambda clerk: clerk.do("warn", incidents=[clerk.incident()], text="Stop.", spoken=True, day="2026-04-01"),
        "still to come",
    ),
    "a letter about no warning": (
        lambda clerk: clerk.do("communicate_warning", warning="none"),
        "no warning none",
    ),
    "a letter that left before": (
        lambda clerk: [clerk.do("communicate_warning", warning=one) for one in [_warned(clerk)] * 2],
        "communicated before",
    ),
    "PHSO-7 a letter that left before the warning was written": (
        lambda clerk: clerk.do("communicate_warning", warning=_warned(clerk), day="2026-03-10"),
        "written on 2026-03-11",
    ),
    "an ask about nothing on the file": (lambda clerk: clerk.do("ask", incident="none", **ASK), "no incident none"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_makes_no_sense_is_refused(case):
    """Each is refused with a sentence, and leaves nothing on the file."""
    attempt, sentence = BAD[case]
    clerk = Clerk()
    clerk.do("note_incident", MANAGER, category="levels_of_contact", what="Nine calls.")
    with pytest.raises(Refused, match=sentence):
        attempt(clerk)
    assert clerk.now == NOW
