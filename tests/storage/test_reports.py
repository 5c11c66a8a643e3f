"""Reports on our letters: found by their Message-ID, on record once, followed once."""

from rules.contact import Nature
from storage.entries import Letter
from storage.reports import LetterReport
from tests.storage.office import add, after


def letter(record, number="L1"):
    """Put a letter of ours into the outbox."""
    one = Letter(number, "notice", "<>", "r@example.org", f"<{number}@office.example.org>", b"Hello", after())
    assert record.write_now(lambda tx: tx.enqueue(one))
    return one


def told(record, one, nature=Nature.BOUNCE, at=None):
    """Put a report on a letter on record."""
    report = LetterReport(add(record).id, one.id, nature, "5.1.1", at or after())
    assert record.write_now(lambda tx: tx.add_report(report))
    return report


def test_a_letter_by_its_message_id(record):
    """The first that is ours of those that a message names."""
    one, other = letter(record), letter(record, "L2")
    ids = ("<x@example.org>", other.message_id, one.message_id)
    assert record.read_now(lambda reader: reader.letter_about(ids)).id == other.id
    assert record.read_now(lambda reader: reader.letter_about(("<x@example.org>", "\0"))) is None
    assert record.read_now(lambda reader: reader.letter_about(())) is None


def test_a_report_comes_back_as_it_was(record):
    """And counts for its letter; a contact is one report."""
    one = letter(record)
    report = told(record, one)
    assert record.read_now(lambda reader: reader.report(report.contact_id)) == report
    assert not record.write_now(lambda tx: tx.add_report(report))
    told(record, one, Nature.AUTO_REPLY)
    assert record.read_now(lambda reader: (reader.reports_on(one.id), reader.reports_on("L9"))) == (2, 0)
    assert record.read_now(lambda reader: reader.report("C0")) is None


def test_each_is_followed_once(record):
    """The oldest first; what was followed is no more on the list."""
    one = letter(record)
    later, first = told(record, one, at=after(hours=2)), told(record, one, at=after(hours=1))
    assert record.read_now(lambda reader: reader.unfollowed()) == (first, later)
    assert record.write_now(lambda tx: tx.follow_report(first.contact_id))
    assert not record.write_now(lambda tx: tx.follow_report(first.contact_id))
    assert record.read_now(lambda reader: reader.unfollowed()) == (later,)


def test_it_goes_with_its_contact_or_its_letter(record):
    """Where retention deletes either, no report stays."""
    one, other = letter(record), letter(record, "L2")
    gone, left = told(record, one), told(record, other)
    record.write_now(lambda tx: tx.link.plain(f"DELETE FROM contacts WHERE id = '{gone.contact_id}'", {}))
    record.write_now(lambda tx: tx.link.plain("DELETE FROM outbox WHERE id = 'L2'", {}))
    assert record.read_now(lambda reader: (reader.report(gone.contact_id), reader.report(left.contact_id))) == (
        None,
        None,
    )
