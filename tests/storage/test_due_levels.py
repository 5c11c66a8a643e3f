"""Whose levels are due: marked with a contact, gone once they were looked at, and no mark is lost."""

from storage.due_levels import DueLevels
from tests.storage.office import after


def mark(record, whose, **span):
    """Mark levels from a moment on."""
    record.write_now(lambda tx: tx.mark_levels(whose, after(**span)))


def due(record):
    """List what is due."""
    return record.read_now(lambda reader: reader.due_levels(10))


def test_marks_of_one_party_are_one_row_from_the_earliest_on(record):
    """However many contacts came, it is one row, and nothing of them is left out."""
    mark(record, "party:1", hours=2)
    mark(record, "party:1", hours=1)
    mark(record, "party:1", hours=3)
    mark(record, "email:x@example.org", minutes=5)
    assert due(record) == (
        DueLevels("email:x@example.org", after(minutes=5), 1),
        DueLevels("party:1", after(hours=1), 3),
    )


def test_what_was_looked_at_is_due_no_more(record):
    """Unless somebody marked it meanwhile: then it stays."""
    mark(record, "party:1", hours=1)
    (seen,) = due(record)
    mark(record, "party:1", hours=2)
    record.write_now(lambda tx: tx.levels_looked_at(seen))
    (again,) = due(record)
    assert (again.since, again.marks) == (after(hours=1), 2)
    record.write_now(lambda tx: tx.levels_looked_at(again))
    assert due(record) == ()
