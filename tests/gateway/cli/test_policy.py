"""`parley policy`: policies listed, read, checked and compared, with or without an office."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from rules import policies

FOLDERS = sorted(path.parent for path in Path(__file__).parents[2].glob("bad_policies/*/expected.txt"))
SHIPPED = ("default", "housing-ombudsman", "mp-office", "phso", "spso")


def words(text):
    """Give what was printed as one line."""
    return " ".join(text.split())


def test_the_list(office, parley):
    """All that ship are there, the plain one first, and the office's is marked."""
    said = parley("policy", "list")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()[3:8]] == list(SHIPPED)
    assert max(map(len, said.out.splitlines()[:9])) <= 80
    listed = [json.loads(line) for line in parley("policy", "list", "--json").out.splitlines()]
    assert [one["name"] for one in listed] == list(SHIPPED)
    assert [one["name"] for one in listed if one["ours"]] == ["default"]


def test_the_list_without_an_office(parley):
    """Policies can be read before there is an office."""
    assert [json.loads(line)["ours"] for line in parley("policy", "list", "--json").out.splitlines()] == [False] * 5


@pytest.mark.parametrize("name", SHIPPED)
def test_show(parley, name):
    """Who may do what, how long, whose approval, appeal, review, levels and words, in 80 columns."""
    said = parley("policy", "show", name)
    assert said.code == 0, said.err
    for title in (
        "Who may do what",
        "What a restriction can be",
        "How long",
        "What needs whose approval",
        "Appeal, review, evidence",
        "By when",
        "Levels of contact that are flagged",
        "Words",
    ):
        assert title in words(said.out)
    assert max(map(len, said.out.splitlines())) <= 80


def test_show_names_clauses(parley):
    """What a policy says stands beside the clause that says it."""
    said = words(parley("policy", "show", "phso").out)
    assert "A warning 6 months from when it is told PHSO-7" in said
    assert "Appeal none: decisions are final PHSO-21" in said


def test_show_without_a_name(parley, office):
    """Else it is the office's own, with what its settings changed."""
    settings = office.state / "parley.toml"
    settings.write_text(
        settings.read_text().replace("[office]", '[office]\npolicy = "spso"\nzone = "Europe/Dublin"', 1)
    )
    data = json.loads(parley("policy", "show", "--json").out)
    assert (data["name"], data["zone"]) == ("spso", "Europe/Dublin")
    assert parley("policy", "show", "--toml").out.startswith("# The Scottish Public Services Ombudsman's")


def test_show_without_an_office(parley):
    """Else it is the plain one."""
    assert json.loads(parley("policy", "show", "--json").out)["name"] == "default"


@pytest.mark.parametrize("name", SHIPPED)
def test_show_for_a_program(parley, name):
    """Everything that a policy holds is in the object, as plain data."""
    data = json.loads(parley("policy", "show", name, "--json").out)
    policy = policies.parse(tomllib.loads(parley("policy", "show", "--toml", name).out))
    assert set(data) == set(policies.Policy.__dataclass_fields__)
    assert set(data["measures"]) == policy.measures
    assert data["gates"][0]["roles"] == sorted(policy.gates[0].roles)
    assert data["durations"]["warning_months"] == 6
    assert data["review_unknown"] == 28
    assert data["exceptions"]["roles"] == sorted(policy.exceptions.roles)


def test_an_office_begins_its_own(parley, tmp_path):
    """What is printed is a file that passes its check, and can be changed and compared."""
    ours = tmp_path / "ours.toml"
    ours.write_text(parley("policy", "show", "--toml", "phso").out)
    assert parley("policy", "check", str(ours)).code == 0
    assert parley("policy", "diff", "phso", str(ours)).out == "They say the same.\n"
    ours.write_text(ours.read_text().replace("warning_months = 6", "warning_months = 3", 1))
    said = parley("policy", "diff", "phso", str(ours))
    assert "A warning 6 months from when it is told 3 months from when it is told" in words(said.out)
    assert "Who may do what" not in said.out
    data = json.loads(parley("policy", "diff", "phso", str(ours), "--json").out)
    assert data == {
        "section": "How long",
        "label": "A warning",
        "one": "6 months from when it is told",
        "other": "3 months from when it is told",
    }


