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
    email, party = due(record)
    assert email == DueLevels("email:x@example.org", after(minutes=5), after(minutes=5), email.marks)
    assert party == DueLevels("party:1", after(hours=1), after(hours=3), party.marks)


def test_what_was_looked_at_is_due_no_more(record):
    """Unless somebody marked it meanwhile: then it stays."""
    mark(record, "party:1", hours=1)
    (seen,) = due(record)
    mark(record, "party:1", hours=2)
    record.write_now(lambda tx: tx.levels_looked_at(seen))
    (again,) = due(record)
    assert (again.since, again.marks) == (after(hours=1), seen.marks + 1)
    record.write_now(lambda tx: tx.levels_looked_at(again))
    assert due(record) == ()


def test_a_mark_made_anew_is_not_the_one_that_was_looked_at(record):
    """Two machines look at one mark: when the second is done, what came after the first was done stays due."""
    for hours in (2, 1):  # later than what was looked at, and of the same contact
        mark(record, "party:1", hours=1)
        (seen,) = due(record)
        assert record.write_now(lambda tx, seen=seen: tx.levels_looked_at(seen))
        mark(record, "party:1", hours=hours)
        assert not record.write_now(lambda tx, seen=seen: tx.levels_looked_at(seen))
        (still,) = due(record)
        assert record.write_now(lambda tx, still=still: tx.levels_looked_at(still))


def test_a_mark_keeps_that_others_joined_and_up_to_when_contacts_came(record):
    """Whatever is marked after it: a contact's own mark says nothing of either."""
    record.write_now(lambda tx: tx.mark_levels("party:1", after(hours=3), joined=True))
    mark(record, "party:1", hours=1)
    (one,) = due(record)
    assert (one.since, one.last, one.joined) == (after(hours=1), after(hours=3), True)
