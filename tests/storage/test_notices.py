"""Notices on record: words and octets as they were drafted, and one step done by one of several."""

import dataclasses

import pytest

from rules.casework.notices import NoticeOnFile, NoticeState
from storage.faults import RecordRefused
from storage.notices import Printed
from tests.storage.office import AT, party

PDFS = (Printed("pdf", "warning", bytes(range(256))), Printed("pdf", "arrangements", b"%PDF"))


def drafted(record, **changes):
    """Put a drafted notice on record."""
    plain = {
        "id": "N1",
        "party": party(record),
        "about": "W1",
        "kind": "warning",
        "act": "communicate_warning",
        "drafted_at": AT,
        "drafted_by": "A. Clerk",
        "says": "s" * 64,
        "digest": "d" * 64,
        "text": "Dear \u00e9\U0001f600\n",
        "reading_age": 11.5,
        "look_at": ("A long one.",),
        "words": "We are sorry.",
        "forms": ("pdf", "easy_read"),
        "to": "rosa@example.org",
        "copies": ("a@example.org",),
        "changed_at": AT,
    }
    made = NoticeOnFile(**(plain | changes))
    record.write_now(lambda tx: tx.add_notice(made, PDFS))
    return made


def test_a_notice_comes_back_as_it_went_in(record):
    """Every field, every byte; of another id there is none."""
    made = drafted(record)
    assert record.read_now(lambda reader: reader.notice("N1")) == made
    assert record.read_now(lambda reader: reader.printed("N1")) == PDFS
    assert record.read_now(lambda reader: reader.notice("N2")) is None
    assert record.read_now(lambda reader: reader.printed("N2")) == ()


def test_a_step_is_done_by_one_of_several(record):
    """The second who wants to move it from the same state finds it moved."""
    made = drafted(record)
    read = dataclasses.replace(
        made,
        state=NoticeState.READ,
        read_by="B. Manager",
        read_roles=("manager",),
        letters=("L1",),
        paper="P",
        detail="x",
    )
    move = (lambda tx: tx.move_notice(NoticeState.DRAFTED, read),) * 2
    assert [record.write_now(job) for job in move] == [True, False]
    assert record.read_now(lambda reader: reader.notice("N1")) == read


def test_words_are_never_changed_by_a_step(record):
    """What moves a notice on leaves what was drafted alone."""
    made = drafted(record)
    other = dataclasses.replace(made, state=NoticeState.READ, text="Other", digest="x", to="x@example.org", about="x")
    record.write_now(lambda tx: tx.move_notice(NoticeState.DRAFTED, other))
    found = record.read_now(lambda reader: reader.notice("N1"))
    assert found == dataclasses.replace(made, state=NoticeState.READ)


def test_notices_are_found_by_party_and_by_state(record):
    """The oldest first; states in the order in which they were asked for."""
    first = drafted(record)
    second = drafted(record, id="N0", party=first.party)
    other = drafted(record, id="N3", state=NoticeState.FAILED)
    assert record.read_now(lambda reader: reader.notices_of(first.party)) == (second, first)
    found = record.read_now(lambda reader: reader.notices_in(NoticeState.FAILED, NoticeState.DRAFTED))
    assert found == (other, second, first)
    assert record.read_now(lambda reader: reader.notices_in()) == ()


def test_an_id_is_taken_once_and_a_party_is_there(record):
    """A second under it is refused, as is one to nobody."""
    made = drafted(record)
    for wrong in (made, dataclasses.replace(made, id="N2", party=99)):
        with pytest.raises(RecordRefused):
            record.write_now(lambda tx, wrong=wrong: tx.add_notice(wrong, ()))
