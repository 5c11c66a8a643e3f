"""Our own messages: at most once, whatever happens in between."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from storage.entries import Letter, LetterState, State
from storage.faults import RecordRefused
from storage.record import Record
from tests.storage.office import AT, add, after, entry

LETTER = Letter(
    id="L1",
    kind="return",
    mail_from="<>",
    rcpt="rosa@example.org",
    message_id="<l1@office.example.org>",
    message=b"Subject: Your message\r\n\r\nIt comes back. \xff\r\n",
    next_at=AT,
    once="return of C1",
)


def write(record, **changes):
    """Put a letter into the outbox."""
    return record.write_now(lambda tx: tx.enqueue(dataclasses.replace(LETTER, **changes)))


def claim(record, now=AT, node="a", limit=10):
    """Take due letters to send."""
    return record.write_now(lambda tx: tx.claim_letters(now, node, limit))


def letter(record, letter_id="L1"):
    """Read a letter."""
    return record.read_now(lambda reader: reader.letter(letter_id))


def test_a_letter_comes_back_as_it_went_in(record):
    """Nothing of a letter is changed."""
    made = add(record)
    assert write(record, contact_id=made.id)
    assert letter(record) == dataclasses.replace(LETTER, contact_id=made.id)
    assert letter(record, "L2") is None


def test_what_is_said_once_is_put_into_the_outbox_once(record):
    """The second letter with the same `once` is not taken; letters without one are."""
    assert [write(record), write(record, id="L2")] == [True, False]
    assert [write(record, id="L3", once=None), write(record, id="L4", once=None)] == [True, True]
    with pytest.raises(RecordRefused):
        write(record, id="L1", once="another")


def test_letters_due_are_claimed_by_one_node_in_order(record):
    """A claimed letter is leaving: it counts an attempt and nobody else gets it."""
    for number, minute in ((1, 5), (2, 1), (3, 9)):
        write(record, id=f"L{number}", once=None, next_at=after(minutes=minute))
    assert claim(record) == ()
    first, second = claim(record, after(minutes=5))
    assert [first.id, second.id] == ["L2", "L1"]
    assert (first.state, first.attempts, first.claimed_by) == (LetterState.SENDING, 1, "a")
    assert claim(record, after(minutes=5), "b") == ()
    assert [each.id for each in claim(record, after(minutes=9), "b")] == ["L3"]


def test_no_more_are_claimed_than_asked_for(record):
    """The rest stays for the next claim."""
    for number in range(3):
        write(record, id=f"L{number}", once=None)
    assert len(claim(record, limit=2)) == 2
    assert len(claim(record, limit=2)) == 1


async def test_two_nodes_never_claim_the_same_letter(url, clock):
    """Nodes that claim at the same moment share the letters out."""
    with Record.open(url, now=clock) as one, Record.open(url, now=clock) as other:
        for number in range(30):
            write(one, id=f"L{number:02}", once=None)
        claims = await asyncio.gather(
            *(node.write(lambda tx, n=n: tx.claim_letters(AT, n, 4)) for n, node in (("a", one), ("b", other)) * 5)
        )
    claimed = [each.id for each in sum(claims, ())]
    assert sorted(claimed) == [f"L{number:02}" for number in range(30)]


def test_what_became_of_a_letter(record):
    """Sent, failed, or queued again for later; what was sent stays sent."""
    write(record)
    claim(record)
    settle = LetterState.QUEUED
    assert record.write_now(lambda tx: tx.settle_letter("L1", settle, next_at=after(hours=1), detail="451 later"))
    again = letter(record)
    assert (again.state, again.next_at, again.detail, again.attempts) == (settle, after(hours=1), "451 later", 1)
    claim(record, after(hours=1))
    assert record.write_now(lambda tx: tx.settle_letter("L1", LetterState.SENT))
    assert not record.write_now(lambda tx: tx.settle_letter("L1", LetterState.QUEUED))
    assert letter(record).state is LetterState.SENT
    assert not record.write_now(lambda tx: tx.settle_letter("L9", LetterState.SENT))


def test_letters_of_a_state_are_listed(record):
    """What is unclear or failed can be put before a person."""
    write(record, id="L1", once=None, next_at=after(hours=1))
    write(record, id="L2", once=None)
    write(record, id="L3", once=None, state=LetterState.UNCLEAR)
    listed = record.read_now(lambda reader: reader.letters(LetterState.QUEUED))
    assert [each.id for each in listed] == ["L2", "L1"]
    assert [each.id for each in record.read_now(lambda reader: reader.letters(LetterState.UNCLEAR))] == ["L3"]


def test_a_start_accounts_for_what_the_node_left_unfinished(record):
    """What was leaving is unclear, what was not acknowledged is deferred; other nodes' work and calls go on."""
    for number in (1, 2):
        write(record, id=f"L{number}", once=None)
        claim(record, node="ab"[number - 1], limit=1)
    write(record, id="L3", once=None)
    mine = add(record, state=State.INTENDED, node="a", counted_at=AT)
    theirs = add(record, state=State.INTENDED, node="b", counted_at=AT)
    ringing = add(record, state=State.RINGING, node="a", counted_at=AT)
    found = record.write_now(lambda tx: tx.recover("a"))
    assert (found.letters, found.contacts) == (("L1",), (mine.id,))
    states = [letter(record, f"L{number}").state for number in (1, 2, 3)]
    assert states == [LetterState.UNCLEAR, LetterState.SENDING, LetterState.QUEUED]
    after_it = [record.read_now(lambda reader, each=each: reader.contact(each.id)) for each in (mine, theirs, ringing)]
    assert [each.state for each in after_it] == [State.DEFERRED, State.INTENDED, State.RINGING]
    assert [each.counted_at for each in after_it] == [AT, AT, AT]
    assert record.write_now(lambda tx: tx.recover("a")) == type(found)()


