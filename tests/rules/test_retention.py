"""What may go of a file and when: by class, as a whole, and never while it stands, waits or carries something."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.casework import catalogue
from rules.casework.file import Mark
from rules.casework.notices import NoticeOnFile, NoticeState
from rules.contact import Channel
from rules.policies.parts import Retention
from rules.retention import NEVER, RecordClass, class_of, closed_name, due_after, going, months_of, over_before
from rules.standing import Adjustment, Party
from tests.rules.casework.acts.clerk import LEADER, MANAGER, NOW, OWN, Clerk, policy

LIMIT = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
MONTH = 31
LONG = 366 * 30


def made(under="default", **months):
    """Give a clerk under a policy whose months are 12 for everything, unless said."""
    clerk = Clerk(under)
    kept = {kind.value: 12 for kind in RecordClass} | {"parties": 120} | months
    clerk.policy = policy(under).with_changes(retention=Retention(**kept))
    return clerk


def judged(clerk, *notices, since=NOW, contacts=True):
    """Say what may go of the clerk's file now."""
    return going(clerk.file, notices, clerk.policy, clerk.now, since=since, contacts=contacts)


def restriction(clerk):
    """Make a restriction that rests on a warning; gives its id."""
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.", spoken=True)
    ground = next(iter(clerk.policy.grounds))
    draft = clerk.do(
        "draft_restriction",
        measures=[LIMIT],
        ground=ground,
        reason="It keeps us from other work.",
        incidents=[clerk.incident(category=ground)],
        adjustments_considered="Asked; none needed.",
    )
    clerk.do("propose_restriction", restriction=draft.id, similar="The same.")
    if clerk.shelf.restrictions[draft.id].approval is None:
        clerk.do("approve_restriction", MANAGER, restriction=draft.id, reason="Proportionate.")
    clerk.do("send_notice", about=draft.id)
    return draft.id


# By class


@pytest.mark.parametrize("name", catalogue.ACTS)
def test_every_act_has_a_class(name):
    """What no class names is kept as any other paper."""
    assert isinstance(class_of(name), RecordClass)


def test_every_class_has_its_months_in_the_policy():
    """A class without a key of its own in [retention] would be kept for ever, or not at all."""
    assert {kind.value for kind in RecordClass} == set(Retention.model_fields) - {"apply", "clause"}


def test_PHSO_7_a_warning_goes_so_many_months_after_its_last_day():
    """Not a day before: 11 March + 6 months, and from then 12."""
    clerk = made()
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.", spoken=True)
    clerk.now = datetime(2027, 9, 11, 22, 59, tzinfo=UTC)
    assert not judged(clerk)
    assert judged(clerk).next[RecordClass.WARNINGS] == datetime(2027, 9, 11, 23, 0, tzinfo=UTC)
    clerk.now = datetime(2027, 9, 11, 23, 0, tzinfo=UTC)
    assert judged(clerk).counts == {RecordClass.WARNINGS: 1, RecordClass.INCIDENTS: 1}


def test_an_incident_without_consequence_goes_by_its_own_months():
    """What led to nothing need not wait for the longer months of other classes."""
    clerk = made(restrictions=60, warnings=60, incidents=12)
    alone = clerk.incident()
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.", spoken=True)
    clerk.wait(days=400)
    assert judged(clerk).parts == {alone}


def test_a_matter_goes_as_a_whole():
    """A restriction's incidents, its warning and all that was done with it wait for the last of them."""
    clerk = made(warnings=12, incidents=12, restrictions=24)
    restriction(clerk)
    clerk.wait(days=365)
    assert not judged(clerk)
    clerk.wait(days=2 * 366)
    assert judged(clerk).parts == set() and clerk.shelf.restrictions  # the letter of its end is still owed
    clerk.do("record_no_notice", MANAGER, about=next(iter(clerk.shelf.restrictions)), reason="No address.")
    clerk.wait(days=2 * 366)
    assert judged(clerk).parts == {paper.id for paper in clerk.file.papers}


