"""`python -m tests.clauses`: which rows of the policies have a test whose name carries their id, and which wait.

Prints each row with the number of its tests, or the issue that it waits for and why. Exit 1 where a row has neither, or
where something in scope is missing. A test's name carries a row as PHSO-7 in a case or PHSO_7 in a function.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_suffix(".toml")
OWN = "tests/test_clauses.py"
"""The tests of this command name rows to speak of them, and show nothing of the product."""
_CARRIED = re.compile(r"(?<![A-Za-z])(PHSO|SPSO|MP|HO)[-_](M?\d{1,2})(?!\d)(?:[._](\d)(?![\d.:]))?", re.IGNORECASE)
_WRITTEN = re.compile(r"^\| ((?:PHSO|SPSO|MP|HO)-[^|]*?) \|", re.MULTILINE)
_WITH_PARTS = "SPSO-21"
_TO = "\N{EN DASH}"


@dataclass(frozen=True)
class Row:
    """Hold one row of what the policies ask, in a few words of our own.

    `also` are ids that the page names within the row. `waits` is the issue that the rest of it waits for, with `why`;
    `missing` what is in scope and not there yet.
    """

    id: str
    words: str
    also: tuple[str, ...] = ()
    waits: int = 0
    why: str = ""
    missing: str = ""

    @property
    def ids(self) -> frozenset[str]:
        """Give the ids that the row stands for: three from SPSO-24 to 26, five from SPSO-21.1 to 21.5."""
        family, _, rest = self.id.partition("-")
        found: set[str] = set()
        for piece in rest.split(", "):
            first, _, last = piece.partition(_TO)
            found |= {f"{family}-{each}" for each in _between(first, last or first)}
        return frozenset(found | set(self.also))


def _between(first: str, last: str) -> list[str]:
    """Give the numbers from the first to the last: 24 to 26, 21.1 to 21.5."""
    if first == last:
        return [first]
    before, dot, start = first.rpartition(".")
    return [f"{before}{dot}{number}" for number in range(int(start), int(last.rpartition(".")[2]) + 1)]


def rows() -> tuple[Row, ...]:
    """Read the table."""
    found = tomllib.loads(TABLE.read_text("utf-8"))["row"]
    return tuple(Row(**each | {"also": tuple(each.get("also", ()))}) for each in found)


def written(text: str) -> list[str]:
    """List the ids of the rows of the page that says what the policies ask."""
    return _WRITTEN.findall(text)


def carried(name: str) -> set[str]:
    """Give the ids that a test's name carries: `test_PHSO_7_...`, `[PHSO-7, PHSO-9 ...]`."""
    found = set()
    for family, number, part in _CARRIED.findall(name):
        plain = f"{family}-{number}".upper()
        found.add(f"{plain}.{part}" if part and plain == _WITH_PARTS else plain)
    return found


def counted(names: Iterable[str]) -> Counter[str]:
    """Count the tests that carry each id; the tests of this command itself are left out."""
    return Counter(one for name in names if not name.startswith(OWN) for one in carried(name))


def count_of(row: Row, found: Counter[str]) -> int:
    """Count the tests of a row: of any id that it stands for; SPSO-21 alone stands for all of its parts."""
    return sum(found[one] for one in row.ids) + (found[_WITH_PARTS] if row.id.startswith(_WITH_PARTS) else 0)


def at_fault(table: Sequence[Row], found: Counter[str]) -> list[str]:
    """Say what is wrong: a row with neither a test nor an issue, what is missing, an id that there is not."""
    faults = [f"{row.id} is missing: {row.missing}" for row in table if row.missing]
    faults += [
        f"{row.id} has no test and waits for nothing."
        for row in table
        if not (row.waits or row.missing or count_of(row, found))
    ]
    known = {one for row in table for one in row.ids} | {_WITH_PARTS}
    return faults + [f"A test names {one}, and there is no such row." for one in sorted(found.keys() - known)]


def told(row: Row, found: Counter[str]) -> str:
    """Say one row in a line."""
    count = count_of(row, found)
    line = f"{row.id:<15} {f'{count} tests' if count != 1 else '1 test':<10} {row.words}"
    if row.waits:
        line += f"\n{'':<27}waits for issue {row.waits}: {row.why}"
    return line


def collected() -> list[str]:
    """Ask pytest for the names of all tests."""
    quiet = ("-q", "-n", "0", "-p", "no:cacheprovider", "--no-cov")
    command = (sys.executable, "-m", "pytest", "--collect-only", *quiet)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    names = [line for line in done.stdout.splitlines() if "::" in line]
    if done.returncode or not names:
        raise SystemExit(f"clauses: pytest could not list the tests:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return names


def main() -> int:
    """Print every row, then what is wrong."""
    table, found = rows(), counted(collected())
    for row in table:
        print(told(row, found))
    faults = at_fault(table, found)
    waiting = sum(bool(row.waits) for row in table)
    tested = sum(bool(count_of(row, found)) for row in table)
    print(f"\n{len(table)} rows: {tested} with tests, {waiting} where something waits for its issue.")
    for fault in faults:
        print(f"clauses: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
