"""Every folder of tests/bad_configs is refused at start, in the sentence that its expected.txt has a part of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

FOLDERS = sorted(path.parent for path in Path(__file__).parents[2].glob("bad_configs/*/expected.txt"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_it_is_refused_in_a_sentence(parley, tmp_path, folder, free_ports):
    """`parley serve` ends with 78 and one line that names the file; nothing is opened and nothing is left."""
    state = tmp_path / "var"
    shutil.copytree(folder, state)
    before = sorted(state.iterdir())
    if "listen" not in (folder / "parley.toml").read_text("latin-1"):
        free_ports()
    said = parley("serve")
    assert said.code == 78, said
    assert (folder / "expected.txt").read_text().strip() in said.err
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    assert len(said.err) < 600
    left = [path for path in state.iterdir() if path not in before and not path.name.startswith("parley.db")]
    assert not left


def test_there_are_cases():
    """The folders were found."""
    assert len(FOLDERS) >= 20


def test_no_settings_at_all(parley):
    """Where there is no office yet, the sentence tells how to begin."""
    said = parley("contacts")
    assert said.code == 78
    assert "init` to begin" in said.err


def test_settings_that_cannot_be_opened(parley, tmp_path):
    """A folder in the place of the file is a sentence."""
    (tmp_path / "var" / "parley.toml").mkdir(parents=True)
    said = parley("serve")
    assert said.code == 78
    assert "cannot be read" in said.err


def test_a_state_folder_that_is_a_file(parley, tmp_path):
    """A file in the place of the folder is a sentence."""
    (tmp_path / "var").write_text("")
    said = parley("serve")
    assert said.code == 78
    assert "cannot be read" in said.err


def test_a_setting_of_the_environment(office, parley, monkeypatch):
    """The environment outranks the file, and is refused as the file is."""
    monkeypatch.setenv("PARLEY_MAIL__LISTEN", "nowhere")
    said = parley("serve")
    assert said.code == 78
    assert "'nowhere' is not an address with a port" in said.err
