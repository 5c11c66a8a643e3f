"""Letters that are owed of what stands without them: from when, by whom, about what, and what closes them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules import measures
from rules.casework.actor import Actor
from rules.casework.file import CaseFile, Mark
from rules.casework.owed import letters_owed
from rules.casework.refused import Refused
from rules.casework.waiting import waiting
from rules.standing import Party, Restriction, Told
from rules.waiting_for import WaitingFor
from tests.rules.casework.acts.clerk import CLERK, LEADER, MANAGER, NOW, OWN, Clerk
from tests.rules.casework.acts.drafting import LIMIT, proposed

HEAD = Actor("H. Head", frozenset({"head"}))
CONTRACT = {"kind": "behaviour_contract", "conditions": ["You call once a day"]}


def told(under: str = "default", *meant) -> tuple[Clerk, str]:
    """Give a clerk and a restriction that the party was told of."""
    clerk = Clerk(under)
    incident = clerk.incident()
    clerk.do("warn", incidents=[incident], text="Please stop.", spoken=True)
    number = proposed(clerk, *(meant or (LIMIT,)))
    if clerk.shelf.restrictions[number].approval is None:
        clerk.do("approve_restriction", MANAGER, restriction=number, reason="Yes.")
    clerk.do("send_notice", about=number)
    clerk.wait(hours=1)
    return clerk, number


def lifted(clerk: Clerk, number: str) -> str:
    """Lift it."""
    return clerk.do("lift_restriction", restriction=number, reason="It is quiet.").id


def reviewed(outcome: str):
    """Give what reviews a restriction with this outcome."""
    return lambda clerk, number: (
        clerk.do("review_restriction", restriction=number, outcome=outcome, reason="We looked again.").id
    )


def decided(outcome: str):
    """Give what decides an appeal with this outcome."""

    def decide(clerk: Clerk, number: str) -> str:
        appeal = clerk.do("appeal", restriction=number, grounds="It is wrong.").id
        return clerk.do("decide_appeal", HEAD, appeal=appeal, outcome=outcome, reason="We looked.").id

    return decide


def ended(clerk: Clerk, number: str) -> str:
    """Let its time run out: nobody does anything."""
    clerk.now = clerk.shelf.restrictions[number].ends
    return number


DECISIONS = [
    pytest.param(lifted, id="a lifting"),
    pytest.param(reviewed("continue"), id="a review that continues"),
    pytest.param(reviewed("lift"), id="a review that lifts"),
    pytest.param(decided("upheld"), id="an appeal that was upheld"),
    pytest.param(decided("dismissed"), id="an appeal that was dismissed"),
    pytest.param(ended, id="an end by the clock"),
]


def owed(clerk: Clerk) -> list[str]:
    """Name what letters are owed about."""
    return [one.about for one in letters_owed(clerk.shelf, clerk.now)]


def letters(clerk: Clerk) -> list[tuple[WaitingFor, bool]]:
    """Say which letters wait, and whether they are late."""
    of = (WaitingFor.LETTER_OWED, WaitingFor.OWED_CAME_BACK)
    found = waiting(clerk.shelf, clerk.policy, clerk.now)
    return [(one.what, one.overdue(clerk.now)) for one in found if one.what in of]


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_letter_is_owed_until_it_was_sent(decide):
    """Since the decision, late after two working days; sent once, it is owed no more, and not sent twice."""
    clerk, number = told()
    assert owed(clerk) == []
    about = decide(clerk, number)
    (one,) = letters_owed(clerk.shelf, clerk.now)
    assert (one.about, one.restriction, one.since) == (about, number, clerk.now)
    assert letters(clerk) == [(WaitingFor.LETTER_OWED, False)]
    clerk.wait(days=5)
    assert letters(clerk) == [(WaitingFor.LETTER_OWED, True)]
    clerk.do("send_notice", about=about, how="By post")
    assert letters(clerk) == []
    with pytest.raises(Refused, match="told of this before"):
        clerk.do("send_notice", about=about)


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_reason_for_none_closes_it(decide):
    """With the reason on record nothing is owed; the reason stays to be read."""
    clerk, number = told()
    about = decide(clerk, number)
    clerk.do("record_no_notice", MANAGER, about=about, reason="She told us not to write.")
    assert owed(clerk) == []
    assert clerk.shelf.letters[about].no_notice == "She told us not to write."
    with pytest.raises(Refused, match="on its way"):
        clerk.do("notice_came_back", about=about)


@pytest.mark.parametrize("decide", DECISIONS)
def test_C6_a_letter_that_came_back_is_owed_again_at_once(decide):
    """The party was not told: it is late from that moment on, until another way is found."""
    clerk, number = told()
    about = decide(clerk, number)
    clerk.do("send_notice", about=about)
    clerk.do("notice_came_back", about=about, detail="550 unknown")
    assert letters(clerk) == [(WaitingFor.OWED_CAME_BACK, True)]
    clerk.do("send_notice", about=about, how="By post")
    assert owed(clerk) == []


def test_PHSO_M4_a_contract_that_was_agreed_is_owed_a_letter():
    """What rests from then on is told in writing."""
    clerk, number = told("default", LIMIT, CONTRACT)
    paper = clerk.do("agree_contract", restriction=number, how="In a letter.").id
    assert owed(clerk) == [paper]


def test_who_owes_it_is_who_decided_or_the_owner():
    """A name stands beside what waits."""
    clerk, number = told()
    clerk.do("lift_restriction", LEADER, restriction=number, reason="Quiet.")
    assert [one.by for one in letters_owed(clerk.shelf, clerk.now)] == [LEADER.name]


def test_what_the_party_never_knew_of_is_not_taken_back_in_writing():
    """Where telling was not safe, or the restriction never began, no letter is owed of its end."""
    clerk = Clerk("default")
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.", spoken=True)
    silent, early = proposed(clerk), proposed(clerk)
    clerk.do("record_no_notice", MANAGER, about=silent, reason="It is not safe.")
    clerk.do("lift_restriction", restriction=early, reason="It is quiet.")
    assert owed(clerk) == []
    ended(clerk, silent)
    clerk.wait(days=30)
    assert owed(clerk) == []


def test_PHSO_2_protection_for_the_time_being_is_owed_no_letter():
    """It lapses by itself; nobody was told of it."""
    clerk = Clerk("phso")
    clerk.do("protect_interim", incident=clerk.incident(), reason="A threat.")
    clerk.wait(days=10)
    assert owed(clerk) == []


def test_what_changes_the_terms_is_owed_as_a_change_and_not_twice():
    """An amended restriction waits for its notice of the change, and for no other letter."""
    clerk, number = told()
    milder = [LIMIT | {"count": 2}]
    clerk.do("review_restriction", restriction=number, outcome="amend", reason="Quieter.", measures=milder)
    assert owed(clerk) == []
    assert [one.what for one in waiting(clerk.shelf, clerk.policy, clerk.now)] == [WaitingFor.CHANGE_NOTICE]


def imported(ends_in: timedelta) -> Clerk:
    """Give a clerk of a file that was opened now, with a restriction from elsewhere that ends so long after that."""
    clerk = Clerk("default")
    start, ends = NOW - timedelta(days=90), NOW + ends_in
    one = Restriction("9", (measures.parse(LIMIT),), start, ends, approved_by="Head", told=Told.YES)
    clerk.file = CaseFile(Party(7, "Rosa Example"), marks=(Mark(OWN, established=NOW),), imported=(one,))
    return clerk


def test_a_restriction_that_ended_before_the_file_was_opened_is_history():
    """What an office brings in that was over by then is owed no letter; what ends later is."""
    assert owed(imported(timedelta(days=-1))) == []
    clerk = imported(timedelta(days=1))
    assert owed(clerk) == []
    clerk.wait(days=2)
    assert owed(clerk) == ["9"]


def test_the_clerk_may_say_so():
    """Whoever may send notices closes what is owed."""
    clerk, number = told("phso")
    clerk.do("send_notice", CLERK, about=lifted(clerk, number))
    assert owed(clerk) == []
