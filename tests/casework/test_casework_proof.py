"""The proof of casework in its short form; `make casework-proof` tries ten thousand sequences."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.casework import tally
from tests.casework.apart import caught
from tests.casework.broken import BROKEN, SLOW
from tests.casework.machine import CaseworkMachine

_LAW = ("law", "laws", "law_of_acts", "law_of_contacts", "files")
# Derandomized: no test run meets what no other does. The long proof draws anew.
QUICK = settings(
    max_examples=60,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.mark.slow
@pytest.mark.no_cover
def test_no_sequence_of_acts_leaves_something_unlawful_in_force():
    """Whatever people try in whatever order, what is in force obeys the law, and every change of a paper is found."""
    run_state_machine_as_test(CaseworkMachine, settings=QUICK)


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("build", [one for one in BROKEN if one not in SLOW])
def test_a_broken_build_is_caught(build: str):
    """The same proof finds what a build does that breaks the law on purpose."""
    assert caught(build) == ""


@pytest.mark.parametrize("module", _LAW)
def test_the_law_shares_no_code_with_the_product(module: str):
    """It imports what Python brings, and other parts of the law."""
    tree = ast.parse((Path(__file__).parent / f"{module}.py").read_text())
    named = [each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    named += [name.name for each in ast.walk(tree) if isinstance(each, ast.Import) for name in each.names]
    ours = [name for name in named if name.partition(".")[0] in ("gateway", "adapters", "storage", "rules", "tests")]
    assert all(name.removeprefix("tests.casework.") in _LAW for name in ours)


def test_an_act_that_nobody_could_do_fails_the_proof():
    """So does one that a policy has no room for, once it is accepted; what is tried stands in the table."""
    all_done = Counter({(policy, act, "accepted"): 1 for policy in tally.LAWS for act in tally.all_acts()})
    all_done -= Counter(dict.fromkeys([(*never, "accepted") for never in tally.NEVER], 1))
    assert tally.untried(all_done) == []
    assert any(line.split() == ["merge", "5", "5", "0", *"11111"] for line in tally.table(all_done))
    del all_done["spso", "merge", "accepted"]
    all_done["phso", "appeal", "accepted"] = 1
    assert [one.split()[0] for one in tally.untried(all_done)] == ["appeal", "merge"]
