"""Sequences in a process of their own, so that two go on at once."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.casework.machine import CaseworkMachine

STEPS = 40


def run(number: int, sequences: int) -> tuple[Counter[str], str]:
    """Run so many sequences in this process; gives what was accepted, and what went wrong."""
    tried: Counter[str] = Counter()

    class Counted(CaseworkMachine):
        """Count what the product accepted."""

        def teardown(self) -> None:
            """Count, then verify."""
            tried["sequences"] += 1
            if hasattr(self, "_journal"):
                tried["sequences with a restriction in force"] += bool(self._journal.seen)
                tried.update(f"accepted: {done.act}" for done in self._journal.done)
            super().teardown()

    limits = settings(
        max_examples=sequences,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(number)(Counted), settings=limits)
    except AssertionError as found:
        return tried, str(found)[:4000]
    return tried, ""
