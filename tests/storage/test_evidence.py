"""The bytes of sealed evidence: under their paper, whole, and never replaced."""

import pytest

from rules.casework import catalogue
from rules.casework.file import Paper
from storage.faults import RecordRefused
from tests.storage.office import AT, party

CONTENT = bytes(range(256)) * 40


def sealed(record, number="P1"):
    """Put a paper on a party's file that says what was sealed."""
    rosa = party(record)
    act = catalogue.parse("seal_evidence", {"mark": "MARK", "description": "A letter", "digest": "a" * 64, "size": 9})
    version = record.read_now(lambda reader: reader.case_file(rosa)).version
    record.write_now(lambda tx: tx.add_paper(rosa, Paper(number, AT, "A. Clerk", "", act), version))
    return number


def test_SPSO_66_the_bytes_that_go_in_come_out(record):
    """Every value of a byte, on both databases; of another paper there are none."""
    number = sealed(record)
    record.write_now(lambda tx: tx.keep_evidence(number, CONTENT))
    assert record.read_now(lambda reader: reader.evidence(number)) == CONTENT
    assert record.read_now(lambda reader: reader.evidence("P2")) is None


def test_SPSO_66_a_piece_is_never_replaced(record):
    """A second one under the same paper is refused, and the first stays."""
    number = sealed(record)
    record.write_now(lambda tx: tx.keep_evidence(number, CONTENT))
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.keep_evidence(number, b"other"))
    assert record.read_now(lambda reader: reader.evidence(number)) == CONTENT


def test_SPSO_66_there_are_no_bytes_without_a_paper(record):
    """Nothing is kept that no paper speaks of."""
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.keep_evidence("none", CONTENT))


def count(record):
    """Count the contents on record."""
    return record.read_now(lambda reader: reader.link.plain("SELECT count(*) FROM evidence_contents", {}))[0][0]


def test_SPSO_66_the_same_bytes_are_kept_once_and_until_the_last_paper_lets_go(record):
    """Dropping one of two leaves the other's bytes; dropping both leaves none, and the papers stay."""
    first, second = sealed(record), another(record)
    for number in (first, second):
        record.write_now(lambda tx, number=number: tx.keep_evidence(number, CONTENT))
    assert count(record) == 1
    record.write_now(lambda tx: tx.drop_evidence(first))
    assert record.read_now(lambda reader: (reader.evidence(first), reader.evidence(second))) == (None, CONTENT)
    assert record.read_now(lambda reader: (reader.has_evidence(first), reader.has_evidence(second))) == (False, True)
    record.write_now(lambda tx: [tx.drop_evidence(number) for number in (first, second, "none")])
    assert count(record) == 0
    assert record.read_now(lambda reader: len(reader.case_file(1).papers)) == 2


def another(record):
    """Put a second paper on the same file."""
    act = catalogue.parse("seal_evidence", {"mark": "COPY", "description": "A letter", "digest": "a" * 64, "size": 9})
    version = record.read_now(lambda reader: reader.case_file(1).version)
    record.write_now(lambda tx: tx.add_paper(1, Paper("P2", AT, "A. Clerk", "", act), version))
    return "P2"
