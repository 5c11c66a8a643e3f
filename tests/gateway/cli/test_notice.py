"""`parley notice`: a letter as a person writes, reads, sends and posts it at the keyboard."""

from __future__ import annotations

import json

import pytest

from storage.entries import LetterState


def paper(parley, *arguments):
    """Do an act; gives its paper's id."""
    said = parley("act", "--json", *arguments)
    assert said.code == 0, said.err
    return json.loads(said.out)["paper"]["id"]


@pytest.fixture
def warning(office, parley):
    """A party and a written warning."""
    assert parley("party", "add", "Rosa Example", "--email", "rosa@example.org").code == 0
    incident = paper(parley, "note_incident", "1", "category=abusive_language", "what=Shouted.")
    return paper(parley, "warn", "1", f"incidents={incident}", "text=Please do not shout at us.")


def drafted(parley, about, *more):
    """Draft a notice; gives its id."""
    said = parley("notice", "draft", "Rosa Example", about, "--json", *more)
    assert said.code == 0, said.err
    return json.loads(said.out)["id"]


def state(parley, number):
    """Say where a notice is."""
    return json.loads(parley("notice", "show", number, "--json").out)["state"]


def test_a_letter_is_drafted_read_and_sent(warning, office, parley):
    """Each step says what comes next; it is in the outbox once, and what waits is shown."""
    said = parley("notice", "draft", "1", warning)
    assert said.code == 0, said.err
    assert "To: rosa@example.org. Forms: pdf." in said.out
    assert "Reading age" in said.out
    number = json.loads(parley("notice", "list", "1", "--json").out)["id"]
    assert f"parley notice read {number}" in said.out
    assert "a letter to be read" in parley("waiting").out
    assert number in parley("waiting").out
    assert f"parley notice send {number}" in parley("notice", "read", number).out
    assert "On its way to rosa@example.org." in parley("notice", "send", number).out
    again = parley("notice", "send", number)
    assert (again.code, again.err) == (2, "This notice is leaving; this is done to one that is read.\n")
    (letter,) = office.read(lambda reader: [one for one in reader.letters(LetterState.QUEUED) if one.kind == "notice"])
    assert (letter.rcpt, letter.mail_from) == ("rosa@example.org", "hello@office.example.org")


def test_a_letter_is_printed_and_posted(warning, parley, tmp_path):
    """The PDFs lie where they are wanted, and the warning runs from the day on which it was posted."""
    number = drafted(parley, warning, "--form", "large_print", "--form", "pdf")
    said = parley("notice", "show", number, "--pdf", str(tmp_path / "letter.pdf"))
    assert said.code == 0
    assert sorted(path.name for path in tmp_path.glob("*.pdf")) == ["letter-2.pdf", "letter.pdf"]
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF")
    assert parley("notice", "read", number).code == 0
    assert parley("notice", "posted", number).out == "The person is told.\n"
    (one,) = json.loads(parley("party", "show", "1", "--json").out)["history"]["warnings"]
    assert one["stands"] is True
    assert state(parley, number) == "posted"


def test_the_words_are_shown_and_steer_no_terminal(warning, parley, tmp_path):
    """The text alone, with words of the office from a file, escaped."""
    words = tmp_path / "words.txt"
    words.write_text("We are \x1b[2J sorry.\n")
    number = drafted(parley, warning, "--words", f"@{words}")
    said = parley("notice", "show", number, "--text")
    assert said.out.startswith("A warning") or "Rosa Example" in said.out
    assert "sorry." in said.out
    assert "\x1b" not in said.out
    assert "No letter" not in parley("notice", "list", "1").out


def test_the_page_of_arrangements(warning, parley):
    """As things are now, as a notice of its own."""
    said = parley("notice", "arrangements", "Rosa Example", "--form", "plain_text")
    assert said.code == 0, said.err
    (number,) = [json.loads(line)["id"] for line in parley("notice", "list", "1", "--json").out.splitlines()]
    assert "You can contact The Office in every way that we have" in " ".join(
        parley("notice", "show", number, "--text").out.split()
    )
    assert parley("notice", "show", number, "--pdf", "x.pdf").code == 2


def test_what_came_back_and_what_is_closed(warning, parley):
    """Each waits until a person has dealt with it."""
    number = drafted(parley, warning)
    parley("notice", "read", number)
    parley("notice", "posted", number, "--how", "by hand")
    assert parley("notice", "came-back", number, "--detail", "Moved away").code == 0
    assert "a letter came back" in parley("waiting").out
    assert parley("notice", "close", number, "--reason", "She was told by phone").code == 0
    assert state(parley, number) == "closed"
    assert "a letter came back" not in parley("waiting").out
    assert "a warning's letter" in parley("waiting").out


def test_a_stale_draft_ends_with_75(warning, parley):
    """What it tells of has changed: draft again."""
    number = drafted(parley, warning)
    parley("notice", "read", number)
    paper(parley, "agree_adjustment", "1", "need=Sight", "forms=large_print")
    said = parley("notice", "send", number)
    assert (said.code, "Draft it again" in said.err) == (75, True)


WRONG = {
    "an unknown notice": (("read", "none"), "There is no such notice."),
    "an unknown party": (("list", "nobody"), "No party has this"),
    "an unknown paper": (("draft", "1", "none"), "There is nothing of this id"),
    "an unknown form": (("draft", "1", "none", "--form", "braille"), "There is no form 'braille'"),
    "words of a file that is not there": (("draft", "1", "none", "--words", "@/nowhere/at/all"), "cannot be read"),
    "an escape sequence": (("draft", "1", "none", "--form", "\x1b[2J"), "\\x1b"),
}


@pytest.mark.parametrize(("arguments", "why"), WRONG.values(), ids=WRONG)
def test_what_makes_no_sense_ends_with_2(warning, parley, arguments, why):
    """In a sentence."""
    said = parley("notice", *arguments)
    assert said.code == 2
    assert why in said.err
    assert "\x1b" not in said.err
    assert "Traceback" not in said.err