def test_what_was_left_long_ago_is_accounted_for_whoever_left_it(record):
    """A container that has another name after each start comes for nothing: what is old is nobody's work any more."""
    write(record, id="L1", once=None)
    claim(record, node="gone", limit=1)
    left = add(record, state=State.INTENDED, node="gone", counted_at=AT)
    ringing = add(record, state=State.RINGING, node="gone", counted_at=AT)
    now = record.read_now(lambda reader: reader.now())
    nothing = record.write_now(lambda tx: tx.recover_left(now - timedelta(hours=1)))
    found = record.write_now(lambda tx: tx.recover_left(tx.now() + timedelta(seconds=1)))
    assert (nothing, found.letters, found.contacts) == (type(found)(), ("L1",), (left.id,))
    assert letter(record, "L1").state is LetterState.UNCLEAR
    after_it = [record.read_now(lambda reader, each=each: reader.contact(each.id)) for each in (left, ringing)]
    assert [(each.state, each.counted_at) for each in after_it] == [(State.DEFERRED, AT), (State.RINGING, AT)]


def test_letter_and_contact_are_on_record_together(record):
    """A return and the letter that carries it are kept in one step, or neither is."""
    made = entry(state=State.RETURNED)

    def job(tx):
        tx.add_contact(made)
        tx.enqueue(dataclasses.replace(LETTER, contact_id=made.id))
        raise LookupError

    with pytest.raises(LookupError):
        record.write_now(job)
    assert letter(record) is None


def test_who_was_written_to_lately(record, clock):
    """To whom letters of a kind went since a moment, one entry for each letter, however many others there are."""
    write(record, id="L1", once=None, rcpt="early@example.org")
    clock.at = after(hours=1)
    write(record, id="L2", once=None, rcpt="rosa@example.org")
    write(record, id="L3", once=None, rcpt="rosa@example.org", kind="note")
    write(record, id="L4", once=None, rcpt="staff@example.org", kind="alert")
    write(record, id="L5", once=None, rcpt="staff@example.org", kind="alert")
    found = [record.read_now(lambda reader, k=k: reader.written_to(after(minutes=1), k, 1)) for k in ("return", "note")]
    assert found == [(("rosa@example.org", None),), (("rosa@example.org", None),)]


def test_whose_contact_a_letter_is_on(record):
    """The party is that of the contact, which may have gone to another since."""
    made = add(record, party_id=record.write_now(lambda tx: tx.add_party("R. Example")))
    write(record, id="L1", once=None, rcpt="rosa@example.org", contact_id=made.id)
    ((rcpt, party),) = record.read_now(lambda reader: reader.written_to(after(minutes=-1), "return"))
    assert (rcpt, party) == ("rosa@example.org", made.party_id)
