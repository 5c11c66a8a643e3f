"""Alerts over the API: what is open, and taking one on."""

import pytest

from rules.alerts import AlertKind, Severity
from storage.alerts import Alert, NewPost, Raised, Telling

CALL, SETTLE = "/alerts/a1/acknowledge", "/alerts/a1/settle"


def raised(desk, *posts):
    """Put an alert on record, with these texts that tell of it."""
    made = Alert("a1", "one", AlertKind.DANGER, Severity.URGENT, "Somebody is in danger", "See it.\n", desk.clock())
    desk.record.write_now(lambda tx: tx.raise_alert(Raised(made, Telling(posts=posts))))


def test_alerts_are_listed_and_taken_on(desk):
    """In the name of whoever asks, or who is named; then it is open no more, and a second one is a conflict."""
    raised(desk)
    (one,) = desk.ask("GET", "/alerts", params={"open": True}).json()
    assert (one["id"], one["severity"], one["open"], one["tellings"]) == ("a1", "urgent", True, [])
    taken = desk.ask("POST", CALL, json={"who": "K. Jones"})
    assert (taken.status_code, taken.json()["acknowledged_by"]) == (200, "K. Jones")
    assert desk.ask("GET", "/alerts", params={"open": True}).json() == []
    assert desk.ask("POST", CALL, json={}).status_code == 409
    assert desk.ask("POST", "/alerts/zzz/acknowledge", json={}).status_code == 404


def test_W6_what_is_unclear_is_settled(desk):
    """A text that may have left is seen to, once; the alert stays open."""
    raised(desk, NewPost("p1", "text", "+447700900123", "words", 1))
    desk.record.write_now(lambda tx: tx.claim_post("text", "+447700900123", "n", desk.clock(), desk.clock()))
    desk.record.write_now(lambda tx: tx.recover_posts("n"))
    settled = desk.ask("POST", SETTLE)
    assert (settled.status_code, settled.json()["open"]) == (200, True)
    assert [one["state"] for one in settled.json()["tellings"]] == ["seen to"]
    assert [desk.ask("POST", path).status_code for path in (SETTLE, "/alerts/zzz/settle")] == [409, 404]


@pytest.mark.parametrize("right", ["alerts", "read_file"])
def test_only_who_may(open_desk, right):
    """What the policy leaves to managers is no caseworker's, and an alert is as a file is; nothing changes."""
    desk = open_desk(rights={right: frozenset({"manager"})})
    raised(desk)
    for method, path in (("GET", "/alerts"), ("POST", CALL), ("POST", SETTLE)):
        answer = desk.ask(method, path, **({"json": {}} if method == "POST" else {}))
        assert answer.status_code == 403
    assert desk.record.read_now(lambda reader: reader.alert("a1")).open
