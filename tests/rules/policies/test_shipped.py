"""The policies that ship say what the published ones demand: a table of facts, each under the id of its clause."""

from __future__ import annotations

import re

import pytest

from rules.casework.catalogue import ACTS as CATALOGUE
from rules.measures import KINDS
from rules.policies.acts import ACTS
from rules.standing import PartyKind
from rules.windows import Per
from tests.rules.policies.shipped import FOLDER, NAMES, SHIPPED, data

PHSO, SPSO, MP, HO = (SHIPPED[name] for name in ("phso", "spso", "mp-office", "housing-ombudsman"))
PERSON, PROFESSIONAL, ORGANISATION = PartyKind.PERSON, PartyKind.PROFESSIONAL, PartyKind.ORGANISATION
MISUSE = SPSO.gate(["volume_limit"], PERSON, False, "misuse_of_complaints")

# The rows of what the four policies ask, as their table numbers them; a clause that is none of these is a slip.
ROWS = {
    *(f"PHSO-{number}" for number in range(1, 29) if number not in range(10, 16)),
    *(f"PHSO-M{number}" for number in range(1, 15)),
    *(f"SPSO-21.{number}" for number in range(1, 6)),
    *(f"SPSO-{number}" for number in (5, 9, 14, 15, 19, *range(22, 35), 42, 45, 48, 51, 52, 53, *range(55, 76))),
    *(f"MP-{number}" for number in range(1, 10)),
    *(f"HO-{number}" for number in range(1, 7)),
}

PHSO_ABOVE = {"ombudsman", "executive_team"}
PHSO_FALLBACK = {"assistant_deputy_ombudsman", "head_of_ombudsman_assurance"}
PHSO_KINDS = {
    "PHSO-M1": {"named_contact"},
    "PHSO-M2": {"meeting"},
    "PHSO-M3": {"return_mail"},
    "PHSO-M4": {"behaviour_contract"},
    "PHSO-M5": {"channel_only"},
    "PHSO-M6": {"conceal_staff"},
    "PHSO-M7": {"file_unanswered"},
    "PHSO-M8": {"return_letters"},
    "PHSO-M9": {"issue_limit"},
    "PHSO-M10": {"volume_limit", "talk_time_limit", "call_length_limit", "time_window"},
    "PHSO-M11": {"slow_response"},
    "PHSO-M12": {"block"},
    "PHSO-M13": {"third_party"},
    "PHSO-M14": {"time_out"},
}
SPSO_KINDS = {
    "SPSO-21.1": {"channel_only", "named_contact", "block"},
    "SPSO-21.2": {"conceal_staff"},
    "SPSO-21.3": {"third_party"},
    "SPSO-21.4": {"automated_line"},
    "SPSO-21.5": {"volume_limit", "talk_time_limit", "call_length_limit", "time_window"},
}
MP_KINDS = {
    "MP-3": {"named_contact", "channel_only", "third_party", "volume_limit", "time_window"},
    "MP-4": {"block"},
    "MP-7": {"stop_case", "refuse_new"},
}
HO_KINDS = {"HO-4": {"named_contact", "channel_only", "third_party", "stop_case", "block", "volume_limit"}}


def spans(policy, channel):
    """Name the windows in which contacts by a channel are counted."""
    return {one.per for one in policy.thresholds if one.counted and channel in one.channels}


def summed(policy):
    """Name the levels besides attempts and talk that are flagged."""
    return {one.level.value for one in policy.summed} - {"talk_minutes"}


