"""What a process of its own runs: the product logs to a listener there, and nobody else's settings are touched."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.run import Findings, run

_SEEDS = Path(__file__).with_name("seeds.txt")


def committed_seeds() -> list[int]:
    """Give the batches that once found something."""
    lines = _SEEDS.read_text("utf-8").splitlines()
    return [int(line.split()[0]) for line in lines if line.strip() and not line.startswith("#")]


def try_seeds(folder: Path, seeds: list[int], seconds: float | None) -> Findings:
    """Try batches of seeds in a folder, for so many seconds at most."""
    folder.mkdir(parents=True, exist_ok=True)
    return run(folder, seeds, seconds)
