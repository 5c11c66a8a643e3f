"""`make casework-proof`: ten thousand random sequences of casework, judged by the law; prints what was tried.

Exit 1 where anything unlawful was in force, a paper's change went unnoticed, or the product failed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter

from tests.casework.apart import run


def main() -> int:
    """Run all sequences, two processes at a time."""
    arguments = _arguments()
    share = -(-arguments.sequences // arguments.processes)
    begin = time.monotonic()
    jobs = [(arguments.seed + number, share) for number in range(arguments.processes)]
    with multiprocessing.get_context("spawn").Pool(arguments.processes) as pool:
        results = pool.starmap(run, jobs)
    tried = sum((counts for counts, _ in results), Counter[str]())
    for name, count in sorted(tried.items()):
        print(f"  {name:<48} {count:>8}")
    for _, failure in results:
        if failure:
            print(failure)
    good = not any(failure for _, failure in results)
    seconds = time.monotonic() - begin
    print(
        f"{'Passed' if good else 'FAILED'}: {tried['sequences']} sequences in {seconds:.0f} s (seed {arguments.seed})."
    )
    return 0 if good else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.casework", description=__doc__)
    parser.add_argument("--sequences", type=int, default=10_000, help="how many, over all processes")
    parser.add_argument("--processes", type=int, default=2, help="how many at once")
    parser.add_argument("--seed", type=int, default=2026, help="what chance begins with")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
