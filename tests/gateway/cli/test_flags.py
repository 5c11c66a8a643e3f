"""`parley flags` lists levels for people to look at, with their evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from rules import identity
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
    office.write(lambda tx: tx.settle_flag(replace(newer, state=FlagState.DISMISSED)))
    found = [json.loads(line)["id"] for line in parley("flags", "--json").out.splitlines()]
    assert found == ["f1", "f2"]


def test_a_threshold_that_the_policy_no_longer_has(office, parley):
    """A flag outlives its threshold, which is read from its name; where that says nothing more, the name is shown."""
    _, calls = raised(office, threshold="call:99/week/rolling")
    data = json.loads(parley("flags", "--json").out)
    assert (data["text"], data["contacts"]) == ("3 contacts by phone in any 7 days", calls[::-1])


def test_a_threshold_of_which_nobody_knows_what_it_was(office, parley):
    """Its flag keeps its name and the contact that raised it."""
    raised(office, threshold="call:99fish/week/rolling")
    data = json.loads(parley("flags", "--json").out)
    assert data["text"] == "3 (call:99fish/week/rolling)"
    assert len(data["contacts"]) == 1


def on_a_party(office):
    """Put a party on record whose number raised the flag."""

    def job(tx):
        number = tx.add_party("R. Example")
        tx.reassign(identity.phone("+441632960001"), number, how="a call", by="test")
        return number

    return office.write(job)


def test_an_incident_is_drafted_and_then_noted(office, parley):
    """The draft puts nothing on file; with words or as drafted it is noted, once, and nothing is restricted."""
    _, calls = raised(office)
    party = on_a_party(office)
    draft = " ".join(parley("flags", "act", "f1").out.split())
    assert "A draft; nothing is on file yet." in draft
    assert "3 contacts by phone in any 60 minutes: from" in draft
    assert all(call in draft for call in calls)
    assert "category: to be chosen: persistent_contact" in draft
    assert json.loads(parley("flags", "act", "f1", "--json").out)["evidence"] == calls[::-1]
    assert parley("flags", "act", "f1", "--what", "Three calls").err.startswith("Say on which ground.")
    assert office.read(lambda reader: reader.case_file(party)).papers == ()
    noted = parley("flags", "act", "f1", "--as-drafted", "--category", "persistent_contact")
    assert (noted.code, "on the file of R. Example" in noted.out, "Nothing is restricted." in noted.out) == (
        0,
        True,
        True,
    )
    again = parley("flags", "act", "f1", "--what", "x", "--category", "persistent_contact")
    assert (again.code, again.err.splitlines()[0]) == (2, "Somebody has dealt with this flag already.")
    (paper,) = office.read(lambda reader: reader.case_file(party)).papers
    shown = json.loads(parley("flags", "show", "f1", "--json").out)
    assert (shown["state"], shown["paper"], shown["whose"]) == ("acted", paper.id, f"party:{party}")


def test_a_flag_is_dismissed_with_a_reason(office, parley):
    """It says by whom and how long it sleeps; without a reason, or for no flag, nothing is done."""
    raised(office)
    assert parley("flags", "dismiss", "f1", "--why", " ").code == 2
    assert "dismissed" not in parley("flags", "--json").out
    said = parley("flags", "dismiss", "f1", "--why", "we had asked for it")
    assert said.code == 0
    assert "we had asked for it. It sleeps until" in said.out
    assert json.loads(parley("flags", "--json").out)["why"] == "we had asked for it"
    assert parley("flags", "dismiss", "f9", "--why", "x").err.startswith("There is no flag f9.")
    assert parley("flags", "act", "f9").code == 2


def test_a_flag_of_nobody_names_the_way(office, parley):
    """An incident needs a party; the draft can be read all the same."""
    raised(office)
    assert parley("flags", "act", "f1").code == 0
    refused = parley("flags", "act", "f1", "--as-drafted", "--category", "persistent_contact")
    assert (refused.code, "Put it on a party first" in refused.err) == (2, True)


READS = [
    pytest.param(("flags",), "flags", id="listing flags"),
    pytest.param(("flags", "show", "f1"), "f1", id="showing one"),
    pytest.param(("flags", "act", "f1"), "f1", id="drafting its incident"),
    pytest.param(("policy", "try", "default"), "policy", id="trying a policy"),
]


@pytest.mark.parametrize(("command", "about"), READS)
def test_levels_are_shown_to_those_who_may_read_files(office, parley, command, about):
    """And that they were is on record; whoever has no role here is told nothing (THREATS W4)."""
    raised(office)
    on_a_party(office)

    def read():
        return [one for one in office.read(lambda reader: reader.acts()) if one.act == "read_file"]

    assert parley(*command).code == 0
    (act,) = read()
    assert (act.about, act.detail["parties"]) == (about, [1])
    shipped = parley("policy", "show", "--toml", "default").out
    (office.state / "ours.toml").write_text(shipped.replace("\n[may]", '\n[may]\nread_file = ["manager"]', 1))
    settings = office.state / "parley.toml"
    people = '[[people]]\nname = "Ada Reid"\nlogin = "somebody-else"\nroles = ["manager"]\n'
    settings.write_text(settings.read_text().replace("[office]", '[office]\npolicy = "ours.toml"', 1) + people)
    refused = parley(*command)
    assert (refused.code, refused.out, "may not do this: read a party's whole file" in refused.err) == (2, "", True)
    assert len(read()) == 1
