"""Deleting on record: words go, links hold, what waits stays, and what nobody was to delete is missed."""

from __future__ import annotations

import dataclasses

import pytest

from rules import measures
from rules.casework import catalogue
from rules.casework.file import Paper
from rules.casework.notices import NoticeState
from rules.casework.removed import Removed
from rules.retention import RecordClass, closed_name
from rules.standing import Adjustment, Restriction
from storage.audit import RETENTION
from storage.confidential import Confidential
from storage.entries import Call, Flag, FlagState, Letter, LetterState, State
from tests.storage.office import AT, ROSA, ROSAS_PHONE, add, after, party
from tests.storage.test_notices import drafted

MESSAGES, CONTACTS, LETTERS = RecordClass.MESSAGES, RecordClass.CONTACTS, RecordClass.LETTERS
RECORD = Confidential("K1", AT, "M. Manager", "A. Reid", "a forum", "Her name, and where she lives.")
OVER = {State.DEFERRED, State.DELIVERED, State.FILED_UNREAD, State.LOOKED_AT, State.RETURNED, State.REFUSED}
OVER |= {State.PASSED_BACK, State.ANSWERED, State.MISSED, State.AUTOMATED_LINE, State.OURS, State.TAKEN_BACK}
OVER |= {State.PAST}


def noted(record, rosa, number, what="Shouted.", **fields):
    """Put an incident on a file."""
    act = catalogue.parse("note_incident", {"category": "x", "what": what, "day": "2026-03-09", **fields})
    version = record.read_now(lambda reader: reader.case_file(rosa)).version
    record.write_now(lambda tx: tx.add_paper(rosa, Paper(number, AT, "A. Clerk", "", act), version))


def removed(record, rosa, *numbers, said=None):
    """Delete the contents of papers, and say so in the chain as far as `said` does."""

    def job(tx):
        gone = tx.remove_papers(rosa, numbers)
        tx.act("A. Clerk", RETENTION, f"party:{rosa}", {"papers": gone if said is None else said})
        return gone

    return record.write_now(job)


def wrong(record):
    """Name what the chain does not bear out."""
    return record.read_now(lambda reader: (*reader.verify_papers(), *reader.verify_confidential()))


def plain(record, statement):
    """Do something past the chain."""
    record.write_now(lambda tx: tx.link.plain(statement, {}))


# Papers


def test_of_a_paper_all_but_the_contents_stays(record):
    """Id, time, hand and the act's name; the text is nowhere in the table, and the file reads on."""
    rosa = party(record)
    noted(record, rosa, "P1", what="A very particular text.")
    noted(record, rosa, "P2")
    assert removed(record, rosa, "P1", "none") == ("P1",)
    first, second = record.read_now(lambda reader: reader.case_file(rosa)).papers
    assert (first.id, first.at, first.by, first.act) == ("P1", AT, "A. Clerk", Removed(was="note_incident"))
    assert second.act.name == "note_incident"
    assert "particular" not in repr(record.read_now(lambda reader: reader.link.plain("SELECT * FROM papers", {})))
    assert record.read_now(lambda reader: reader.papers_removed()) == 1
    assert wrong(record) == ()
    assert removed(record, rosa, "P1", said=["P1"]) == ()


def test_whoever_acts_on_the_file_as_it_was_is_told(record):
    """Deleting is a change of the file."""
    rosa = party(record)
    noted(record, rosa, "P1")
    version = record.read_now(lambda reader: reader.case_file(rosa)).version
    removed(record, rosa, "P1")
    assert record.read_now(lambda reader: reader.case_file(rosa)).version > version


def test_a_deletion_that_no_run_made_is_found(record):
    """With the digest put where retention puts it, and the chain untouched."""
    rosa = party(record)
    noted(record, rosa, "P1")
    noted(record, rosa, "P2")
    removed(record, rosa, "P1", "P2", said=["P1"])
    assert wrong(record) == ("P2",)


@pytest.mark.parametrize(
    "change",
    [
        "data = 'x'",
        "removed = 'x'",
        "removed = ''",
        "removed = NULL",
        "at = at + 1",
        "act = 'warn'",
        "written_by = 'B. Clerk'",
        "role = 'x'",
    ],
)
def test_a_change_of_what_is_left_of_a_paper_is_found(record, change):
    """Each column that stays is covered."""
    rosa = party(record)
    noted(record, rosa, "P1")
    removed(record, rosa, "P1")
    plain(record, f"UPDATE papers SET {change} WHERE id = 'P1'")
    assert wrong(record) == ("P1",)


def test_a_correction_whose_contents_are_gone_waits_for_nobody(record):
    """The list of open breaches reads on."""
    rosa = party(record)
    act = catalogue.parse("correct", {"identifier": "rosa@example.org", "reason": "She rang."})
    version = record.read_now(lambda reader: reader.case_file(rosa)).version
    record.write_now(lambda tx: tx.add_paper(rosa, Paper("P1", AT, "A. Clerk", "", act), version))
    assert len(record.read_now(lambda reader: reader.open_breaches())) == 1
    removed(record, rosa, "P1")
    assert record.read_now(lambda reader: reader.open_breaches()) == ()


