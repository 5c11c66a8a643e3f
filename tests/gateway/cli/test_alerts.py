"""`parley alerts`: what is open, how it was told, and taking it on."""

import json
from datetime import timedelta

import pytest

from rules.alerts import AlertKind, Severity
from storage.alerts import Alert, NewPost, Raised, Telling

HOUR = timedelta(hours=1)
TITLE = "A caller says that somebody is in danger"


@pytest.fixture
def alarmed(office):
    """An office with an urgent alert that was to leave by text, and one that waits for its digest."""

    def job(tx):
        urgent = Alert("a1", "one", AlertKind.DANGER, Severity.URGENT, TITLE, "To see it: parley queue\n", office.now)
        text = NewPost("p1", "text", "+447700900123", "words", 1)
        tx.raise_alert(Raised(urgent, Telling(posts=(text,))))
        tx.claim_post("text", "+447700900123", "here", office.now + HOUR, office.now + HOUR)
        tx.recover_posts("here")
        tx.raise_alert(Raised(Alert("a2", "two", AlertKind.WEBHOOK, Severity.ROUTINE, "Another", "w", office.now)))

    office.write(job)
    return office


def test_they_are_listed_with_how_they_were_told(parley, alarmed):
    """What may not have arrived is said to be unclear; no number is shown."""
    said = parley("alerts", "--open").out
    assert "a1" in said and "unclear" in said
    lines = [json.loads(line) for line in parley("alerts", "--json").out.splitlines()]
    assert [(one["id"], one["open"]) for one in lines] == [("a2", True), ("a1", True)]
    assert [one["state"] for one in lines[1]["tellings"]] == ["unclear"]
    assert "7700900123" not in said + json.dumps(lines)


def test_one_is_taken_on(parley, alarmed):
    """In the name that was given, on record in the chain; it is open no more, and a second one is refused."""
    said = parley("alerts", "acknowledge", "a1", "--who", "K. Jones")
    assert (said.code, said.out.strip()) == (0, f"{TITLE}: acknowledged by K. Jones.")
    assert "a1" not in parley("alerts", "--open").out
    (act,) = alarmed.read(lambda reader: reader.acts_named("acknowledge_alert"))
    assert (act.about, act.detail) == ("alert:a1", {"who": "K. Jones"})
    again = parley("alerts", "acknowledge", "a1")
    assert again.code == 2
    assert "acknowledged by K. Jones" in again.err


def test_W6_what_is_unclear_is_settled(parley, alarmed):
    """In one act, on record; the alert stays open; a second time there is nothing to settle."""
    said = parley("alerts", "settle", "a1")
    assert (said.code, said.out.strip()) == (0, f"{TITLE}: text seen to.")
    assert "unclear" not in parley("alerts", "--open").out
    (act,) = alarmed.read(lambda reader: reader.acts_named("settle_alert"))
    assert (act.about, act.detail) == ("alert:a1", {"tellings": 1})
    again = parley("alerts", "settle", "a1")
    assert (again.code, "unclear" in again.err) == (2, True)


def test_one_is_shown(parley, alarmed):
    """Its words, and each telling."""
    said = parley("alerts", "show", "a1").out
    assert TITLE in said and "parley queue" in said and "Told by text" in said
    assert parley("alerts", "show", "zzz").code == 2
    assert "no such alert" in parley("alerts", "acknowledge", "zzz").err


def test_the_brief_says_what_waits(parley, alarmed):
    """The urgent one, by its title."""
    assert "! Urgent, " in parley("brief").out
    assert any(TITLE in one for one in json.loads(parley("brief", "--json").out)["alerts"])


def test_without_alerts_it_says_so(parley, office):
    """Nothing is open, and nothing was."""
    assert parley("alerts", "--open").out.strip() == "No alert is open."
    assert parley("alerts").out.strip() == "There was no alert yet."
