"""The life of a restriction: told of, extended, reviewed, appealed against, lifted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.casework.actor import Actor
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionState
from rules.measures import parse
from rules.standing import Restriction, Told
from tests.rules.casework.acts.clerk import CLERK, LEADER, MANAGER, NOW, Clerk
from tests.rules.casework.acts.drafting import BLOCK, LIMIT, draft, proposed, state, warn


def test_PHSO_20_nothing_is_in_force_before_its_notice():
    """Drafted, proposed and approved at once by any colleague (PHSO-8), it bites once the party was told."""
    clerk = Clerk()
    number = proposed(clerk)
    assert state(clerk, number) is RestrictionState.AWAITING_NOTICE
    assert clerk.shelf.restrictions[number].enforced().told is Told.NO
    clerk.wait(hours=3)
    clerk.do("send_notice", about=number, how="By post")
    assert state(clerk, number) is RestrictionState.IN_FORCE
    enforced = clerk.shelf.restrictions[number].enforced()
    assert (enforced.starts, enforced.told) == (clerk.now, Told.YES)


def test_PHSO_20_the_reason_for_no_notice_is_on_record():
    """A manager may say why nobody is told; then it bites without a notice."""
    clerk = Clerk()
    number = proposed(clerk)
    with pytest.raises(Refused):
        clerk.do("record_no_notice", CLERK, about=number, reason="No address.")
    clerk.do("record_no_notice", MANAGER, about=number, reason="No address.")
    assert state(clerk, number) is RestrictionState.IN_FORCE
    assert clerk.shelf.restrictions[number].no_notice == "No address."


def test_a_notice_that_came_back_means_not_told():
    """It stops biting until somebody is told, and stands with its first day as before."""
    clerk = Clerk()
    number = proposed(clerk)
    clerk.do("send_notice", about=number)
    clerk.wait(days=2)
    clerk.do("notice_came_back", about=number, detail="No such mailbox")
    assert state(clerk, number) is RestrictionState.AWAITING_NOTICE
    assert clerk.shelf.restrictions[number].enforced().told is Told.NO
    clerk.do("send_notice", about=number, how="By post")
    assert state(clerk, number) is RestrictionState.IN_FORCE


@pytest.mark.parametrize(
    ("day", "last"),
    [
        pytest.param(datetime(2026, 8, 31, 9, tzinfo=UTC), date(2027, 2, 28), id="PHSO-16 31 August and six months"),
        pytest.param(datetime(2027, 8, 31, 9, tzinfo=UTC), date(2028, 2, 29), id="PHSO-16 into a leap year"),
        pytest.param(datetime(2028, 2, 29, 9, tzinfo=UTC), date(2028, 8, 29), id="PHSO-16 from 29 February"),
    ],
)
def test_a_restriction_lasts_six_months(day, last):
    """It ends with the last moment of its last day in the office's zone, whether or not any job ran."""
    clerk = Clerk()
    clerk.now = day
    number = proposed(clerk)
    clerk.do("send_notice", about=number)
    found = clerk.shelf.restrictions[number]
    assert (found.ends.astimezone(clerk.policy.zone) - timedelta(microseconds=1)).date() == last
    assert found.state(found.ends - timedelta(microseconds=1)) is RestrictionState.IN_FORCE
    assert found.state(found.ends) is RestrictionState.ENDED


def test_PHSO_16_a_new_instance_offers_a_new_end():
    """Six months from the last instance; the new end stands once the party was told of it."""
    clerk = Clerk()
    number = clerk.restriction(LIMIT)
    before = clerk.shelf.restrictions[number].ends
    clerk.wait(days=60)
    again = clerk.incident()
    more = clerk.do("extend_restriction", restriction=number, incident=again).id
    assert clerk.shelf.restrictions[number].ends == before
    clerk.do("send_notice", about=more)
    found = clerk.shelf.restrictions[number]
    assert (found.ends.astimezone(clerk.policy.zone) - timedelta(microseconds=1)).date() == date(2026, 11, 10)


def test_PHSO_16_polite_contact_is_no_instance():
    """Without a new incident, or with one from before, nothing is extended."""
    clerk = Clerk()
    old = clerk.incident()
    number = clerk.restriction(LIMIT)
    clerk.wait(days=10)
    for incident in ("none", old):
        with pytest.raises(Refused) as refused:
            clerk.do("extend_restriction", restriction=number, incident=incident)
        assert refused.value.clause == "PHSO-16"


def test_SPSO_23_a_review_continues_amends_or_lifts():
    """Its next day is set, changed measures stand once the party was told, lifting is at once."""
    clerk = Clerk()
    number = clerk.restriction(LIMIT)
    assert clerk.shelf.restrictions[number].review_at is not None
    clerk.wait(days=80)
    clerk.do("review_restriction", MANAGER, restriction=number, outcome="continue", reason="Still needed.")
    assert clerk.shelf.restrictions[number].review_at > clerk.now
    milder = LIMIT | {"count": 3}
    change = clerk.do(
        "review_restriction", MANAGER, restriction=number, outcome="amend", reason="Better.", measures=[milder]
    ).id
    assert clerk.shelf.restrictions[number].measures[0].count == 1
    clerk.do("send_notice", about=change)
    assert clerk.shelf.restrictions[number].measures[0].count == 3
    clerk.do("review_restriction", MANAGER, restriction=number, outcome="lift", reason="Not needed.")
    assert state(clerk, number) is RestrictionState.LIFTED
    assert clerk.shelf.restrictions[number].enforced().ends == clerk.now


