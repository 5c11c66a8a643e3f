"""What waits on a file, and when it is overdue."""

from __future__ import annotations

from dataclasses import replace

from rules.casework.notices import NoticeOnFile, NoticeState
from rules.casework.waiting import letters_waiting, waiting
from rules.waiting_for import WaitingFor
from tests.rules.casework.acts.clerk import CLERK, MANAGER, Clerk
from tests.rules.casework.acts.drafting import BLOCK, LIMIT, draft, proposed


def found(clerk: Clerk) -> list[tuple[WaitingFor, bool]]:
    """Say what waits, and whether it is overdue."""
    return [(one.what, one.overdue(clerk.now)) for one in waiting(clerk.shelf, clerk.policy, clerk.now)]


def test_each_step_waits_for_the_next_one():
    """Approval, notice, a notice that came back: each is shown until it is done, and is late once its days are over."""
    clerk = Clerk("housing-ombudsman")
    number = proposed(clerk)
    assert found(clerk) == [(WaitingFor.APPROVAL, False)]
    clerk.wait(days=7)
    assert found(clerk) == [(WaitingFor.APPROVAL, True)]
    clerk.do("approve_restriction", MANAGER, restriction=number, reason="Yes.")
    assert found(clerk) == [(WaitingFor.NOTICE, False)]
    clerk.wait(days=7)
    assert found(clerk) == [(WaitingFor.NOTICE, True)]
    clerk.do("send_notice", about=number)
    assert found(clerk) == []
    clerk.do("notice_came_back", about=number)
    assert found(clerk) == [(WaitingFor.NOTICE_CAME_BACK, True)]


def test_SPSO_23_a_review_is_shown_before_its_day_and_overdue_after_it():
    """Two weeks ahead it waits; the day after its day it is overdue."""
    clerk = Clerk()
    clerk.restriction(LIMIT)
    assert found(clerk) == []
    clerk.wait(days=80)
    assert found(clerk) == [(WaitingFor.REVIEW, False)]
    clerk.wait(days=14)
    assert found(clerk) == [(WaitingFor.REVIEW, True)]


def test_a_change_waits_for_its_notice():
    """An extension does not stand before the party was told, and somebody has to tell them."""
    clerk = Clerk()
    number = clerk.restriction(LIMIT)
    clerk.wait(days=10)
    clerk.do("extend_restriction", restriction=number, incident=clerk.incident())
    assert (WaitingFor.CHANGE_NOTICE, False) in found(clerk)
    clerk.wait(days=7)
    assert (WaitingFor.CHANGE_NOTICE, True) in found(clerk)


def test_PHSO_2_interim_protection_waits_for_a_decision():
    """It lapses unless somebody decides, and says until when."""
    clerk = Clerk()
    clerk.do("protect_interim", incident=clerk.incident(), reason="A threat.")
    assert found(clerk) == [(WaitingFor.DECISION, False)]


def test_SPSO_22_an_open_appeal_waits():
    """Until it is decided; overdue after the working days that the policy gives."""
    clerk = Clerk("spso")
    number = proposed(clerk)
    clerk.do("send_notice", about=number)
    clerk.do("appeal", restriction=number, grounds="No.")
    assert found(clerk) == [(WaitingFor.APPEAL, False)]
    clerk.wait(days=45)
    assert (WaitingFor.APPEAL, True) in found(clerk)


def test_PHSO_6_a_written_warning_waits_for_its_letter():
    """Who warned in writing has to send it."""
    clerk = Clerk()
    clerk.do("warn", CLERK, incidents=[clerk.incident()], text="Please stop.")
    assert found(clerk) == [(WaitingFor.WARNING_LETTER, False)]
    clerk.wait(days=7)
    assert found(clerk) == [(WaitingFor.WARNING_LETTER, True)]


def test_a_draft_and_a_declined_one_wait_for_nobody():
    """Only what somebody asked for waits."""
    clerk = Clerk()
    draft(clerk)
    clerk.do("decline_restriction", restriction=proposed(clerk, BLOCK), reason="Too much.")
    assert found(clerk) == []


def test_letters_wait_until_they_have_left():
    """A draft and one that was read have their days; what did not arrive is due at once; the rest waits for nobody."""
    clerk = Clerk()
    plain = NoticeOnFile("N", 1, "about", "warning", "", clerk.now, "A. Clerk", "", "", "", 12.0, changed_at=clerk.now)
    found = {}
    for state in NoticeState:
        for one in letters_waiting([replace(plain, state=state, read_by="B. Reader")], clerk.policy):
            found[one.what] = (one.overdue(clerk.now), one.owner)
    assert found == {
        WaitingFor.LETTER_UNREAD: (False, "A. Clerk"),
        WaitingFor.LETTER_UNSENT: (False, "A. Clerk"),
        WaitingFor.LETTER_FAILED: (True, "B. Reader"),
        WaitingFor.LETTER_UNCLEAR: (True, "B. Reader"),
        WaitingFor.LETTER_CAME_BACK: (True, "B. Reader"),
    }
    clerk.wait(days=14)
    (late,) = letters_waiting([plain], clerk.policy)
    assert late.overdue(clerk.now)
