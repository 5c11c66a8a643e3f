"""Logging by hand and the brief over the API, and wrong tokens, of which only so many are tried."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.wrong_tokens import MOST_WRONG
from tests.gateway.api.conftest import OPERATOR


def test_a_contact_is_logged_read_and_taken_back(desk):
    """With the address of what was made, and a note for who may read it."""
    party = desk.party()
    made = desk.ask(
        "POST", "/log", json={"channel": "visit", "party": party, "minutes": 5, "note": "Asked.", "key": "k"}
    )
    assert made.status_code == 201, made.text
    entry = made.json()
    assert (entry["name"], entry["counts"], entry["note"], entry["logged_by"]) == ("R. Example", True, None, "Ada")
    assert made.headers["Location"] == f"/api/log/{entry['id']}"
    again = desk.ask(
        "POST", "/log", json={"channel": "visit", "party": party, "minutes": 5, "note": "Asked.", "key": "k"}
    )
    assert (again.json()["id"], again.json()["logged_before"]) == (entry["id"], True)
    assert desk.ask("GET", f"/log/{entry['id']}").json()["note"] == "Asked."
    back = desk.ask("POST", f"/log/{entry['id']}/take-back", json={"why": "the wrong person"})
    assert (back.status_code, back.json()["counts"], bool(back.json()["taken_back"])) == (200, False, True)
    assert desk.ask("POST", f"/log/{entry['id']}/take-back", json={"why": "again"}).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"channel": "pigeon"}, 422, id="no such channel"),
        pytest.param({"channel": "visit", "at": "2026-03-09T10:00:00"}, 422, id="a time without its zone"),
        pytest.param({"channel": "visit", "at": "2030-03-09T10:00:00Z"}, 409, id="a time to come"),
        pytest.param({"channel": "visit", "party": 7}, 409, id="a party that is not there"),
        pytest.param({"channel": "visit", "form": "who?"}, 422, id="a field that there is not"),
        pytest.param({"channel": "visit", "from": "who?"}, 409, id="nobody's address"),
    ],
)
def test_what_cannot_be_is_a_problem_in_a_sentence(desk, body, status):
    """And nothing is on record."""
    answer = desk.ask("POST", "/log", json=body)
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)
    assert desk.record.read_now(lambda reader: reader.contacts(limit=9)) == ()


def test_the_brief_is_answered_as_its_schema_says(desk):
    """With its filters; one that is spelt wrong is refused."""
    party = desk.party()
    desk.act("agree_adjustment", party, need="x", open=["visit"])
    found = desk.ask("GET", "/brief", params={"channel": "visit"}).json()
    (person,) = found["people"]
    assert (person["name"], person["rows"][0]["channels"]) == ("R. Example", ["visit"])
    assert desk.ask("GET", "/brief", params={"channel": "call"}).json()["people"][0]["rows"] == []
    assert desk.ask("GET", "/brief", params={"nmae": "x"}).status_code == 422


def test_W2_past_a_few_wrong_tokens_in_a_minute_nothing_more_is_tried(desk):
    """429 with when to try again; who came in lately is let in all the same, and a minute later everybody is."""
    known, new = desk.token("Ada", "caseworker"), desk.token("Bea", "manager")
    wrong = {"Authorization": "Bearer parley_nobody"}
    assert desk.ask("GET", "/parties").is_success
    assert [desk.client.get("/api/parties", headers=wrong).status_code for _ in range(MOST_WRONG)] == [401] * MOST_WRONG
    shut = desk.client.get("/api/parties", headers=wrong)
    assert (shut.status_code, shut.headers["Retry-After"]) == (429, "60")
    assert desk.client.get("/api/parties", headers={"Authorization": f"Bearer {new}"}).status_code == 429
    assert desk.client.get("/api/parties", headers={"Authorization": f"Bearer {known}"}).is_success
    desk.clock.at += timedelta(minutes=1)
    assert desk.client.get("/api/parties", headers={"Authorization": f"Bearer {new}"}).is_success


def test_a_token_that_is_revoked_meanwhile_opens_nothing_though_it_was_known(desk):
    """To be let past the limit is not to be let in."""
    known = desk.token("Ada", "caseworker")
    assert desk.ask("GET", "/parties").is_success
    for _ in range(MOST_WRONG):
        desk.client.get("/api/parties", headers={"Authorization": "Bearer parley_nobody"})
    desk.tokens.revoke(desk.tokens.listed()[0].id, OPERATOR)
    assert desk.client.get("/api/parties", headers={"Authorization": f"Bearer {known}"}).status_code == 401
