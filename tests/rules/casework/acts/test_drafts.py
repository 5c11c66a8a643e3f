"""Drafts: what is refused and with which sentence, what can be changed, and how long they are made for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.casework.file import CaseFile, Mark
from rules.casework.refused import Refused
from rules.contact import Identifier, IdentifierKind
from tests.rules.casework.acts.clerk import CLERK, MANAGER, Clerk
from tests.rules.casework.acts.drafting import LIMIT, draft, warn

BAD = {
    "an end before the start": ({"starts": "2026-04-01", "ends": "2026-03-20"}, "before it starts"),
    "a start that is past": ({"starts": "2026-03-01"}, "is past"),
    "a start after the last instance stopped mattering": ({"starts": "2026-10-01"}, "6 months from the last instance"),
    "an end beyond the calendar": ({"ends": "9999-12-31"}, "beyond the calendar"),
    "more months than the policy has": ({"ends": "2027-03-12"}, "no restriction of more than 6 months"),
    "a review outside its dates": ({"review": "2027-01-01"}, "is not between"),
    "an unknown ground": ({"ground": "rudeness"}, "no ground of this policy"),
    "no evidence": ({"incidents": []}, "rests on evidence"),
    "an incident of somebody else's file": ({"incidents": ["elsewhere"]}, "no incident elsewhere"),
    "a measure that the policy does not have": (
        {"measures": [{"kind": "visit_terms", "barred": True}]},
        "This policy has no visit_terms",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_draft_is_refused(case):
    """Each is refused with a sentence."""
    fields, sentence = BAD[case]
    with pytest.raises(Refused, match=sentence):
        draft(Clerk(), **fields)


@pytest.mark.parametrize(
    "marks",
    [
        pytest.param((), id="no identifier"),
        pytest.param((Mark(Identifier(IdentifierKind.PHONE, "+441632960001"), shared=True),), id="a shared one alone"),
    ],
)
def test_whom_nothing_recognises_is_said(marks):
    """A restriction on nobody who can be recognised is made only by saying so."""
    clerk = Clerk()
    clerk.file = CaseFile(clerk.file.party, marks=marks)
    with pytest.raises(Refused, match="nothing would be recognised"):
        draft(clerk)
    assert draft(clerk, not_recognised=True)


WRONG_STATE = {
    "approving a draft": ("approve_restriction", {"reason": "Yes."}, "is draft"),
    "telling of a draft": ("send_notice", {}, "is draft"),
    "extending a draft": ("extend_restriction", {"incident": "x"}, "is draft"),
    "lifting a draft": ("lift_restriction", {"reason": "No."}, "is draft"),
    "appealing against a draft": ("appeal", {"grounds": "No."}, "is draft"),
    "a notice of a draft that came back": ("notice_came_back", {}, "is draft"),
}


@pytest.mark.parametrize("case", WRONG_STATE)
def test_what_comes_too_early_is_refused(case):
    """A draft is not acted on as though it were in force."""
    name, fields, sentence = WRONG_STATE[case]
    clerk = Clerk("spso")
    number = draft(clerk)
    about = {"about": number} if name in ("send_notice", "notice_came_back") else {"restriction": number}
    with pytest.raises(Refused, match=sentence):
        clerk.do(name, MANAGER, **about, **fields)


def test_a_draft_is_changed_until_it_is_proposed():
    """What is not named stays; afterwards it is declined and drafted anew."""
    clerk = Clerk()
    warn(clerk)
    number = draft(clerk)
    clerk.do("change_draft", restriction=number, measures=[LIMIT | {"count": 2}], ends="2026-06-30")
    found = clerk.shelf.restrictions[number]
    assert found.measures[0].count == 2
    assert found.reason == "It keeps us from other work."
    assert (found.ends.astimezone(clerk.policy.zone) - timedelta(microseconds=1)).date() == date(2026, 6, 30)
    clerk.do("propose_restriction", restriction=number)
    with pytest.raises(Refused, match="awaiting notice"):
        clerk.do("change_draft", restriction=number, reason="Other.")


def test_PHSO_23_declining_an_adjustment_needs_advice():
    """The advice taken is a field that must be there, and a manager says no."""
    clerk = Clerk()
    with pytest.raises(ValueError, match="advice is missing"):
        clerk.do("decline_adjustment", MANAGER, need="Home visits", reason="Not safe.")
    with pytest.raises(Refused):
        clerk.do("decline_adjustment", CLERK, need="Home visits", advice="Taken.", reason="Not safe.")
    clerk.do("decline_adjustment", MANAGER, need="Home visits", advice="Taken.", reason="Not safe.")


def test_months_that_overflow_the_calendar_are_refused():
    """Where the policy counts from the first day, no day is too far to be refused with a sentence."""
    with pytest.raises(Refused, match="beyond the calendar"):
        draft(Clerk("spso"), starts="9999-12-01")
