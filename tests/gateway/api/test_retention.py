"""Retention over the API: shown and done by those whom the policy names, and by nobody else."""

from __future__ import annotations


def test_what_is_due_is_shown_and_deleted(desk):
    """By a manager, class by class; a second run finds nothing."""
    desk.party()
    desk.act("note_incident", category="abusive_language", what="Shouted")
    desk.clock.advance(days=366 * 3)
    shown = desk.ask("GET", "/retention", "Eve", "manager").json()
    assert {one["record_class"]: one["due"] for one in shown["classes"]}["incidents"] == 1
    assert desk.ask("POST", "/retention", "Eve").json() == {"deleted": {"incidents": 1}, "unreadable": []}
    assert desk.ask("POST", "/retention", "Eve").json() == {"deleted": {}, "unreadable": []}
    verified = desk.ask("GET", "/audit/verify").json()
    assert (verified["sound"], verified["papers_removed"]) == (True, 1)
    papers = desk.ask("GET", "/parties/1", "Eve").json()["history"]["papers"]
    assert [(one["act"], one["data"]) for one in papers] == [
        ("note_incident", {"contents": "The contents were deleted under retention."})
    ]


def test_a_caseworker_neither_sees_nor_deletes(desk):
    """403 with who may; nothing was done."""
    for method in ("GET", "POST"):
        answer = desk.ask(method, "/retention")
        assert answer.status_code == 403
        assert "Manager" in answer.json()["way"]
    assert desk.record.read_now(lambda reader: reader.acts_named("retention run")) == ()


def test_a_policy_that_names_nobody_lets_nobody_delete(open_desk):
    """409, with the way."""
    desk = open_desk(rights={})
    answer = desk.ask("POST", "/retention", "Eve", "manager")
    assert answer.status_code == 409
    assert "[may]" in answer.json()["way"]
