"""What waits, and the sheet, over the API: the same as the command line says, and nothing for who may not see it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.serials import serial
from storage.entries import State
from tests.storage.office import entry

WEEKLY = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}


def sheet(desk, measures, who="Ada", *roles, party=1):
    """Ask for the sheet."""
    text = measures if isinstance(measures, str) else json.dumps(measures)
    return desk.ask("GET", f"/parties/{party}/sheet", who, *roles, params={"measures": text})


def test_what_waits_says_on_whose_file_until_when(desk):
    """A warning that nobody communicated is overdue once the working days that the policy gives are over."""
    desk.party()
    incident = desk.act("note_incident", category="abusive_language", what="Shouted")["paper"]["id"]
    warning = desk.act("warn", incidents=[incident], text="Please do not shout.")["paper"]["id"]
    (one,) = [each for each in desk.ask("GET", "/waiting").json() if each["what"] == "warning_letter"]
    assert (one["party"], one["name"], one["about"], one["overdue"]) == (1, "R. Example", warning, False)
    desk.clock.advance(days=7)
    (one,) = [each for each in desk.ask("GET", "/waiting").json() if each["what"] == "warning_letter"]
    assert one["overdue"]


def test_a_data_breach_waits_with_its_72_hours(desk):
    """From the correction on, on the list and on the party's page, until somebody assessed it (UK GDPR 33)."""
    desk.party()
    done = desk.act("correct", identifier="r@example.net", reason="It was a neighbour")
    (one,) = [each for each in desk.ask("GET", "/waiting").json() if each["what"] == "breach"]
    assert one["about"] == done["paper"]["id"]
    assert datetime.fromisoformat(one["due"]) - datetime.fromisoformat(done["paper"]["at"]) == timedelta(hours=72)
    assert not one["overdue"]
    desk.clock.advance(hours=73)
    page = desk.ask("GET", "/parties/1").json()["history"]["waiting"]
    assert [each["overdue"] for each in page if each["what"] == "breach"] == [True]
    fields = {"risk": "None", "regulator_told": False, "person_told": True, "why": "Nobody was harmed"}
    desk.act("assess_breach", 1, "Bea", "manager", correction=one["about"], **fields)
    assert not [each for each in desk.ask("GET", "/waiting").json() if each["what"] == "breach"]


def test_the_sheet_is_that_of_the_command_line(desk):
    """The measures in mind first, milder ones after them; a block says that it is one."""
    desk.party()
    found = sheet(desk, [{"kind": "block"}]).json()
    assert (found["party"], found["total_block"], found["contacts"]) == ("R. Example", True, {})
    assert found["would_have"][0]["measures"] == [{"kind": "block"}]
    assert len(found["would_have"]) > 1
    assert not sheet(desk, [WEEKLY]).json()["total_block"]


