"""`parley queue highlight` and `compare`: a message goes back with passages marked, and what came again (PHSO-M3)."""

from __future__ import annotations

import json

import pytest

from rules import identity
from rules.decision import Outcome
from storage.entries import LetterState, State

RUDE, ASKED = "You are a fool.", "Where is my file HS-1234? I sent the forms on 3 March and have heard nothing since."


@pytest.fixture
def party(office):
    """A party on record; gives its number."""

    def job(tx):
        number = tx.add_party("R. Example")
        tx.add_identifier(identity.email("r@example.org"), number, how="it says so", by="test")
        return number

    return office.write(job)


def message(office, party, body, state=State.FILED, **more):
    """Put a message of the party on record; gives its number."""
    raw = f"From: R. Example <r@example.org>\r\nMessage-ID: <1@example.org>\r\n\r\n{body}\r\n".encode()
    return office.entry(state, Outcome.FILE, raw=raw, whose=f"party:{party}", party_id=party, **more)


def test_PHSO_M3_a_preview_sends_nothing(office, parley, party):
    """It shows what the person would read, with what a sender wrote made safe for a terminal."""
    number = message(office, party, f"{RUDE} {ASKED} \x1b[31m")
    said = parley("queue", "highlight", number, "--passage", RUDE, "--note", "It insults.", "--preview")
    assert said.code == 0, said.err
    assert f"> [[{RUDE}]] {ASKED}" in said.out
    assert "\x1b" not in said.out
    assert not any(one.kind == "highlighted" for one in office.read(lambda reader: reader.letters(LetterState.QUEUED)))


def test_PHSO_M3_marked_sent_and_compared(office, parley, party):
    """In one step, by the end of its number; what came again is shown beside the first."""
    first = message(office, party, f"{RUDE} {ASKED}")
    said = parley("queue", "highlight", first[-7:], "--passage", RUDE, "--note", "It insults.")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"{first} goes back with 1 passage marked, paper ")
    assert first not in parley("queue", "list", "--json").out
    assert parley("queue", "highlight", first, "--passage", RUDE, "--note", "x").code == 2
    second = message(office, party, ASKED)
    said = parley("queue", "compare", second)
    assert said.code == 0, said.err
    assert "None of the passages that were marked is in it." in said.out
    assert f"| [-{RUDE}-] {ASKED}" in said.out
    found = json.loads(parley("queue", "compare", second, "--json").out)
    assert (found["first"], found["still_there"], found["changes"][0]["kind"]) == (first, 0, "gone")


BAD = {
    "words that are not in it": (("--passage", "You are a knave"), "The words of passage 1 are not in the text"),
    "a file that is another message": (("--passage", RUDE, "--message", "FILE"), "so long ago"),
}


@pytest.mark.parametrize(("arguments", "why"), BAD.values(), ids=BAD)
def test_what_cannot_go_back(office, parley, party, tmp_path, arguments, why):
    """The reason in a sentence, and usage's exit code; nothing is done."""
    kept = "FILE" not in arguments
    number = message(office, party, RUDE) if kept else office.entry(whose=f"party:{party}", party_id=party)
    (tmp_path / "FILE").write_bytes(b"From: r@example.org\n\nhello\n")
    given = [str(tmp_path / one) if one == "FILE" else one for one in arguments]
    said = parley("queue", "highlight", number, *given, "--note", "x")
    assert (said.code, why in said.err) == (2, True), said.err


def test_a_message_of_nobody_on_record(office, parley):
    """A stranger's goes back with nothing marked: there is no file to put it on."""
    number = office.entry(State.FILED, Outcome.FILE, raw=b"From: r@example.org\r\n\r\nhello\r\n")
    said = parley("queue", "highlight", number, "--passage", "hello", "--note", "x")
    assert (said.code, "no party's message" in said.err) == (2, True)
    assert parley("queue", "compare", "nothing-such").code == 2
