"""Imports on record: what is changed and taken out of the past, and never of anything else."""

from datetime import timedelta

import pytest

from rules.contact import Channel
from rules.levels.particulars import Particulars
from rules.repeats import Likeness, Repeat, print_of
from storage.entries import Flag, FlagState, State
from storage.imports import Import, Known
from tests.storage.office import AT, ROSA, add, party

ONE = Import("I1", "files", AT, "clerk")
TEXT = "I have written to you three times about the repair of the roof and nobody has come to look at it yet."


def past(record, at=AT, **changes):
    """Put a contact of the past on record and give it."""
    return add(record, **({"state": State.PAST, "node": "I1", "at": at} | changes))


def test_an_import_begins_ends_and_is_taken_back(record):
    """Until it ends it is the one that broke off; each is listed with its contacts that are on record."""
    record.write_now(lambda tx: tx.begin_import(ONE))
    assert record.read_now(lambda reader: reader.import_broken_off("files")) == ONE
    assert record.read_now(lambda reader: reader.import_broken_off("others")) is None
    past(record)
    record.write_now(lambda tx: tx.end_import("I1", AT + timedelta(hours=1)))
    assert record.read_now(lambda reader: reader.import_broken_off("files")) is None
    record.write_now(lambda tx: tx.undo_import("I1", AT + timedelta(hours=2)))
    ended = Import("I1", "files", AT, "clerk", AT + timedelta(hours=1), AT + timedelta(hours=2))
    assert record.read_now(lambda reader: (reader.import_named("I1"), reader.imports())) == (ended, ((ended, 1),))
    assert record.read_now(lambda reader: reader.import_named("I2")) is None


@pytest.mark.parametrize("state", [state for state in State if state is not State.PAST])
def test_only_the_past_is_put_right_or_taken_out(record, state):
    """A contact of a door stays as it is, whatever an import asks for."""
    live = add(record, state=state, node="I1")
    record.write_now(lambda tx: tx.better_known(live, AT - timedelta(days=1), 5, out_of_hours=True))
    assert record.write_now(lambda tx: tx.take_out([live.id])) == 0
    kept = record.read_now(lambda reader: reader.contact(live.id))
    assert (kept.at, kept.talk_s) == (live.at, live.talk_s)
    assert record.read_now(lambda reader: reader.brought_in("I1", "", 10)) == ()


def test_a_contact_of_the_past_is_put_right_and_taken_out_with_what_is_about_it(record):
    """Its time, its talk and whether it came out of hours; then nothing of it is left."""
    one = past(record, channel=Channel.CALL, talk_s=3)
    record.write_now(lambda tx: tx.keep_particulars(one.id, Particulars(places=(1, 2))))
    record.write_now(lambda tx: tx.better_known(one, AT - timedelta(days=1), 5, out_of_hours=True))
    kept = record.read_now(lambda reader: reader.contact(one.id))
    assert (kept.at, kept.updated_at, kept.talk_s) == (AT - timedelta(days=1), AT - timedelta(days=1), 5)
    assert record.read_now(lambda reader: reader.particulars(one.id)) == Particulars(places=(1, 2), out_of_hours=True)
    assert record.read_now(lambda reader: reader.brought_in("I1", "", 10)) == (one.id,)
    assert record.write_now(lambda tx: tx.take_out([one.id])) == 1
    assert record.read_now(lambda reader: (reader.contact(one.id), reader.particulars(one.id))) == (None, None)


def test_what_is_on_record_under_keys_is_asked_at_once(record):
    """Of a contact of the past with its import; of another only that it is there."""
    old = past(record, key="k1", channel=Channel.CALL, talk_s=7)
    live = add(record, key="k2", state=State.DELIVERED)
    found = record.read_now(lambda reader: reader.known_by(["k1", "k2", "k3", "k1"]))
    assert found == {"k1": Known("I1", old.at, 7), "k2": Known(None, live.at, None)}
    assert record.read_now(lambda reader: reader.known_by([])) == {}


def test_whose_flag_is_open_is_told_of_contacts_at_once(record):
    """Those alone are counted again when their contacts are taken back."""
    numbers = [past(record, whose=whose).id for whose in ("party:1", "party:2", "party:3")]
    states = (FlagState.OPEN, FlagState.DISMISSED, FlagState.OPEN)
    flags = [Flag(f"f{at}", f"party:{at + 1}", "one", AT, numbers[0], 3, state) for at, state in enumerate(states)]
    record.write_now(lambda tx: [tx.add_flag(one) for one in flags])
    assert record.read_now(lambda reader: reader.flagged_by(numbers[:2])) == ("party:1",)


def test_what_a_party_said_is_listed_in_the_order_of_its_time(record):
    """With what it repeats, and whose repeat is on record no more."""
    number = party(record, ROSA)
    late, early = (past(record, at, whose=f"party:{number}", party_id=number) for at in (AT, AT - timedelta(days=1)))
    printed, repeat = print_of(TEXT), Repeat("gone", Likeness.COPY, 100)
    for one in (late, early):
        record.write_now(lambda tx, one=one: tx.keep_fingerprint(one.id, number, one.at, printed, files=("aa",)))
        record.write_now(lambda tx, one=one: tx.keep_particulars(one.id, Particulars()))
    record.write_now(lambda tx: tx.repeats_now(late.id, repeat))
    found = record.read_now(lambda reader: reader.prints_of(number))
    assert found == ((early.id, True, printed, ("aa",), None), (late.id, True, printed, ("aa",), repeat))
    assert record.read_now(lambda reader: reader.particulars(late.id)).repeat is Likeness.COPY
    assert record.read_now(lambda reader: reader.parties_repeating_nothing()) == (number,)
    assert record.read_now(lambda reader: reader.parties_brought("I1")) == (number,)
    record.write_now(lambda tx: tx.repeats_now(late.id, None))
    assert record.read_now(lambda reader: reader.parties_repeating_nothing()) == ()


def test_addresses_of_parties_and_the_first_live_call_are_known(record):
    """What an import must know before it reads."""
    assert record.read_now(lambda reader: (reader.first_live_call(), reader.watched_since())) == (None, None)
    party(record, ROSA)
    past(record, AT - timedelta(days=2), channel=Channel.CALL)
    add(record, channel=Channel.CALL, at=AT - timedelta(days=1), state=State.ANSWERED)
    assert record.read_now(lambda reader: reader.addresses_of_parties()) == {ROSA.value}
    assert record.read_now(lambda reader: reader.first_live_call()) == AT - timedelta(days=1)
