"""Lists as they are made ready: what is added, taken out, refused."""

from __future__ import annotations

import pytest

from rules.safeguards.kinds import Kind
from rules.safeguards.lists import parse, slips
from rules.safeguards.recogniser import recognise

LIST = {
    "language": "en",
    "groups": {"me": ["me", "myself"]},
    "typos": {"words": ["suicide"], "others": ["suicides"]},
    "spellings": {"kil": "kill"},
    "negations": {"words": ["not"], "between": ["going", "to"]},
    "risk_to_life": {
        "self_harm": {"phrases": ["kill <me>", "thoughts of suicide"], "but_not": ["kill me with kindness"]}
    },
    "appeal": {"restriction": {"phrases": ["lift the ban"]}},
}


def seen(text, **own):
    """Give what is recognised in a text by the list."""
    return [one.safeguard for one in recognise(text, "", parse([LIST], **own))]


def test_an_office_adds_and_takes_out():
    """Its own phrases speak for the kind, and may use the groups; what it took out says nothing any more."""
    assert seen("I will end me. Lift the ban!") == ["appeal: against the restriction"]
    own = {"add": {Kind.RISK_TO_LIFE: ["end <me>"]}, "remove": {Kind.APPEAL: ["lift  the ban"]}}
    assert seen("I will end me. Lift the ban!", **own) == ["risk to life"]


@pytest.mark.parametrize(
    ("change", "own", "sentence"),
    [
        ({}, {"remove": {Kind.APPEAL: ["end the ban"]}}, "safeguards.remove.appeal: 'end the ban' stands in no list"),
        ({}, {"add": {Kind.APPEAL: ["let <him> in"]}}, "safeguards.add.appeal: the phrase 'let <him> in' names"),
        ({"appeal": {"tribunal": {"phrases": []}}}, {}, "list en: appeal has no topic 'tribunal'"),
        ({"appeals": {}}, {}, "appeals"),
        ({"typos": {"words": ["kill"]}}, {}, "typos.words"),
        ({"groups": {"me": ["(me)"]}}, {}, "list en: the phrase '(me)' has '(me)'"),
    ],
)
def test_what_is_wrong_is_said(change, own, sentence):
    """Every fault is a sentence with its place."""
    with pytest.raises(ValueError) as refused:  # the sentence is looked at below
        parse([LIST | change], **own)
    assert sentence in str(refused.value)


def test_one_slip_is_forgiven():
    """A letter too few, too many, another, two in the wrong order; no word that is another."""
    made = slips(["suicide"], {"suicides"})
    assert {"suicde", "suiicide", "suicibe", "usicide"} <= made.keys()
    assert not {"suicide", "suicides", "suside"} & made.keys()
    for slip in ("suicde", "suiicide", "suicibe"):
        assert seen(f"I have thoughts of {slip}") == ["risk to life: self-harm"]


SIGNS = {
    "language": "en",
    "negations": {"words": ["not"], "between": ["my"], "no_denial": ["reason"]},
    "risk_to_life": {
        "self_harm": {
            "phrases": ["end my life"],
            "signs": {"goodbye": ["goodbye", "forgive me"], "means": ["my rope"]},
            "but_not": ["goodbye to the garden"],
        }
    },
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Goodbye.", []),
        ("Goodbye. Forgive me.", []),
        ("Goodbye. I have my rope.", ["goodbye ... my rope"]),
        ("Not my rope. Goodbye.", []),
        ("Goodbye to the garden. I have my rope.", []),
        ("Goodbye. " + "word " * 150 + "my rope.", []),
        ("Tell me the reason not to end my life.", ["end my life"]),
    ],
    ids=["one", "two of one name", "two names", "one denied", "one excepted", "far from each other", "no denial"],
)
def test_two_signs_near_each_other_speak(text, words):
    """One alone says too little; two of one name are one."""
    assert [one.words for one in recognise(text, "", parse([SIGNS]))] == words


def test_a_sign_in_the_subject_goes_with_one_in_the_text():
    """Whoever says goodbye in the subject has said it."""
    assert [one.words for one in recognise("I have my rope.", "Goodbye", parse([SIGNS]))] == ["goodbye ... my rope"]


def test_parts_in_any_order():
    """A sentence has them all, and none of them is denied."""
    listed = SIGNS | {"risk_to_life": {"self_harm": {"phrases": ["rope + shed + tonight"]}}}
    for text, seen_in in (
        ("Tonight I take the rope from the shed.", 1),
        ("In the shed, a rope, tonight.", 1),
        ("Tonight. The rope is in the shed.", 0),
        ("Not tonight: the rope is in the shed.", 0),
        ("Not rope but string is in the shed tonight.", 0),
    ):
        assert len(recognise(text, "", parse([listed]))) == seen_in, text


def test_without_a_list_nothing_is_recognised():
    """No list, no words."""
    assert recognise("I will kill myself", "", parse([])) == ()
