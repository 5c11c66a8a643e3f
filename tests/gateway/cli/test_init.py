"""`parley init` begins an office that observes, and replaces nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

from gateway import config


def test_settings_that_load(parley, tmp_path):
    """The file that it writes is one that it can read, whatever the name."""
    name = 'The "Office" of \\ Dŵr & Sons [mail]'
    said = parley(
        "init", "--name", name, "--address", "hello@office.example.org", "--alerts", "duty@office.example.org"
    )
    assert said.code == 0, said.err
    settings = config.load(tmp_path / "var")
    assert settings.config.office.name == name
    assert settings.config.office.alerts == "duty@office.example.org"
    assert settings.config.office.domains == ("office.example.org",)
    assert (tmp_path / "var" / "parley.toml").stat().st_mode & 0o077 == 0


def test_commented_settings_are_settings(office):
    """Every line that is commented out is a setting that loads, so that a person can trust the comments."""
    file = office.state / "parley.toml"
    text = file.read_text()
    for line in text.splitlines():
        if line.startswith("# ") and (" = " in line or "[[" in line) and not line.startswith(("# Any", "# All")):
            text = text.replace(line, line.removeprefix("# "))
    assert text.count("\n# ") == 5, "the lines of explanation"
    file.write_text(text)
    settings = config.load(office.state)
    assert settings.config.phone.configured
    assert settings.config.mail.outbound is not None
    assert (len(settings.config.people), len(settings.config.webhook)) == (1, 1)
    assert settings.config.api.listen == "127.0.0.1:8081"


def test_several_domains(parley, tmp_path):
    """An office may have more than one domain."""
    said = parley(
        *("init", "--name", "A", "--address", "a@one.example.org"),
        *("--domain", "one.example.org", "--domain", "two.example.org"),
    )
    assert said.code == 0, said.err
    assert config.load(tmp_path / "var").config.office.domains == ("one.example.org", "two.example.org")


def test_it_starts_observing(parley):
    """A new office observes, and the act is on record."""
    said = parley("init", "--name", "A", "--address", "a@one.example.org")
    assert "observe mode" in said.out
    assert "serve" in said.out
    assert parley("observe").out.startswith("Observing")


def test_it_replaces_nothing(office, parley):
    """Settings that are there stay as they are, and so does the mode."""
    before = (office.state / "parley.toml").read_bytes()
    said = parley("init", "--name", "Other", "--address", "other@example.org")
    assert said.code == 2
    assert "is there already" in said.err
    assert (office.state / "parley.toml").read_bytes() == before
    assert parley("observe").out.startswith("Enforcing")


def test_missing_answers(parley, tmp_path):
    """Without a terminal there is nobody to ask, and nothing is left behind."""
    said = parley("init", "--name", "A")
    assert said.code == 2
    assert "--address" in said.err
    assert not (tmp_path / "var" / "parley.toml").exists()


def test_an_address_that_is_none(parley, tmp_path):
    """What cannot be a setting is refused in a sentence, and leaves nothing behind."""
    said = parley("init", "--name", "A", "--address", "nonsense")
    assert said.code == 2
    assert "'nonsense' is not a mail address" in said.err
    assert not any((tmp_path / "var").glob("*"))


def test_a_folder_that_cannot_be(parley, tmp_path, monkeypatch):
    """Where the folder cannot be made, a sentence says so."""
    (tmp_path / "file").write_text("")
    said = parley("--state", str(tmp_path / "file" / "var"), "init", "--name", "A", "--address", "a@example.org")
    assert said.code == 78
    assert "cannot be written" in said.err


def test_it_asks_on_a_terminal(tmp_path):
    """On a terminal it asks for what is missing, again where an answer cannot be right."""
    parent, child = pty.openpty()
    asked = subprocess.Popen(
        [sys.executable, "-c", "from gateway.cli import main; main()", "--state", str(tmp_path), "init"],
        stdin=child,
        stdout=child,
        stderr=child,
        close_fds=True,
    )
    os.close(child)
    os.write(parent, b"The Office\nnonsense\nhello@office.example.org\n")
    heard = b""
    while True:
        try:
            more = os.read(parent, 4096)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        heard += more
    os.close(parent)
    assert asked.wait(30) == 0, heard.decode()
    assert b"not a mail address" in heard
    assert config.load(tmp_path).config.office.address == "hello@office.example.org"
