"""What acts on a restriction, an adjustment or an appeal refuse, each by its own sentence."""

from __future__ import annotations

import pytest

from rules.casework.actor import Actor
from rules.casework.refused import Refused
from tests.rules.casework.acts.clerk import LEADER, MANAGER, Clerk
from tests.rules.casework.acts.drafting import LIMIT, proposed

OMBUDSMAN = Actor("O. Ombudsman", frozenset({"ombudsman"}))
ENDING = {"advice": "Taken.", "route": "By letter.", "asked_by": "A. Clerk"}

ADJUSTMENTS = {
    "nothing that is different": ({"need": "Cannot write"}, "Say what will be different"),
    "an end that is past": ({"need": "Cannot write", "open": ["call"], "ends": "2026-03-10"}, "is past"),
    "an end beyond the calendar": ({"need": "Cannot write", "open": ["call"], "ends": "9999-12-31"}, "beyond"),
}


@pytest.mark.parametrize(("fields", "why"), ADJUSTMENTS.values(), ids=ADJUSTMENTS)
def test_PHSO_23_an_adjustment_that_means_nothing_is_refused(fields, why):
    """It changes something, and is not over before it begins."""
    with pytest.raises(Refused, match=why):
        Clerk().do("agree_adjustment", **fields)


def test_PHSO_23_nobody_ends_the_adjustment_whose_end_they_asked_for():
    """Somebody else approves it by doing it; afterwards there is nothing left to end."""
    clerk = Clerk()
    number = clerk.do("agree_adjustment", need="Cannot write", open=["call"]).id
    with pytest.raises(Refused, match="nobody approves their own"):
        clerk.do("end_adjustment", MANAGER, adjustment=number, **ENDING | {"asked_by": MANAGER.name})
    clerk.do("end_adjustment", MANAGER, adjustment=number, **ENDING)
    with pytest.raises(Refused, match="no such adjustment in force"):
        clerk.do("end_adjustment", MANAGER, adjustment=number, **ENDING)


def told() -> tuple[Clerk, str]:
    """Bring a party of SPSO under a limit of which they were told on 13 March."""
    clerk = Clerk("spso")
    number = proposed(clerk)
    clerk.wait(days=2)
    clerk.do("send_notice", about=number)
    clerk.wait(days=40)
    return clerk, number


APPEALS = {
    "SPSO-22 a day to come": ({"received": "2026-12-01"}, "is still to come"),
    "SPSO-22 a day before the notice": ({"received": "2026-03-12"}, "before the person was told"),
    "SPSO-22 too late": ({}, "more than 28 days after the notice"),
}


@pytest.mark.parametrize(("fields", "why"), APPEALS.values(), ids=APPEALS)
def test_an_appeal_has_its_time(fields, why):
    """Where the policy sets one; with the reason on record it is taken all the same."""
    clerk, number = told()
    clerk.policy = clerk.policy.with_changes(appeal=clerk.policy.appeal.model_copy(update={"within_days": 28}))
    with pytest.raises(Refused, match=why):
        clerk.do("appeal", restriction=number, grounds="No.", **fields)
    clerk.do("appeal", restriction=number, grounds="No.", late="They were in hospital.")


def test_SPSO_22_an_appeal_is_decided_once_and_measures_go_with_varying():
    """Anything else would leave it unclear what stands."""
    clerk, number = told()
    appeal = clerk.do("appeal", restriction=number, grounds="No.").id
    decided = {"appeal": appeal, "reason": "Seen."}
    for outcome, measures in (("varied", None), ("dismissed", [LIMIT])):
        with pytest.raises(Refused, match="Measures go with varying"):
            clerk.do("decide_appeal", OMBUDSMAN, **decided, outcome=outcome, measures=measures)
    clerk.do("decide_appeal", OMBUDSMAN, **decided, outcome="dismissed")
    for wrong in (appeal, "none"):
        with pytest.raises(Refused, match="no open appeal"):
            clerk.do("decide_appeal", LEADER, **decided | {"appeal": wrong}, outcome="upheld")


EXTENSIONS = {
    "PHSO-16 no later than it ends already": ({"ends": "2026-09-01"}, "already, which is not earlier"),
    "PHSO-16 more than six months from the instance": ({"ends": "2026-11-11"}, "no more than 6 months"),
    "PHSO-16 beyond the calendar": ({"ends": "9999-12-31"}, "beyond the calendar"),
}


@pytest.mark.parametrize(("fields", "why"), EXTENSIONS.values(), ids=EXTENSIONS)
def test_an_extension_keeps_to_the_policys_months(fields, why):
    """From the last instance, and never to an earlier end."""
    clerk = Clerk()
    number = clerk.restriction(LIMIT)
    clerk.wait(days=60)
    again = clerk.incident()
    with pytest.raises(Refused, match=why):
        clerk.do("extend_restriction", restriction=number, incident=again, **fields)


def test_PHSO_2_interim_protection_is_not_extended():
    """A new instance is a matter for a decision, not for more of what nobody decided."""
    clerk = Clerk()
    number = clerk.do("protect_interim", incident=clerk.incident(), reason="A threat.").id
    clerk.wait(hours=5)
    with pytest.raises(Refused, match="not renewable"):
        clerk.do("extend_restriction", restriction=number, incident=clerk.incident())