def fact(words, found, expected):
    """Name one fact of the table."""
    return pytest.param(found, expected, id=words)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        fact("PHSO-2 only zero tolerance needs no warning", PHSO.no_warning_grounds, {"zero_tolerance"}),
        fact("PHSO-2 interim protection is two working days", PHSO.durations.interim_working_days, 2),
        fact("PHSO-2 any colleague may protect at once", PHSO.may("protect_interim"), frozenset()),
        fact("PHSO-2 the police are not every colleague's decision", "caseworker" in PHSO.may("police"), False),
        fact("PHSO-3 a restriction rests on incidents on file", PHSO.evidence.required, True),
        fact("PHSO-6 any colleague may warn", PHSO.may("warn"), frozenset()),
        fact("PHSO-7 a warning lasts six months", PHSO.durations.warning_months, 6),
        fact("PHSO-8 any colleague may restrict", PHSO.may("propose_restriction"), frozenset()),
        fact("PHSO-8 most restrictions need nobody's approval", PHSO.gate(["volume_limit"], PERSON, False), None),
        fact("PHSO-9 an exception goes to an approver", "caseworker" in PHSO.exceptions.roles, False),
        fact("PHSO-9 an exception has an approver", bool(PHSO.exceptions.roles), True),
        fact("PHSO-M11 an answer is usual in ten working days", PHSO.answer_working_days, 10),
        fact("PHSO-16 a restriction lasts six months", PHSO.durations.restriction_months, 6),
        fact("PHSO-16 six months at a time", PHSO.durations.longest_months, 6),
        fact("PHSO-17 six months after its end it may come again", PHSO.durations.renewal_months, 6),
        fact("PHSO-18 nobody approves their own", PHSO.four_eyes, True),
        fact("PHSO-21 there is no appeal", PHSO.appeal, None),
        fact("PHSO-21 that there is none has its clause", PHSO.clause("appeal"), "PHSO-21"),
        fact("PHSO-22 mail on a closed case may lie unread", PHSO.closed_unread, True),
        fact("PHSO-23 declining an adjustment is not every colleague's", bool(PHSO.may("decline_adjustment")), True),
        fact("PHSO-25 calls are counted by hour, day, week, month", spans(PHSO, "call"), set(Per)),
        fact("PHSO-25 mail is counted by hour, day, week, month", spans(PHSO, "email"), set(Per)),
        fact("PHSO-27 there are words for somebody in despair", "116 123" in PHSO.texts.self_harm, True),
        fact("PHSO-28 complaints about the office stay open", "complain" in PHSO.texts.challenge, True),
        fact("SPSO-22 a manager is told, and need not approve", SPSO.gate(["meeting"], PERSON, False), None),
        fact("SPSO-56 repeat complaints are a manager's decision", MISUSE.roles, {"manager"}),
        fact("SPSO-56 the leadership may stand in", MISUSE.fallback, {"leadership_team"}),
        fact("SPSO-22 restrictions rest on evidence", SPSO.evidence.required, True),
        fact("SPSO-22 appeals go to leadership or Ombudsman", SPSO.appeal.to, {"leadership_team", "ombudsman"}),
        fact("SPSO-22 whoever hears appeals may decide them", SPSO.may("decide_appeal"), SPSO.appeal.to),
        fact("SPSO-22 the Ombudsman decides no restriction", "ombudsman" in SPSO.may("approve_restriction"), False),
        fact("SPSO-23 there are reviews", SPSO.review.every_months, 3),
        fact("SPSO-23 a restriction may go without one, and say why", bool(SPSO.review.why_none), True),
        fact("SPSO-24 zero tolerance needs no warning", SPSO.no_warning_grounds, {"zero_tolerance"}),
        fact("SPSO-33 the police are for leadership to decide", SPSO.may("police"), {"leadership_team", "ombudsman"}),
        fact("SPSO-51 calls are counted by hour and day", spans(SPSO, "call"), {Per.HOUR, Per.DAY}),
        fact("SPSO-51 long calls are counted", any(one.level == "talk_minutes" for one in SPSO.thresholds), True),
        fact("SPSO-66 evidence is opened by those who need it", "caseworker" in SPSO.may("open_evidence"), False),
        fact(
            "SPSO-71 staff named online: a record that few see",
            SPSO.may("confidential_record"),
            {"communications_manager", "hr_officer", "manager"},
        ),
        fact("SPSO keeps Scotland's bank holidays", SPSO.region, "scotland"),
        fact("MP-1 there are two roles", set(MP.roles), {"caseworker", "mp"}),
        fact("MP-2 calls are counted by hour and day", spans(MP, "call"), {Per.HOUR, Per.DAY}),
        fact("PHSO-25 copies and angles are counted", summed(PHSO), {"exact_repeats", "near_repeats", "matters"}),
        fact("SPSO-42 separate staff are counted", "staff_addressed" in summed(SPSO), True),
        fact("MP-2 staff time is counted", "staff_minutes" in summed(MP), True),
        fact("HO-2 what we are only copied into is counted", "only_cc" in summed(HO), True),
        fact("MP-2 frequent mail is counted", spans(MP, "email"), {Per.DAY, Per.WEEK}),
        fact("MP-8 a restriction lasts six months", MP.durations.restriction_months, 6),
        fact("MP-8 there is a review", MP.review.every_months, 3),
        fact("MP-8 there is no appeal", MP.appeal, None),
        fact("MP-8 the MP decides", MP.gate(["volume_limit"], PERSON, False).roles, {"mp"}),
        fact("MP-8 the MP may decide alone", MP.four_eyes, False),
        fact("MP-9 advice not followed is a ground", "advice_not_followed" in MP.grounds, True),
        fact("MP-9 behaviour to others is a ground", "behaviour_to_others" in MP.grounds, True),
        fact("HO-2 calls are counted by hour, day, week", spans(HO, "call"), {Per.HOUR, Per.DAY, Per.WEEK}),
        fact("HO-2 long calls are counted", any(one.level == "talk_minutes" for one in HO.thresholds), True),
        fact("HO-2 mail and post are counted", spans(HO, "letter"), {Per.DAY, Per.WEEK}),
        fact("HO-3 a limited call ends with a warning", bool(HO.texts.call_ending), True),
        fact("HO-5 no notice is not a manager's to decide", "manager" in HO.may("record_no_notice"), False),
        fact("HO-6 there is an appeal", HO.appeal.to, {"ombudsman"}),
        fact("HO-6 the notice can say how", "appeal" in HO.texts.challenge, True),
    ],
)
def test_it_says_what_the_policy_demands(found, expected):
    """Each fact stands under the id of the row that it comes from."""
    assert found == expected


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        pytest.param(PHSO, PHSO_KINDS, id="PHSO-M1 to PHSO-M14"),
        pytest.param(SPSO, SPSO_KINDS, id="SPSO-21.1 to SPSO-21.5"),
        pytest.param(MP, MP_KINDS, id="MP-3, MP-4 and MP-7"),
        pytest.param(HO, HO_KINDS, id="HO-4"),
    ],
)
def test_it_has_the_measures_of_the_policy(policy, kinds):
    """Each measure that the policy names is there and names that clause."""
    for clause, names in kinds.items():
        assert names <= policy.measures
        assert {policy.clause(kind) for kind in names} == {clause}


