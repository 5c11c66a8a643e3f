"""`make crash`: hundreds of kills under load, builds that must fail, losses of power; prints what was hit and found.

Exit 1 where a promise was broken, or where a broken build passed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from tests.crash.apart import cut, kill
from tests.crash.run import MAILDIR, NEXT_HOP, Report
from tests.crash.tables import print_kills, print_proof
from tests.power_cut import unavailable

_SABOTAGED_KILLS = 8
_CUTS, _CARELESS_CUTS = 12, 4


def main() -> int:
    """Run all of it, two processes at a time."""
    arguments = _arguments()
    variants = [arguments.variant] if arguments.variant else [MAILDIR, NEXT_HOP]
    share = -(-arguments.kills // len(variants))
    begin = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="parley-crash-") as place,
        ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        folder, seed, cap_s = Path(arguments.keep or place), arguments.seed, arguments.seconds_cap
        kills = [pool.submit(kill, folder / variant, variant, share, seed, cap_s) for variant in variants]
        proofs: dict[str, Future[Report]] = {}
        if not arguments.kills_only:
            proofs["a build that answers 250 before its commit"] = pool.submit(
                kill, folder / "early", MAILDIR, _SABOTAGED_KILLS, seed, cap_s, "answer-before-commit"
            )
            proofs["a build that repeats letters that may have left"] = pool.submit(
                kill, folder / "again", NEXT_HOP, _SABOTAGED_KILLS, seed, cap_s, "letters-again"
            )
            proofs["a build that answers every text of a number"] = pool.submit(
                kill, folder / "texts", MAILDIR, _SABOTAGED_KILLS, seed, cap_s, "texts-again"
            )
            if unavailable() is None:
                proofs["synchronous FULL, power cut"] = pool.submit(cut, folder / "full", _CUTS, seed)
                proofs["synchronous OFF, power cut"] = pool.submit(
                    cut, folder / "off", _CARELESS_CUTS, seed, "synchronous-off"
                )
                proofs["mailboxes not synced, power cut"] = pool.submit(
                    cut, folder / "boxes", _CARELESS_CUTS, seed, "mailboxes-unsynced"
                )
        reports = [future.result() for future in kills]
        print_kills(reports)
        good = all(report.kills >= share and not report.verdict.findings for report in reports)
        for name, future in proofs.items():
            good = print_proof(name, future.result(), must_fail="FULL" not in name) and good
    reason = unavailable()
    if reason and not arguments.kills_only:
        print(f"No power cuts on this machine: {reason}.")
    print(f"{'Passed' if good else 'FAILED'} in {time.monotonic() - begin:.0f} s (seed {seed}).")
    return 0 if good else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=500, help="how many, over all variants")
    parser.add_argument("--seconds-cap", type=float, default=1500, help="when to stop killing, whatever was reached")
    parser.add_argument("--variant", choices=[MAILDIR, NEXT_HOP], help="one only; else both at once")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000, help="what chance begins with")
    parser.add_argument("--kills-only", action="store_true", help="leave out broken builds and losses of power")
    parser.add_argument("--keep", help="a new folder for all that is written, which stays")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
