"""What waits for a person or the clock, oldest first; and the messages kept for it."""

import pytest

from storage.entries import Raw, State
from storage.faults import RecordRefused
from tests.storage.office import AT, add, after


def ids(entries):
    """Give the ids of contacts in their order."""
    return [each.id for each in entries]


def test_queues_show_what_waits_the_oldest_first(record):
    """Held, filed, unclear and recorded calls wait for a person; all else does not."""
    made = {state: add(record, state=state, at=after(minutes=-number)).id for number, state in enumerate(State)}
    waiting = [State.VOICEMAIL, State.UNCLEAR, State.FILED, State.HELD]
    assert ids(record.read_now(lambda reader: reader.queue())) == [made[state] for state in waiting]
    assert ids(record.read_now(lambda reader: reader.queue(State.HELD))) == [made[State.HELD]]
    both = record.read_now(lambda reader: reader.queue(State.HELD, State.FILED))
    assert ids(both) == [made[State.FILED], made[State.HELD]]
    assert ids(record.read_now(lambda reader: reader.queue(limit=2))) == [made[state] for state in waiting[:2]]


def test_holds_that_are_due_come_in_the_order_in_which_they_came(record):
    """A hold is due at its moment, inclusive; one without a moment waits for a person."""
    later = add(record, state=State.HELD, at=after(minutes=2), release_at=after(hours=1))
    early = add(record, state=State.HELD, at=after(minutes=1), release_at=after(hours=2))
    add(record, state=State.HELD, release_at=after(hours=3))
    add(record, state=State.HELD)
    add(record, state=State.DELIVERED, release_at=after(hours=1))

    def due(now, limit=10):
        return ids(record.read_now(lambda reader: reader.due_holds(now, limit)))

    assert due(after(minutes=59)) == []
    assert due(after(hours=1)) == [later.id]
    assert due(after(hours=2)) == [early.id, later.id]
    assert due(after(hours=2), 1) == [early.id]


def test_what_nobody_looked_at_in_time_is_overdue(record):
    """What was filed is overdue after its moment, until a person looked."""
    filed = add(record, state=State.FILED, look_by=after(hours=1))
    add(record, state=State.FILED, look_by=after(hours=3))
    assert ids(record.read_now(lambda reader: reader.overdue(after(hours=1)))) == []
    assert ids(record.read_now(lambda reader: reader.overdue(after(hours=2)))) == [filed.id]
    record.write_now(lambda tx: tx.look(filed.id, "k.jones", after(hours=2)))
    assert ids(record.read_now(lambda reader: reader.overdue(after(hours=2)))) == []


def test_each_node_knows_what_it_has_under_way(record):
    """What a node has decided and not yet acknowledged is listed for that node."""
    mine = add(record, state=State.INTENDED, node="a")
    add(record, state=State.INTENDED, node="b")
    add(record, state=State.DELIVERED, node="a")
    assert ids(record.read_now(lambda reader: reader.intended("a"))) == [mine.id]


MESSAGE = b"From: rosa@example.org\r\n\r\nHello \x00\xff\x80 \xf0\x9f\r\n"


def test_a_message_is_kept_byte_for_byte_until_it_is_dropped(record):
    """The bytes that went in come out; keeping again changes nothing; dropped, it is gone."""
    made = add(record, state=State.HELD)
    record.write_now(lambda tx: tx.keep_raw(made.id, "<>", MESSAGE))
    record.write_now(lambda tx: tx.keep_raw(made.id, "other@example.org", b"other"))
    assert record.read_now(lambda reader: reader.raw(made.id)) == Raw(made.id, "<>", MESSAGE)
    record.write_now(lambda tx: tx.drop_raw(made.id))
    assert record.read_now(lambda reader: reader.raw(made.id)) is None


def test_a_message_of_25_megabytes_can_be_kept(record):
    """The largest message that an office takes is kept and comes back whole."""
    made = add(record, state=State.HELD, at=AT)
    message = bytes(range(256)) * (25 * 2**20 // 256)
    record.write_now(lambda tx: tx.keep_raw(made.id, "rosa@example.org", message))
    assert record.read_now(lambda reader: reader.raw(made.id)).message == message


def test_a_message_belongs_to_a_contact(record):
    """Nothing is kept that no contact accounts for."""
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.keep_raw("nobody", "<>", MESSAGE))
