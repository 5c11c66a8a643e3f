"""Whether the police are told: by whose decision, and never by the target alone against it."""

import pytest

from rules.casework.acts.police import Police
from rules.casework.refused import Refused
from tests.rules.casework.acts.clerk import CLERK, LEADER, MANAGER, Clerk

DECIDED = {
    "told": False,
    "reason": "The words were aimed at nobody.",
    "targets": ["C. Colleague"],
    "third_party": "There is none.",
    "person": "Not told; it would make things worse.",
}


def decide(under, by, **fields):
    """Have somebody decide, and give the act as it is on file."""
    clerk = Clerk(under)
    clerk.do("police", by, **DECIDED | {"incident": clerk.incident()} | fields)
    ((_, act),) = clerk.file.of(Police)
    return act


@pytest.mark.parametrize("under", ["phso", "spso", "mp-office", "housing-ombudsman"])
def test_SPSO_32_the_decision_is_on_record_with_who_decided(under):
    """Under each policy one of the leadership decides; witnesses stand beside it."""
    act = decide(under, LEADER, decided_with=["M. Manager", "L. Leader"], witnesses=["W. Witness"], told=True)
    assert act.deciders == ("L. Leader", "M. Manager")
    assert act.witnesses == ("W. Witness",)


@pytest.mark.parametrize(
    ("under", "by"),
    [
        pytest.param("spso", MANAGER, id="SPSO: no manager"),
        pytest.param("spso", CLERK, id="SPSO: no caseworker"),
        pytest.param("phso", CLERK, id="PHSO: no caseworker"),
        pytest.param("housing-ombudsman", CLERK, id="Housing Ombudsman: no caseworker"),
    ],
)
def test_SPSO_33_it_is_a_decision_of_the_leadership(under, by):
    """Nobody else may take it."""
    with pytest.raises(Refused, match="may not do this"):
        decide(under, by)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"targets": ["L. Leader"]}, id="the target decides alone"),
        pytest.param({"targets": [" l.  LEADER "]}, id="the target's name is written otherwise"),
        pytest.param({"targets": ["L. Leader"], "decided_with": ["L. Leader"]}, id="the target names themselves"),
        pytest.param(
            {"targets": ["L. Leader", "C. Colleague"], "decided_with": ["C. Colleague"]}, id="two targets among them"
        ),
    ],
)
def test_SPSO_34_never_the_target_alone_decides_against(fields):
    """Only those who were threatened decided not to tell: refused, with the way."""
    with pytest.raises(Refused, match="does not decide alone") as refused:
        decide("spso", LEADER, **fields)
    assert (refused.value.clause, "colleague" in refused.value.way) == ("SPSO-32", True)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"targets": ["L. Leader"], "told": True}, id="the target decides that they are told"),
        pytest.param({"targets": ["L. Leader"], "decided_with": ["M. Manager"]}, id="somebody else decides too"),
    ],
)
def test_SPSO_34_a_target_may_decide_for_it_or_together(fields):
    """Both stand."""
    assert decide("spso", LEADER, **fields).targets == ("L. Leader",)


def test_SPSO_34_an_immediate_threat_goes_to_the_police_at_once():
    """Deciding against is refused; that they were told is taken."""
    with pytest.raises(Refused, match="at once"):
        decide("spso", LEADER, immediate=True)
    assert decide("spso", LEADER, immediate=True, told=True).told


@pytest.mark.parametrize("missing", ["targets", "third_party", "person", "reason"])
def test_SPSO_33_each_question_is_answered(missing):
    """Targets, third party, person and reason cannot be left out."""
    with pytest.raises(ValueError, match=missing):
        decide("spso", LEADER, **{missing: [] if missing == "targets" else " "})


def test_MP_5_an_incident_is_named():
    """Without one on the file it is refused."""
    with pytest.raises(Refused, match="no incident"):
        decide("mp-office", LEADER, incident="none")
