"""Flags over the API: listed with their evidence, acted on by an incident or dismissed with a reason, once."""

from __future__ import annotations

import pytest

from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, Flag, State
from tests.gateway.office import NOW

FLAG = "0" * 21 + "f"
NONE = "0" * 21 + "x"


@pytest.fixture
def flagged(desk):
    """An office with a party of five mails in a day, and the flag of it."""
    desk.party()

    def job(tx):
        for number in range(5):
            came = Entry(
                f"{number:022}", Channel.EMAIL, NOW, "party:1", State.DELIVERED, Outcome.DELIVER, Outcome.DELIVER
            )
            tx.add_contact(came)
        tx.add_flag(Flag(FLAG, "party:1", "email:5/day/rolling", NOW, f"{4:022}", 5))

    desk.record.write_now(job)
    return desk


def test_flags_are_listed_with_their_evidence(flagged):
    """What was exceeded, by whom, the contacts; and one of them with the draft of an incident."""
    (one,) = flagged.ask("GET", "/flags").json()
    assert (one["id"], one["who"], one["whose"], one["state"]) == (FLAG, "R. Example", "party:1", "open")
    assert one["text"] == "5 contacts by email in any 24 hours"
    assert len(one["contacts"]) == 5
    assert flagged.ask("GET", "/flags?state=dismissed").json() == []
    whole = flagged.ask("GET", f"/flags/{FLAG}").json()
    assert whole["incident"]["what"].startswith("5 contacts by email in any 24 hours: from Monday 9 March 2026")
    assert (whole["incident"]["channel"], whole["incident"]["evidence"]) == ("email", one["contacts"])


def test_an_incident_is_noted_of_a_flag(flagged):
    """In the person's words, with its contacts as evidence; nothing is restricted, and nobody does it twice."""
    body = {"what": "Five mails in a morning", "category": "persistent_contact"}
    done = flagged.ask("POST", f"/flags/{FLAG}/act", json=body)
    assert done.status_code == 201
    file = flagged.ask("GET", "/parties/1", "Eve", "manager").json()
    (paper,) = file["history"]["papers"]
    assert (paper["id"], paper["act"], paper["data"]["what"]) == (done.json()["paper"], "note_incident", body["what"])
    assert len(paper["data"]["evidence"]) == 5
    assert file["instructions"] == []
    (flag,) = flagged.ask("GET", "/flags").json()
    assert (flag["state"], flag["settled_by"], flag["paper"]) == ("acted", "Ada", paper["id"])
    assert flag["sleeps_until"].startswith("2026-03-23")
    again = flagged.ask("POST", f"/flags/{FLAG}/act", json=body)
    assert (again.status_code, again.json()["detail"][:8]) == (409, "Somebody")
    assert len(flagged.ask("GET", "/parties/1", "Eve").json()["history"]["papers"]) == 1


def test_a_flag_is_dismissed_with_a_reason(flagged):
    """Under the name and role of whoever did; the chain keeps those and not the words, which are beside the flag."""
    assert flagged.ask("POST", f"/flags/{FLAG}/dismiss", json={"why": " "}).status_code == 409
    answer = flagged.ask("POST", f"/flags/{FLAG}/dismiss", json={"why": "We asked for all five"})
    assert (answer.status_code, answer.json()["state"], answer.json()["why"]) == (
        200,
        "dismissed",
        "We asked for all five",
    )
    (act,) = flagged.record.read_now(lambda reader: reader.acts_about(FLAG))
    assert (act.who, act.act, act.detail) == ("Ada", "dismiss_flag", {"role": "caseworker"})
    assert flagged.ask("POST", f"/flags/{FLAG}/dismiss", json={"why": "again"}).status_code == 409


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param(
            f"/flags/{NONE}/act", {"what": "x", "category": "persistent_contact"}, id="no such flag to act on"
        ),
        pytest.param(f"/flags/{NONE}/dismiss", {"why": "x"}, id="no such flag to dismiss"),
        pytest.param(f"/flags/{FLAG}/act", {"what": "x"}, id="no category"),
        pytest.param(f"/flags/{FLAG}/act", {"what": "x", "category": "rudeness"}, id="a category of no policy"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_way(flagged, path, body):
    """409 with a sentence; the flag stays open."""
    answer = flagged.ask("POST", path, json=body)
    assert answer.status_code == 409, answer.text
    assert answer.json()["way"]
    assert flagged.ask("GET", "/flags").json()[0]["state"] == "open"


def test_a_flag_of_nobody_is_acted_on_once_it_is_somebodys(flagged):
    """An incident stands on a party's file; until then the way is told, and dismissing is open."""
    whose = "email:x@example.org"
    flagged.record.write_now(lambda tx: tx.add_flag(Flag(NONE, whose, "email:5/day/rolling", NOW, f"{3:022}", 5)))
    body = {"what": "Five mails", "category": "persistent_contact"}
    refused = flagged.ask("POST", f"/flags/{NONE}/act", json=body)
    assert (refused.status_code, "Put it on a party" in refused.json()["way"]) == (409, True)
    assert flagged.ask("POST", f"/flags/{NONE}/dismiss", json={"why": "a newsletter"}).status_code == 200


def test_who_read_flags_is_on_record(flagged):
    """In the chain of acts, with the parties; of senders nobody knows, their number alone (THREATS W4)."""
    whose = "email:x@example.org"
    flagged.record.write_now(lambda tx: tx.add_flag(Flag(NONE, whose, "email:5/day/rolling", NOW, f"{3:022}", 5)))
    assert len(flagged.ask("GET", "/flags").json()) == 2
    flagged.ask("GET", f"/flags/{FLAG}")
    found = [one for one in flagged.record.read_now(lambda reader: reader.acts()) if one.act == "read_file"]
    assert [(one.who, one.about, one.detail) for one in sorted(found, key=lambda one: one.seq)] == [
        ("Ada", "flags", {"of": "levels", "parties": [1], "others": 1}),
        ("Ada", FLAG, {"of": "levels", "parties": [1], "others": 0}),
    ]


def test_the_policy_says_who_may_dismiss(open_desk):
    """403 for everybody else."""
    desk = open_desk(rights={"dismiss_flag": frozenset({"manager"})})
    assert desk.ask("POST", f"/flags/{FLAG}/dismiss", json={"why": "x"}).status_code == 403
    assert desk.ask("POST", f"/flags/{FLAG}/dismiss", "Eve", "manager", json={"why": "x"}).status_code == 409