def test_SPSO_66_evidence_goes_by_its_own_months_once_nothing_it_proves_stands():
    """While the restriction is in force it stays; then it may go before the papers do."""
    clerk = made(evidence=3, restrictions=60)
    incident = clerk.incident()
    clerk.do("warn", incidents=[incident], text="Please stop.", spoken=True)
    piece = {"mark": "DISTRESSING 1", "description": "A voicemail", "digest": "0" * 64, "size": 3}
    sealed = clerk.do("seal_evidence", incident=incident, **piece).id
    clerk.wait(days=100)
    assert not judged(clerk)
    clerk.wait(days=100)
    assert judged(clerk).parts == {sealed}


def test_PHSO_17_what_can_be_built_upon_stays_as_long_as_it_can():
    """Months below what the policy's durations need are read as those."""
    under = made("phso", restrictions=3, warnings=3, incidents=3, parties=3).policy
    found = {kind: months_of(kind, under) for kind in (RecordClass.RESTRICTIONS, RecordClass.PARTIES)}
    assert set(found.values()) == {12}
    assert months_of(RecordClass.WARNINGS, under) == months_of(RecordClass.INCIDENTS, under) == 6
    assert months_of(RecordClass.EVIDENCE, under) == 12


# Never


def _warned_in_writing(clerk):
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.")


def _adjusted(clerk):
    clerk.do("agree_adjustment", need="Cannot write", open=["call"])


def _asked_for_something(clerk):
    clerk.do("request", what="Your dates", difficulty="None.")


def _shielded(clerk):
    shield = {"colleague": "A. Reid", "inbox": "a@example.org", "manager_inbox": "m@example.org", "reason": "x"}
    clerk.do("shield", MANAGER, **shield)


def _closed(clerk):
    clerk.do("close_case", reference="HO/2024-1", explained=clerk.now.date(), how="By letter.")


def _corrected(clerk):
    clerk.do("correct", identifier=OWN.value, reason="He rang.")


def _appealed(clerk):
    clerk.do("appeal", restriction=restriction(clerk), grounds="It was not me.")


def _lifted_untold(clerk):
    clerk.do("lift_restriction", MANAGER, restriction=restriction(clerk), reason="Polite since.")


def _merged(clerk):
    clerk.do("merge", other=9, reason="The same person.")


STANDS = {
    "a written warning that waits for its letter": _warned_in_writing,
    "an adjustment in force": _adjusted,
    "an open request of ours": _asked_for_something,
    "a shield": _shielded,
    "a closed case": _closed,
    "a breach that nobody assessed": _corrected,
    "an open appeal": _appealed,
    "a lifting of which the party was not told": _lifted_untold,
    "a merge that can be undone": _merged,
}


@pytest.mark.parametrize("begin", STANDS.values(), ids=STANDS)
def test_what_stands_or_waits_never_goes(begin):
    """However long it has been."""
    clerk = made()
    begin(clerk)
    clerk.wait(days=LONG)
    assert not judged(clerk).parts


def test_PHSO_16_an_incident_that_can_extend_a_restriction_stays_as_long_as_that_stands():
    """A restriction of two years, an incident of its first month: it may still be named."""
    clerk = made(incidents=3)
    number = restriction(clerk)
    clerk.wait(days=30)
    incident = clerk.incident()
    longer = clerk.policy.durations.model_copy(update={"longest_months": 60})
    clerk.policy = clerk.policy.with_changes(durations=longer)
    ends = (clerk.now + timedelta(days=900)).date()
    clerk.do("extend_restriction", MANAGER, restriction=number, incident=incident, ends=ends)
    clerk.do("send_notice", about=kept(clerk, "extend_restriction"))
    clerk.wait(days=30)
    later = clerk.incident()
    clerk.wait(days=500)
    assert not judged(clerk)
    clerk.do("extend_restriction", MANAGER, restriction=number, incident=later, ends=ends + timedelta(days=300))


