"""`parley export`: to a file or to a pipe, and back by `parley import`."""

import os
import pwd
import stat

import pytest

OFFICE = """
[[party]]
name = "R. Example"
phones = ["+441632960001"]

[[party.restriction]]
reason = "=Eleven calls"
ground = "persistent_contact"
approved_by = "Head of Casework"
notified = true
starts = 2026-03-04
ends = 2099-09-04
measures = [{ kind = "volume_limit", channels = ["call"], count = 1, per = "week" }]

[[party.adjustment]]
need = "cannot manage written channels"
open = ["call"]
agreed = 2026-02-20
"""


@pytest.fixture
def filled(office, parley, tmp_path):
    """An office with one party."""
    path = tmp_path / "office.toml"
    path.write_text(OFFICE)
    said = parley("import", str(path))
    assert said.code == 0, said.err
    return office


@pytest.mark.parametrize("name", ["out.toml", "out.csv"])
def test_a_file_goes_there_and_back(filled, parley, tmp_path, name):
    """It is readable by its owner alone, and import finds all of it on record."""
    path = tmp_path / name
    said = parley("export", "--output", str(path))
    assert said.code == 0, said.err
    assert said.out.endswith("1 party, 1 restriction, 1 adjustment.\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = parley("import", str(path))
    assert (again.code, "0 restrictions, 0 adjustments" in again.out) == (0, True), again
    assert "On record already" in again.out


@pytest.mark.parametrize(("form", "begins"), [("toml", "[[party]]\n"), ("csv", '\ufeff"party","kind"')])
def test_it_is_printed(filled, parley, form, begins):
    """To a pipe, nothing else beside it."""
    said = parley("export", "--format", form)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(begins)
    assert ("'=Eleven" in said.out) == (form == "csv")


@pytest.mark.parametrize(
    "arguments",
    [["--output", "{taken}"], ["--output", "{folder}/no/such/folder.toml"], ["--output", "a.toml", "--format", "csv"]],
    ids=["over a file that is there", "into a folder that is not there", "under the wrong name"],
)
def test_what_cannot_be_written(filled, parley, tmp_path, arguments):
    """A sentence, and the file that was there is as it was."""
    taken = tmp_path / "taken.toml"
    taken.write_text("ours")
    said = parley("export", *(one.format(taken=taken, folder=tmp_path) for one in arguments))
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert taken.read_text() == "ours"


def test_an_office_without_parties(office, parley):
    """Nothing is nothing."""
    assert (parley("export").code, parley("export").out) == (0, "")


def test_SPSO_68_it_is_for_those_whom_the_policy_names(filled, parley, tmp_path):
    """A caseworker is told by which clause, and whom to ask; no file is written."""
    file = filled.state / "parley.toml"
    name = pwd.getpwuid(os.getuid()).pw_name
    file.write_text(f'{file.read_text()}\n[[people]]\nname = "A. Clerk"\nlogin = "{name}"\nroles = ["caseworker"]\n')
    said = parley("export", "--output", str(tmp_path / "out.toml"))
    assert (said.code, "SPSO-68" in said.err, "Manager" in said.err) == (2, True, True), said
    assert not (tmp_path / "out.toml").exists()
