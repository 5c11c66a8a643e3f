"""Contacts on record: what goes in, what is found, how they change their state."""

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.contact import Assurance, Channel, Nature
from rules.decision import Outcome, Reason
from storage.entries import Entry, Goal, State
from storage.faults import RecordRefused
from tests.storage.office import AT, ROSA, ROSAS_PHONE, add, after, entry, party

WHOLE = {
    "channel": Channel.CALL,
    "assurance": Assurance.FAILED,
    "nature": Nature.BOUNCE,
    "decided": Outcome.CONNECT,
    "carried": Outcome.VOICEMAIL,
    "state": State.VOICEMAIL,
    "counts": False,
    "counted_at": after(seconds=1),
    "size": 2**40,
    "words": 12,
    "talk_s": 61,
    "reserved_s": 600,
    "reasons": (Reason("R1", "volume_limit", "PHSO-9", "Third call “today”."), Reason("", "", "", "")),
    "targets": (Goal("+442079460001", Outcome.ROUTE, "+442079460002", True), Goal("a", Outcome.HOLD, "b")),
    "release_at": after(days=1),
    "look_by": after(days=2),
    "owner": "duty",
    "looked_at": after(days=3),
    "looked_by": "k.jones",
    "detail": "busy",
    "node": "a",
    "updated_at": after(microseconds=1),
}


def test_every_field_comes_back(record):
    """Nothing of a contact is lost or changed on the way in and out."""
    made = entry(**WHOLE, party_id=party(record), whose="party:1")
    others = {"id", "key", "at", "whose", "party_id", "sender"}
    assert {field.name for field in dataclasses.fields(Entry)} == others | set(WHOLE)
    record.write_now(lambda tx: tx.add_contact(made))
    assert record.read_now(lambda reader: (reader.find(made.key), reader.contact(made.id))) == (made, made)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(text=st.text(st.characters(), max_size=60))
def test_any_text_of_a_sender_can_be_kept(record, text):
    """NUL, halves of surrogate pairs, whatever was typed: it is kept, not refused, and reads back alike or marked."""
    made = entry(sender=text, detail=text, reasons=(Reason("", "", "", text),), targets=(Goal(text, Outcome.FILE, ""),))
    record.write_now(lambda tx: tx.add_contact(made))
    kept = record.read_now(lambda reader: reader.contact(made.id))
    assert (kept.reasons, kept.targets) == (made.reasons, made.targets)
    if not any(ch == "\0" or "\ud800" <= ch <= "\udfff" for ch in text):
        assert (kept.sender, kept.detail) == (text, text)
    assert len(kept.sender) == len(text)


def test_a_key_is_on_record_once(record):
    """The second contact with a key is not added and changes nothing; contacts without any key do not clash."""
    first = add(record, key="same")
    assert not record.write_now(lambda tx: tx.add_contact(entry(key="same", state=State.HELD)))
    assert record.read_now(lambda reader: reader.find("same")).id == first.id
    add(record, key=None)
    add(record, key=None)
    assert len(record.read_now(lambda reader: reader.contacts())) == 3


def test_an_id_that_is_taken_is_our_own_fault(record):
    """Two contacts with one id are refused, never silently dropped."""
    first = add(record)
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.add_contact(entry(id=first.id)))


def test_a_party_that_is_not_there_is_our_own_fault(record):
    """A contact cannot be a party's that is not on record."""
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.add_contact(entry(party_id=99)))


def test_what_is_not_there_is_not_found(record):
    """An unknown key or id gives nothing."""
    assert record.read_now(lambda reader: (reader.find("x"), reader.contact("x"))) == (None, None)


