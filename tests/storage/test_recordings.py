"""Messages that callers left: once by their id, claimed and due again, kept here or with the evidence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.contact import Channel
from rules.retention import RecordClass
from storage.entries import Call, State
from storage.faults import RecordRefused
from storage.recordings import RecordingEntry, RecordingState
from tests.storage.office import AT, add, after

SOUND = bytes(range(256)) * 40
WAITING, KEPT = RecordingState.WAITING, RecordingState.KEPT


@pytest.fixture
def left(record):
    """A message of twenty seconds that waits to be fetched."""
    call = add(record, channel=Channel.CALL, state=State.VOICEMAIL)
    one = RecordingEntry("RE1", call.id, AT, AT, 20)
    assert record.write_now(lambda tx: tx.add_recording(one))
    return one


def found(record, sid="RE1"):
    """Read one."""
    return record.read_now(lambda reader: reader.recording(sid))


def test_a_recording_is_on_record_once(record, left):
    """Heard of again under the same id it changes nothing; of another call there is none."""
    assert not record.write_now(lambda tx: tx.add_recording(replace(left, duration_s=99)))
    assert found(record) == left
    assert record.read_now(lambda reader: reader.recordings_of(left.contact_id)) == (left,)
    assert record.read_now(lambda reader: (reader.recordings_of("C0"), reader.recording("RE9"))) == ((), None)
    assert record.read_now(lambda reader: reader.recordings_in(WAITING)) == (left,)


def test_a_recording_belongs_to_a_contact(record):
    """None is on record without its call."""
    with pytest.raises(RecordRefused):
        record.write_now(lambda tx: tx.add_recording(RecordingEntry("RE2", "nobody", AT, AT)))


def test_what_is_claimed_is_due_again(record, left):
    """Whoever claims it has it until then; a process that died leaves it due again, with one attempt more."""
    until = after(minutes=5)
    claim = lambda now: record.write_now(lambda tx: tx.claim_recording(WAITING, now, until))  # noqa: E731  # a word
    assert claim(AT) == left
    assert claim(AT) is None
    assert claim(until - timedelta(seconds=1)) is None
    assert claim(until).attempts == 1
    assert record.write_now(lambda tx: tx.claim_recording(KEPT, until, until)) is None


def test_a_recording_moves_on_from_where_it_is_known_to_be(record, left):
    """The second of two that move it is told that somebody was faster, and changes nothing."""
    kept = replace(left, state=KEPT, paper="P1", media_type="audio/mpeg", attempts=0, next_at=after(minutes=1))
    assert record.write_now(lambda tx: tx.move_recording(WAITING, kept))
    assert not record.write_now(lambda tx: tx.move_recording(WAITING, replace(left, detail="late")))
    assert found(record) == kept


def test_the_sound_that_goes_in_comes_out(record, left):
    """Every value of a byte, on both databases; none where it is evidence on a file."""
    held = lambda: record.read_now(lambda reader: (reader.recording_content("RE1"), reader.has_recording("RE1")))  # noqa: E731  # a word
    assert held() == (None, False)
    record.write_now(lambda tx: tx.keep_recording("RE1", SOUND))
    assert held() == (SOUND, True)


def test_T7_calls_that_nobody_settled_are_found(record):
    """Those of one provider from before a time, the oldest first; settled ones are not among them."""
    for number, came in enumerate((0, 10, 20, 30)):
        sid = f"{'CA' if number else 'sip'}{number}"
        call = add(record, channel=Channel.CALL, state=State.RINGING, at=after(minutes=came))
        record.write_now(lambda tx, sid=sid, call=call: tx.add_call(Call(sid, call.id, "<Response/>")))
    ringing = lambda: record.read_now(lambda reader: reader.ringing_calls(after(minutes=30), "CA"))  # noqa: E731  # a word
    assert ringing() == (("CA1", after(minutes=10)), ("CA2", after(minutes=20)))
    record.write_now(lambda tx: tx.settle_call("CA1", talk_s=0, state=State.MISSED, counted=False))
    assert [sid for sid, _ in ringing()] == ["CA2"]


def test_a_recording_goes_with_its_call(record):
    """What retention deletes of a contact, it deletes of the message that was left in it."""
    call = add(record, channel=Channel.CALL, state=State.LOOKED_AT, updated_at=AT)
    record.write_now(lambda tx: tx.add_recording(RecordingEntry("RE1", call.id, AT, AT)))
    record.write_now(lambda tx: tx.keep_recording("RE1", SOUND))
    assert record.write_now(lambda tx: tx.remove_old(RecordClass.CONTACTS, after(days=1), [call.id])) == 1
    assert found(record) is None
