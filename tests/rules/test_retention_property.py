"""Retention changes nothing that counts: two files live through the same, and of one what is over is deleted."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.casework import basis as bases
from rules.casework.acts.protect_interim import ProtectInterim
from rules.casework.breaches import open_of
from rules.casework.facts import facts_of
from rules.casework.file import Paper
from rules.casework.refused import Refused
from rules.casework.removed import Removed
from rules.casework.shelf import shelf_of
from rules.casework.waiting import waiting
from rules.policies.parts import Retention
from rules.retention import RecordClass, going
from tests.rules.casework.acts.clerk import CLERK, LEADER, MANAGER, NOW, Clerk, policy

SHORT = Retention(**{kind.value: 3 for kind in RecordClass})
LIMIT = [{"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}]
CONTRACT = [{"kind": "behaviour_contract", "conditions": ["No shouting"]}]
EVERYBODY = (CLERK, MANAGER, LEADER)
GROUNDS = ("first", "last")


def kept(clerk, *names):
    """Name the papers of these acts whose contents are kept."""
    return [paper.id for paper in clerk.file.papers if paper.act.name in names]


def draft(clerk, incidents, which, measures=LIMIT):
    """Give the fields of a draft."""
    return {
        "measures": measures,
        "ground": list(clerk.policy.grounds)[which % len(clerk.policy.grounds)],
        "reason": "It keeps us from other work.",
        "incidents": incidents,
        "adjustments_considered": "Asked; none needed.",
        "police": "Not told, by the manager's decision.",
    }


def incident(clerk, which):
    """Give the fields of an incident."""
    grounds = list(clerk.policy.grounds)
    return {"category": grounds[which % len(grounds)], "what": "Shouted for ten minutes."}


# Each gives an act and its fields from a number, or nothing where there is nothing that it could be about.
def _about(act, field, *made_by, **fields):
    def build(clerk, which):
        there = kept(clerk, *made_by)
        return (act, {field: there[which % len(there)], **fields}) if there else None

    return build


def _incidents(clerk, which):
    there = kept(clerk, "note_incident")
    return [there[-1 - which % min(len(there), 3)]] if there else []


TRIES = {
    "incident": lambda clerk, which: ("note_incident", incident(clerk, which)),
    "ask": lambda clerk, which: ("ask", {"text": "Please stop.", "distress": "None.", "adjustments": "None."}),
    "warn": lambda clerk, which: (
        ("warn", {"incidents": found, "text": "Please stop.", "spoken": which % 2 == 0})
        if (found := _incidents(clerk, which))
        else None
    ),
    "communicate": _about("communicate_warning", "warning", "warn"),
    "draft": lambda clerk, which: (
        "draft_restriction",
        draft(clerk, _incidents(clerk, which), which, CONTRACT if which % 5 == 0 else LIMIT),
    ),
    "propose": _about("propose_restriction", "restriction", "draft_restriction"),
    "propose as an exception": _about("propose_restriction", "restriction", "draft_restriction", exception="Grave."),
    "propose as similar": _about("propose_restriction", "restriction", "draft_restriction", similar="The same tone."),
    "approve": _about("approve_restriction", "restriction", "draft_restriction", reason="Proportionate.", fallback="x"),
    "decline": _about("decline_restriction", "restriction", "draft_restriction", reason="Not needed."),
    "tell": _about("send_notice", "about", "draft_restriction"),
    "tell of a change": _about("send_notice", "about", "extend_restriction", "review_restriction", "lift_restriction"),
    "no notice": _about("record_no_notice", "about", "draft_restriction", "lift_restriction", reason="No address."),
    "came back": _about("notice_came_back", "about", "draft_restriction", "warn"),
    "extend": lambda clerk, which: (
        ("extend_restriction", {"restriction": there[which % len(there)], "incident": found[0], "fallback": "x"})
        if (there := kept(clerk, "draft_restriction")) and (found := _incidents(clerk, which))
        else None
    ),
    "review": _about("review_restriction", "restriction", "draft_restriction", outcome="continue", reason="Needed."),
    "lift": _about("lift_restriction", "restriction", "draft_restriction", reason="Polite since."),
    "appeal": _about("appeal", "restriction", "draft_restriction", grounds="It was not me.", late="Ill."),
    "decide": _about("decide_appeal", "appeal", "appeal", outcome="dismissed", reason="It was."),
    "protect": _about("protect_interim", "incident", "note_incident", reason="It cannot wait."),
    "agree contract": _about("agree_contract", "restriction", "draft_restriction", how="By letter."),
    "adjust": lambda clerk, which: ("agree_adjustment", {"need": "Cannot write", "open": ["call"]}),
    "end adjustment": _about(
        "end_adjustment", "adjustment", "agree_adjustment", advice="None.", route="Mail.", asked_by="K. Jones"
    ),
    "request": lambda clerk, which: ("request", {"what": "Your dates", "difficulty": "None."}),
    "judge": _about("judge_request", "request", "request", refused=True, reason="Nothing came."),
    "close": lambda clerk, which: (
        "close_case",
        {"reference": f"HO/2024-{which % 3}", "explained": clerk.now.date(), "how": "By letter."},
    ),
    "reopen": _about("reopen_case", "case", "close_case", reason="News."),
    "seal": lambda clerk, which: (
        "seal_evidence",
        {"mark": f"DISTRESSING {len(clerk.file.papers)}", "description": "A voicemail", "size": 3, "digest": "0" * 64}
        | ({"incident": found[0]} if (found := _incidents(clerk, which)) else {}),
    ),
    "shield": lambda clerk, which: (
        "shield",
        {
            "colleague": "A. Reid",
            "inbox": f"a{which % 3}@office.example.org",
            "manager_inbox": "m@office.example.org",
            "reason": "Threats.",
        },
    ),
    "unshield": _about("unshield", "shield", "shield", reason="Over.", asked="Yes."),
}
MADE = ["incident", "warn", "incident", "draft", "propose", "approve", "tell"]
"""What makes a restriction, one after the other."""
STEPS = st.tuples(st.sampled_from(sorted(TRIES)), st.integers(0, 30), st.integers(0, 200), st.booleans())


def _then_a_restriction(steps):
    return [*steps, *((name, 0, 0, False) for name in MADE), *steps]


def attempt(clerk, act, fields):
    """Have everybody try; gives who was let, or what the last was told."""
    said = "nobody"
    for by in EVERYBODY:
        try:
            clerk.do(act, by, **fields)
        except (Refused, ValueError) as refused:
            said = str(refused)
        else:
            return by.name
    return f"refused: {said}"


def delete(clerk):
    """Delete what may go, as the record does; gives how many papers."""
    judged = going(clerk.file, (), clerk.policy, clerk.now, since=NOW, contacts=False)
    if judged.closed:
        assert all(paper.id in judged.parts or isinstance(paper.act, Removed) for paper in clerk.file.papers)
    papers = tuple(
        Paper(one.id, one.at, one.by, one.role, Removed(was=one.act.name)) if one.id in judged.parts else one
        for one in clerk.file.papers
    )
    clerk.file = replace(clerk.file, papers=papers)
    return len(judged.parts)


def standing(clerk):
    """Give all that counts now: the stage, what is enforced, what waits, what may be done next."""
    shelf, now, under = clerk.shelf, clerk.now, clerk.policy
    facts = facts_of(shelf)
    return {
        "stage": shelf.stage(now),
        "enforced": {one.id: one.enforced() for one in shelf.live(now)},
        "adjustments": [one for one in shelf.adjustments.values() if one.value().in_force(now)],
        "warnings": shelf.standing_warnings(now),
        "waiting": waiting(shelf, under, now),
        "breaches": open_of(clerk.file.papers),
        "shields": [one for one in facts.shields if one.span.until is None],
        "closed": [one for one in facts.closed if one.span.until is None],
        "requests": [one for one in facts.requests if one.until is None],
        "next": [_next(clerk, which) for which in range(len(under.grounds))],
    }


def _next(clerk, which):
    """Say what a new incident on a ground could carry: a restriction, protection, by what."""
    trial = Clerk(clerk.policy.name)
    trial.policy, trial.now, trial.file = clerk.policy, clerk.now, clerk.file
    new = trial.do("note_incident", **incident(trial, which)).id
    made = trial.do("draft_restriction", **draft(trial, [new], which)).id
    shelf = shelf_of(trial.file, trial.policy)
    rests_on = bases.basis(shelf.restrictions[made], trial.file, shelf, trial.policy, trial.now)
    protection = ProtectInterim(incident=new, reason="x")
    try:
        protection.judge(trial.file, trial.policy, CLERK, now=trial.now)
        lets = True
    except Refused:
        lets = False
    return rests_on, lets


@pytest.mark.parametrize("under", ["phso", "spso", "mp-office", "housing-ombudsman", "default"])
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(steps=st.lists(st.lists(STEPS, max_size=12).map(_then_a_restriction) | st.lists(STEPS, max_size=12), max_size=4))
def test_what_stands_and_what_may_be_done_next_is_the_same_after_any_run(under, steps):
    """PHSO-7 PHSO-17: whatever happened and whenever a run was, no act that could be done before is refused after."""
    whole, short = Clerk(under), Clerk(under)
    whole.policy = short.policy = policy(under).with_changes(retention=SHORT)
    for name, which, days, runs in chain.from_iterable(steps):
        for clerk in (whole, short):
            clerk.wait(days=days)
        if runs:
            delete(short)
            assert standing(short) == standing(whole)
        tried = TRIES[name](short, which)  # what is deleted cannot be named
        if tried is not None:
            assert attempt(short, *tried) == attempt(whole, *tried)
    assert standing(short) == standing(whole)


def test_the_property_meets_deletions():
    """The months are short enough for the property: a warning and its incident go soon after they are over."""
    clerk = Clerk("spso")
    clerk.policy = policy("spso").with_changes(retention=SHORT)
    clerk.do("warn", incidents=[clerk.incident()], text="Please stop.", spoken=True)
    clerk.wait(days=360)
    assert delete(clerk) == 0
    clerk.wait(days=30)
    assert delete(clerk) == 2
    assert kept(clerk, "warn", "note_incident") == []
