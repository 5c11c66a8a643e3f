"""`make casework-proof`: ten thousand random sequences of casework, judged by the law; prints what came of each act.

Exit 1 where anything unlawful was in force, a paper's change went unnoticed, the product failed, or an act was never
accepted under a policy that has it: what nobody could do was not tried.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter

from tests.casework.apart import caught, run
from tests.casework.broken import SLOW
from tests.casework.tally import table, untried

_ENOUGH = 2000
"""Sequences from which on the slow broken builds are tried, too."""
_ALL = 10_000
"""Sequences after which an act that was never accepted is a failure of the proof: in fewer it may be chance."""


def main() -> int:
    """Run all sequences, two processes at a time."""
    arguments = _arguments()
    share = -(-arguments.sequences // arguments.processes)
    begin = time.monotonic()
    jobs = [(arguments.seed + number, share) for number in range(arguments.processes)]
    with multiprocessing.get_context("spawn").Pool(arguments.processes) as pool:
        results = pool.starmap(run, jobs)
        unfound = pool.map(caught, sorted(SLOW)) if share * arguments.processes >= _ENOUGH else []
    tried = sum((counts for counts, _ in results), Counter[tuple[str, str, str]]())
    print("\n".join(table(tried)))
    failures = [failure for failure in (*(failure for _, failure in results), *unfound) if failure]
    sequences = sum(count for (_, _, what), count in tried.items() if what == "sequences")
    if sequences >= _ALL:
        failures += untried(tried)
    print("\n".join(failures))
    seconds = time.monotonic() - begin
    print(f"{'FAILED' if failures else 'Passed'}: {sequences} sequences in {seconds:.0f} s (seed {arguments.seed}).")
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.casework", description=__doc__)
    parser.add_argument("--sequences", type=int, default=10_000, help="how many, over all processes")
    parser.add_argument("--processes", type=int, default=2, help="how many at once")
    parser.add_argument("--seed", type=int, default=2026, help="what chance begins with")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
