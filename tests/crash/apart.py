"""Runs that have a process of their own, so that two go on at once; what they give can be sent from it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.crash.power import lose_power
from tests.crash.run import MET, Report, crash

# Where a broken build breaks, so that few kills show it.
STEPS = {
    "none": MET,
    "answer-before-commit": ("record.before_commit",),
    "letters-again": ("letter.left",),
    "texts-again": ("text.recorded",),
}


def kill(folder: Path, variant: str, kills: int, seed: int, seconds: float, sabotage: str = "none") -> Report:
    """Run one variant in a process of its own."""
    folder.mkdir(parents=True)
    return asyncio.run(
        crash(folder, variant, kills=kills, seed=seed, seconds=seconds, sabotage=sabotage, names=STEPS[sabotage])
    )


def cut(folder: Path, cuts: int, seed: int, sabotage: str = "none") -> Report:
    """Run the losses of power in a process of its own."""
    folder.mkdir(parents=True)
    return asyncio.run(lose_power(folder, cuts=cuts, seed=seed, sabotage=sabotage))
