"""`parley import` as a person and as a program see it."""

import json

import pytest

TEXT = """[[party]]
name = "R. Example"
emails = ["r.example@example.org"]

[[party.restriction]]
reason = "Eleven mails on 3 March"
ground = "persistent_contact"
approved_by = "Head of Casework"
notified = true
starts = 2026-03-04
ends = 2026-09-04
measures = [{ kind = "return_mail" }]
"""


@pytest.fixture
def file(tmp_path):
    """A sound file."""
    path = tmp_path / "office.toml"
    path.write_text(TEXT)
    return path


def test_a_sound_file_is_loaded_and_what_came_of_it_is_said(parley, office, file):
    """Counts are said; the second time nothing is new."""
    said = parley("import", str(file))
    assert (said.code, said.err) == (0, "")
    assert said.out == f"Loaded from {file}: 1 new party, 1 restriction, 0 adjustments.\n"
    again = parley("import", str(file))
    assert again.out.splitlines()[1] == "On record already and left as they are: line 5."


def test_a_dry_run_loads_nothing(parley, office, file):
    """What would be loaded is said, and the record stays empty."""
    said = parley("import", str(file), "--dry-run")
    assert (said.code, "nothing was loaded" in said.out) == (0, True)
    assert office.read(lambda reader: reader.parties()) == ()


def test_observe_mode_is_said(parley, office, file):
    """Who imports in observe mode is told that nothing is enforced yet."""
    parley("observe", "on")
    assert "nothing is enforced until `parley observe off`" in parley("import", str(file)).out


def test_faults_are_sentences_with_file_and_line_and_exit_2(parley, office, file):
    """Every fault stands on a line of its own on stderr; nothing is loaded."""
    file.write_text(TEXT.replace("persistent_contact", "annoying").replace("ends = 2026", "ends = 2025"))
    said = parley("import", str(file))
    first, second, last = said.err.splitlines()
    assert (said.code, said.out) == (2, "")
    assert first.startswith(f"{file}:7: ground is 'annoying', but the grounds of the policy are persistent_contact,")
    assert second.startswith(f"{file}:11: ends is 2025-09-04, before starts")
    assert last == "Nothing was loaded."
    assert office.read(lambda reader: reader.parties()) == ()


def test_a_program_gets_one_object(parley, office, file):
    """What was loaded, or what is wrong with which line, as JSON."""
    done = json.loads(parley("import", str(file), "--json").out)
    assert (done["parties"], len(done["restrictions"]), done["dry_run"]) == (["R. Example"], 1, False)
    file.write_text(TEXT.replace("notified = true\n", ""))
    said = parley("import", str(file), "--json")
    (fault,) = json.loads(said.out)["faults"]
    assert (said.code, fault["line"], fault["text"].partition(";")[0]) == (2, 5, "notified is missing")


def test_names_that_would_steer_a_terminal_are_refused_unharmed(parley, office, file):
    """No escape sequence of a file reaches the screen."""
    file.write_text(TEXT.replace("persistent_contact", r"\u001b[2J"))
    said = parley("import", str(file))
    assert said.code == 2 and "\x1b" not in said.out + said.err


def test_there_must_be_an_installation(parley, file):
    """Without settings there is nowhere to load into: exit 78."""
    assert parley("import", str(file)).code == 78
