"""Messages over the API: read, sent back with passages marked, and seen beside what came again (PHSO-M3)."""

import pytest

from rules.casework.passages import quoted
from storage.entries import LetterState
from tests.gateway.api.messages import ASKED, RUDE, SENDER, message, two_versions


@pytest.fixture
def known(desk):
    """An office with one party whose address the messages are from."""
    desk.party()
    return desk


def letters(desk):
    """Give our own letters that wait to leave."""
    return desk.record.read_now(lambda reader: reader.letters(LetterState.QUEUED))


def highlight(desk, contact, party=1, words=(RUDE,), **headers):
    """Ask for words of a message to be marked."""
    body = {"words": list(words), "note": "It insults a colleague."}
    return desk.ask("POST", f"/parties/{party}/contacts/{contact}/highlight", json=body, **headers)


def test_PHSO_M3_one_step_marks_and_sends_back(known):
    """The paper is on the file, the letter in the outbox, the contact returned; the words are not kept."""
    contact = message(known, 1, f"{RUDE} {ASKED}")
    done = highlight(known, contact)
    assert done.status_code == 201, done.text
    paper = done.json()["paper"]
    assert (paper["act"], paper["data"]["contact"]) == ("highlight", contact)
    assert "fool" not in done.text
    (letter,) = (one for one in letters(known) if one.kind == "highlighted")
    assert (letter.rcpt, letter.contact_id) == (SENDER, contact)
    again = highlight(known, contact)
    assert (again.status_code, "marked before" in again.text) == (409, True)


def test_PHSO_M3_the_act_itself_sends_it_too(known):
    """Whoever counts the characters of the text that they read does the act as any other."""
    contact = message(known, 1, f"{RUDE} {ASKED}")
    text = known.ask("GET", f"/parties/1/contacts/{contact}/message").json()["text"]
    end = text.index(ASKED) - 1
    passage = {"start": 0, "end": end, "digest": quoted(text[:end])}
    known.act("highlight", contact=contact, passages=[passage], note="It insults.")
    read = known.ask("GET", f"/parties/1/contacts/{contact}/message").json()
    assert (read["state"], read["highlighted"]) == ("returned", [passage])


def test_PHSO_M3_two_versions_beside_each_other(known):
    """What is gone, what is the same, and that none of the passages is left."""
    first, second = two_versions(known)
    found = known.ask("GET", f"/parties/1/contacts/{second}/changes")
    assert found.json() == {
        "first": first,
        "second": second,
        "still_there": 0,
        "near": True,
        "cut": False,
        "changes": [{"kind": "gone", "text": f"{RUDE} "}, {"kind": "same", "text": ASKED}],
    }
    alone = known.ask("GET", f"/parties/1/contacts/{first}/changes")
    assert (alone.status_code, "no second version" in alone.json()["detail"]) == (409, True)


def test_W2_a_message_of_another_party_is_not_shown(known):
    """Nor marked, nor compared: its number says nothing on somebody else's file."""
    known.party(name="S. Sample", emails=["s.sample@example.net"])
    contact = message(known, 1, RUDE)
    for method, end in (("GET", "message"), ("GET", "changes")):
        answer = known.ask(method, f"/parties/2/contacts/{contact}/{end}")
        assert (answer.status_code, "fool" in answer.text) == (409, False)
    assert highlight(known, contact, party=2).status_code == 409
    assert letters(known) == ()


def test_what_makes_no_sense_is_refused(known):
    """Words that are not there, none, and a file that somebody changed meanwhile."""
    contact = message(known, 1, f"{RUDE} {ASKED}")
    assert "not in the text" in highlight(known, contact, words=["knave"]).json()["detail"]
    assert highlight(known, contact, words=[]).status_code == 422
    stale = known.ask(
        "POST", f"/parties/1/contacts/{contact}/highlight?version=1000", json={"words": [RUDE], "note": "x"}
    )
    assert stale.status_code == 412
    assert letters(known) == ()
