"""Looking after colleagues: debriefs, stopping, ending a call, contact outside the office."""

import pytest

from rules.casework.acts.end_call import AT_ONCE, EndCall
from rules.casework.acts.outside_contact import OutsideContact
from rules.casework.debriefs import not_offered, open_debriefs
from rules.casework.refused import Refused
from tests.rules.casework.acts.clerk import CLERK, MANAGER, Clerk


def test_SPSO_60_a_debrief_is_offered_and_tracked():
    """An incident after which nobody offered one is seen; an offer stays open until it was taken or declined."""
    clerk = Clerk("spso")
    first, second = clerk.incident(), clerk.incident()
    clerk.do("debrief", MANAGER, incident=first, colleague="A. Clerk")
    assert not_offered(clerk.file, clerk.shelf) == (second,)
    assert [one.colleague for one in open_debriefs(clerk.shelf)] == ["A. Clerk"]
    clerk.do("debrief", MANAGER, incident=first, colleague="A. Clerk", outcome="taken", time_away="The afternoon.")
    assert open_debriefs(clerk.shelf) == ()
    assert clerk.shelf.debriefs[first, "A. Clerk"].time_away == "The afternoon."


def test_SPSO_63_a_colleague_is_taken_off_a_case_on_request():
    """Who takes it over is on record."""
    clerk = Clerk("spso")
    incident = clerk.incident()
    clerk.do(
        "debrief", MANAGER, incident=incident, colleague="A. Clerk", off_case="HO/2024-123", taken_over_by="B. Clerk"
    )
    one = clerk.shelf.debriefs[incident, "A. Clerk"]
    assert (one.off_case, one.taken_over_by) == ("HO/2024-123", "B. Clerk")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"offered": "2026-03-12"}, "still to come", id="offered on a day to come"),
        pytest.param({"off_case": "HO/2024-123"}, "hands it to somebody", id="nobody takes the case over"),
        pytest.param({"taken_over_by": "B. Clerk"}, "hands it to somebody", id="somebody takes no case over"),
        pytest.param(
            {"off_case": "HO/2024-123", "taken_over_by": "a. clerk"},
            "their own case",
            id="they take it over themselves",
        ),
        pytest.param({"incident": "none"}, "no incident", id="an incident that is not on the file"),
    ],
)
def test_SPSO_61_a_debrief_makes_sense(fields, why):
    """What would leave a case with nobody, or is still to come, is refused."""
    clerk = Clerk("spso")
    with pytest.raises(Refused, match=why):
        clerk.do("debrief", MANAGER, **{"incident": clerk.incident(), "colleague": "A. Clerk"} | fields)
    assert not clerk.shelf.debriefs


def test_SPSO_59_anybody_may_stop_reading_and_pass_it_to_a_manager():
    """No reason has to be given; it may be passed on again, to somebody else."""
    clerk = Clerk("spso")
    clerk.do("stop_reading", contact="C1", passed_to="M. Manager")
    assert clerk.shelf.stopped == {"C1": "M. Manager"}
    with pytest.raises(Refused, match="has it already"):
        clerk.do("stop_reading", contact="C1", passed_to="m. manager")
    clerk.do("stop_reading", MANAGER, contact="C1", passed_to="L. Leader")
    assert clerk.shelf.stopped == {"C1": "L. Leader"}


def test_SPSO_59_nobody_passes_it_to_themselves():
    """Then it would be with them still."""
    with pytest.raises(Refused, match="to yourself"):
        Clerk("spso").do("stop_reading", CLERK, contact="C1", passed_to="a. clerk")


ENDED = {"code": "shouting", "asked": "Please speak calmly.", "follow_up": "warning"}


def test_PHSO_5_a_call_ends_after_one_request_and_is_followed_up():
    """The request and the follow-up are on record."""
    clerk = Clerk()
    clerk.do("end_call", **ENDED, contact="C1")
    ((_, act),) = clerk.file.of(EndCall)
    assert (act.asked, act.follow_up) == ("Please speak calmly.", "warning")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"asked": " "}, id="no request was made"),
        pytest.param({"follow_up": "none"}, id="nothing follows, and nobody says why"),
        pytest.param({"why_none": "They left."}, id="a reason for none beside a follow-up"),
    ],
)
def test_PHSO_5_a_call_is_not_just_ended(fields):
    """Refused with the clause and the way."""
    with pytest.raises(Refused) as refused:
        Clerk().do("end_call", **ENDED | fields)
    assert refused.value.clause
    assert refused.value.way


@pytest.mark.parametrize("code", AT_ONCE)
def test_SPSO_27_zero_tolerance_ends_a_call_at_once(code):
    """A threat, or a recording to publish, needs no request; a recording for oneself is no code at all."""
    Clerk("spso").do("end_call", code=code, follow_up="none", why_none="It went to the police.")
    with pytest.raises(ValueError, match="code"):
        Clerk("spso").do("end_call", **ENDED | {"code": "recording"})


OUTSIDE = {"discussed_with": "M. Manager", "recorded": True, "reason": "It was a threat.", "what": "Came to my door."}


def test_SPSO_45_what_the_manager_decided_to_record_is_on_file():
    """With its day, where one is given."""
    clerk = Clerk("spso")
    clerk.do("outside_contact", **OUTSIDE, day="2026-03-10")
    ((_, act),) = clerk.file.of(OutsideContact)
    assert (act.what, act.day.isoformat()) == ("Came to my door.", "2026-03-10")


def test_SPSO_45_what_is_not_recorded_leaves_no_word_on_the_file():
    """Only that it was discussed, with whom and why it is not recorded."""
    clerk = Clerk("spso")
    clerk.do("outside_contact", **OUTSIDE | {"recorded": False, "reason": "They met by chance."}, day="2026-03-10")
    ((_, act),) = clerk.file.of(OutsideContact)
    assert (act.what, act.day, act.discussed_with) == ("", None, "M. Manager")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"discussed_with": "a. clerk"}, "with a manager first", id="nobody else was asked"),
        pytest.param({"what": " "}, "Say what happened", id="recorded, and nothing said"),
        pytest.param({"day": "2026-03-12"}, "still to come", id="a day to come"),
    ],
)
def test_SPSO_45_a_manager_hears_of_it_first(fields, why):
    """Anything else is refused."""
    with pytest.raises(Refused, match=why):
        Clerk("spso").do("outside_contact", CLERK, **OUTSIDE | fields)
