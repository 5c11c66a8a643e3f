"""`parley queue`: what waits for a person is listed, shown safely, released and looked at by name."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from adapters.mail.maildir import Maildir
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Letter, LetterState, State

RAW = (
    b"From: R. Example <r@example.org>\r\n"
    b"Subject: =?utf-8?q?Hello_=1B=5B31m_there?=\r\n"
    b"\r\n"
    b"First line \x1b]0;owned\x07\r\n"
    b"parley: this is not said by parley\r\n"
)


def letter(office, state=LetterState.UNCLEAR):
    """Put a letter of our own on record."""
    made = Letter(
        "0tn5c9xletterletter1", "return", "<>", "r@example.org", "<1@office.example.org>", RAW, office.now, state=state
    )
    office.write(lambda tx: tx.enqueue(made))
    return made.id


def test_an_empty_queue(office, parley):
    """Nothing that waits is a sentence."""
    assert parley("queue", "list").out == "Nothing waits for a person.\n"
    assert parley("queue", "list", "--json").out == ""


def test_everything_that_waits(office, parley):
    """Held, filed, unclear, voicemail and unclear letters are all listed; what is done is not."""
    waiting = [
        office.entry(State.HELD, Outcome.HOLD),
        office.entry(State.FILED, Outcome.FILE, look_by=office.now + timedelta(days=1)),
        office.entry(State.UNCLEAR),
        office.entry(State.VOICEMAIL, Outcome.VOICEMAIL, channel=Channel.CALL, detail="recording RE1"),
        letter(office),
    ]
    for state in (State.DELIVERED, State.LOOKED_AT, State.REFUSED, State.ANSWERED):
        office.entry(state)
    listed = [json.loads(line)["id"] for line in parley("queue", "list", "--json").out.splitlines()]
    assert sorted(listed) == sorted(waiting)
    said = parley("queue", "list").out
    assert all(number[-7:] in said for number in waiting)
    assert "5 waiting" in said
    assert max(map(len, said.splitlines())) <= 80


def test_overdue(office, parley):
    """What nobody looked at in time is called overdue, and counted."""
    office.entry(State.FILED, Outcome.FILE, look_by=office.now - timedelta(minutes=1), ago=timedelta(days=3))
    said = parley("queue", "list").out
    assert "OVERDUE" in said
    assert "1 OVERDUE" in said
    assert "3 days" in said
    assert json.loads(parley("queue", "list", "--json").out)["overdue"] is True


def test_showing_a_message(office, parley):
    """A message is shown with its fields and text; nothing in it reaches the terminal unescaped, or passes for ours."""
    number = office.entry(State.HELD, Outcome.HOLD, raw=RAW)
    said = parley("queue", "show", number)
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "\x07" not in said.out
    assert "| From: R. Example <r@example.org>" in said.out
    assert "| First line \\x1b]0;owned\\x07" in said.out
    assert "\n| parley: this is not said by parley" in said.out
    assert parley("queue", "show", number, "--json").code == 0
    assert office.read(lambda reader: reader.contact(number)).state is State.HELD


def test_showing_what_has_no_copy(office, parley):
    """Where the record keeps no copy, it says so."""
    number = office.entry(State.FILED, Outcome.FILE)
    assert "keeps no copy" in parley("queue", "show", number).out
    assert json.loads(parley("queue", "show", number, "--json").out)["message"] is None


def test_showing_a_letter(office, parley):
    """A letter of ours can be shown too."""
    said = parley("queue", "show", letter(office))
    assert "nobody knows whether it left" in said.out
    assert "| First line" in said.out


def test_releasing(office, parley):
    """A person releases a held message to its inbox; it is there, it is on record who did it, and it waits no more."""
    number = office.entry(State.HELD, Outcome.HOLD, raw=RAW)
    said = parley("queue", "release", number[-7:])
    assert (said.code, said.out) == (0, f"{number} was delivered to its inbox.\n")
    (found,) = Maildir(office.state / "mail").find("enquiries@office.example.org", number)
    assert found.path.read_bytes().endswith(RAW)
    assert office.read(lambda reader: reader.contact(number)).state is State.DELIVERED
    assert office.read(lambda reader: reader.acts(limit=1))[0].act == "released"
    again = parley("queue", "release", number)
    assert again.code == 2


def test_releasing_beside_a_running_gateway_leaves_its_work_alone(office, parley):
    """A release at the desk does not take what a running gateway has under way for its own."""
    number = office.entry(State.HELD, Outcome.HOLD, raw=RAW)
    sending = letter(office, LetterState.SENDING)
    intended = office.entry(State.INTENDED)
    assert parley("queue", "release", number).code == 0
    assert office.read(lambda reader: reader.letter(sending)).state is LetterState.SENDING
    assert office.read(lambda reader: reader.contact(intended)).state is State.INTENDED


@pytest.mark.parametrize("state", [State.FILED, State.VOICEMAIL, State.UNCLEAR])
def test_looked(office, parley, state):
    """A look is recorded with who and when, and takes it out of the queue."""
    number = office.entry(state, Outcome.FILE)
    said = parley("queue", "looked", number)
    assert said.code == 0, said.err
    entry = office.read(lambda reader: reader.contact(number))
    assert entry.state is State.LOOKED_AT
    assert entry.looked_by
    assert entry.looked_at is not None
    (act, *_) = office.read(lambda reader: reader.acts())
    assert (act.act, act.about) == ("looked", number)
    assert parley("queue", "looked", number).code == 2


def test_looked_at_a_letter(office, parley):
    """A letter that may have left is settled by a look, and is never sent again."""
    number = letter(office)
    assert parley("queue", "looked", number).code == 0
    assert office.read(lambda reader: reader.letter(number)).state is LetterState.LOOKED_AT
    assert parley("queue", "list").out == "Nothing waits for a person.\n"


def test_a_letter_that_could_not_be_sent_waits_for_a_look(office, parley):
    """A return that the outbound server refused is not gone: nobody was told, and somebody has to know."""
    number = letter(office)
    office.write(lambda tx: tx.settle_letter(number, LetterState.FAILED))
    assert "it could not be sent" in " ".join(parley("queue", "list").out.split())
    assert parley("queue", "looked", number).code == 0
    assert parley("queue", "list").out == "Nothing waits for a person.\n"


@pytest.mark.parametrize("command", ["show", "release", "looked"])
def test_a_number_that_is_none(office, parley, command):
    """A number that names nothing, or several, is a sentence and exit 2."""
    office.entry(State.HELD, Outcome.HOLD)
    for wrong in ("zzzzzzz", "j1", "", "\x1b[2J"):
        said = parley("queue", command, wrong)
        assert said.code == 2
        assert "`parley queue list` shows what waits" in said.err
        assert "\x1b" not in said.err


@pytest.mark.parametrize("state", [State.HELD, State.DELIVERED, State.ANSWERED])
def test_what_waits_for_no_look(office, parley, state):
    """What is held or done is not looked away."""
    number = office.entry(state)
    said = parley("queue", "looked", number)
    assert said.code == 2
    assert "waits for no look" in said.err


def test_a_call_cannot_be_released(office, parley):
    """Only messages are released."""
    said = parley("queue", "release", office.entry(State.VOICEMAIL, Outcome.VOICEMAIL, channel=Channel.CALL))
    assert said.code == 2
    assert "no message that can be released" in said.err
