"""Files that become one and two again: which papers go, and total blocks that nobody approved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules import measures
from rules.casework.file import CaseFile, imported_name
from rules.casework.one_party import followers, newly_blocked, together
from rules.casework.shelf import shelf_of
from rules.contact import Channel
from rules.standing import Adjustment, Restriction
from tests.rules.casework.acts.clerk import MANAGER, NOW, Clerk, policy

MAIL = {"kind": "block", "channels": ["email", "sms", "web", "online"]}
REST = {"kind": "block", "channels": ["call", "letter", "visit"]}
ALL = {"kind": "block"}
CALLS = Adjustment("cannot write", frozenset({Channel.CALL}), NOW)


def file(number, *kinds, adjustments=(), starts=NOW, days=30):
    """Give a file with imported restrictions."""
    ends = starts + timedelta(days=days)
    imported = tuple(
        Restriction(f"{number}-{at}", (measures.parse(kind),), starts, ends, approved_by="Head")
        for at, kind in enumerate(kinds)
    )
    named = tuple((imported_name(at), one) for at, one in enumerate(adjustments))
    return CaseFile(replace(Clerk().file.party, id=number), imported=imported, imported_adjustments=named)


@pytest.mark.parametrize(
    ("one", "other", "blocked"),
    [
        pytest.param(file(1, MAIL), file(2, REST), True, id="one shuts mail, the other all else"),
        pytest.param(file(1, MAIL), file(2, MAIL), False, id="both shut mail"),
        pytest.param(file(1, ALL), file(2, MAIL), False, id="one was blocked before, by whoever decided that"),
        pytest.param(
            file(1, MAIL), file(2, REST, adjustments=[CALLS]), False, id="an adjustment of either keeps calls open"
        ),
        pytest.param(
            file(1, MAIL, days=10), file(2, REST, starts=NOW + timedelta(days=10)), False, id="never at the same time"
        ),
        pytest.param(
            file(1, MAIL), file(2, REST, starts=NOW + timedelta(days=10)), True, id="at the same time from later on"
        ),
        pytest.param(
            file(1, MAIL),
            file(2, REST, adjustments=[replace(CALLS, ends=NOW + timedelta(days=5))]),
            True,
            id="once the adjustment ends",
        ),
    ],
)
def test_a_total_block_that_nobody_approved(one, other, blocked):
    """Judged on what stands with both, at every moment from now on (PHSO-18)."""
    shelves = [shelf_of(each, policy()) for each in (one, other)]
    after = shelf_of(together(one, other), policy())
    assert newly_blocked(after, shelves, NOW) is blocked


def test_parting_can_block_too():
    """Where an adjustment of the other kept a channel open, the part that is left without it is judged as well."""
    whole = file(1, MAIL, REST, adjustments=[CALLS])
    left = replace(whole, imported_adjustments=())
    assert newly_blocked(shelf_of(left, policy()), [shelf_of(whole, policy())], NOW)
    assert not newly_blocked(shelf_of(whole, policy()), [shelf_of(left, policy())], NOW)


def test_PHSO_18_a_change_that_is_not_told_yet_counts_at_a_merge():
    """Its letter may leave after the merge; nobody would have approved the total block that then stands."""
    clerk = Clerk()
    number = clerk.restriction({"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"})
    given = {"outcome": "amend", "reason": "Looked at.", "measures": [MAIL]}
    clerk.do("review_restriction", MANAGER, restriction=number, **given)
    halves = [clerk.file, file(2, REST)]
    after = shelf_of(together(*halves), policy())
    assert newly_blocked(after, [shelf_of(each, policy()) for each in halves], clerk.now)


def test_papers_of_both_stand_in_the_order_of_time():
    """The one file has the papers and the adjustments of both, and says what they say together."""
    one, other = Clerk(), Clerk()
    other.now += timedelta(minutes=1)
    other.do("agree_adjustment", need="large print", forms=["large_print"])
    one.now += timedelta(minutes=2)
    one.do("agree_adjustment", need="calls", open=["call"])
    # Two clerks number alike.
    renamed = replace(other.file, papers=tuple(replace(each, id="other") for each in other.file.papers))
    both = shelf_of(together(one.file, renamed), policy())
    assert [each.need for each in both.adjustments.values()] == ["large print", "calls"]


def test_papers_about_what_came_go_along():
    """A lift of a restriction that came goes; one of a restriction that stays does not, whatever it rests on."""
    clerk = Clerk()
    came = clerk.restriction({"kind": "block", "channels": ["call"]})
    going = {each.id for each in clerk.file.papers}
    incident = clerk.incident()
    adjustment = clerk.do("agree_adjustment", need="calls", open=["call"]).id
    lift = clerk.do("lift_restriction", restriction=came, reason="it is not needed").id
    later = [each for each in clerk.file.papers if each.id not in going]
    assert followers(later, going) == {lift}
    assert followers(later, {lift}) == frozenset()
    assert {incident, adjustment}.isdisjoint(followers(later, going))
    assert followers(later, set(), {came}) == {lift}


def test_PHSO_28_a_concern_about_colleagues_is_about_no_paper():
    """A file on which somebody was unhappy with us is split like any other; the concern stays where it was told."""
    clerk = Clerk()
    came = clerk.do("note_incident", category="abusive_behaviour", what="Shouted").id
    what = {"kind": "feedback", "what": "Nobody called back.", "owner": "M. Manager", "about": ["A. Clerk"]}
    clerk.do("report_concern", **what)
    assert followers(clerk.file.papers, {came}) == frozenset()
