"""What a restriction rests on: behaviour that came again, under a warning or not long after a restriction."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.casework.actor import Actor
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionState
from tests.rules.casework.acts.clerk import MANAGER, Clerk
from tests.rules.casework.acts.drafting import LIMIT, draft, proposed, state, warn


def test_PHSO_9_without_a_warning_it_is_refused_with_the_clause_and_the_way():
    """The sentence names the clause, and says what can be done."""
    clerk = Clerk()
    number = draft(clerk)
    with pytest.raises(Refused) as refused:
        clerk.do("propose_restriction", restriction=number)
    assert refused.value.clause == "PHSO-9"
    assert "Warn first" in refused.value.way


def test_PHSO_9_an_expired_warning_is_none():
    """Six months later the warning carries nothing any more."""
    clerk = Clerk()
    warn(clerk)
    clerk.wait(days=186)
    number = draft(clerk)
    with pytest.raises(Refused, match="No warning is in force"):
        clerk.do("propose_restriction", restriction=number)


def test_PHSO_9_an_exception_is_approved_by_somebody_else():
    """Without a warning, the reason goes to an approver."""
    clerk = Clerk()
    number = draft(clerk)
    clerk.do("propose_restriction", restriction=number, exception="The calls block the line for everybody.")
    assert state(clerk, number) is RestrictionState.AWAITING_APPROVAL
    with pytest.raises(Refused):
        clerk.do("approve_restriction", Actor("B. Clerk", frozenset({"caseworker"})), restriction=number, reason="Yes.")
    clerk.do("approve_restriction", MANAGER, restriction=number, reason="Proportionate.")
    assert state(clerk, number) is RestrictionState.AWAITING_NOTICE


def test_PHSO_2_zero_tolerance_needs_no_warning_and_asks_about_the_police():
    """It may start without a warning, and only with the decision about the police on record."""
    clerk = Clerk()
    with pytest.raises(Refused, match="police"):
        draft(clerk, ground="zero_tolerance")
    threat = clerk.incident(category="zero_tolerance", what="Threatened to hurt a colleague.")
    number = draft(clerk, ground="zero_tolerance", police="Told, by decision of the manager.", incidents=[threat])
    clerk.do("propose_restriction", restriction=number)
    assert state(clerk, number) is RestrictionState.AWAITING_NOTICE


def test_PHSO_2_zero_tolerance_is_not_a_name_for_something_else():
    """Over an incident of another ground it carries nothing: that needs its warning."""
    clerk = Clerk()
    number = draft(clerk, ground="zero_tolerance", police="Not told, by decision of the manager.")
    with pytest.raises(Refused, match="No warning is in force"):
        clerk.do("propose_restriction", restriction=number)


def test_PHSO_17_within_six_months_of_a_restriction_no_new_warning_is_needed():
    """Six calendar months after it ended the way without a warning closes."""
    clerk = Clerk()
    first = clerk.restriction(LIMIT)
    clerk.do("lift_restriction", restriction=first, reason="Better now.")
    clerk.wait(days=183)  # the warning has expired; 184 days on, the six months have too
    number = draft(clerk)
    clerk.do("propose_restriction", restriction=number)
    assert state(clerk, number) is RestrictionState.AWAITING_NOTICE
    clerk.do("decline_restriction", restriction=draft(clerk), reason="One is enough.")
    clerk.wait(days=3)
    late = Clerk()
    late.file, late.now = clerk.file, clerk.now
    another = draft(late)
    with pytest.raises(Refused):
        late.do("propose_restriction", restriction=another)


# What happened again


def warned(clerk: Clerk, **fields: object) -> str:
    """Warn the party of one incident; gives it."""
    incident = clerk.incident(**fields)
    clerk.do("warn", incidents=[incident], text="Please stop.", spoken=True)
    return incident


def test_PHSO_9_a_warning_alone_is_no_basis():
    """Only what happens again under it is: the incident that it was about carries no restriction."""
    clerk = Clerk()
    old = warned(clerk)
    clerk.wait(days=3)
    number = draft(clerk, incidents=[old])
    with pytest.raises(Refused, match="nothing that this restriction names has happened since") as refused:
        clerk.do("propose_restriction", restriction=number)
    assert refused.value.clause == "PHSO-9"
    assert "change_draft" in refused.value.way
    clerk.do("change_draft", restriction=number, incidents=[old, clerk.incident()])
    paper = clerk.do("propose_restriction", restriction=number)
    assert paper.act.rests_on == "warning:warn-2"


def test_PHSO_9_what_came_before_the_warning_is_no_instance():
    """Also where the warning does not name it, and where it was noted only afterwards."""
    clerk = Clerk()
    warned(clerk)
    clerk.wait(days=3)
    late = clerk.incident(day="2026-03-10")
    with pytest.raises(Refused, match="has happened since"):
        clerk.do("propose_restriction", restriction=draft(clerk, incidents=[late]))


def test_PHSO_7_a_warning_does_not_expire_while_the_behaviour_was_repeated():
    """What happened on its last day can be acted on after it, for as long as a warning lasts, and no longer."""
    clerk = Clerk("default")
    warned(clerk)  # to 11 September
    clerk.now = datetime(2026, 9, 11, 10, tzinfo=UTC)
    last = clerk.incident()
    clerk.wait(days=2)
    number, late = draft(clerk, incidents=[last]), draft(clerk, incidents=[last])
    assert clerk.do("propose_restriction", restriction=number).act.rests_on == "warning:warn-2"
    clerk.do("decline_restriction", MANAGER, restriction=late, reason="Not now.")
    clerk.now = datetime(2027, 3, 12, 10, tzinfo=UTC)
    with pytest.raises(Refused, match="No warning is in force"):
        clerk.do("propose_restriction", restriction=draft(clerk, incidents=[last]))


def test_PHSO_9_similar_behaviour_is_a_persons_judgement_and_on_record():
    """Of another ground than the warning's it is refused, unless somebody says why it is similar."""
    clerk = Clerk()
    warned(clerk, category="levels_of_contact")
    number = draft(clerk)
    with pytest.raises(Refused, match="about another ground") as refused:
        clerk.do("propose_restriction", restriction=number)
    assert "similar" in refused.value.way
    paper = clerk.do("propose_restriction", restriction=number, similar="The calls were to shout at us.")
    assert (paper.act.rests_on, paper.act.decided) == ("warning:warn-2", True)


