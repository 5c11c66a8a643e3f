"""The life of a restriction: drafted, proposed, approved, told of, extended, reviewed, lifted; and who may do what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.casework.actor import Actor
from rules.casework.file import CaseFile, Mark
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionState
from rules.contact import Identifier, IdentifierKind
from rules.standing import Party, PartyKind, Told
from tests.rules.casework.acts.clerk import CLERK, LEADER, MANAGER, Clerk

LIMIT = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
BLOCK = {"kind": "block"}
DEPUTY = Actor("D. Deputy", frozenset({"assistant_deputy_ombudsman"}))
LETTERS_ONLY = {"kind": "channel_only", "allowed": ["letter"]}
NO_LETTERS = {"kind": "return_letters"}


def draft(clerk: Clerk, *measures: dict[str, object], by: Actor = CLERK, **fields: object) -> str:
    """Draft a restriction, and give its id."""
    given = {
        "measures": list(measures) or [LIMIT],
        "ground": next(ground for ground in clerk.policy.grounds if ground != "zero_tolerance"),
        "reason": "It keeps us from other work.",
        "incidents": [clerk.incident()],
        "adjustments_considered": "Asked; none needed.",
    }
    return clerk.do("draft_restriction", by, **given | fields).id


def warn(clerk: Clerk) -> None:
    """Warn the party by word of mouth."""
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.", spoken=True)


def proposed(clerk: Clerk, *measures: dict[str, object], **fields: object) -> str:
    """Warn, draft and propose; gives the restriction's id."""
    warn(clerk)
    number = draft(clerk, *measures, **fields)
    clerk.do("propose_restriction", restriction=number)
    return number


def state(clerk: Clerk, number: str) -> RestrictionState:
    """Say where a restriction is now."""
    return clerk.shelf.restrictions[number].state(clerk.now)


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


# What it rests on


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
    number = draft(clerk, ground="zero_tolerance", police="Told, by decision of the manager.")
    clerk.do("propose_restriction", restriction=number)
    assert state(clerk, number) is RestrictionState.AWAITING_NOTICE


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


# Who approves


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


# Changes


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


# Bad input

BAD = {
    "an end before the start": ({"starts": "2026-04-01", "ends": "2026-03-20"}, "before it starts"),
    "a start that is past": ({"starts": "2026-03-01"}, "is past"),
    "months that overflow the calendar": ({"starts": "9999-12-01"}, "beyond the calendar"),
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
