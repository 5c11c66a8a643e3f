"""A policy in words: everything it decides is said, and two policies differ exactly where their words do."""

from __future__ import annotations

import pytest

from rules import policies
from rules.policies.words import differences, sections
from tests.rules.policies.shipped import NAMES, SHIPPED, data


def said(policy):
    """Give all rows by section and label."""
    return {(section.title, row.label): row for section in sections(policy) for row in section.rows}


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_their_own(name):
    """No row hides another: a comparison goes by them."""
    rows = [(section.title, row.label) for section in sections(SHIPPED[name]) for row in section.rows]
    assert len(rows) == len(set(rows))


def test_what_phso_says():
    """The clauses that an office asks about first are there, with their ids."""
    rows = said(SHIPPED["phso"])
    assert rows["How long", "A warning"].text == "6 months from when it is told"
    assert rows["How long", "A warning"].clause == "PHSO-7"
    block = rows["What needs whose approval", "A total block"]
    above, below = block.text.split("; where they are away or conflicted ")
    assert above == "Executive Team or Ombudsman"
    assert below == "Head of Ombudsman Assurance or Assistant Deputy Ombudsman"
    assert block.clause == "PHSO-18"
    assert rows["What needs whose approval", "Any other restriction"].text == "nobody's: any colleague may decide"
    assert rows["Appeal, review, evidence", "Appeal"].text == "none: decisions are final"
    assert rows["Grounds", "zero_tolerance"].text.endswith("; needs no warning")


def test_what_the_mp_says():
    """One person may decide alone, and there is nobody else to."""
    rows = said(SHIPPED["mp-office"])
    assert rows["What needs whose approval", "Four eyes"].text == "one person may decide alone"
    assert rows["What needs whose approval", "Every restriction"].text == "MP"
    assert ("What needs whose approval", "Any other restriction") not in rows


def test_gates_are_said_together():
    """A block at the Housing Ombudsman meets two gates: what is said is who opens both."""
    row = said(SHIPPED["housing-ombudsman"])["What needs whose approval", "A total block"]
    assert (row.text, row.clause) == ("Director", "")


def test_a_gate_before_a_ground_is_said():
    """SPSO-56: complaints made again and again are for a manager."""
    row = said(SHIPPED["spso"])["What needs whose approval", "On the ground misuse_of_complaints"]
    assert (row.text, row.clause) == ("Manager; where they are away or conflicted Leadership Team", "SPSO-56")


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_differs_from_itself_in_nothing(name):
    """What is the same is not said."""
    assert list(differences(SHIPPED[name], SHIPPED[name])) == []


