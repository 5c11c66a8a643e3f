"""Changes of a restriction that is in force: which of several stands, and what a change may not bring in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.casework.actor import Actor
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionState
from rules.measures import parse
from rules.standing import Restriction
from tests.rules.casework.acts.clerk import CLERK, LEADER, MANAGER, NOW, Clerk
from tests.rules.casework.acts.drafting import BLOCK, LIMIT, draft, proposed, state

COLLEAGUE = Actor("B. Clerk", frozenset({"caseworker"}))
OMBUDSMAN = Actor("O. Ombudsman", frozenset({"ombudsman"}))
MAIL = {"kind": "block", "channels": ["email"]}
SHORT = {"kind": "call_length_limit", "minutes": 20}
AMEND = {"outcome": "amend", "reason": "Looked at."}
TAKEN = "A later change has taken its place"


def restricted(under: str = "housing-ombudsman") -> tuple[Clerk, str]:
    """Bring a party under a limit of which they are told; gives its id."""
    clerk = Clerk(under)
    number = proposed(clerk, LIMIT)
    if state(clerk, number) is RestrictionState.AWAITING_APPROVAL:
        clerk.do("approve_restriction", MANAGER, restriction=number, reason="Yes.")
    clerk.do("send_notice", about=number)
    clerk.wait(days=1)
    return clerk, number


def amend(clerk: Clerk, number: str, *measures: dict[str, object], by: Actor = MANAGER) -> str:
    """Change its measures at a review; gives the change's id."""
    return clerk.do("review_restriction", by, restriction=number, measures=list(measures), **AMEND).id


def vary(clerk: Clerk, number: str, *measures: dict[str, object]) -> str:
    """Have the ombudsman vary it on appeal; gives the decision's id."""
    appeal = clerk.do("appeal", restriction=number, grounds="It is too much.").id
    given = {"outcome": "varied", "reason": "Too strict.", "measures": list(measures)}
    return clerk.do("decide_appeal", OMBUDSMAN, appeal=appeal, **given).id


def kinds(clerk: Clerk, number: str) -> list[str]:
    """Name the measures that it has."""
    return [each.kind for each in clerk.shelf.restrictions[number].measures]


# Which of several changes stands


@pytest.mark.parametrize("how", ["send_notice", "record_no_notice"])
def test_HO_6_an_older_change_does_not_override_what_an_appeal_decided(how):
    """The letter of a review that was made before it says nothing that stands: it is refused, before and after."""
    clerk, number = restricted()
    older = amend(clerk, number, MAIL)
    decided = vary(clerk, number, SHORT)
    reason = {"reason": "No address."} if how == "record_no_notice" else {}
    for told in (False, True):
        with pytest.raises(Refused, match=TAKEN):
            clerk.do(how, LEADER, about=older, **reason)
        if not told:
            clerk.do("send_notice", about=decided)
    assert kinds(clerk, number) == ["call_length_limit"]
    with pytest.raises(Refused, match=TAKEN):
        clerk.do("notice_came_back", about=older)


def test_the_last_of_two_reviews_is_what_the_person_is_told_of():
    """Of two new ends likewise; an end and measures stand beside each other."""
    clerk, number = restricted()
    first = amend(clerk, number, MAIL)
    ends = []
    for _ in range(2):
        ends.append(clerk.do("extend_restriction", MANAGER, restriction=number, incident=clerk.incident()).id)
        clerk.wait(days=2)
    second = amend(clerk, number, SHORT)
    assert [each for each, _ in clerk.shelf.restrictions[number].untold] == [ends[1], second]
    for over in (first, ends[0]):
        with pytest.raises(Refused, match=TAKEN):
            clerk.do("send_notice", about=over)
    for about in (second, ends[1]):
        clerk.do("send_notice", about=about)
    assert kinds(clerk, number) == ["call_length_limit"]
    assert clerk.shelf.restrictions[number].ends.astimezone(clerk.policy.zone).date().isoformat() == "2026-09-15"


