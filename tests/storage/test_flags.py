"""Flags: once per party, threshold and contact; for a person to act on or dismiss."""

from dataclasses import replace

from storage.entries import Flag, FlagState
from tests.storage.office import AT, add, after


def flag(record, number, **changes):
    """Raise a flag with a new contact."""
    plain = {"id": f"F{number}", "whose": "party:1", "threshold": "3 calls an hour", "at": AT, "level": 3}
    plain |= {"contact_id": changes.pop("contact_id", None) or add(record).id}
    made = Flag(**(plain | changes))
    return made, record.write_now(lambda tx: tx.add_flag(made))


def test_a_contact_flags_once(record):
    """The same contact at the same threshold raises one flag, however often it is looked at."""
    first, raised = flag(record, 1)
    assert raised
    assert not flag(record, 2, contact_id=first.contact_id)[1]
    assert flag(record, 3, contact_id=first.contact_id, threshold="5 calls a day")[1]
    assert flag(record, 4)[1]


def test_the_newest_flag_of_a_threshold(record):
    """The newest one tells when the level was last reached."""
    flag(record, 1, at=after(hours=1))
    newest, _ = flag(record, 2, at=after(hours=2))
    flag(record, 3, at=after(hours=3), whose="party:2")
    flag(record, 4, at=after(hours=3), threshold="5 calls a day")
    assert record.read_now(lambda reader: reader.last_flag("party:1", "3 calls an hour")) == newest
    assert record.read_now(lambda reader: reader.last_flag("party:3", "3 calls an hour")) is None


def test_flags_are_listed_the_newest_first(record):
    """All of them, a party's, those that are open; so many."""
    made = [flag(record, n, at=after(hours=n), whose=f"party:{n % 2}")[0] for n in range(1, 5)]
    dismissed = replace(made[3], state=FlagState.DISMISSED, settled_at=AT, settled_by="ann", why="our own doing")
    assert record.write_now(lambda tx: tx.settle_flag(dismissed))
    assert not record.write_now(lambda tx: tx.settle_flag(replace(made[0], id="F9", state=FlagState.ACTED)))

    def listed(**asked):
        return [each.id for each in record.read_now(lambda reader: reader.flags(**asked))]

    assert listed() == ["F4", "F3", "F2", "F1"]
    assert listed(limit=2) == ["F4", "F3"]
    assert listed(whose="party:1") == ["F3", "F1"]
    assert listed(state=FlagState.OPEN) == ["F3", "F2", "F1"]
    assert listed(state=FlagState.DISMISSED, whose="party:0") == ["F4"]
    assert record.read_now(lambda reader: reader.flags(limit=1))[0] == dismissed
    assert record.read_now(lambda reader: reader.flag("F4")) == dismissed
    assert record.read_now(lambda reader: reader.flag("F9")) is None
    assert record.read_now(lambda reader: reader.flags())[3] == made[0]


def test_a_flag_is_dealt_with_once(record):
    """Whoever comes second is told so, and nothing of theirs is on record."""
    made, _ = flag(record, 1)
    first = replace(made, state=FlagState.ACTED, settled_at=AT, settled_by="ann", paper="P1")
    assert record.write_now(lambda tx: tx.settle_flag(first))
    second = replace(made, state=FlagState.DISMISSED, settled_at=AT, settled_by="ben", why="no matter")
    assert not record.write_now(lambda tx: tx.settle_flag(second))
    assert record.read_now(lambda reader: reader.flag("F1")) == first


def test_a_flag_sleeps_until_its_time(record):
    """It sleeps for its party and threshold alone, wakes once, and sleeps no more then."""
    made, _ = flag(record, 1)
    slept = replace(made, state=FlagState.DISMISSED, settled_at=AT, settled_by="ann", wakes_at=after(days=14))
    record.write_now(lambda tx: tx.settle_flag(slept))

    def asleep(whose="party:1", threshold="3 calls an hour", **span):
        return threshold in record.read_now(lambda reader: reader.asleep(whose, after(**span)))

    def waking(**span):
        return [each.id for each in record.read_now(lambda reader: reader.waking_flags(after(**span), 10))]

    assert asleep(days=13)
    assert not asleep(days=14)
    assert not asleep(whose="party:2", days=1)
    assert not asleep(threshold="5 calls a day", days=1)
    assert (waking(days=13), waking(days=14)) == ([], ["F1"])
    assert record.write_now(lambda tx: tx.wake_flag("F1"))
    assert not record.write_now(lambda tx: tx.wake_flag("F1"))
    assert waking(days=15) == []