def test_what_papers_made_goes_with_them(record):
    """Restriction, adjustment, sealed bytes; those of others stay."""
    rosa, limit = party(record), measures.parse({"kind": "block"})
    noted(record, rosa, "P1")

    def job(tx):
        for number in ("P1", "R2"):
            tx.put_restriction(rosa, Restriction(number, (limit,), AT, after(days=1), reason="Why"))
            tx.put_adjustment(rosa, number, Adjustment("Cannot write", frozenset(), AT))
        tx.keep_evidence("P1", b"bytes")

    record.write_now(job)
    record.write_now(lambda tx: tx.remove_parts(rosa, {"P1", "R3"}))
    file = record.read_now(lambda reader: reader.party_file(rosa))
    assert [one.id for one in file.restrictions] == ["R2"]
    assert len(file.adjustments) == 1
    assert record.read_now(lambda reader: reader.evidence("P1")) is None


# Confidential records


def test_SPSO_75_a_confidential_record_is_emptied_and_still_verifies(record):
    """Nobody reads it any more; without the act that says so it is missed, and a change is found."""
    record.write_now(lambda tx: tx.add_confidential(RECORD))
    record.write_now(lambda tx: tx.add_confidential(dataclasses.replace(RECORD, id="K2", at=after(days=1))))
    old = record.read_now(lambda reader: reader.old_confidential(after(hours=1)))
    assert old == (("K1",), after(days=1))
    assert record.write_now(lambda tx: tx.remove_confidential(after(hours=1))) == ("K1",)
    assert wrong(record) == ("K1",)
    record.write_now(lambda tx: tx.act("A", RETENTION, "confidential", {"confidential": ["K1"]}))
    assert wrong(record) == ()
    assert record.read_now(lambda reader: reader.confidential("K1")) is None
    assert [one.id for one in record.read_now(lambda reader: reader.all_confidential())] == ["K2"]
    assert "Reid" not in repr(
        record.read_now(lambda reader: reader.link.plain("SELECT * FROM confidential WHERE id = 'K1'", {}))
    )
    plain(record, "UPDATE confidential SET place = 'x' WHERE id = 'K1'")
    assert wrong(record) == ("K1",)


# Letters


def test_a_notice_is_emptied_with_its_letters(record):
    """Words, pages, addresses; what stays is that it was, in which state, and its digests."""
    letter = Letter("L1", "notice", "o@example.org", "rosa@example.org", "<l1@x>", b"Dear", AT)
    record.write_now(lambda tx: tx.enqueue(letter))
    record.write_now(lambda tx: tx.claim_letters(AT, "a", 1))
    record.write_now(lambda tx: tx.settle_letter("L1", LetterState.SENT))
    made = drafted(record, state=NoticeState.SENT, letters=("L1",))
    record.write_now(lambda tx: tx.empty_notices(["N1"]))
    left = record.read_now(lambda reader: reader.notice("N1"))
    assert (left.state, left.says, left.digest, left.drafted_at) == (made.state, made.says, made.digest, AT)
    assert (left.text, left.to, left.copies, left.words) == ("", "", (), "")
    assert record.read_now(lambda reader: reader.printed("N1")) == ()
    letter = record.read_now(lambda reader: reader.letter("L1"))
    assert (letter.message, letter.rcpt, letter.mail_from) == (b"", "", "")


# Mail, contacts, letters


def test_what_still_waits_is_never_named(record):
    """Only contacts with which nobody and nothing has still to do something."""
    for state in State:
        one = add(record, state=state, updated_at=AT)
        record.write_now(lambda tx, one=one: tx.keep_raw(one.id, "r@example.org", b"Mail"))
    states = {one.id: one.state for one in record.read_now(lambda reader: reader.contacts(limit=99))}
    for kind in (MESSAGES, CONTACTS):
        named = record.read_now(lambda reader, kind=kind: reader.old(kind, after(days=1)))
        assert {states[number] for number in named} == OVER
        everything = list(states)
        count = record.write_now(lambda tx, kind=kind, all_=everything: tx.remove_old(kind, after(days=1), all_))
        assert count == len(OVER)
    assert {one.state for one in record.read_now(lambda reader: reader.contacts(limit=99))} == set(State) - OVER


def test_age_is_when_it_was_over(record):
    """Not when it came; pages follow one another, and the next is told."""
    ids = [add(record, updated_at=after(days=day)).id for day in (0, 1, 2, 3)]
    named = record.read_now(lambda reader: reader.old(CONTACTS, after(days=2), limit=1))
    assert named == (ids[0],)
    assert record.read_now(lambda reader: reader.old(CONTACTS, after(days=2), after=ids[0])) == (ids[1],)
    assert record.read_now(lambda reader: reader.oldest(CONTACTS, after(days=2))) == after(days=2)
    assert record.read_now(lambda reader: reader.oldest(MESSAGES, AT)) is None
    assert record.write_now(lambda tx: tx.remove_old(CONTACTS, after(days=2), ids)) == 2


