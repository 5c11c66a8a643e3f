"""`parley evidence`: a file is sealed, listed without a byte of it, and taken out after its warning."""

from __future__ import annotations

import json
import os
import stat
from hashlib import sha256

import pytest

CONTENT = b"\x00\xff a recording"
NAMED = ("--mark", "DISTRESSING - voicemail 1", "--description", "A voicemail of two minutes")


@pytest.fixture
def rosa(office, parley):
    """A party."""
    assert parley("party", "add", "Rosa Example", "--email", "rosa@example.org").code == 0
    return "Rosa Example"


@pytest.fixture
def recording(tmp_path):
    """A file to be sealed."""
    path = tmp_path / "voicemail.mp3"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def piece(rosa, recording, parley):
    """A sealed piece; gives its id."""
    said = parley("evidence", "add", rosa, str(recording), *NAMED, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)["id"]


def test_SPSO_66_a_file_is_sealed_and_listed(rosa, recording, piece, parley):
    """With its digest; the list shows the mark, and nothing of what is in it."""
    (one,) = map(json.loads, parley("evidence", "list", rosa, "--json").out.splitlines())
    assert (one["id"], one["digest"], one["media_type"]) == (piece, sha256(CONTENT).hexdigest(), "audio/mpeg")
    said = parley("evidence", "list", rosa)
    assert "DISTRESSING" in said.out and "recording" not in said.out


def test_SPSO_67_it_is_taken_out_after_its_warning(rosa, piece, parley, tmp_path):
    """Without it nothing is given, and the warning is said; the file is its owner's alone, and each opening listed."""
    folder = tmp_path / "out"
    folder.mkdir()
    arguments = ("evidence", "open", rosa, piece, "--reason", "For the appeal.", "--into", str(folder))
    first = parley(*arguments)
    assert (first.code, "put on record" in first.err, list(folder.iterdir())) == (2, True, [])
    said = parley(*arguments, "--warned")
    assert said.code == 0, said.err
    (path,) = folder.iterdir()
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name.startswith("DISTRESSING-voicemail-1-") and path.suffix == ".mp3"
    again = parley(*arguments, "--warned")
    assert (again.code, "is there already" in again.err) == (2, True)
    (one,) = map(json.loads, parley("evidence", "list", rosa, "--json").out.splitlines())
    assert len(one["opened"]) == 1


WRONG = {
    "no such file": ("add", "{nothing}", "cannot be read"),
    "a folder": ("add", "{folder}", "Is a directory"),
    "a pipe": ("add", "{pipe}", "is no file"),
    "an empty file": ("add", "{empty}", "nothing to seal"),
    "a file above the policy's size": ("add", "{large}", "25 MB at most"),
}


@pytest.mark.parametrize(("command", "file", "why"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_sealed_is_a_sentence(rosa, parley, tmp_path, command, file, why):
    """Exit 2, and nothing on record."""
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as large:
        large.truncate(25_000_001)
    places = {name: tmp_path / name for name in ("nothing", "empty", "pipe", "large")} | {"folder": tmp_path}
    said = parley("evidence", command, rosa, file.format(**places), *NAMED)
    assert (said.code, why in said.err) == (2, True), said.err
    assert parley("evidence", "list", rosa).out == "Nothing is sealed on this file.\n"


def test_words_that_do_not_fit_are_sentences(rosa, recording, parley):
    """A mark that is a story, a type that is none."""
    said = parley("evidence", "add", rosa, str(recording), "--mark", "x" * 81, "--description", "y")
    assert (said.code, "mark" in said.err) == (2, True)
    said = parley("evidence", "add", rosa, str(recording), *NAMED, "--media-type", "no type")
    assert (said.code, "media_type" in said.err) == (2, True)


def test_a_piece_or_party_that_is_not_there(rosa, parley):
    """A sentence each."""
    assert "no sealed evidence" in parley("evidence", "open", rosa, "none", "--reason", "x", "--warned").err
    assert "No party" in parley("evidence", "list", "Nobody").err


def test_sealing_and_opening_by_the_bare_act_is_refused(rosa, piece, parley):
    """Neither would have a file to it; the way is said."""
    said = parley("act", "seal_evidence", rosa, "mark=X", "description=Y")
    assert (said.code, "Bring the file itself" in said.err) == (2, True)
    said = parley("act", "open_evidence", rosa, f"evidence={piece}", "reason=x", "warned=yes")
    assert (said.code, "parley evidence open" in said.err) == (2, True)
