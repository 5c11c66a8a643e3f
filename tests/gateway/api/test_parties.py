"""Parties over the API: putting on record, finding, and who sees how much of a file."""

from __future__ import annotations

import pytest


def test_a_party_is_put_on_record_with_who_said_so(desk):
    """The answer tells where it is; the act is in the chain without the address."""
    answer = desk.ask("POST", "/parties", json={"name": "R. Example", "emails": ["R@Example.NET"], "how": "a letter"})
    assert (answer.status_code, answer.headers["Location"], answer.headers["ETag"]) == (201, "/api/parties/1", '"2"')
    (known,) = answer.json()["identifiers"]
    assert (known["kind"], known["value"], known["how"], known["by"]) == ("email", "r@example.net", "a letter", "Ada")
    act = desk.record.read_now(lambda reader: reader.acts(limit=1))[0]
    assert (act.act, act.who, act.about, dict(act.detail)) == ("add_party", "Ada", "party:1", {"identifiers": 1})


WRONG = {
    "no name": ({"name": " "}, "name is missing"),
    "a name with an escape": ({"name": "R\x1b[2J"}, "cannot be printed"),
    "a name with NUL": ({"name": "R\0"}, "cannot be printed"),
    "a kind that is none": ({"name": "R", "kind": "ghost"}, "kind is 'ghost'"),
    "an address that is none": ({"name": "R", "emails": ["nowhere"]}, "not a mail address"),
    "a number that is none": ({"name": "R", "phones": ["12"]}, "not a phone number"),
    "the office's own address": ({"name": "R", "emails": ["clerk@office.example.org"]}, "own domain"),
    "a provider that many people use": ({"name": "R", "domains": ["gmail.com"]}, "provider that many people use"),
    "shared that is not the party's": ({"name": "R", "shared": ["x@example.net"]}, "none of this party's"),
    "a field that there is not": ({"name": "R", "colour": "red"}, "no parameter colour"),
    "many faults at once": ({"name": "", "emails": [7]}, "emails.0 is 7"),
}


@pytest.mark.parametrize(("body", "why"), WRONG.values(), ids=WRONG)
def test_a_party_that_makes_no_sense_is_422(desk, body, why):
    """Each fault in a sentence; nothing is put on record (THREATS I7)."""
    answer = desk.ask("POST", "/parties", json=body)
    assert answer.status_code == 422
    assert why in answer.json()["detail"]
    assert answer.json()["faults"]
    assert desk.ask("GET", "/parties").json()["parties"] == []


def test_an_identifier_of_another_party_is_409(desk):
    """The way is said; with the address marked shared on both it is taken (THREATS I6)."""
    desk.party()
    body = {"name": "S. Example", "emails": ["r@example.net"]}
    answer = desk.ask("POST", "/parties", json=body)
    assert answer.status_code == 409
    assert "shared" in answer.json()["way"]
    assert len(desk.ask("GET", "/parties").json()["parties"]) == 1


def names(answer):
    """Give the names on a page."""
    return [one["name"] for one in answer.json()["parties"]]


def test_parties_are_found_by_name_and_identifier(desk):
    """A part of the name, without case; an address or a number in any form."""
    desk.party(name="\u00c9lise Example", phones=["+441632960001"])
    desk.party(name="S. Sample", emails=[])
    assert names(desk.ask("GET", "/parties", params={"name": "\u00e9LISE"})) == ["\u00c9lise Example"]
    assert names(desk.ask("GET", "/parties", params={"name": "amp"})) == ["\u00c9lise Example", "S. Sample"]
    assert names(desk.ask("GET", "/parties", params={"identifier": "R@example.net"})) == ["\u00c9lise Example"]
    assert names(desk.ask("GET", "/parties", params={"identifier": "01632 960001"})) == ["\u00c9lise Example"]
    for nobody in ("nobody@example.net", "\0", "%", "' OR 1=1"):
        assert names(desk.ask("GET", "/parties", params={"identifier": nobody})) == []
        assert names(desk.ask("GET", "/parties", params={"name": f"{nobody}x"})) == []


def test_pages_hold_every_party_once(desk):
    """Each page says where the next begins, the last that there is none."""
    for number in range(5):
        desk.party(name=f"Party {number}", emails=[])
    found, after = [], 0
    while after is not None:
        answer = desk.ask("GET", "/parties", params={"limit": 2, "after": after})
        found += names(answer)
        after = answer.json()["more_after"]
    assert found == [f"Party {number}" for number in range(5)]


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 201}, {"after": -1}, {"after": 2**63}, {"limit": "all"}])
def test_a_page_that_makes_no_sense_is_422(desk, wrong):
    """Numbers out of range are refused."""
    assert desk.ask("GET", "/parties", params=wrong).status_code == 422


def test_reading_a_file_is_on_record(desk):
    """THREATS W4: who looks up their neighbour is in the chain; listing is not reading."""
    party = desk.party()
    desk.ask("GET", "/parties")
    desk.ask("GET", f"/parties/{party}", "Bea")
    acts = desk.record.read_now(lambda reader: reader.acts(limit=50))
    assert [(act.who, act.about) for act in acts if act.act == "read_file"] == [("Bea", "party:1")]


def test_spso_68_who_needs_no_history_sees_the_instruction(open_desk):
    """SPSO-68: staff at the phones see what to do now, and nothing of what led there, also after their own act."""
    desk = open_desk(rights={"read_file": frozenset({"manager"})})
    party = desk.party()
    desk.act("note_incident", party, category="abusive_language", what="A private matter")
    desk.act("agree_adjustment", party, need="A private need", open=["call"])
    seen = desk.ask("GET", f"/parties/{party}")
    assert seen.json()["history"] is None
    assert seen.json()["open_channels"] == ["call"]
    assert "private" not in seen.text + desk.ask("GET", "/parties").text
    own = desk.act("note_incident", party, category="abusive_language", what="Seen by me")
    assert own["party"]["history"] is None
    whole = desk.ask("GET", f"/parties/{party}", "Bea", "manager").json()["history"]
    assert [one["act"] for one in whole["papers"]] == ["note_incident", "agree_adjustment", "note_incident"]


@pytest.mark.parametrize("form", ["toml", "csv"])
def test_all_parties_are_taken_out_by_those_who_may(desk, form):
    """As the command line does it, with its notes; who took them is on record, and others are 403."""
    desk.party()
    desk.act("agree_adjustment", 1, need="small print", open=[], forms=["large_print"], detail="yellow paper")
    found = desk.ask("GET", "/export", "Bea", "manager", params={"format": form}).json()
    assert (found["parties"], found["adjustments"], found["notes"]) == (1, 1, [])
    assert "R. Example" in found["text"] and "large_print" in found["text"] and "yellow paper" in found["text"]
    act = desk.record.read_now(lambda reader: reader.acts(limit=1))[0]
    assert (act.who, act.act, act.about) == ("Bea", "export", form)
    assert desk.ask("GET", "/export").status_code == 403
