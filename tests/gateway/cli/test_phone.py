"""`parley fallback`, `parley doctor`, `parley voicemail`: what a person reads, and what a program does."""

import json
from datetime import UTC, datetime

import pytest

from gateway.build import open_record
from gateway.config import load
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import Entry, State
from storage.recordings import RecordingEntry, RecordingState
from tests.ports import free_port

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
CALL = "01kk90m3835jt40kkf9nan"
SOUND = b"ID3 a message"
BIN = "https://handler.twilio.com/twiml/EH1"


@pytest.fixture
def state(office):
    """An office with a phone that nobody serves and whose provider is never asked."""
    file = office.state / "parley.toml"
    phone = {
        "public_url": f"http://127.0.0.1:{free_port()}",
        "account": "AC" + "5" * 32,
        "tokens": ["0123456789abcdef0123456789abcdef"],
        "switchboard": "+441632960190",
        "api_url": "",
    }
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in phone.items())
    file.write_text(file.read_text("utf-8").replace("\n[phone]\n", f"\n[phone]\n{lines}\n"), "utf-8")
    return office.state


def leave(state, content=SOUND, where=RecordingState.DONE):
    """Put a message on record that somebody left."""
    record = open_record(load(state).config)
    entry = Entry(
        CALL, Channel.CALL, NOW, "phone:+441632960001", State.VOICEMAIL, Outcome.CONNECT, Outcome.CONNECT, detail="left"
    )

    def job(tx):
        tx.add_contact(entry)
        tx.add_recording(RecordingEntry("RE" + "1" * 32, CALL, NOW, NOW, 20, where, media_type="audio/mpeg"))
        if content is not None:
            tx.keep_recording("RE" + "1" * 32, content)

    record.write_now(job)
    record.close()


def test_the_fallback_goes_to_standard_output_alone(parley, state):
    """So that it can be piped; where to paste it stands beside."""
    said = parley("fallback")
    assert said.code == 0
    assert said.out.startswith("<?xml")
    assert said.out.strip().endswith("</Response>")
    assert "TwiML Bin" in said.err
    assert "Record" in parley("fallback", "--then", BIN).out
    assert parley("fallback", "--second").out.startswith("<?xml")


def test_a_fallback_that_cannot_be_is_refused(parley, state):
    """With a sentence, and nothing on standard output."""
    said = parley("fallback", "--then", "nonsense")
    assert (said.code, said.out) == (2, "")
    assert "TwiML Bin" in said.err


def test_the_doctor_says_what_to_do(parley, state):
    """Each line has its verdict; what is set wrongly ends with 78."""
    said = parley("doctor")
    assert said.code == 78
    assert "WRONG    The public address cannot be reached from here: nothing answers there." in said.out
    assert "UNKNOWN  The provider is not asked" in said.out
    assert "0123456789abcdef" not in said.out + said.err
    found = [json.loads(line) for line in parley("doctor", "--json").out.splitlines()]
    assert {one["verdict"] for one in found} == {"wrong", "unknown"}
    assert all(one["do"] for one in found if one["verdict"] == "wrong")


def test_a_message_is_listed_and_heard(parley, state, tmp_path):
    """It comes as a file that only whoever asked can read; the list gives nothing of it."""
    leave(state)
    assert CALL in parley("voicemail", "list").out
    (one,) = (json.loads(line) for line in parley("voicemail", "list", "--json").out.splitlines())
    assert (one["call"], one["state"], one["seconds"]) == (CALL, "done", 20)
    said = parley("voicemail", "hear", CALL, "--into", str(tmp_path))
    assert said.code == 0
    (file,) = tmp_path.glob("*.mp3")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (SOUND, 0o600)
    assert any("voicemail heard" in line for line in parley("audit", "list").out.splitlines())
    for _ in range(2):  # the second time it says who did
        assert "was looked at by" in parley("voicemail", "looked", CALL).out
    assert parley("voicemail", "list").out == "No message waits.\n"
    assert parley("voicemail", "looked", "nothing").code == 2


def test_a_message_that_is_not_here_is_refused(parley, state, tmp_path):
    """With what became of it; a folder that cannot be written into is said before anything is put on record."""
    assert parley("voicemail", "list").out == "No message waits.\n"
    leave(state, None, RecordingState.WAITING)
    said = parley("voicemail", "hear", CALL)
    assert (said.code, "still to be fetched" in said.err) == (2, True)
    assert "still to be fetched" in parley("voicemail", "list").out
    assert parley("voicemail", "hear", CALL, "--into", str(tmp_path / "none")).code == 2
