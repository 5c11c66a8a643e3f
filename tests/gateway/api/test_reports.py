"""Reports over the API."""

from __future__ import annotations


def test_gives_the_same_numbers_as_the_command(open_desk):
    """Tables come by name, with or without small numbers."""
    desk = open_desk()
    found = desk.ask("GET", "/reports/restrictions").json()
    assert found["tables"][0]["rows"][0] == {
        "name": "any",
        "label": "In force at any time in the period",
        "values": {"number": 0},
    }
    assert (found["first"], found["last"], found["published"]) == ("2025-03-10", "2026-03-09", False)
    thin = desk.ask("GET", "/reports/restrictions", params={"publish": True}).json()
    assert thin["published"]
    assert thin["tables"][0]["rows"][0]["values"] == {"number": "fewer than 5"}


def test_a_period_that_cannot_be_counted_is_said_in_a_sentence(open_desk):
    """The same refusal as on the command line."""
    desk = open_desk()
    for first, last in (("2026-03-10", None), ("2026-03-02", "2026-03-01"), ("1900-01-01", None), (None, "0001-01-01")):
        given = {key: day for key, day in (("first", first), ("last", last)) if day}
        answer = desk.ask("GET", "/reports/restrictions", params=given)
        assert answer.status_code == 422
        assert "cannot be counted" in answer.json()["detail"]


def test_the_week_thresholds_and_a_party_are_there_too(open_desk):
    """Each gives what the command gives, and asks for days that can be counted."""
    desk = open_desk()
    party = desk.record.write_now(lambda tx: tx.add_party("R. Example"))
    assert desk.ask("GET", "/reports/week").json()["title"] == "Office week"
    assert desk.ask("GET", "/reports/thresholds").json()["tables"][0]["name"] == "thresholds"
    found = desk.ask("GET", f"/parties/{party}/report").json()
    assert (found["name"], len(found["weeks"])) == ("R. Example", 53)
    assert desk.ask("GET", "/reports/week", params={"of": "2199-01-01"}).status_code == 422
    assert desk.ask("GET", f"/parties/{party}/report", params={"first": "1990-01-01"}).status_code == 422
    assert desk.ask("GET", "/parties/99/report").status_code == 404