def kept(clerk, name):
    """Name the last paper of an act."""
    return [paper.id for paper in clerk.file.papers if paper.act.name == name][-1]


def test_an_imported_adjustment_is_never_taken_by_itself():
    """It is of no class of its own: it stays until the party goes."""
    clerk = made()
    ended = Adjustment("large print", frozenset({Channel.CALL}), NOW, NOW + timedelta(days=1))
    clerk.file = replace(clerk.file, imported_adjustments=(("imported-1", ended),))
    clerk.wait(days=LONG)
    assert not judged(clerk).parts
    assert judged(clerk, contacts=False).closed


# Letters


def notice(state=NoticeState.SENT, about="arrangements", at=NOW):
    """Give a letter."""
    return NoticeOnFile("N1", 7, about, "arrangements", "", at, "A. Clerk", "s", "d", "Dear R.", 9.0, state=state)


def test_letters_go_by_their_months_once_nothing_they_tell_of_stands():
    """A page of arrangements stays while a restriction does, and one that waits stays in any case."""
    clerk = made(letters=3)
    about = restriction(clerk)
    clerk.wait(days=100)
    assert judged(clerk, notice(), notice(about=about)).notices == ()
    clerk.wait(days=400)
    assert judged(clerk, notice()).notices == ("N1",)
    assert judged(clerk, notice(NoticeState.READ)).notices == ()
    assert judged(clerk, replace(notice(), text="")).notices == ()


# Parties


def test_a_party_goes_when_nothing_was_on_its_file_for_so_long():
    """With everything that is left, and only once no contact of it is on record."""
    clerk = made(parties=24, restrictions=24)
    clerk.do("note_incident", category=next(iter(clerk.policy.grounds)), what="Shouted.")
    clerk.wait(days=2 * 366)
    assert judged(clerk).parts
    assert not judged(clerk, contacts=True).closed
    found = judged(clerk, contacts=False)
    assert found.closed and found.counts[RecordClass.PARTIES] == 1
    clerk.file = replace(clerk.file, party=Party(7, closed_name(7)), marks=())
    assert not judged(clerk, contacts=False).closed


@pytest.mark.parametrize("mark", [Mark(OWN, established=NOW), Mark(OWN, confirmed=NOW)], ids=["put on", "confirmed"])
def test_a_party_whose_identifier_is_young_stays(mark):
    """What somebody established or confirmed since is a sign of life."""
    clerk = made(parties=24)
    clerk.file = replace(clerk.file, marks=(mark,))
    clerk.now = NOW + timedelta(days=400)
    assert not judged(clerk, since=NOW - timedelta(days=LONG), contacts=False).closed


# The calendar


@pytest.mark.parametrize("months", [3, 12, 24])
@pytest.mark.parametrize("day", ["2027-02-28", "2028-02-29", "2026-10-25", "2026-03-29", "2027-05-31", "2027-12-31"])
def test_over_before_is_due_after_the_other_way_round(months, day):
    """At any moment of such a day, what was over before it is due, and what was over at it is not."""
    under = made(evidence=months).policy
    for hour in (0, 1, 12, 23):
        now = datetime.fromisoformat(f"{day}T{hour:02}:30:00+00:00")
        edge = over_before(RecordClass.EVIDENCE, under, now)
        assert due_after(RecordClass.EVIDENCE, edge - timedelta(microseconds=1), under) <= now
        assert due_after(RecordClass.EVIDENCE, edge, under) > now


def test_what_is_due_beyond_the_calendar_is_never_due():
    """An end in the year 9998 is no fault."""
    assert due_after(RecordClass.PARTIES, datetime(9998, 6, 1, tzinfo=UTC), made().policy) == NEVER


def test_the_leader_may_everywhere():
    """Every policy that ships names who may have it deleted, and no daily job does it unasked."""
    for name in ("phso", "spso", "mp-office", "housing-ombudsman", "default"):
        assert policy(name).may("retention")
        assert not policy(name).retention.apply
    assert LEADER.any_of(policy("phso").may("retention"))