def test_a_contact_takes_along_what_is_about_it(record):
    """Mail, call, flags and letters that left; one with an open flag, or a letter still to leave, stays."""
    gone, flagged, waits = (add(record, updated_at=AT).id for _ in range(3))

    def job(tx):
        tx.keep_raw(gone, "r@example.org", b"Mail")
        tx.add_call(Call("CA1", gone, "<Response/>"))
        flag = Flag("F1", str(ROSA), "call:3/hour", AT, gone, 3)
        tx.add_flag(flag)
        tx.settle_flag(dataclasses.replace(flag, state=FlagState.DISMISSED))
        tx.add_flag(Flag("F2", str(ROSA), "call:3/hour", AT, flagged, 3))
        tx.enqueue(Letter("L1", "note", "<>", "r@example.org", "<1@x>", b"x", after(days=9), "1", waits))

    record.write_now(job)
    count = record.write_now(lambda tx: tx.remove_old(CONTACTS, after(days=1), [gone, flagged, waits]))
    assert count == 1
    assert {one.id for one in record.read_now(lambda reader: reader.contacts())} == {flagged, waits}
    assert record.read_now(lambda reader: reader.call("CA1")) is None


def test_a_letter_that_left_is_emptied_and_never_leaves_again(record):
    """Its key stays, so that nobody is told twice; one that waits keeps its words."""
    for number in ("L1", "L2"):
        letter = Letter(number, "note", "<>", "r@example.org", f"<{number}@x>", b"x", AT, f"once {number}")
        record.write_now(lambda tx, letter=letter: tx.enqueue(letter))
    record.write_now(lambda tx: tx.claim_letters(AT, "a", 1))
    record.write_now(lambda tx: tx.settle_letter("L1", LetterState.SENT))
    assert record.read_now(lambda reader: reader.old(LETTERS, after(days=1))) == ("L1",)
    assert record.write_now(lambda tx: tx.remove_old(LETTERS, after(days=1), ["L1", "L2"])) == 1
    assert record.read_now(lambda reader: reader.letter("L1")).message == b""
    assert record.read_now(lambda reader: reader.letter("L2")).message == b"x"
    assert record.read_now(lambda reader: reader.old(LETTERS, after(days=1))) == ()
    again = Letter("L3", "note", "<>", "r@example.org", "<L3@x>", b"x", AT, "once L1")
    assert not record.write_now(lambda tx: tx.enqueue(again))


def test_what_papers_say_is_known_by_its_place(record):
    """Ids of contacts that stand in papers, also among other words; later papers alone, from a place on."""
    rosa = party(record)
    noted(record, rosa, "P1", evidence=["see C00000123, and the post book"])
    said, place = record.read_now(lambda reader: reader.mentioned())
    assert "C00000123" in said
    assert record.read_now(lambda reader: reader.mentioned(place)) == (frozenset(), place)
    noted(record, rosa, "P2", evidence=["C00000124"])
    assert "C00000124" in record.read_now(lambda reader: reader.mentioned(place))[0]
    removed(record, rosa, "P1")
    assert "C00000123" not in record.read_now(lambda reader: reader.mentioned())[0]


# Parties


def test_a_party_that_goes_leaves_a_number(record):
    """Name, identifiers and what stood on it are gone, of those merged into it too; the number stays taken."""
    rosa, other = party(record, ROSA, ROSAS_PHONE), party(record, name="R. Example")
    noted(record, rosa, "P1")

    def job(tx):
        tx.merge_parties("P1", rosa, other)
        tx.add_adjustment(rosa, Adjustment("Cannot write", frozenset(), AT, after(days=1)))
        tx.add_restriction(rosa, Restriction("R1", (), AT, after(days=1)))
        tx.keep_thread(rosa, "<m@x>", ["HO/1"], AT)

    record.write_now(job)
    record.write_now(lambda tx: tx.close_party(rosa))
    file = record.read_now(lambda reader: reader.case_file(rosa))
    assert (file.party.name, file.marks, file.imported, file.imported_adjustments) == (closed_name(rosa), (), (), ())
    assert record.read_now(lambda reader: reader.aliases(rosa)) == ((other, closed_name(other)),)
    assert record.read_now(lambda reader: reader.holders((ROSA,))) == ()
    assert record.read_now(lambda reader: reader.thread_matters(rosa, ["<m@x>"])) == ()
    assert record.read_now(lambda reader: reader.party_since(rosa)) == AT
    assert not record.read_now(lambda reader: reader.has_contacts(rosa))
    add(record, whose=f"party:{rosa}", party_id=rosa)
    assert record.read_now(lambda reader: reader.has_contacts(rosa))


def test_whatever_names_a_contact_goes_with_it():
    """A table that refers to contacts and is added later is found by itself."""
    from storage.retention import _about_contacts

    kept = {"raw", "calls", "outbox", "flags", "particulars", "further_particulars"}
    assert kept <= {column.table.name for column in _about_contacts()}