CHANGES = [
    ("zone", "Europe/Dublin"),
    ("region", "scotland"),
    ("title", "Another"),
    ("least_call_s", 61),
    ("counted_call_s", 31),
    ("look_by_working_days", 3),
    ("answer_working_days", 11),
    ("request_working_days", 11),
    ("review_unknown_days", 27),
    ("identifier_stale_days", 366),
    ("answer_claimed", False),
    ("closed_unread", True),
    ("four_eyes", False),
    ("always_open", ["appeals@example.org"]),
    ("measures", ["block", "meeting", "stop_case", "refuse_new"]),
    ("no_warning_grounds", []),
    ("roles", {"head": "Chief"}),
    ("may", {"police": ["head"]}),
    ("durations", {"warning_months": 5}),
    ("durations", {"restriction_months": 5}),
    ("durations", {"counted_from": "last_instance"}),
    ("durations", {"longest_months": 11}),
    ("durations", {"renewal_months": 5}),
    ("durations", {"interim_working_days": 1}),
    ("gates", []),
    ("exceptions", {"roles": ["head"]}),
    ("appeal", {"within_days": 28}),
    ("review", {"every_months": 2}),
    ("review", {"why_none": "To protect staff"}),
    ("evidence", {"required": False}),
    ("evidence", {"most_mb": 24}),
    ("guard", {"most_others": 3}),
    ("guard", {"most_share_percent": 6}),
    ("retention", {"apply": True}),
    ("retention", {"warnings": 25}),
    ("retention", {"incidents": 25}),
    ("retention", {"restrictions": 37}),
    ("retention", {"papers": 37}),
    ("retention", {"evidence": 37}),
    ("retention", {"letters": 37}),
    ("retention", {"messages": 11}),
    ("retention", {"contacts": 25}),
    ("retention", {"confidential": 37}),
    ("retention", {"parties": 73}),
    ("replies", {"party": 9}),
    ("replies", {"address": 9}),
    ("replies", {"domain": 99}),
    ("replies", {"everybody": 499}),
    ("texting", {"answers": False}),
    ("texting", {"numbers": ["+44", "+353"]}),
    ("texting", {"never": []}),
    ("texting", {"hours_between": 1}),
    ("texting", {"most": 49}),
    ("texting", {"price": 0.04}),
    ("texting", {"most_spent": 4}),
    ("duty_manager", {"inbox": "duty@example.org"}),
    ("safeguards", {"languages": ["en"]}),
    ("safeguards", {"alert": ["risk_to_life"]}),
    ("safeguards", {"signpost": False}),
    ("safeguards", {"look_by": {"appeal": 0}}),
    ("safeguards", {"add": {"appeal": ["let me back in"]}}),
    ("safeguards", {"remove": {"risk_to_life": ["death threats|threat"]}}),
    ("callers", {"withheld": "voicemail"}),
    ("callers", {"unavailable": "voicemail"}),
    ("callers", {"odd": "ask"}),
    ("phone", {"messages": False}),
    ("phone", {"danger": "duty_manager"}),
    ("phone", {"wait_s": 0}),
    ("phone", {"warn_before_s": 30}),
    ("grounds", {"zero_tolerance": "Threats"}),
    ("thresholds", []),
    ("thresholds", [{"at_least": 4, "per": "week", "title": "Much"}]),
    ("flag_sleep_days", 15),
    ("texts", {"help": "Ask us."}),
    ("office_hours", {"days": ["mon", "sat"]}),
    ("office_hours", {"from": "08:30"}),
    ("office_hours", {"to": "24:00"}),
    ("office_hours", {"bank_holidays": False}),
    ("staff_time", {"words_a_minute": 201}),
    ("staff_time", {"words_unread": 0}),
    ("staff_time", {"handling": {"visit": 30}}),
    ("overdue", {"owner": "head"}),
    ("overdue", {"owners": {"look": "head"}}),
    ("overdue", {"steps": []}),
    ("overdue", {"steps": [{"working_days": -2, "role": "manager"}]}),
    ("overdue", {"steps": [{"working_days": 2, "role": "manager"}]}),
    ("overdue", {"steps": [{"working_days": 1, "role": "manager", "kinds": ["breach"]}]}),
]


@pytest.mark.parametrize(("key", "value"), CHANGES, ids=[f"{key} {value}"[:50] for key, value in CHANGES])
def test_whatever_is_changed_is_said(key, value):
    """Nothing that a policy decides can differ unseen."""
    before = data("default")
    merged = before.get(key, {}) | value if isinstance(value, dict) else value
    changed = before | {key: merged}
    if value == {"danger": "duty_manager"}:  # whom to ring must be said
        changed["duty_manager"] = {"phone": "+441632960300"}
    if key == "gates":  # a policy needs one before total blocks; this has no other
        changed["gates"] = [{"total_block": True, "roles": ["manager"]}]
    found = list(differences(policies.parse(before), policies.parse(changed)))
    assert found
    assert all(one.one != one.other for one in found)


def test_every_key_of_the_file_is_tried():
    """A part that is added to the file without words for it fails here."""
    from rules.policies.file import PolicyFile

    unsaid = {"name", "clauses", "imports"}
    assert {key for key, _ in CHANGES} == set(PolicyFile.model_fields) - unsaid
