"""Behaviour contracts: agreed once, after the party was told, and only where there is one."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.casework.refused import Refused
from tests.rules.casework.acts.clerk import MANAGER, NOW, Clerk

LIMIT = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
CONTRACT = {"kind": "behaviour_contract", "conditions": ["No shouting"]}
HOW = "Signed; on the case file."


def made(*measures):
    """Give a clerk with a restriction of these measures in force, and its id."""
    clerk = Clerk()
    return clerk, clerk.restriction(*measures)


def kinds(clerk, number, at):
    """Name the measures that bear on contact at a moment, as decisions have them."""
    return [each.kind for each in clerk.shelf.restrictions[number].enforced().bearing(at)]


def test_PHSO_M4_until_the_contract_is_agreed_the_other_measures_stand():
    """From the moment it is put on file they rest."""
    clerk, number = made(CONTRACT, LIMIT)
    clerk.wait(hours=3)
    assert kinds(clerk, number, clerk.now) == ["behaviour_contract", "volume_limit"]
    clerk.do("agree_contract", restriction=number, how=HOW)
    assert kinds(clerk, number, clerk.now) == ["behaviour_contract"]
    assert kinds(clerk, number, clerk.now - timedelta(microseconds=1)) == ["behaviour_contract", "volume_limit"]


def test_PHSO_M4_it_was_agreed_on_the_day_that_is_given():
    """From the first moment of that day in the office's zone."""
    clerk, number = made(CONTRACT, LIMIT)
    clerk.wait(days=30)
    clerk.do("agree_contract", restriction=number, day="2026-04-02", how=HOW)
    assert clerk.shelf.restrictions[number].contract_agreed == datetime(2026, 4, 1, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"day": "2026-03-10"}, "not between", id="a day before the person was told"),
        pytest.param({"day": "2026-03-12"}, "not between", id="a day to come"),
        pytest.param({"restriction": "none"}, "no restriction", id="a restriction that is not there"),
    ],
)
def test_PHSO_M4_a_day_on_which_it_could_be_agreed(fields, why):
    """Anything else is refused, and the other measures stand."""
    clerk, number = made(CONTRACT, LIMIT)
    with pytest.raises(Refused, match=why):
        clerk.do("agree_contract", **{"restriction": number, "how": HOW} | fields)
    assert "volume_limit" in kinds(clerk, number, NOW)


def test_PHSO_M4_without_a_contract_there_is_nothing_to_agree():
    """Refused, with the clause and the way."""
    clerk, number = made(LIMIT)
    with pytest.raises(Refused, match="no behaviour contract") as refused:
        clerk.do("agree_contract", restriction=number, how=HOW)
    assert (refused.value.clause, "review" in refused.value.way) == ("PHSO-M4", True)


def test_PHSO_M4_it_is_agreed_once_and_only_while_it_lasts():
    """A second time, and after the end, it is refused."""
    clerk, number = made(CONTRACT, LIMIT)
    clerk.do("agree_contract", restriction=number, how=HOW)
    with pytest.raises(Refused, match="agreed to it before"):
        clerk.do("agree_contract", restriction=number, how=HOW)
    other, late = made(CONTRACT, LIMIT)
    other.do("lift_restriction", MANAGER, restriction=late, reason="Better now.")
    with pytest.raises(Refused, match="lifted"):
        other.do("agree_contract", restriction=late, how=HOW)


def test_PHSO_M4_nobody_has_agreed_to_new_conditions():
    """Measures amended after an agreement stand as they are, until the new contract is agreed too."""
    clerk, number = made(CONTRACT, LIMIT)
    clerk.do("agree_contract", restriction=number, how=HOW)
    harder = [CONTRACT | {"conditions": ["No shouting", "One call a week"]}, LIMIT]
    review = clerk.do(
        "review_restriction", MANAGER, restriction=number, outcome="amend", reason="Broken twice.", measures=harder
    )
    assert kinds(clerk, number, clerk.now) == ["behaviour_contract"]
    clerk.do("send_notice", about=review.id)
    assert kinds(clerk, number, clerk.now) == ["behaviour_contract", "volume_limit"]
    clerk.do("agree_contract", restriction=number, how=HOW)
    assert kinds(clerk, number, clerk.now) == ["behaviour_contract"]


def test_PHSO_M4_new_conditions_that_never_arrived_leave_what_was_agreed():
    """The notice of a change comes back: the old terms stand again, and so does the agreement to them."""
    clerk, number = made(CONTRACT, LIMIT)
    agreed = clerk.do("agree_contract", restriction=number, how=HOW).at
    review = clerk.do(
        "review_restriction", MANAGER, restriction=number, outcome="amend", reason="Broken.", measures=[CONTRACT, LIMIT]
    )
    clerk.do("send_notice", about=review.id)
    clerk.do("notice_came_back", about=review.id)
    assert kinds(clerk, number, clerk.now) == ["behaviour_contract"]
    assert clerk.shelf.restrictions[number].contract_agreed == agreed
