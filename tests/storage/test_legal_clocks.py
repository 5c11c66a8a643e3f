"""Legal clocks on record, and what was told of what is overdue; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from time import thread_time

from rules.clarification import Asked, Clarification
from rules.legal_clocks import ClockKind, LegalClock, Stopped
from rules.retention import RecordClass
from rules.waiting_for import WaitingFor
from storage.entries import Raw, State
from storage.record import Record
from tests.storage.office import AT, ROSA, add, after, entry, party

NEVER = after(days=4000)


def start(record, contact, kind=ClockKind.OWN_DATA, **more):
    """Start a clock; gives it."""
    made = LegalClock(contact, kind, AT, AT, **more)
    assert record.write_now(lambda tx: tx.start_clock(made))
    return made


def test_a_contact_has_one_clock_of_a_kind(record):
    """A message taken twice starts it once; another kind is another clock."""
    asked = add(record).id
    made = start(record, asked, why="by letter", started_by="k.jones")
    assert not record.write_now(lambda tx: tx.start_clock(replace(made, why="again")))
    other = start(record, asked, ClockKind.INFORMATION)
    assert record.read_now(lambda reader: reader.clocks_of(asked)) == (other, made)


def test_a_clock_is_changed_from_where_it_is_known_to_be(record):
    """Of two who change it at the same moment one does, and a stopped one runs no more."""
    made = start(record, add(record).id)
    longer = replace(made, extended_at=after(days=3), extended_by="A", extended_why="complex")
    assert record.write_now(lambda tx: tx.change_clock(made, longer))
    assert not record.write_now(lambda tx: tx.change_clock(made, longer))
    done = replace(longer, stopped_at=after(days=4), stopped_by="B", stopped=Stopped.ANSWERED, how="by post")
    assert record.write_now(lambda tx: tx.change_clock(longer, done))
    assert not record.write_now(lambda tx: tx.change_clock(longer, done))
    assert record.read_now(lambda reader: reader.legal_clocks()) == ()
    (kept,) = record.read_now(lambda reader: reader.legal_clocks(stopped=True))
    assert kept.clock == done


def question(day, **more):
    """Give a question of ours, a number of days after the beginning."""
    return Clarification(Asked.MEANING, after(days=day), "A", "Which year?", **more)


def test_what_was_asked_and_answered_is_kept(record):
    """Every question with its answer, in order; on all lists, and gone with its clock."""
    number = party(record)
    asked = add(record, whose=f"party:{number}", party_id=number, state=State.LOOKED_AT).id
    made, other = start(record, asked), start(record, asked, ClockKind.INFORMATION)
    rests = replace(made, questions=(question(1),))
    assert record.write_now(lambda tx: tx.change_clock(made, rests))
    assert not record.write_now(lambda tx: tx.change_clock(made, rests))
    again = replace(rests, questions=(rests.questions[0].answered(after(days=2), "B", "2025"), question(3)))
    assert record.write_now(lambda tx: tx.change_clock(rests, again))
    for read in (
        lambda reader: [one.clock for one in reader.legal_clocks()],
        lambda reader: [one.clock for one in reader.legal_clocks(stopped=True)],
        lambda reader: [one.clock for one in reader.clocks_of_party(number)],
        lambda reader: list(reader.clocks_of(asked)),
    ):
        assert sorted(record.read_now(read), key=lambda one: one.kind) == [other, again]
    done = replace(again, stopped_at=after(days=9), stopped_by="B", stopped=Stopped.ASKED_BACK, how="No answer came.")
    assert record.write_now(lambda tx: tx.change_clock(again, done))
    assert record.write_now(lambda tx: tx.change_clock(other, replace(other, stopped_at=AT, stopped=Stopped.ANSWERED)))
    assert done in record.read_now(lambda reader: reader.clocks_of(asked))
    record.write_now(lambda tx: tx.remove_old(RecordClass.CONTACTS, NEVER, [asked]))
    assert record.write_now(lambda tx: tx.link.plain("SELECT * FROM clarifications", {})) == []


def test_of_two_machines_that_change_it_at_the_same_moment_one_does(record, url, clock):
    """One asks back, the other stops it: each read it as it ran, and one of them is told."""
    clocks = [start(record, add(record).id) for _ in range(8)]
    with Record.open(url, now=clock) as other, ThreadPoolExecutor(2) as threads:
        for made in clocks:
            rests = replace(made, questions=(question(1),))
            done = replace(made, stopped_at=after(days=1), stopped_by="B", stopped=Stopped.ANSWERED)
            ready = Barrier(2, timeout=20)

            def change(machine, now, made=made, ready=ready):
                ready.wait()
                return machine.write_now(lambda tx: tx.change_clock(made, now))

            found = [threads.submit(change, record, rests), threads.submit(change, other, done)]
            changed = [each.result(30) for each in found]
            assert sorted(changed) == [False, True]
            (kept,) = record.read_now(lambda reader, made=made: reader.clocks_of(made.contact))
            assert kept == (rests if changed[0] else done)


def test_whose_it_is_follows_its_contact(record):
    """A stranger's is under the address; once the contact is a party's, so is the clock."""
    asked = add(record).id
    start(record, asked)
    (one,) = record.read_now(lambda reader: reader.legal_clocks())
    assert (one.whose, one.party, one.name) == (str(ROSA), None, "")
    number = party(record)
    record.write_now(lambda tx: tx.reassign(ROSA, number))
    (one,) = record.read_now(lambda reader: reader.legal_clocks())
    assert (one.whose, one.party, one.name) == (f"party:{number}", number, "Rosa Example")


def test_PHSO_7_nothing_goes_while_its_clock_runs(record):
    """Neither what is known of a contact nor its message; once it is stopped both go, and the clock with them."""
    asked = add(record, state=State.LOOKED_AT).id
    record.write_now(lambda tx: tx.keep_raw(asked, "<>", b"x"))
    made = start(record, asked)

    def due(kind):
        return record.read_now(lambda reader: reader.old(kind, NEVER))

    assert due(RecordClass.MESSAGES) == due(RecordClass.CONTACTS) == ()
    done = replace(made, stopped_at=AT, stopped=Stopped.ANSWERED)
    record.write_now(lambda tx: tx.change_clock(made, done))
    assert due(RecordClass.MESSAGES) == due(RecordClass.CONTACTS) == (asked,)
    assert record.read_now(lambda reader: reader.raw(asked)) == Raw(asked, "<>", b"x")
    record.write_now(lambda tx: tx.remove_old(RecordClass.CONTACTS, NEVER, [asked]))
    assert record.read_now(lambda reader: reader.legal_clocks(stopped=True)) == ()


def test_what_was_told_is_told_once(record):
    """By thing, the moment it was due, and step."""

    def tell(about="a", due=AT, step="1:manager"):
        return record.write_now(lambda tx: tx.add_escalation(WaitingFor.LOOK, about, due, step))

    assert tell() and not tell()
    assert tell(about="b") and tell(due=after(days=1)) and tell(step="5:head")
    assert record.read_now(lambda reader: reader.escalations()) == {
        ("look", "a", AT, "1:manager"),
        ("look", "b", AT, "1:manager"),
        ("look", "a", after(days=1), "1:manager"),
        ("look", "a", AT, "5:head"),
    }


def test_a_long_list_says_little_of_each(record):
    """Every contact that waits, with its party's name, and no other."""
    number = party(record)
    made = {
        state: add(record, state=state, whose=f"party:{number}", party_id=number, look_by=after(hours=1)).id
        for state in State
    }
    found = {one.state: one for one in record.read_now(lambda reader: reader.in_queue())}
    assert {state: one.id for state, one in found.items()} == {
        state: made[state] for state in (State.HELD, State.FILED, State.UNCLEAR, State.VOICEMAIL)
    }
    assert {(one.name, one.party, one.look_by) for one in found.values()} == {("Rosa Example", number, after(hours=1))}


def test_a_file_is_what_something_can_wait_on(record):
    """A party that is no more than a name has none."""
    party(record)
    assert record.read_now(lambda reader: reader.parties_with_files()) == ()


def test_ten_times_as_many_cost_ten_times_as_much(record):
    """Lists are long when an office is behind: each thing costs the same of our own time, whatever else runs."""

    def fill(tx, number):
        for _ in range(number):
            made = entry(state=State.FILED, look_by=after(hours=1))
            tx.add_contact(made)
            tx.start_clock(LegalClock(made.id, ClockKind.INFORMATION, AT, AT))

    def each():
        best, things = float("inf"), 0
        for _ in range(5):
            began = thread_time()
            things = record.read_now(lambda reader: len(reader.in_queue()) + len(reader.legal_clocks()))
            best = min(best, thread_time() - began)
        return best / things

    record.write_now(lambda tx: fill(tx, 200))
    few = each()
    record.write_now(lambda tx: fill(tx, 1800))
    assert each() <= 4 * few
