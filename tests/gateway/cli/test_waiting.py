"""`parley waiting` and `parley sheet`: what a person reads before and between decisions."""

from __future__ import annotations

import json

import pytest

MEASURES = 'measures=[{kind="volume_limit", channels=["call"], count=1, per="week"}]'


@pytest.fixture
def rosa(office, parley):
    """A party with an incident and a warning that was not sent yet."""
    assert parley("party", "add", "Rosa Example", "--email", "rosa@example.org").code == 0
    noted = parley("act", "note_incident", "Rosa Example", "category=abusive_language", "what=Shouted.", "--json")
    incident = json.loads(noted.out)["paper"]["id"]
    assert parley("act", "warn", "Rosa Example", f"incidents={incident}", "text=Please stop.").code == 0
    return incident


def test_what_waits_is_a_table(rosa, parley):
    """Each with its party and what somebody has to do; what is overdue is marked and counted."""
    said = parley("waiting")
    assert said.code == 0
    assert "Rosa Example" in said.out
    assert "a warning's letter" in said.out
    assert "1 overdue" in said.out
    (one,) = json.loads(parley("waiting", "--json").out)
    assert (one["name"], one["what"], one["overdue"]) == ("Rosa Example", "warning_letter", True)


def test_nothing_waits_in_a_new_office(office, parley):
    """An empty list is a sentence."""
    assert parley("waiting").out == "Nothing waits.\n"


def test_the_sheet_is_read_before_a_proposal(rosa, office, parley):
    """Our own part, what the measures would have done, and the milder ones beside them."""
    office.entry(whose="party:1", party_id=1, sender="email:rosa@example.org")
    said = parley("sheet", "Rosa Example", 'measures=[{kind="block"}]')
    assert said.code == 0, said.err
    for words in ("1 by email", "Our part:", "Nobody has asked yet", "1 refuse", "1 file", "a total block"):
        assert words in said.out
    found = json.loads(parley("sheet", "Rosa Example", MEASURES, "--json").out)
    assert found["would_have"][0]["outcomes"] == {"deliver": 1}
    assert not found["total_block"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(("Nobody", MEASURES), "No party has this", id="a party that is not there"),
        pytest.param(
            ("Rosa Example", 'measures=[{kind="exile"}]'), "there is no measure 'exile'", id="no such measure"
        ),
        pytest.param(("Rosa Example", "measures=[]"), "Write the measures", id="no measures"),
        pytest.param(("Rosa Example", "reason=x"), "Write the measures", id="something else"),
    ],
)
def test_a_sheet_of_nothing_is_a_sentence(rosa, parley, arguments, sentence):
    """Bad input ends with 2 and a sentence."""
    said = parley("sheet", *arguments)
    assert said.code == 2
    assert sentence in said.err