GATES = [
    pytest.param([], PERSON, True, "PHSO-18", id="PHSO-18 a total block"),
    pytest.param(["refuse_new"], PERSON, False, "PHSO-18", id="PHSO-18 refusing further complaints"),
    pytest.param(["stop_case"], PERSON, False, "PHSO-18", id="PHSO-18 stopping work on a case"),
    pytest.param(["meeting"], ORGANISATION, False, "PHSO-19", id="PHSO-19 an organisation"),
    pytest.param(["meeting"], PROFESSIONAL, False, "PHSO-19", id="PHSO-19 a professional"),
    pytest.param(["block"], ORGANISATION, True, "PHSO-18, PHSO-19", id="PHSO-18 and PHSO-19 at once"),
]


@pytest.mark.parametrize(("kinds", "party", "block", "clause"), GATES)
def test_the_heaviest_steps_go_to_the_top(kinds, party, block, clause):
    """Ombudsman or Executive Team approve; the two others stand in for them."""
    gate = PHSO.gate(kinds, party, block)
    assert (gate.roles, gate.fallback, gate.clause) == (PHSO_ABOVE, PHSO_FALLBACK, clause)


@pytest.mark.parametrize("name", NAMES)
def test_a_total_block_has_an_approver(name):
    """Nowhere is a total block, or what needs its approval, left to whoever proposes it."""
    policy = SHIPPED[name]
    for kinds, block in ([], True), *(([kind], False) for kind in policy.measures & {"stop_case", "refuse_new"}):
        gate = policy.gate(kinds, PERSON, block)
        assert gate is not None
        assert gate.roles
        assert "caseworker" not in gate.approvers


def test_a_block_at_spso_is_for_the_leadership_team():
    """Two gates before one restriction are opened by who may open both (SPSO-56; the other is ours)."""
    gate = SPSO.gate(["block"], PERSON, True, "misuse_of_complaints")
    assert (gate.roles, gate.fallback, gate.clause) == ({"leadership_team"}, frozenset(), "SPSO-56")


@pytest.mark.parametrize("name", NAMES)
def test_every_clause_is_a_row(name):
    """A clause that no table knows would cite nothing."""
    cited = re.findall(r"(?:PHSO|SPSO|MP|HO)-M?[0-9.]*[0-9]", (FOLDER / f"{name}.toml").read_text("utf-8"))
    assert cited
    assert set(cited) <= ROWS
    policy = SHIPPED[name]
    named = {*policy.clauses.values(), policy.review.clause, policy.exceptions.clause}
    named |= {gate.clause for gate in policy.gates}
    assert named - {""} <= ROWS


@pytest.mark.parametrize("name", NAMES)
def test_every_measure_has_its_clause(name):
    """A reason can always name the clause that a measure rests on."""
    assert [kind for kind in SHIPPED[name].measures if not SHIPPED[name].clause(kind)] == []


@pytest.mark.parametrize("name", NAMES)
def test_its_name_is_that_of_its_file(name):
    """What `show` prints as a name can be asked for."""
    assert SHIPPED[name].name == name


@pytest.mark.parametrize("name", NAMES)
def test_it_says_everything_itself(name):
    """A file to begin from leaves no wording and no role to a default that nobody sees."""
    assert set(data(name)["texts"]) == set(SHIPPED[name].texts.model_dump())
    assert {"roles", "may", "gates", "durations", "review", "evidence", "guard"} <= set(data(name))


@pytest.mark.parametrize("name", NAMES)
def test_its_words_name_nobody(name):
    """Wording is neutral, goes over the wire as it is, and stands for the office alone."""
    for text in SHIPPED[name].texts.model_dump().values():
        assert not set("{}") & set(text.replace("{office}", ""))
        assert not re.search(r"\b(abuser|vexatious|offender|service user|constituent|customer)\b", text, re.IGNORECASE)
    assert SHIPPED[name].texts.refusal.isascii()


def test_no_policy_ships_unseen():
    """Each file beside the code is in these tests."""
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(NAMES)


def test_the_default_has_the_whole_catalogue():
    """A plain office may do whatever the product can."""
    assert SHIPPED["default"].measures == frozenset(KINDS)


def test_policies_know_every_act():
    """Rights can be given for each act of the catalogue: one that is missing here would be open to all for ever."""
    assert set(CATALOGUE) <= set(ACTS)
