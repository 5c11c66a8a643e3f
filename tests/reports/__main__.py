"""The long form of tests/reports: offices of five and ten years, several seeds, each cell against a plain count.

python -m tests.reports [SEEDS]
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from random import Random

from gateway.reports.restrictions import restrictions_report
from gateway.reports.table import Period
from storage.record import Record
from storage.times import stamp
from tests.reports.office import NOW, made_up
from tests.reports.plain_count import plain_count
from tests.reports.test_restrictions import POLICY, cells


def proved(seed: int, folder: str) -> int:
    """Compare ten periods of one office; gives how many cells were compared."""
    chance = Random(seed)
    with Record.open(f"sqlite:///{folder}/{seed}.db", now=lambda: NOW) as record:
        made_up(record, POLICY, seed=seed, parties=200, years=chance.choice((5, 10)), contacts=20_000)
        compared = 0
        for _ in range(10):
            days = sorted(chance.randrange(date(2017, 1, 1).toordinal(), NOW.date().toordinal() + 1) for _ in range(2))
            first, last = map(date.fromordinal, days)
            found = cells(restrictions_report(record, POLICY, Period(first, last), now=NOW))
            counted = record.read_now(lambda reader: plain_count(reader.link, first, last, stamp(NOW)))  # noqa: B023  (called at once)
            if found != {key: value for key, value in counted.items() if value}:
                sys.exit(f"seed {seed}, {first} to {last}: {set(found.items()) ^ set(counted.items())}")
            compared += len(found)
    return compared


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 5):
            print(f"seed {seed}: {proved(seed, folder)} cells as counted plainly", flush=True)