def test_PHSO_18_a_review_makes_no_block_by_the_back_door():
    """Amending into a total block needs the leadership, as proposing one does."""
    clerk = Clerk()
    number = clerk.restriction(LIMIT)
    given = {"restriction": number, "outcome": "amend", "reason": "Worse.", "measures": [BLOCK]}
    with pytest.raises(Refused, match="total block"):
        clerk.do("review_restriction", MANAGER, **given)
    clerk.do("review_restriction", LEADER, **given)


def test_SPSO_22_an_appeal_is_decided_by_who_had_no_part_in_it():
    """It goes to the leadership, and not to the leader who approved it; upheld, the restriction is lifted at once."""
    other = Actor("O. Ombudsman", frozenset({"ombudsman"}))
    clerk = Clerk("spso")
    number = proposed(clerk, BLOCK)
    clerk.do("approve_restriction", LEADER, restriction=number, reason="Yes.")
    clerk.do("send_notice", about=number)
    appeal = clerk.do("appeal", restriction=number, grounds="I need to call.").id
    for wrong in (LEADER, MANAGER):
        with pytest.raises(Refused) as refused:
            clerk.do("decide_appeal", wrong, appeal=appeal, outcome="dismissed", reason="No.")
        assert refused.value.clause == "SPSO-22"
    clerk.do("decide_appeal", other, appeal=appeal, outcome="upheld", reason="A call a week is enough of a limit.")
    assert state(clerk, number) is RestrictionState.LIFTED


def test_SPSO_22_whoever_changed_a_restriction_has_a_part_in_it():
    """The leader who amended it at a review does not hear the appeal; whoever found nothing to change may."""
    clerk = Clerk("spso")
    number = proposed(clerk, LIMIT)
    clerk.do("send_notice", about=number)
    amending, looking = Actor("A. Leader", LEADER.roles), Actor("B. Leader", LEADER.roles)
    given = {"outcome": "amend", "reason": "Worse.", "measures": [LIMIT]}
    clerk.do("review_restriction", amending, restriction=number, **given)
    clerk.do("review_restriction", looking, restriction=number, outcome="continue", reason="As it is.")
    appeal = clerk.do("appeal", restriction=number, grounds="I need to call.").id
    with pytest.raises(Refused, match="had a part"):
        clerk.do("decide_appeal", amending, appeal=appeal, outcome="dismissed", reason="No.")
    clerk.do("decide_appeal", looking, appeal=appeal, outcome="dismissed", reason="A call a week is enough.")


@pytest.mark.parametrize(
    ("under", "clause"),
    [pytest.param("phso", "PHSO-21", id="PHSO-21 no appeal"), pytest.param("mp-office", "MP-8", id="MP-8 no appeal")],
)
def test_where_decisions_are_final_the_other_way_is_named(under, clause):
    """An appeal is refused with the clause, and the complaint about us stays open (PHSO-28)."""
    clerk = Clerk(under)
    leader = Actor("Both", frozenset({"mp", "caseworker", "manager"}))
    warn(clerk)
    number = draft(clerk, by=leader)
    clerk.do("propose_restriction", leader, restriction=number)
    clerk.do("send_notice", about=number)
    with pytest.raises(Refused) as refused:
        clerk.do("appeal", restriction=number, grounds="No.")
    assert refused.value.clause == clause
    assert "complaint" in refused.value.way


def test_HO_6_an_appeal_is_open_once():
    """A second appeal against the same restriction waits for the first."""
    clerk = Clerk("housing-ombudsman")
    number = proposed(clerk)
    clerk.do("approve_restriction", MANAGER, restriction=number, reason="Yes.")
    clerk.do("send_notice", about=number)
    clerk.do("appeal", restriction=number, grounds="No.")
    with pytest.raises(Refused, match="is open"):
        clerk.do("appeal", restriction=number, grounds="No!")


def test_PHSO_2_interim_protection_lapses_and_is_not_renewed():
    """Any colleague, at once, for two working days; the same events protect once."""
    clerk = Clerk()
    incident = clerk.incident()
    number = clerk.do("protect_interim", incident=incident, reason="A threat.").id
    assert state(clerk, number) is RestrictionState.IN_FORCE
    assert clerk.shelf.restrictions[number].ends == datetime(2026, 3, 14, tzinfo=UTC)  # from Wednesday to Friday
    clerk.wait(days=3)
    assert state(clerk, number) is RestrictionState.ENDED
    with pytest.raises(Refused, match="not renewable"):
        clerk.do("protect_interim", incident=incident, reason="Still.")
    with pytest.raises(Refused, match="applies it at once"):
        draft(clerk, {"kind": "interim_protection"})


def test_PHSO_2_imported_interim_protection_ends_after_two_working_days():
    """Whatever end was written beside it; a restriction of anything else keeps its own."""
    clerk = Clerk()
    interim, limit = parse({"kind": "interim_protection"}), parse(LIMIT)
    fields = {"starts": NOW, "ends": NOW + timedelta(days=100), "approved_by": "Head of Casework"}
    imported = (Restriction("1", (interim,), **fields), Restriction("2", (limit, interim), **fields))
    clerk.file = CaseFile(clerk.file.party, marks=clerk.file.marks, imported=imported)
    assert clerk.shelf.restrictions["1"].ends == datetime(2026, 3, 14, tzinfo=UTC)
    assert clerk.shelf.restrictions["2"].ends == fields["ends"]
    assert state(clerk, "1") is RestrictionState.IN_FORCE
    clerk.wait(days=3)
    assert state(clerk, "1") is RestrictionState.ENDED