@pytest.fixture
def a_day(record):
    """Six contacts of two parties, an hour apart, by mail and phone."""
    rosa = party(record, ROSA)
    theirs, other = {"whose": f"party:{rosa}", "party_id": rosa}, {"whose": "phone:+441632960001"}
    return [
        add(record, at=after(hours=0), **theirs),
        add(record, at=after(hours=1), channel=Channel.CALL, decided=Outcome.CONNECT, **other),
        add(record, at=after(hours=2), channel=Channel.CALL, decided=Outcome.REFUSE, **theirs),
        add(record, at=after(hours=3), decided=Outcome.FILE, counts=False, **theirs),
        add(record, at=after(hours=4), decided=Outcome.FILE, **other),
        add(record, at=after(hours=5), **theirs),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, [5, 4, 3, 2, 1, 0], id="all, the newest first"),
        pytest.param({"limit": 2}, [5, 4], id="the newest two"),
        pytest.param({"whose": "party:1"}, [5, 3, 2, 0], id="a party's, counted or not"),
        pytest.param({"whose": "party:1", "limit": 3}, [5, 3, 2], id="a party's newest three, over the channels"),
        pytest.param({"whose": "party:1", "channels": [Channel.CALL]}, [2], id="a party's calls"),
        pytest.param({"channels": [Channel.CALL]}, [2, 1], id="all calls"),
        pytest.param({"channels": []}, [], id="no channel at all"),
        pytest.param({"since": after(hours=4)}, [5, 4], id="from a moment on, inclusive"),
        pytest.param({"until": after(hours=1)}, [0], id="up to a moment, exclusive"),
        pytest.param(
            {"whose": "party:1", "since": after(hours=1), "until": after(hours=3)}, [2], id="a party's, between"
        ),
        pytest.param({"outcomes": [Outcome.FILE, Outcome.REFUSE]}, [4, 3, 2], id="by what was decided"),
        pytest.param({"whose": "party:9"}, [], id="nobody's"),
    ],
)
def test_lists_of_contacts(record, a_day, asked, found):
    """What is asked for is listed, no more, no less, the newest first."""
    listed = record.read_now(lambda reader: reader.contacts(**asked))
    assert [each.id for each in listed] == [a_day[number].id for number in found]


def test_settling_changes_what_is_named(record, clock):
    """What is named changes, also to nothing; all else stays as it was."""
    made = add(record, state=State.INTENDED, counted_at=AT, node="a", detail="before", updated_at=AT)
    clock.at = after(minutes=1)
    goals = (Goal("a@example.org", Outcome.DELIVER, "b@example.org", True),)
    assert record.write_now(
        lambda tx: tx.settle(made.id, state=State.DEFERRED, counted_at=None, targets=goals, detail="after")
    )
    expected = dataclasses.replace(
        made, state=State.DEFERRED, counted_at=None, targets=goals, detail="after", updated_at=clock.at
    )
    assert record.read_now(lambda reader: reader.contact(made.id)) == expected


def test_settling_can_name_everything(record):
    """A contact that is decided anew takes every field that a decision has."""
    made = add(record, state=State.HELD)
    new = {name: WHOLE[name] for name in ("decided", "carried", "counts", "counted_at", "talk_s", "reserved_s")}
    new |= {name: WHOLE[name] for name in ("reasons", "targets", "release_at", "look_by", "owner", "detail", "node")}
    assert record.write_now(lambda tx: tx.settle(made.id, state=State.FILED, **new))
    kept = record.read_now(lambda reader: reader.contact(made.id))
    assert {name: getattr(kept, name) for name in new} == new


def test_settling_takes_a_contact_only_from_where_it_is(record):
    """Of two that release a held contact only one does; the other is told that it came too late."""
    made = add(record, state=State.HELD)

    def release(tx):
        return tx.settle(made.id, state=State.DELIVERED, among=[State.HELD, State.UNCLEAR])

    assert [record.write_now(release), record.write_now(release)] == [True, False]
    assert not record.write_now(lambda tx: tx.settle("nobody", state=State.DELIVERED))


def test_a_person_looks_once_at_what_was_filed(record):
    """The first who looks is on record with the time; what is not waiting to be looked at is left alone."""
    filed, held = add(record, state=State.FILED), add(record, state=State.HELD)
    assert record.write_now(lambda tx: tx.look(filed.id, "k.jones", after(hours=1)))
    assert not record.write_now(lambda tx: tx.look(filed.id, "b.okafor", after(hours=2)))
    assert not record.write_now(lambda tx: tx.look(held.id, "b.okafor", after(hours=2)))
    looked = record.read_now(lambda reader: reader.contact(filed.id))
    assert (looked.state, looked.looked_by, looked.looked_at) == (State.LOOKED_AT, "k.jones", after(hours=1))
    assert record.read_now(lambda reader: reader.contact(held.id)).state is State.HELD


def test_numbers_and_names_are_what_they_were(record):
    """Values come out as enums and aware datetimes, never as what a database makes of them."""
    made = add(record, sender=str(ROSAS_PHONE))
    kept = record.read_now(lambda reader: reader.contact(made.id))
    assert [type(each) for each in (kept.channel, kept.counts, kept.state)] == [Channel, bool, State]
    assert kept.at.utcoffset().total_seconds() == 0
