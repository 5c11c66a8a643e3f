"""Who approves what: by role, with those who stand in, never one's own, judged on all that is on the party."""

from __future__ import annotations

import pytest

from rules.casework.actor import Actor
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionState
from rules.contact import WAYS_IN, Channel
from rules.standing import Party, PartyKind
from tests.rules.casework.acts.clerk import CLERK, LEADER, MANAGER, Clerk
from tests.rules.casework.acts.drafting import BLOCK, draft, proposed, state, warn

DEPUTY = Actor("D. Deputy", frozenset({"assistant_deputy_ombudsman"}))
LETTERS_ONLY = {"kind": "channel_only", "allowed": ["letter"]}
NO_LETTERS = {"kind": "return_letters"}


def test_PHSO_18_a_total_block_is_approved_by_name_of_role():
    """Only the leadership approves it, or, standing in, the named deputies with the reason."""
    clerk = Clerk()
    number = proposed(clerk, BLOCK)
    assert state(clerk, number) is RestrictionState.AWAITING_APPROVAL
    with pytest.raises(Refused) as refused:
        clerk.do("approve_restriction", MANAGER, restriction=number, reason="Yes.")
    assert refused.value.clause == "PHSO-18"
    assert "Ombudsman" in refused.value.way
    with pytest.raises(Refused, match="reason on record"):
        clerk.do("approve_restriction", DEPUTY, restriction=number, reason="Yes.")
    clerk.do("approve_restriction", DEPUTY, restriction=number, reason="Yes.", fallback="The Ombudsman is away.")
    approval = clerk.shelf.restrictions[number].approval
    assert (approval.role, approval.fallback) == ("assistant_deputy_ombudsman", "The Ombudsman is away.")
    assert approval.as_block


@pytest.mark.parametrize(
    ("ways", "needed"),
    [
        pytest.param(WAYS_IN, RestrictionState.AWAITING_APPROVAL, id="an office without a text number or a web form"),
        pytest.param(WAYS_IN | {Channel.SMS}, RestrictionState.AWAITING_NOTICE, id="an office that takes texts"),
    ],
)
def test_PHSO_18_no_channel_that_the_office_does_not_have_is_a_way_in(ways, needed):
    """With mail, calls, letters and visits shut nothing is left, and any colleague could have done it alone."""
    clerk = Clerk()
    clerk.policy = clerk.policy.with_changes(ways_in=ways)
    assert state(clerk, proposed(clerk, {"kind": "block", "channels": sorted(WAYS_IN)})) is needed


def test_PHSO_18_the_combined_effect_is_judged_whatever_its_parts_are_called():
    """Letters only is open to any colleague; returning letters too closes the last way, and needs the leadership."""
    clerk = Clerk()
    first = proposed(clerk, LETTERS_ONLY)
    assert state(clerk, first) is RestrictionState.AWAITING_NOTICE
    second = proposed(clerk, NO_LETTERS)
    assert state(clerk, second) is RestrictionState.AWAITING_APPROVAL


def test_PHSO_18_an_adjustment_keeps_a_way_open():
    """With calls open by an adjustment there is no total block; ending that adjustment would make one."""
    clerk = Clerk()
    adjustment = clerk.do("agree_adjustment", need="Cannot write", open=["call"]).id
    number = proposed(clerk, BLOCK)
    assert state(clerk, number) is RestrictionState.AWAITING_NOTICE
    with pytest.raises(Refused, match="total block that nobody approved"):
        clerk.do(
            "end_adjustment",
            MANAGER,
            adjustment=adjustment,
            advice="Taken.",
            route="By letter.",
            asked_by="A. Clerk",
        )


def test_PHSO_18_an_adjustment_that_ends_leaves_no_way():
    """The block is judged over its whole span: an adjustment for a week does not keep it from being one."""
    clerk = Clerk()
    clerk.do("agree_adjustment", need="Cannot write just now", open=["call"], ends="2026-03-18")
    assert state(clerk, proposed(clerk, BLOCK)) is RestrictionState.AWAITING_APPROVAL


def test_PHSO_18_nobody_approves_their_own():
    """Neither who drafted it nor who proposed it approves it, whatever their role."""
    clerk = Clerk()
    warn(clerk)
    number = draft(clerk, BLOCK, by=LEADER)
    clerk.do("propose_restriction", MANAGER, restriction=number)
    for own in (LEADER, Actor(MANAGER.name, LEADER.roles)):
        with pytest.raises(Refused, match="nobody approves their own"):
            clerk.do("approve_restriction", own, restriction=number, reason="Yes.")


@pytest.mark.parametrize("kind", [PartyKind.ORGANISATION, PartyKind.PROFESSIONAL], ids=lambda kind: f"PHSO-19 {kind}")
def test_organisations_and_professionals_have_the_same_gate(kind):
    """Even the mildest measure on them is for the leadership."""
    clerk = Clerk()
    clerk.file = CaseFile(Party(7, "Example and Partners", kind), marks=clerk.file.marks)
    assert state(clerk, proposed(clerk)) is RestrictionState.AWAITING_APPROVAL


def test_MP_8_the_MP_decides_alone():
    """Under the MP's policy there are no four eyes: what the MP proposes is approved, what a colleague does is not."""
    mp = Actor("The MP", frozenset({"mp"}))
    clerk = Clerk("mp-office")
    warn(clerk)
    own, other = draft(clerk, BLOCK, by=mp), draft(clerk)
    clerk.do("propose_restriction", mp, restriction=own)
    clerk.do("propose_restriction", CLERK, restriction=other)
    assert state(clerk, own) is RestrictionState.AWAITING_NOTICE
    assert state(clerk, other) is RestrictionState.AWAITING_APPROVAL