def test_HO_6_no_review_takes_the_place_of_an_appeal_that_the_person_was_not_told_of():
    """Whoever won it is told first; then it may be looked at again."""
    clerk, number = restricted()
    decided = vary(clerk, number, SHORT)
    with pytest.raises(Refused, match="not told") as refused:
        amend(clerk, number, MAIL)
    assert refused.value.clause == "HO-6"
    clerk.do("send_notice", about=decided)
    amend(clerk, number, MAIL)


def test_a_change_whose_letter_came_back_gives_way_to_a_later_one_once_that_is_told():
    """Until then either may be told; the terms that stood before both stand."""
    clerk, number = restricted()
    first = amend(clerk, number, MAIL)
    clerk.do("send_notice", about=first)
    second = amend(clerk, number, SHORT)
    clerk.do("notice_came_back", about=first)
    assert kinds(clerk, number) == ["volume_limit"]
    assert [each for each, _ in clerk.shelf.restrictions[number].untold] == [first, second]
    clerk.do("send_notice", about=second)
    assert kinds(clerk, number) == ["call_length_limit"]
    with pytest.raises(Refused, match=TAKEN):
        clerk.do("send_notice", about=first)


# What a change may not bring in


def protected(clerk: Clerk) -> str:
    """Protect colleagues at once; gives the restriction's id."""
    return clerk.do("protect_interim", incident=clerk.incident(), reason="A threat.").id


@pytest.mark.parametrize(
    "given", [{**AMEND, "measures": [MAIL]}, {"outcome": "continue", "reason": "Still."}], ids=["amended", "continued"]
)
def test_PHSO_2_interim_protection_is_not_made_into_something_else(given):
    """It rests on nothing and lapses: what is to follow it is drafted, with its warning or its police decision."""
    clerk = Clerk()
    number = protected(clerk)
    for by in (CLERK, MANAGER):
        with pytest.raises(Refused, match="may only be lifted") as refused:
            clerk.do("review_restriction", by, restriction=number, **given)
    assert (refused.value.clause, "Propose a restriction" in refused.value.way) == ("PHSO-2", True)
    clerk.do("review_restriction", restriction=number, outcome="lift", reason="It was a joke.")


def test_PHSO_2_nor_is_what_was_imported_of_it():
    """Whatever stands beside it, it is not extended either."""
    clerk = Clerk()
    interim, limit = parse({"kind": "interim_protection"}), parse(LIMIT)
    fields = {"starts": NOW, "ends": NOW + timedelta(days=100), "approved_by": "Head of Casework"}
    clerk.file = CaseFile(
        clerk.file.party, marks=clerk.file.marks, imported=(Restriction("2", (limit, interim), **fields),)
    )
    clerk.wait(days=1)
    with pytest.raises(Refused, match="may only be lifted"):
        amend(clerk, "2", LIMIT)
    with pytest.raises(Refused, match="not renewable"):
        clerk.do("extend_restriction", restriction="2", incident=clerk.incident())


def test_PHSO_2_an_appeal_does_not_vary_interim_protection():
    """It is upheld or dismissed."""
    clerk = Clerk("default")
    number = protected(clerk)
    appeal = clerk.do("appeal", restriction=number, grounds="It is too much.").id
    head = Actor("H. Head", frozenset({"head"}))
    given = {"appeal": appeal, "reason": "Too strict."}
    with pytest.raises(Refused, match="may only be lifted"):
        clerk.do("decide_appeal", head, outcome="varied", measures=[BLOCK], **given)
    clerk.do("decide_appeal", head, outcome="upheld", **given)


def test_PHSO_9_what_rests_on_an_exception_is_changed_by_whom_exceptions_are_for():
    """A colleague alone makes no block of the one call a week that a manager approved without a warning."""
    clerk = Clerk()
    number = draft(clerk, LIMIT)
    clerk.do("propose_restriction", restriction=number, exception="It cannot wait.")
    clerk.do("approve_restriction", MANAGER, restriction=number, reason="Yes.")
    clerk.do("send_notice", about=number)
    with pytest.raises(Refused, match="needs an approval") as refused:
        amend(clerk, number, MAIL, by=COLLEAGUE)
    assert refused.value.clause == "PHSO-9"
    amend(clerk, number, MAIL)
    clerk, number = restricted("phso")
    amend(clerk, number, MAIL, by=COLLEAGUE)
