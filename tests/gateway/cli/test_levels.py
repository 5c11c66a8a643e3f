"""`parley levels` and `parley minutes`: who takes how much of the office's time, for people and for programs."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from rules import identity
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import State


@pytest.fixture
def lived(office):
    """An office with a party that called twice, once in vain, and somebody who is on no file."""

    def job(tx):
        number = tx.add_party("R. Example")
        tx.add_identifier(identity.anything("r@example.org"), number)
        return number

    number = office.write(job)
    plain = {"whose": f"party:{number}", "party_id": number, "channel": Channel.CALL, "ago": timedelta(minutes=5)}
    office.call = office.entry(State.ANSWERED, Outcome.CONNECT, talk_s=600, **plain)
    office.entry(State.MISSED, Outcome.CONNECT, talk_s=0, **plain)
    office.entry(whose="email:x@example.org", sender="email:x@example.org", ago=timedelta(minutes=5))
    return office


def test_SPSO_14_a_party(lived, parley):
    """Four windows side by side, the share as an estimate, and our own part beside it, within 80 columns."""
    said = parley("levels", "R. Example")
    assert said.code == 0
    rows = {line[:28].strip(): line[28:].split() for line in said.out.splitlines()}
    assert rows["attempts"] == ["2"] * 4
    assert rows["contacts"] == ["1"] * 4
    assert rows["minutes of talk"] == ["10.0"] * 4
    assert "estimate" in said.out
    assert "1 calls that nobody answered" in said.out
    table = said.out.partition("Our part")[0]
    assert max(map(len, table.splitlines())) <= 80


def test_one_window_by_channel(lived, parley):
    """With a window each channel has its column."""
    out = parley("levels", "R. Example", "--window", "day").out
    assert "in any 24 hours" in out
    assert ["level", "all", "call"] in [line.split() for line in out.splitlines()]


def test_for_a_program(lived, parley):
    """The same as the API gives."""
    found = json.loads(parley("levels", "R. Example", "--json", "--window", "week").out)
    assert found["spans"][0]["levels"]["staff_minutes"] == 14.0
    assert found["ours"]["missed_calls"] == 1


def test_who_is_on_no_file(lived, parley):
    """An address that nobody put on a party has levels too, and no part of ours beside them."""
    found = json.loads(parley("levels", "x@example.org", "--json").out)
    assert (found["whose"], found["ours"]) == ("email:x@example.org", None)
    assert found["spans"][0]["levels"]["attempts"] == 1


def test_the_office(lived, parley):
    """All of it, what is usual, and who takes most of its time first."""
    out = parley("levels", "--office").out
    assert out.index("R. Example") < out.index("x@example.org")
    assert "of 2 parties the median is" in out
    found = json.loads(parley("levels", "--office", "--json", "--channel", "call").out)
    assert [one["name"] for one in found["most"]] == ["R. Example"]


def test_minutes(lived, parley):
    """What staff say stands instead of the estimate, until they take it back; who said so is in the chain."""
    assert parley("minutes", lived.call, "45").out == f"{lived.call} took 45 minutes.\n"
    found = json.loads(parley("levels", "R. Example", "--json", "--window", "day").out)
    assert found["spans"][0]["levels"]["staff_minutes"] == 45.0
    assert parley("minutes", lived.call, "--estimate").out == f"{lived.call} is estimated again.\n"
    acts = [act.detail for act in lived.read(lambda reader: reader.acts(limit=20)) if act.act == "correct_minutes"]
    assert [(each["before"], each["minutes"]) for each in acts] == [(45, None), (None, 45)]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["levels"], id="nobody is named"),
        pytest.param(["levels", "R. Example", "--office"], id="both are asked for"),
        pytest.param(["levels", "Nobody Known"], id="no such party"),
        pytest.param(["levels", "--office", "--case", "HO/2024-1"], id="a case of the office"),
        pytest.param(["levels", "R. Example", "--at", "yesterday"], id="no moment"),
        pytest.param(["minutes", "0tn5c9x01abcdefghij99", "5"], id="no such contact"),
        pytest.param(["minutes", "0tn5c9x01abcdefghij99"], id="no minutes"),
        pytest.param(["minutes", "0tn5c9x01abcdefghij01", "5000"], id="more than a day"),
    ],
)
def test_what_cannot_be_is_a_sentence(lived, parley, arguments):
    """Exit 2 with a sentence."""
    said = parley(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.strip()
    assert "Traceback" not in said.err


def test_acts_are_in_order(lived, parley):
    """Newest first: what is said above of the chain rests on it."""
    parley("levels", "--office")
    assert lived.read(lambda reader: reader.acts(limit=1))[0].act == "read_levels"