def test_only_clauses_differ(parley, tmp_path):
    """Clauses are what an office renames first; that nothing else differs is said."""
    ours = tmp_path / "ours.toml"
    ours.write_text(parley("policy", "show", "--toml", "phso").out.replace('block = "PHSO-M12"', 'block = "4.2"'))
    assert parley("policy", "diff", "phso", str(ours)).out.startswith("They differ in nothing but the clauses")


def test_two_policies(parley):
    """What one has and the other has not is a dash, and what they share is not said."""
    said = parley("policy", "diff", "phso", "mp-office")
    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= 80
    lines = parley("policy", "diff", "phso", "mp-office", "--json").out.splitlines()
    found = {one["label"]: (one["one"], one["other"]) for one in map(json.loads, lines)}
    assert found["Four eyes"] == ("nobody approves their own", "one person may decide alone")
    assert found["Every restriction"] == ("-", "MP")
    assert found["executive_team"] == ("Executive Team", "-")
    assert found["Shield a colleague"][1] == "anyone who works there"
    assert "A warning" not in found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_check_says_every_fault(parley, folder):
    """A fault a line, each with the file's name; the command ends with 2."""
    said = parley("policy", "check", str(folder / "policy.toml"))
    assert (said.code, said.out) == (2, "")
    expected = (folder / "expected.txt").read_text("utf-8").splitlines()
    lines = said.err.splitlines()
    starts = [f"{folder / 'policy.toml'}: {sentence}" for sentence in expected]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
    assert all(line.endswith(".") for line in lines)


@pytest.mark.parametrize("name", SHIPPED)
def test_check_of_what_ships(parley, name):
    """All that ship can be used."""
    said = parley("policy", "check", name)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"policy {name}: no fault.")


def test_a_policy_that_is_not_there(parley):
    """A name that nobody knows is a sentence that names those that ship."""
    said = parley("policy", "check", "pshd")
    assert said.code == 2
    assert "Those that ship with Parley are default, housing-ombudsman, mp-office, phso, spso." in said.err
    assert parley("policy", "show", "nowhere.toml").code == 78
    assert parley("policy", "diff", "phso", "nowhere.toml").code == 78


def test_names_from_outside_steer_no_terminal(parley, tmp_path):
    """Markup and escapes in a file and its name are shown, not obeyed."""
    ours = tmp_path / "[red]ours.toml"
    ours.write_text('name = "[bold]x"\ntitle = "\\u001b[31mred"\n[grounds]\nx = "[link=a]"\n[clauses]\n')
    shown = parley("policy", "show", str(ours)).out
    assert "\x1b" not in shown
    assert "[bold]x" in shown and "[link=a]" in shown and "\\x1b[31mred" in shown
    assert "[red]" in parley("policy", "diff", "phso", str(ours)).out


@pytest.mark.parametrize("name", SHIPPED)
def test_an_office_runs_under_it(parley, office, name):
    """Each policy that ships can be the office's."""
    settings = office.state / "parley.toml"
    settings.write_text(settings.read_text().replace("[office]", f'[office]\npolicy = "{name}"', 1))
    said = parley("check", "r@example.org")
    assert said.code == 0, said.err


TIGHT = """name = "tight"
[grounds]
[clauses]
[[thresholds]]
at_least = 2
per = "week"
channels = ["email"]
"""


def test_try_says_whom_a_policy_would_flag_today(office, parley, tmp_path):
    """Two mails in a week are none of the office's own thresholds; nobody is flagged by asking."""
    for number in range(2):
        office.entry(ago=timedelta(hours=number))
    office.entry(whose="email:s@example.org", sender="email:s@example.org")
    own = tmp_path / "tight.toml"
    own.write_text(TIGHT)
    (found,) = [json.loads(line) for line in parley("policy", "try", str(own), "--json").out.splitlines()]
    assert (found["who"], found["level"], found["ours"], found["other"]) == ("r@example.org", 2, False, True)
    said = " ".join(parley("policy", "try", str(own)).out.split())
    assert "2 contacts by email in any 7 days (from 2)" in said
    assert f"0 by the office's policy, 1 by {own.name}" in said
    assert "0 by the office's policy, 0 by default" in " ".join(parley("policy", "try", "default").out.split())
    assert parley("flags").out.startswith("No flags")
