"""Settings, failures, jobs, keys to forget."""

from storage.entries import Failure
from storage.record import Record
from storage.schema import at_of_all
from storage.statements import SQLITE
from tests.storage.office import AT, add, after


def test_settings_keep_their_last_value(record):
    """A setting is what it was last set to; None where nobody set it."""
    assert record.read_now(lambda reader: reader.setting("observe")) is None
    for value in ("on", "off"):
        record.write_now(lambda tx, value=value: tx.set_setting("observe", value))
        assert record.read_now(lambda reader: reader.setting("observe")) == value


def test_failures_are_counted_until_they_are_cleared(record, clock):
    """The third failure of one message is known as the third (THREATS S2); a success forgets them."""
    assert record.write_now(lambda tx: tx.fail("m1")) == 1
    clock.at = after(hours=1)
    assert record.write_now(lambda tx: (tx.fail("m1"), tx.fail("m1"), tx.fail("m2"))) == (2, 3, 1)
    assert record.read_now(lambda reader: reader.failure("m1")) == Failure("m1", 3, AT, after(hours=1))
    record.write_now(lambda tx: tx.clear_failure("m1"))
    assert record.read_now(lambda reader: reader.failure("m1")) is None
    assert record.write_now(lambda tx: tx.fail("m1")) == 1


def test_a_job_is_claimed_once_for_each_time_it_is_due(record):
    """The second claim of the same job and time is refused."""
    claims = [("release", AT), ("release", AT), ("review", AT), ("release", after(hours=1))]
    made = [record.write_now(lambda tx, job=job, due=due: tx.claim_job(job, due)) for job, due in claims]
    assert made == [True, False, True, True]


def test_keys_are_forgotten_after_their_time(record, clock):
    """Contacts from before lose their key and nothing else; a message with that key is news again."""
    old, new = add(record, key="old"), add(record, key="new", at=after(days=3))
    record.write_now(lambda tx: tx.fail("long ago"))
    clock.at = after(days=8)
    record.write_now(lambda tx: tx.fail("lately"))
    assert record.write_now(lambda tx: tx.forget_keys(after(days=1))) == 1
    assert record.read_now(lambda reader: (reader.find("old"), reader.contact(old.id).key)) == (None, None)
    assert record.read_now(lambda reader: reader.find("new")).id == new.id
    assert record.read_now(lambda reader: reader.failure("long ago")) is None
    assert record.read_now(lambda reader: reader.failure("lately")).count == 1
    add(record, key="old", at=after(days=8))


def test_forgetting_goes_on_where_it_stopped(record):
    """Each contact is gone through once, not every day again."""
    for day in range(6):
        add(record, at=after(days=day))
    forgotten = [record.write_now(lambda tx, d=d: tx.forget_keys(after(days=d))) for d in (2, 2, 5, 6, 6)]
    assert forgotten == [2, 0, 3, 1, 0]


def test_sqlite_forgets_and_lists_by_index(sqlite_url, clock):
    """Neither forgetting keys nor listing the newest contacts walks through all there are."""
    from storage.ledger import _FORGET

    assert str(at_of_all.compile(dialect=SQLITE)) == "contacts.at + 0"
    newest = "SELECT * FROM contacts ORDER BY contacts.at + 0 DESC, contacts.id DESC LIMIT 5"
    with Record.open(sqlite_url, now=clock) as record:
        for text in (_FORGET.text(SQLITE), newest):
            plan = record.read_now(
                lambda reader, text=text: reader.link.plain(f"EXPLAIN QUERY PLAN {text}", {"since": 0, "before": 1})
            )
            assert "USING INDEX ix_contacts_at" in plan[0][3]
