"""Messages that callers left, over the API: listed, heard as a download, marked as looked at, each on record."""

from __future__ import annotations

from gateway.casework.evidence import GIVEN
from gateway.looks import LOOKED
from gateway.voicemail import HEARD
from tests.gateway.left import RE1, leave
from tests.gateway.provider import SOUND


def acts(desk, name):
    """Name who did something."""
    return [one.who for one in desk.record.read_now(lambda reader: reader.acts_named(name))]


def test_a_message_is_listed_heard_and_marked(desk):
    """Nothing is given out by the list; what is heard is a sound and a download; the mark is made once."""
    call = leave(desk)
    (one,) = desk.ask("GET", "/voicemail").json()
    assert (one["call"], one["who"], one["recordings"][0]["here"]) == (call, "+447700900456", True)
    assert acts(desk, HEARD) == []
    answer = desk.ask("POST", f"/voicemail/{call}/{RE1}/hear", json={})
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, SOUND, "audio/mpeg")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert acts(desk, HEARD) == ["Ada"]
    for who in ("Ada", "Ada", "Cy"):
        assert desk.ask("POST", f"/voicemail/{call}/looked", who).json()["looked_by"] == "Ada"
    assert acts(desk, LOOKED) == ["Ada"]
    assert desk.ask("GET", "/voicemail").json() == []
    assert desk.ask("GET", f"/voicemail/{call}").json()["state"] == "looked_at"


def test_what_is_sealed_is_opened_after_its_warning_by_those_who_may(desk):
    """As evidence: 409 with the way for whoever gives no reason, read no warning, or may not."""
    call = leave(desk, party=desk.party())
    hear = f"/voicemail/{call}/{RE1}/hear"
    assert desk.ask("GET", f"/voicemail/{call}").json()["recordings"][0]["warning"] == ""
    assert desk.ask("POST", hear, json={"reason": "x", "warned": True}).status_code == 409
    assert "may distress" in desk.ask("GET", f"/voicemail/{call}", "Bea", "manager").json()["recordings"][0]["warning"]
    assert desk.ask("POST", hear, "Bea", "manager", json={}).status_code == 409
    unread = desk.ask("POST", hear, "Bea", "manager", json={"reason": "to answer it"})
    assert (unread.status_code, unread.json()["way"]) == (409, "To open it, say warned.")
    assert acts(desk, GIVEN) == []
    answer = desk.ask("POST", hear, "Bea", "manager", json={"reason": "to answer it", "warned": True})
    assert (answer.content, acts(desk, GIVEN)) == (SOUND, ["Bea"])
