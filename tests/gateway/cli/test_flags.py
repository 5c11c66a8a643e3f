"""`parley flags` lists levels for people to look at, with their evidence."""

from __future__ import annotations

import json
from datetime import timedelta

from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Flag, FlagState, State

CALLER = {"whose": "phone:+441632960001", "sender": "phone:+441632960001", "channel": Channel.CALL}


def raised(office, threshold="call:3/hour/rolling", name="f1"):
    """Put three calls and the flag that they raised on record."""
    calls = [office.entry(State.ANSWERED, Outcome.CONNECT, ago=timedelta(minutes=m), **CALLER) for m in (30, 20, 0)]
    flag = Flag(name, CALLER["whose"], threshold, office.now, calls[-1], 3)
    office.write(lambda tx: tx.add_flag(flag))
    return flag, calls


def test_no_flags(office, parley):
    """No flags are a sentence."""
    assert parley("flags").out.startswith("No flags")
    assert parley("flags", "--json").out == ""


def test_evidence(office, parley):
    """A flag comes with the level in words and the contacts that made it."""
    flag, calls = raised(office)
    said = parley("flags").out
    assert "+441632960001" in said
    assert "3 contacts by phone" in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 80
    data = json.loads(parley("flags", "--json").out)
    assert data["text"] == "3 contacts by phone in any 60 minutes"
    assert data["contacts"] == calls[::-1]
    assert data["whose"] == flag.whose


def test_open_ones_come_first(office, parley):
    """What was dismissed comes after what is open, however new it is."""
    old, calls = raised(office)
    newer = Flag("f2", old.whose, "call:5/day/rolling", office.now + timedelta(minutes=1), calls[-1], 5)
    office.write(lambda tx: tx.add_flag(newer))
    office.write(lambda tx: tx.settle_flag("f2", FlagState.DISMISSED))
    found = [json.loads(line)["id"] for line in parley("flags", "--json").out.splitlines()]
    assert found == ["f1", "f2"]


def test_a_threshold_that_the_policy_no_longer_has(office, parley):
    """A flag outlives its threshold and keeps its name."""
    raised(office, threshold="call:99/week/rolling")
    data = json.loads(parley("flags", "--json").out)
    assert data["text"] == "3 (call:99/week/rolling)"
    assert len(data["contacts"]) == 1