WRONG = {
    "no JSON": "block",
    "no list": '{"kind": "block"}',
    "an empty list": "[]",
    "no measure": "[1]",
    "no such measure": '[{"kind": "exile"}]',
    "a measure without what it must have": '[{"kind": "volume_limit"}]',
    "very deep": "[" * 5000,
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_sheet_of_nothing_is_422(desk, text):
    """In a sentence."""
    desk.party()
    answer = sheet(desk, text)
    assert answer.status_code == 422
    assert answer.json()["faults"]


def test_a_sheet_on_nobody_is_404(desk):
    """There is no such party."""
    assert sheet(desk, [WEEKLY], party=7).status_code == 404


def test_SPSO_68_neither_is_for_who_sees_the_instruction_alone(open_desk):
    """403, and no act of reading."""
    desk = open_desk(rights={"read_file": frozenset({"manager"})})
    desk.party()
    assert sheet(desk, [WEEKLY]).status_code == 403
    assert desk.ask("GET", "/waiting").status_code == 403
    assert sheet(desk, [WEEKLY], "Bea", "manager").status_code == 200
    reads = [act for act in desk.record.read_now(lambda reader: reader.acts(limit=50)) if act.act == "read_file"]
    assert [(act.who, act.about) for act in reads] == [("Bea", "party:1")]


def test_what_is_overdue_is_a_figure(desk):
    """How much, since when, by kind and by owner; everything that waits is in the list."""
    desk.party()
    incident = desk.act("note_incident", category="abusive_language", what="Shouted")["paper"]["id"]
    desk.act("warn", incidents=[incident], text="Please do not shout.")
    desk.clock.advance(days=7)
    made = entry(state=State.FILED, at=desk.clock(), look_by=desk.clock() + timedelta(days=2), owner="duty")
    desk.record.write_now(lambda tx: tx.add_contact(made))
    counted = desk.ask("GET", "/waiting/figure").json()
    assert (counted["waiting"], counted["overdue"], counted["overdue_by_owner"]) == (2, 1, {"Ada": 1})
    assert counted["overdue_by_kind"] == {"warning_letter": 1}
    assert counted["overdue_by_queue"] == {"letters": 1}
    desk.clock.advance(days=3)
    (late,) = [one for one in desk.ask("GET", "/waiting").json() if one["what"] == "look"]
    assert (late["party"], late["owner"], late["overdue"], late["about"]) == (None, "Caseworker", True, made.id)
    assert desk.ask("GET", "/waiting/figure").json()["overdue_by_kind"] == {"warning_letter": 1, "look": 1}


def test_a_legal_clock_over_the_api(desk):
    """Started on a contact, made longer, stopped; 404 for nothing, 409 with the way that is open for what cannot be."""
    contact = serial(desk.clock())
    made = replace(entry(at=desk.clock()), id=contact)
    desk.record.write_now(lambda tx: tx.add_contact(made))
    path = f"/contacts/{contact}/clocks"
    started = desk.ask("POST", path, json={"kind": "own_data", "why": "In her letter"})
    assert (started.status_code, started.json()["last_day"]) == (201, "2026-04-09")
    assert desk.ask("POST", path, json={"kind": "own_data"}).status_code == 409
    assert desk.ask("POST", f"{path}/own_data/extend", json={"why": "Complex"}).json()["last_day"] == "2026-06-09"
    (one,) = desk.ask("GET", "/clocks").json()
    assert (one["contact"], one["name"], one["started_by"]) == (contact, "rosa@example.org", "Ada")
    paused = desk.ask("POST", f"{path}/own_data/pause", json={"asked_for": "meaning", "words": "Which years?"}).json()
    assert (paused["rests"], paused["last_day"], paused["questions"][0]["asked_by"]) == (True, None, "Ada")
    assert [(each["what"], each["about"]) for each in desk.ask("GET", "/waiting").json()] == [
        ("clarification", contact)
    ]
    desk.clock.advance(days=2)
    resumed = desk.ask("POST", f"{path}/own_data/resume", json={"answer": "2025", "on": "2026-03-10"}).json()
    assert (resumed["rests"], resumed["last_day"], resumed["days_waited"]) == (False, "2026-06-10", 1)
    assert desk.ask("POST", f"{path}/own_data/resume", json={"answer": "2025"}).status_code == 409
    done = desk.ask("POST", f"{path}/own_data/stop", json={"stopped": "answered", "how": "By post"})
    assert (done.status_code, done.json()["stopped"]) == (200, "answered")
    assert desk.ask("GET", "/clocks").json() == []
    assert desk.ask("GET", "/clocks", params={"stopped": True}).json()[0]["how"] == "By post"
    assert desk.ask("POST", f"{path}/information/stop", json={"stopped": "answered", "how": "x"}).status_code == 404
    assert desk.ask("POST", f"/contacts/{'0' * 22}/clocks", json={"kind": "own_data"}).status_code == 404


def test_a_correction_names_what_was_turned_away(desk):
    """It cannot be undone: by id and time, for the person who adds it to the apology; nobody has to look it up."""
    party = desk.party()
    sender = "email:r@example.net"
    away = replace(entry(at=desk.clock()), party_id=party, whose=f"party:{party}", sender=sender, state=State.REFUSED)
    assert desk.record.write_now(lambda tx: tx.add_contact(away))
    done = desk.act("correct", identifier="r@example.net", reason="It was a neighbour")
    came = done["corrected"]
    assert (came["paper"], came["released"], came["on_their_way"]) == (done["paper"]["id"], [], [])
    assert [(one["id"], one["channel"], one["state"]) for one in came["turned_away"]] == [(away.id, "email", "refused")]
    assert datetime.fromisoformat(came["turned_away"][0]["at"]) == away.at
    assert came["apology"]
    assert datetime.fromisoformat(came["assess_by"]) - datetime.fromisoformat(done["paper"]["at"]) == timedelta(
        hours=72
    )
    assert desk.act("note_incident", category="abusive_language", what="Shouted")["corrected"] is None
