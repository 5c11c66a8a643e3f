"""Approval is judged on all that may come to stand: what is decided and not told yet, what stood before (PHSO-18)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionState
from tests.rules.casework.acts.clerk import LEADER, MANAGER, Clerk
from tests.rules.casework.acts.drafting import LIMIT, draft, proposed, state

MAIL = {"kind": "block", "channels": ["email", "sms", "web"]}
REST = {"kind": "block", "channels": ["call", "letter", "visit"]}
STOP = {"kind": "stop_case", "case": "HS-1234"}
VISITS = {"kind": "block", "channels": ["visit"]}
ENDING = {"advice": "Taken.", "route": "By letter.", "asked_by": "B. Clerk"}


def amend(clerk, number, *measures, by=MANAGER):
    """Change a restriction at a review, of which the person is not told yet; gives the change's id."""
    given = {"outcome": "amend", "reason": "Looked at.", "measures": list(measures)}
    return clerk.do("review_restriction", by, restriction=number, **given).id


def extend(clerk, number):
    """Extend a restriction over something new, of which the person is not told yet; gives the change's id."""
    colleague = Actor("B. Clerk", frozenset({"caseworker"}))
    return clerk.do("extend_restriction", colleague, restriction=number, incident=clerk.incident()).id


def day(clerk, days):
    """Write the day so many days from now."""
    return str((clerk.now + timedelta(days=days)).date())


def _amended_and_not_told(clerk):
    amend(clerk, clerk.restriction(LIMIT), MAIL)


def _amended_and_told(clerk):
    clerk.do("send_notice", about=amend(clerk, clerk.restriction(MAIL), LIMIT))


def _extended_and_not_told(clerk):
    number = draft(clerk, MAIL, ends=day(clerk, 10))
    clerk.do("propose_restriction", restriction=number, exception="It cannot wait.")
    clerk.do("approve_restriction", MANAGER, restriction=number, reason="Yes.")
    clerk.do("send_notice", about=number)
    clerk.wait(days=1)
    extend(clerk, number)


LATENT = {
    "a change of which the person is not told yet": (_amended_and_not_told, 0),
    "what stood before a change whose letter may come back": (_amended_and_told, 0),
    "an extension of which the person is not told yet": (_extended_and_not_told, 15),
}


@pytest.mark.parametrize(("begin", "starts"), LATENT.values(), ids=LATENT)
def test_PHSO_18_another_restriction_is_judged_with_what_may_come_to_stand(begin, starts):
    """Whoever sends the letter afterwards, or has it back, makes no total block that nobody approved."""
    clerk = Clerk()
    begin(clerk)
    number = proposed(clerk, REST, starts=day(clerk, starts))
    assert state(clerk, number) is RestrictionState.AWAITING_APPROVAL
    with pytest.raises(Refused, match="decided already, told or not") as refused:
        clerk.do("approve_restriction", MANAGER, restriction=number, reason="Yes.")
    assert refused.value.clause == "PHSO-18"
    clerk.do("approve_restriction", LEADER, restriction=number, reason="Yes.")
    assert clerk.shelf.restrictions[number].approval.as_block


def test_PHSO_18_a_second_change_is_judged_with_the_first():
    """Two reviews, of neither of which the person is told: together they would be a total block."""
    clerk = Clerk()
    one, other = clerk.restriction(LIMIT), clerk.restriction(LIMIT)
    amend(clerk, one, MAIL)
    with pytest.raises(Refused, match="total block"):
        amend(clerk, other, REST)
    amend(clerk, other, REST, by=LEADER)


