"""Whom the brief is about: on whom something is in force, who has agreed something, who shares an address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules import measures
from rules.contact import Channel
from rules.facts import Closed, Facts, Span
from rules.standing import Adjustment, Restriction
from tests.storage.office import AT, ROSA, ROSAS_PHONE, after, party

DAY = timedelta(days=1)


def restricted(record, number, starts, ends):
    """Put a restriction on a party."""
    one = Restriction(f"R{number}{starts}", (measures.parse({"kind": "block"}),), starts, ends, approved_by="Head")
    record.write_now(lambda tx: tx.add_restriction(number, one))


def concerned(record, at=AT):
    """Ask of whom."""
    return record.read_now(lambda reader: reader.concerned(at))


@pytest.mark.parametrize(
    ("starts", "ends", "there"),
    [
        pytest.param(AT, AT + DAY, True, id="from its first moment"),
        pytest.param(AT - DAY, AT + timedelta(microseconds=1), True, id="in its last moment"),
        pytest.param(AT - DAY, AT, False, id="not once it is over"),
        pytest.param(AT + timedelta(microseconds=1), AT + DAY, False, id="not before it begins"),
    ],
)
def test_a_restriction_concerns_from_its_start_to_its_end(record, starts, ends, there):
    """By the clock alone."""
    number = party(record, ROSA)
    party(record, name="Somebody else")
    restricted(record, number, starts, ends)
    assert concerned(record) == ((number,) if there else ())


def test_adjustments_and_facts_concern_too(record):
    """What was agreed with somebody is known at the phones, and so is what else is on file."""
    agreed, over, filed = (party(record, name=name) for name in ("A", "B", "C"))
    record.write_now(lambda tx: tx.add_adjustment(agreed, Adjustment("x", frozenset({Channel.CALL}))))
    record.write_now(lambda tx: tx.add_adjustment(over, Adjustment("x", frozenset({Channel.CALL}), ends=AT)))
    record.write_now(lambda tx: tx.keep_facts(filed, Facts(closed=(Closed("AB/1", Span(AT)),))))
    assert concerned(record) == (agreed, filed)
    assert concerned(record, after(hours=-1)) == (agreed, over, filed)


def test_who_shares_is_said_for_each(record):
    """Every party behind a shared number, and no number that is one party's alone."""
    first, second = party(record, ROSA, name="A"), party(record, name="B")
    for number in (first, second):
        record.write_now(lambda tx, number=number: tx.add_identifier(ROSAS_PHONE, number, shared=True, how="", by="x"))
    found = record.read_now(lambda reader: list(reader.shared_identifiers()))
    assert found == [(ROSAS_PHONE, first), (ROSAS_PHONE, second)]
