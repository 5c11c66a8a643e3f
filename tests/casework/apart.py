"""Sequences in a process of their own, so that two go on at once."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.casework.broken import BROKEN, ONLY, SLOW
from tests.casework.machine import CaseworkMachine
from tests.casework.office import forget_template

STEPS = 32
STEPS_BROKEN = 30


def run(number: int, sequences: int, *, shrink: bool = True) -> tuple[Counter[tuple[str, str, str]], str]:
    """Run so many sequences in this process; gives what came of each act under each policy, and what went wrong."""
    tried = Counter[tuple[str, str, str]]()

    class Counted(CaseworkMachine):
        """Count what was tried, and what the product made of it."""

        tally = tried

        def teardown(self) -> None:
            """Count the sequence, then verify."""
            if self.is_open:
                tried[self.policy.name, "", "sequences"] += 1
                tried[self.policy.name, "", "in force"] += bool(self.journal.seen)
            super().teardown()

    limits = settings(
        max_examples=sequences,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        report_multiple_bugs=False,
    )
    try:
        run_state_machine_as_test(seed(number)(Counted), settings=limits)
    except Exception as found:  # what the law forbids, and whatever the product fails of
        return tried, "\n".join([repr(found)[:4000], *getattr(found, "__notes__", ())])[:12_000]
    finally:
        forget_template()
    return tried, ""


def caught(build: str) -> str:
    """Try a build that breaks the law on purpose; gives what is wrong where the proof does not find it.

    The same sequences each time: what this says does not hang on luck. Any new rule makes others of them, so that
    those builds have room that chance finds late.
    """
    spoil, found = BROKEN[build]
    limits = settings(
        max_examples=3000 if build in SLOW else 400,
        stateful_step_count=STEPS_BROKEN,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    under = type("UnderThese", (CaseworkMachine,), {"policies": ONLY.get(build, CaseworkMachine.policies)})
    with pytest.MonkeyPatch.context() as patch:
        spoil(patch)
        try:
            run_state_machine_as_test(under, settings=limits)
        except AssertionError as fault:
            words = "\n".join([str(fault), *getattr(fault, "__notes__", ())])
            return "" if re.search(found, words) else f"{build}: something else was found: {words[:2000]}"
    return f"{build}: it was not found"