def test_PHSO_18_a_change_and_an_extension_of_one_restriction_are_judged_together():
    """Whichever comes first, changed measures count up to the end that is not told yet."""
    for extended_first in (True, False):
        clerk = Clerk()
        number = draft(clerk, LIMIT, ends=day(clerk, 10))
        clerk.do("propose_restriction", restriction=number, exception="It cannot wait.")
        clerk.do("approve_restriction", MANAGER, restriction=number, reason="Yes.")
        clerk.do("send_notice", about=number)
        clerk.do("send_notice", about=proposed(clerk, REST, starts=day(clerk, 15)))
        clerk.wait(days=1)
        if extended_first:
            extend(clerk, number)
            with pytest.raises(Refused, match="total block"):
                amend(clerk, number, MAIL)
        else:
            amend(clerk, number, MAIL)
            with pytest.raises(Refused, match="total block"):
                extend(clerk, number)


def test_MP_7_an_extension_is_approved_as_the_measures_are_that_are_not_told_yet():
    """A restriction that is to stop work on a case goes on for longer only by whom that is for."""
    clerk = Clerk()
    number = clerk.restriction(LIMIT)
    clerk.wait(days=10)
    amend(clerk, number, STOP, by=LEADER)
    with pytest.raises(Refused, match="needs an approval"):
        extend(clerk, number)


def test_PHSO_18_an_adjustment_is_kept_while_a_change_would_leave_no_other_way():
    """Ending it is judged with the letter that is still to leave."""
    clerk = Clerk()
    adjustment = clerk.do("agree_adjustment", need="Cannot write", open=["call"]).id
    number = clerk.restriction(LIMIT)
    clerk.restriction(REST)
    amend(clerk, number, MAIL)
    with pytest.raises(Refused, match="total block that nobody approved"):
        clerk.do("end_adjustment", MANAGER, adjustment=adjustment, **ENDING)


def test_PHSO_18_an_adjustment_is_kept_for_when_an_approved_block_is_over():
    """What was approved covers its own time; afterwards the others would leave no way that anybody approved."""
    clerk = Clerk()
    block = proposed(clerk, {"kind": "block"}, ends=day(clerk, 10))
    clerk.do("approve_restriction", LEADER, restriction=block, reason="Yes.")
    clerk.do("send_notice", about=block)
    adjustment = clerk.do("agree_adjustment", need="Cannot write", open=["call"]).id
    clerk.restriction(REST)
    clerk.restriction(MAIL)
    with pytest.raises(Refused, match="total block that nobody approved"):
        clerk.do("end_adjustment", MANAGER, adjustment=adjustment, **ENDING)


def test_one_restriction_has_one_set_of_terms_at_a_time():
    """Letters alone, to become mail alone, shut everything out only if both were counted at once."""
    clerk = Clerk()
    number = clerk.restriction({"kind": "channel_only", "allowed": ["letter"]})
    change = amend(clerk, number, {"kind": "channel_only", "allowed": ["email"]})
    assert state(clerk, proposed(clerk, VISITS)) is RestrictionState.AWAITING_NOTICE
    clerk.do("send_notice", about=change)
    assert state(clerk, proposed(clerk, VISITS)) is RestrictionState.AWAITING_NOTICE
    assert state(clerk, proposed(clerk, {"kind": "return_letters"})) is RestrictionState.AWAITING_APPROVAL


def test_PHSO_18_a_block_to_come_that_the_leadership_approved_asks_for_nothing_more():
    """What is added to it needs no second approval of that block; the block itself was somebody's decision."""
    clerk = Clerk()
    amend(clerk, clerk.restriction(LIMIT), {"kind": "block"}, by=LEADER)
    assert state(clerk, proposed(clerk, VISITS)) is RestrictionState.AWAITING_NOTICE


@pytest.mark.parametrize("once", [{"kind": "block"}, STOP], ids=["PHSO-18 a block", "MP-7 work that stopped"])
def test_a_milder_restriction_is_extended_as_one(once):
    """What it was once, and the leadership approved, asks for no approval of theirs."""
    clerk = Clerk()
    number = clerk.restriction(LIMIT)
    clerk.do("send_notice", about=amend(clerk, number, once, by=LEADER))
    clerk.do("send_notice", about=amend(clerk, number, LIMIT))
    clerk.wait(days=10)
    change = extend(clerk, number)
    assert [paper for paper, _ in clerk.shelf.restrictions[number].untold] == [change]
