"""`make hostile`: a million hostile messages and dialogues through the real door; prints what they were answered.

Exit 1 where the law of tests/hostile/run.py was broken; the seed and the item say which one it was.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.hostile.apart import committed_seeds, try_seeds
from tests.hostile.run import BATCH


def main() -> int:
    """Try all of it, two processes at a time."""
    arguments = _arguments()
    batches = -(-arguments.count // BATCH)
    seeds = [*committed_seeds(), *range(arguments.seed, arguments.seed + batches)]
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="parley-hostile-") as place,
        multiprocessing.get_context("spawn").Pool(arguments.processes) as pool,
    ):
        step = arguments.processes
        jobs = [(Path(place) / str(number), seeds[number::step], None) for number in range(step)]
        results = pool.starmap(try_seeds, jobs)
    counts = sum((one.counts for one in results), Counter[str]())
    for name, count in sorted(counts.items()):
        print(f"  {name:<28} {count:>9}")
    failures = [failure for one in results for failure in one.failures]
    for failure in failures[:20]:
        print(failure)
    tried = counts["message"] + counts["dialogue"]
    slowest, seconds = max(one.slowest_s for one in results), time.monotonic() - began
    verdict = "FAILED" if failures else "Passed"
    print(
        f"{verdict}: {tried} in {seconds:.0f} s (from seed {arguments.seed}), the slowest took {slowest:.2f} s of work."
    )
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="how many, over all processes")
    parser.add_argument("--processes", type=int, default=2, help="how many at once")
    parser.add_argument("--seed", type=int, default=1, help="the first batch")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
