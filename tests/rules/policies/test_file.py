"""Policies: the default one reads, and each broken one gives one sentence that names where and what would be right."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from rules import policies
from rules.contact import Channel
from rules.windows import Mode, Per
from tests.rules.office import POLICY, policy_data


def test_the_default_policy_is_the_one_of_the_issue():
    """The default policy is in London, with the thresholds that the office named."""
    assert POLICY.zone == ZoneInfo("Europe/London")
    assert (POLICY.least_call_s, POLICY.counted_call_s, POLICY.look_by_working_days) == (60, 30, 2)
    assert POLICY.review_unknown == timedelta(days=28)
    assert [(sorted(one.channels), one.at_least, one.per, one.window) for one in POLICY.thresholds] == [
        ([Channel.CALL], 3, Per.HOUR, Mode.ROLLING),
        ([Channel.CALL], 5, Per.DAY, Mode.ROLLING),
        ([Channel.CALL], 10, Per.WEEK, Mode.ROLLING),
        ([Channel.EMAIL], 5, Per.DAY, Mode.ROLLING),
        ([Channel.EMAIL], 15, Per.WEEK, Mode.ROLLING),
        ([Channel.CALL], 120, Per.WEEK, Mode.ROLLING),
    ]
    assert len({one.name for one in POLICY.thresholds}) == 6


def test_the_default_policy_says_something_to_everybody():
    """Every text is there, none of them names a person or a party, and the refusal fits on a reply line."""
    for text in POLICY.texts.model_dump().values():
        assert text
        assert not set("{}") & set(text.replace("{office}", ""))
    assert POLICY.texts.refusal.isascii()
    assert "zero_tolerance" in POLICY.grounds


def test_the_least_policy_has_defaults():
    """A policy of a name, grounds and clauses is enough."""
    policy = policies.parse({"name": "small", "grounds": {}, "clauses": {}})
    assert (policy.title, policy.zone.key, policy.thresholds, policy.always_open) == (
        "small",
        "Europe/London",
        (),
        frozenset(),
    )
    assert policy.clause("block") == ""


def test_ways_that_are_always_open_have_one_form():
    """Inboxes and numbers that no measure closes are compared in lower case and E.164."""
    policy = policies.parse(policy_data() | {"always_open": ["Appeals@Example.org ", "01632 960000"]})
    assert policy.always_open == {"appeals@example.org", "+441632960000"}


def test_settings_change_a_policy_without_touching_it():
    """An installation's settings make a changed copy."""
    assert POLICY.with_changes(answer_claimed=False).answer_claimed is False
    assert POLICY.answer_claimed is True


def put(data: dict, path: str, value: object) -> dict:
    """Give the data with one thing changed; a path like `thresholds.0.at_least`."""
    data = deepcopy(data)
    *way, last = path.split(".")
    inner = data
    for step in way:
        inner = inner[int(step) if step.isdigit() else step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        pytest.param("name", None, "name is missing", id="no name"),
        pytest.param("name", "", "name is '': string should have at least 1 character", id="an empty name"),
        pytest.param("grounds", None, "grounds is missing", id="no grounds"),
        pytest.param(
            "zone", "Europe/Londom", "zone: 'Europe/Londom' is not a time zone; write it as Europe/London", id="zone"
        ),
        pytest.param("zone", "../etc/passwd", "zone: '../etc/passwd' is not a time zone", id="a path for a zone"),
        pytest.param("zone", 5, "zone: 5 is not a time zone; write it as Europe/London", id="a number for a zone"),
        pytest.param("colour", "red", "there is no parameter colour", id="a key that nobody knows"),
        pytest.param(
            "least_call_s", 0, "least_call_s is 0: input should be greater than or equal to 1", id="no least call"
        ),
        pytest.param("least_call_s", "long", "least_call_s is 'long': input should be a valid integer", id="no number"),
        pytest.param(
            "look_by_working_days", 99, "look_by_working_days is 99: input should be less than", id="too long"
        ),
        pytest.param(
            "callers.withheld",
            "refuse",
            "callers.withheld is 'refuse', but must be 'connect', 'ask' or 'voicemail'",
            id="T5",
        ),
        pytest.param("thresholds.0.level", "share", "thresholds.0: there is no threshold on a share", id="no share"),
        pytest.param(
            "thresholds.0.level",
            "failed",
            "thresholds.0: there is no threshold on failed: forged contact counts for nothing",
            id="no forged contact (I4)",
        ),
        pytest.param(
            "thresholds.0.level",
            "unanswered",
            "thresholds.0: there is no threshold on unanswered: what we left",
            id="no doing of ours (SPSO-14)",
        ),
        pytest.param("thresholds.0.at_least", None, "thresholds.0.at_least is missing", id="no number"),
        pytest.param(
            "thresholds.0.at_least",
            1,
            "thresholds.0: 1 contacts may be one ordinary contact; the least that makes a level is 2",
            id="one",
        ),
        pytest.param(
            "thresholds.0.at_least", 1001, "thresholds.0: 1001 attempts are too many to be counted with", id="too many"
        ),
        pytest.param("thresholds.0.count", 5, "thresholds.0: write at_least in place of count", id="as it was"),
        pytest.param("thresholds.0.talk_minutes", 5, 'thresholds.0: write level = "talk_minutes"', id="talk as it was"),
        pytest.param("thresholds.0.ground", "rudeness", "thresholds.0: 'rudeness' is no ground", id="no ground"),
        pytest.param(
            "thresholds.0.per",
            "year",
            "thresholds.0.per is 'year', but must be 'hour', 'day', 'week' or 'month'",
            id="span",
        ),
        pytest.param("thresholds.0.channels", [], "thresholds.0: name at least one channel", id="no channel"),
        pytest.param(
            "thresholds.5.channels",
            ["email"],
            "thresholds.5: talk_minutes are counted on calls alone",
            id="talk by mail",
        ),
        pytest.param("thresholds.0.per", None, "thresholds.0.per is missing", id="no span"),
        pytest.param(
            "always_open",
            ["reception"],
            "always_open.0: 'reception' is neither a mail address nor a phone",
            id="a word",
        ),
        pytest.param("texts.refusal", "x" * 401, "texts.refusal is 'xxxx", id="a refusal too long for the wire"),
        pytest.param("texts.farewell", "bye", "there is no parameter texts.farewell", id="a text that nobody says"),
        pytest.param(
            "clauses", {"block": 12}, "clauses.block is 12: input should be a valid string", id="a number for a clause"
        ),
    ],
)
def test_a_broken_policy_is_refused_with_one_sentence(path, value, sentence):
    """What is wrong in a policy is said in one sentence, with where it is and what would be right."""
    with pytest.raises(ValueError) as refused:
        policies.parse(put(policy_data(), path, value))
    said = str(refused.value)
    assert said.startswith(sentence)
    assert "\n" not in said
    assert len(said) < 200


def test_a_duty_manager_can_be_reached():
    """Where contact goes during interim protection has one form, or is left to each restriction."""
    duty = {"inbox": "Duty@Example.org ", "phone": "01632 960001"}
    policy = policies.parse(policy_data() | {"duty_manager": duty})
    assert (policy.duty_manager.inbox, policy.duty_manager.phone) == ("duty@example.org", "+441632960001")
    assert (POLICY.duty_manager.inbox, POLICY.duty_manager.phone) == ("", "")


def test_what_no_right_limits_anyone_may_do():
    """An act that the file does not name is open to all; who decides appeals follows from [appeal]."""
    assert POLICY.may("warn") == frozenset()
    assert POLICY.may("police") == {"manager", "head"}
    assert POLICY.may("decide_appeal") == {"head"}