def test_PHSO_17_similar_behaviour_after_a_restriction_too():
    """The policy says the same or similar; of the same ground nobody has to say anything."""
    clerk = Clerk()
    first = clerk.restriction(LIMIT)
    clerk.wait(days=60)
    clerk.do("lift_restriction", restriction=first, reason="Better now.")
    clerk.wait(days=130)  # the warning carries nothing that happens from here on
    number = draft(clerk, ground="unacceptable_demands")
    with pytest.raises(Refused, match="restriction that it could rest on was about another ground"):
        clerk.do("propose_restriction", restriction=number)
    paper = clerk.do("propose_restriction", restriction=number, similar="The demands were shouted.")
    assert paper.act.rests_on == f"restriction:{first}"
    assert clerk.do("propose_restriction", restriction=draft(clerk)).act.rests_on == f"restriction:{first}"


def test_HO_6_nothing_rests_on_a_restriction_that_an_appeal_took_off():
    """Whoever was right in their appeal is not treated as somebody who was restricted; dismissed, it carries one."""
    head = Actor("H. Head", frozenset({"head"}))
    for outcome in ("upheld", "dismissed"):
        clerk = Clerk("default")
        first = proposed(clerk)
        clerk.do("send_notice", about=first)
        clerk.wait(days=100)
        appeal = clerk.do("appeal", restriction=first, grounds="It is not true.", late="They were ill.").id
        clerk.do("decide_appeal", head, appeal=appeal, outcome=outcome, reason="Looked at.")
        clerk.wait(days=90)  # the warning carries nothing that happens from here on
        number = draft(clerk)
        if outcome == "dismissed":
            assert clerk.do("propose_restriction", restriction=number).act.rests_on == f"restriction:{first}"
        else:
            with pytest.raises(Refused, match="No warning is in force"):
                clerk.do("propose_restriction", restriction=number)


def test_PHSO_16_the_end_is_six_months_from_the_last_instance():
    """Not from the first day: whoever decides later does not restrict for longer."""
    clerk = Clerk()
    warned(clerk)
    again = clerk.incident()
    clerk.wait(days=20)
    number = draft(clerk, incidents=[again])
    ends = clerk.shelf.restrictions[number].ends.astimezone(clerk.policy.zone)
    assert (ends - timedelta(microseconds=1)).date() == date(2026, 9, 11)
    with pytest.raises(Refused, match="no restriction of more than 6 months from the last instance"):
        draft(clerk, incidents=[again], ends="2026-09-12")


def test_MP_8_where_the_policy_counts_from_the_first_day_it_does():
    """Six months unless set: the day of the incident moves nothing."""
    clerk = Clerk("mp-office")
    incident = clerk.incident()
    clerk.wait(days=20)
    number = draft(clerk, incidents=[incident])
    ends = clerk.shelf.restrictions[number].ends.astimezone(clerk.policy.zone)
    assert (ends - timedelta(microseconds=1)).date() == date(2026, 9, 30)
