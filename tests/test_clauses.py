"""Every row of what the policies ask has a test that carries its id, or waits for its issue; the count is honest."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests import clauses
from tests.clauses import Row, at_fault, carried, count_of, counted, rows, told, written

TO = "\N{EN DASH}"
HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "shared" / "policies.md"


def _everything(request: pytest.FixtureRequest) -> list[str]:
    """Give the names of all tests; skips where somebody asked for some of them only."""
    option = request.config.option
    asked = option.keyword or option.markexpr or getattr(option, "deselect", None) or getattr(option, "lf", False)
    items = request.session.items
    there = {item.path for item in items}
    if asked or not there >= set(HERE.rglob("test_*.py")):
        pytest.skip("some of the tests were asked for, not all")
    return [item.nodeid for item in items]


def test_every_row_has_a_test_or_waits(request):
    """No row is without a test but those whose issue is still to come, and no test names a row that there is not."""
    assert at_fault(rows(), counted(_everything(request))) == []


@pytest.mark.skipif(not PAGE.exists(), reason="the page of what the policies ask is not beside this checkout")
def test_the_table_lists_the_rows_of_the_page():
    """The ids are those of the page, in its order, each once."""
    assert [row.id for row in rows()] == written(PAGE.read_text("utf-8"))


def test_only_what_another_issue_builds_may_wait():
    """Who waits says for which issue and why; an issue is one that is still to come."""
    for row in rows():
        assert bool(row.waits) == bool(row.why), row.id
        assert row.waits in (0, 4, 5, 6, 7), row.id


NAMES = {
    "a function": ("tests/a.py::test_PHSO_7_a_warning_expires", {"PHSO-7"}),
    "a function in small letters": ("tests/a.py::test_spso_68_the_minimum", {"SPSO-68"}),
    "a case": ("tests/a.py::test_x[PHSO-M10 hours]", {"PHSO-M10"}),
    "a file of cases": ("tests/a.py::test_x[HO-1-reception-is-told]", {"HO-1"}),
    "a part of a row": ("tests/a.py::test_x[SPSO-21.5 a limit]", {"SPSO-21.5"}),
    "a part of a row in a function": ("tests/a.py::test_SPSO_21_3_an_advocate", {"SPSO-21.3"}),
    "several": ("tests/a.py::test_x[PHSO-4, SPSO-9 needs]", {"PHSO-4", "SPSO-9"}),
    "no part but a number of ours": ("tests/a.py::test_PHSO_5_2_calls", {"PHSO-5"}),
    "a time that follows": ("tests/a.py::test_x[PHSO-7_09:30]", {"PHSO-7"}),
    "not one whose number only begins like it": ("tests/a.py::test_x[PHSO-28 feedback]", {"PHSO-28"}),
    "not a case reference": ("tests/a.py::test_x[HO-2024-123]", set()),
    "not the end of another word": ("tests/a.py::test_x[SHO-4]", set()),
}


@pytest.mark.parametrize(("name", "ids"), NAMES.values(), ids=[name.replace("-", " ") for name in NAMES])
def test_a_name_carries_its_rows(name, ids):
    """An id is read as it is written in a case or in a function, and nothing else is taken for one."""
    assert carried(name) == ids


RANGES = {
    "one": (Row("MP-8", ""), {"MP-8"}),
    "from one to another": (Row(f"SPSO-24{TO}26", ""), {"SPSO-24", "SPSO-25", "SPSO-26"}),
    "parts": (Row(f"SPSO-21.1{TO}21.5", ""), {f"SPSO-21.{part}" for part in range(1, 6)}),
    "two apart": (Row("SPSO-27, 48", ""), {"SPSO-27", "SPSO-48"}),
    "a measure": (Row("PHSO-M10", ""), {"PHSO-M10"}),
}


@pytest.mark.parametrize(("row", "ids"), RANGES.values(), ids=RANGES)
def test_a_row_stands_for_all_of_its_ids(row, ids):
    """A row over several paragraphs is shown by a test of any of them."""
    assert row.ids == ids
    assert count_of(row, Counter({one: 1 for one in ids})) == len(ids)


FAULTS = {
    "a row without anything": (Row("MP-8", "x"), ["MP-8 has no test and waits for nothing."]),
    "a row that waits": (Row("MP-8", "x", waits=6, why="it is a level"), []),
    "a row that is missing": (Row("MP-8", "x", missing="nobody built it"), ["MP-8 is missing: nobody built it"]),
}


@pytest.mark.parametrize(("row", "faults"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_said(row, faults):
    """A row with neither a test nor an issue is a fault, and so is what is known to be missing."""
    assert at_fault([row], Counter()) == faults


def test_a_test_of_no_row_is_a_fault():
    """Whoever misspells an id is told."""
    found = counted(["tests/a.py::test_MP_8_alone", "tests/a.py::test_MP_99_nothing"])
    assert at_fault([Row("MP-8", "x")], found) == ["A test names MP-99, and there is no such row."]


def test_these_tests_count_for_nothing():
    """The names that the tests of the command use to speak of rows show nothing of the product."""
    assert counted([f"{clauses.OWN}::test_x[PHSO-7]"]) == Counter()


@pytest.mark.parametrize(("faults", "code"), [([], 0), (["MP-8"], 1)], ids=["all are there", "one is not"])
def test_the_command_says_all_and_exits(faults, code, monkeypatch, capsys):
    """It prints every row with its count or what it waits for, and exits 1 where one has neither."""
    names = [f"tests/a.py::test_x[{one}]" for row in rows() for one in row.ids if one not in faults]
    table = tuple(replace(row, missing="") for row in rows())
    monkeypatch.setattr(clauses, "rows", lambda: table)
    monkeypatch.setattr(clauses, "collected", lambda: names)
    assert clauses.main() == code
    said = capsys.readouterr().out
    assert all(told(row, counted(names)) in said for row in rows())
    assert ("MP-8 has no test" in said) == bool(faults)
