"""Whole files read together: the same as one by one, in few statements, and one that cannot be read hides no other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules import measures
from rules.contact import Identifier, IdentifierKind
from rules.standing import Adjustment, Restriction
from storage.faults import PaperUnreadable
from tests.storage.office import AT, party


def restriction(number):
    """Give a restriction that was imported."""
    return Restriction(
        id=f"R{number}", measures=(measures.parse({"kind": "block"}),), starts=AT, ends=AT + timedelta(days=9)
    )


@pytest.fixture
def many(record):
    """Thirty parties with an imported restriction and an adjustment each, and some numbers left out."""
    numbers = [party(record, Identifier(IdentifierKind.EMAIL, f"p{each}@example.org")) for each in range(30)]

    def job(tx):
        for number in numbers:
            tx.add_restriction(number, restriction(number))
            tx.add_adjustment(number, Adjustment("large print", frozenset(), AT, None))

    record.write_now(job)
    return [number for number in numbers if number % 3]


def test_together_is_as_one_by_one(record, many):
    """In any order, each once; who is not there is left out."""
    asked = [*reversed(many), many[0], 10**6]
    together = dict(record.read_now(lambda reader: list(reader.case_files(asked))))
    assert together == {number: record.read_now(lambda reader, n=number: reader.case_file(n)) for number in many}
    assert list(together) == sorted(many)
    assert {(len(file.imported), len(file.imported_adjustments)) for file in together.values()} == {(1, 1)}
    assert record.read_now(lambda reader: reader.case_file(10**6)) is None


def test_files_beside_each_other_are_read_in_few_statements(record, many):
    """As many as for one; far apart each takes its own, for what lies between is nobody's."""

    def statements(numbers):
        def job(reader):
            run, count = reader.rows, []
            reader.rows = lambda *given: (count.append(1), run(*given))[1]
            assert len(list(reader.case_files(numbers))) == len(numbers)
            return len(count)

        return record.read_now(job)

    one = statements(many[:1])
    assert statements(many) == one
    assert statements([many[0], many[-1]]) == 2 * one


@pytest.mark.parametrize("spoilt", ["papers", "restrictions"])
def test_a_file_that_cannot_be_read_hides_no_other(record, many, spoilt):
    """Its fault comes in its place; whoever reads it alone meets the fault."""
    first = many[0]
    if spoilt == "restrictions":
        record.write_now(
            lambda tx: tx.link.plain(f"UPDATE restrictions SET measures = '[{{}}]' WHERE party_id = {first}", {})
        )
    else:
        record.write_now(lambda tx: _bad_paper(tx, first))
    found = dict(record.read_now(lambda reader: list(reader.case_files(many))))
    broken = {number: file.paper for number, file in found.items() if isinstance(file, PaperUnreadable)}
    assert broken == {first: "P" if spoilt == "papers" else f"R{first}"}
    with pytest.raises(PaperUnreadable):
        record.read_now(lambda reader: reader.case_file(first))


def _bad_paper(tx, number):
    seq = tx.act("A", "note", "x", {}).seq
    tx.link.plain(
        "INSERT INTO papers (seq, id, party_id, at, written_by, role, act, data)"
        f" VALUES ({seq}, 'P', {number}, 0, 'A', '', 'warn', '{{')",
        {},
    )
