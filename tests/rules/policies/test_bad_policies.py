"""Every folder of tests/bad_policies is refused, in the sentences that its expected.txt has the beginnings of."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rules import policies

FOLDERS = sorted(path.parent for path in Path(__file__).parents[2].glob("bad_policies/*/expected.txt"))
READABLE = [folder for folder in FOLDERS if folder.name != "not_toml"]


@pytest.mark.parametrize("folder", READABLE, ids=lambda folder: folder.name)
def test_it_is_refused_in_sentences(folder):
    """Each fault is a sentence, there are no others, and reading the policy raises them all."""
    data = tomllib.loads((folder / "policy.toml").read_text("utf-8"))
    expected = (folder / "expected.txt").read_text("utf-8").splitlines()
    found = policies.faults(data)
    assert [fault[: len(start)] for fault, start in zip(found, expected, strict=True)] == expected
    assert not any("\n" in fault or fault.endswith(".") for fault in found)
    with pytest.raises(ValueError) as refused:
        policies.parse(data)
    assert str(refused.value) == "; ".join(found)


def test_there_are_cases():
    """The folders were found."""
    assert len(FOLDERS) >= 35


def test_a_good_policy_has_no_fault():
    """The least policy is one."""
    assert policies.faults({"name": "small", "grounds": {}, "clauses": {}}) == ()
