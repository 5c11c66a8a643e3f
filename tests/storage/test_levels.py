"""Levels as the record adds them up: windows to the second, what counts where, what goes with its contact."""

from datetime import timedelta

import pytest

from rules.contact import Assurance, Channel
from rules.decision import Outcome, Reason
from rules.levels.counting import Sums, levels, together
from rules.levels.kinds import Level
from rules.levels.particulars import Particulars
from rules.levels.thresholds import OF_OUTCOMES
from rules.repeats import Likeness
from rules.windows import MICROSECOND, Mode, Per, Window
from storage.entries import State
from tests.rules.policies.shipped import SHIPPED
from tests.storage.office import AT, ROSA, add, after, party

ZONE = SHIPPED["default"].zone
CUT_S = 30
WHOSE = str(ROSA)
SECOND = timedelta(seconds=1)


def tally(record, since=AT - timedelta(days=1), until=AT + timedelta(days=1), **more):
    """Add up what Rosa sent."""
    return record.read_now(lambda reader: reader.tally(WHOSE, since, until, cut_s=CUT_S, **more))


def sums(record, channel=Channel.EMAIL):
    """Give what she sent by one channel."""
    return tally(record).sums.get(channel, Sums())


@pytest.mark.parametrize("mode", Mode)
def test_windows_to_the_second(record, mode):
    """What came at a window's first moment, or its last, is in it; a second or a microsecond beyond is not."""
    now = AT.replace(minute=30)
    for number, per in enumerate(Per):
        opens = Window(per, mode).since(now, ZONE)
        inside, outside = (opens, opens + SECOND, now - SECOND, now), (opens - SECOND, opens - MICROSECOND)
        whose = f"email:{number}@example.org"
        for at in (*inside, *outside, now + MICROSECOND, now + SECOND):
            add(record, at=at, whose=whose, sender=whose)
        found = record.read_now(lambda reader, of=whose, since=opens: reader.tally(of, since, now, cut_s=CUT_S))
        office = record.read_now(lambda reader, since=opens: reader.tally_office(since, now, cut_s=CUT_S))
        assert together(found.sums.values()).attempts == len(inside), per
        assert sum(row.attempts for row in office if row.whose == whose) == len(inside), per


CALLS = [
    pytest.param(State.ANSWERED, "connect", 30, (1, 0, 1), id="a call of thirty seconds is a contact"),
    pytest.param(State.ANSWERED, "connect", 29, (0, 0, 1), id="a shorter one was cut off"),
    pytest.param(State.MISSED, "connect", 0, (0, 1, 0), id="nobody answered"),
    pytest.param(State.VOICEMAIL, "connect", 0, (1, 1, 0), id="nobody answered, and they left a message"),
    pytest.param(State.LOOKED_AT, "route", 0, (1, 1, 0), id="the message was heard since"),
    pytest.param(State.VOICEMAIL, "voicemail", None, (1, 0, 0), id="a measure led to voicemail"),
    pytest.param(State.AUTOMATED_LINE, "automated_line", None, (0, 0, 0), id="the recorded line"),
    pytest.param(State.REFUSED, "refuse", None, (0, 0, 0), id="refused"),
    pytest.param(State.RINGING, "connect", None, (0, 0, 0), id="it rings still"),
    pytest.param(State.PAST, "connect", 0, (0, 1, 0), id="missed in the past, and brought in"),
    pytest.param(State.PAST, "connect", 90, (1, 0, 1), id="answered in the past"),
]


@pytest.mark.parametrize(("state", "carried", "talk_s", "meant"), CALLS)
def test_SPSO_14_calls(record, state, carried, talk_s, meant):
    """Each is one attempt; contact, unanswered and let through are told apart."""
    carried = Outcome(carried)
    add(record, channel=Channel.CALL, state=state, decided=carried, carried=carried, talk_s=talk_s)
    found = sums(record, Channel.CALL)
    assert found.attempts == 1
    assert (found.contacts, found.unanswered, found.let_through) == meant
    assert found.handled == found.contacts


def test_a_call_that_rings_adds_to_no_level_of_outcomes(record):
    """So nobody looks at these before it is settled (`gateway.levels`); it is an attempt, and addresses somebody."""
    one = add(record, channel=Channel.CALL, state=State.RINGING, decided=Outcome.CONNECT, carried=Outcome.CONNECT)
    record.write_now(lambda tx: tx.keep_particulars(one.id, Particulars((1,), (2,))))
    found = levels(tally(record), SHIPPED["default"].staff_time)
    assert {found[level] for level in OF_OUTCOMES} == {0}
    assert (found[Level.ATTEMPTS], found[Level.STAFF_ADDRESSED], found[Level.CLAIMED]) == (1, 1, 1)


def test_forged_and_uncounted_stand_apart(record):
    """Forged contact and automatic mail count nowhere; ours, and what was taken back, is nobody's at all."""
    add(record)
    add(record, counts=False, assurance=Assurance.FAILED)
    add(record, counts=False)
    add(record, counts=False, state=State.OURS)
    add(record, counts=False, state=State.TAKEN_BACK)
    found = sums(record)
    assert (found.attempts, found.claimed, found.failed, found.uncounted) == (1, 1, 1, 1)


def test_what_staff_say_stands_instead(record):
    """Minutes of staff take a contact out of the estimate; None puts it back."""
    one = add(record, words=100)
    assert (sums(record).handled, sums(record).handled_words, sums(record).corrected) == (1, 100, 0)
    record.write_now(lambda tx: tx.correct_minutes(one.id, 25))
    assert (sums(record).handled, sums(record).handled_words, sums(record).corrected) == (0, 0, 25)
    assert sums(record).words == 100
    record.write_now(lambda tx: tx.correct_minutes(one.id, None))
    assert (sums(record).handled, sums(record).corrected) == (1, 0)


def test_particulars_are_kept_once_and_come_back(record):
    """What is kept first stands; places that were reached later are added; a number is a number of 64 bits."""
    one = add(record)
    known = Particulars((2**63 - 1, -(2**63)), (5, 6, 7), Likeness.NEAR_COPY, True, True, 3, 4, 5)

    def job(tx):
        assert tx.keep_particulars(one.id, known)
        assert not tx.keep_particulars(one.id, Particulars())
        assert tx.particulars(one.id) == known
        tx.add_places(one.id, [9, 9, 2**63 - 1])
        return tx.particulars(one.id), tx.particulars("nothing")

    found, nothing = record.write_now(job)
    assert (set(found.places), set(found.matters), nothing) == ({2**63 - 1, -(2**63), 9}, {5, 6, 7}, None)
    assert {which for _, which in tally(record).places} == {2**63 - 1, -(2**63), 9}
    assert {which for _, which in tally(record, matter=6).matters} == {5, 6, 7}
    assert tally(record, matter=8).sums == {}


def test_pages_are_counted_afterwards(record):
    """What is said last stands, once; they are listed as what makes a level; what is on no record changes nothing."""
    one, other = add(record), add(record)
    record.write_now(lambda tx: tx.keep_particulars(one.id, Particulars(files_not_counted=3)))
    record.write_now(lambda tx: tx.keep_particulars(other.id, Particulars(pages=5)))
    assert (sums(record).pages, sums(record).files_not_counted) == (5, 3)
    for _ in range(2):
        assert record.write_now(lambda tx: tx.count_pages(one.id, 60, 1))
    assert (sums(record).pages, sums(record).files_not_counted) == (65, 1)
    assert not record.write_now(lambda tx: tx.count_pages("nothing", 60, 1))
    span = (AT - timedelta(days=1), AT + timedelta(days=1))

    def made_of(level):
        found = record.read_now(lambda reader: reader.made_of(WHOSE, level, Channel, *span, cut_s=CUT_S, limit=9))
        return {entry.id for entry in found}

    assert (made_of(Level.PAGES), made_of(Level.FILES_NOT_COUNTED)) == ({one.id, other.id}, {one.id})


def test_contact_without_particulars_is_counted(record):
    """What the shunt put on record, or an older one: it counts, and stands on no matter."""
    add(record)
    assert sums(record).attempts == 1
    assert (tally(record).places, tally(record).matters) == (set(), set())


def test_what_comes_of_an_advocate_is_told(record):
    """By the reason that a decision gave, under whoever the advocate's own address is."""
    speaks = Reason("", "advocate", "PHSO-M13", "The sender speaks for Rosa Example")
    add(record, whose="party:7", sender="email:a@example.org", counts=False, reasons=(speaks,))
    add(record, whose="party:7", sender="email:a@example.org", counts=False)
    add(record, whose="party:7", sender="email:b@example.org", counts=False, reasons=(speaks,))

    def told(reader):
        return reader.spoken_for("party:7", "email:a@example.org", AT, AT)

    assert record.read_now(told) == 1


def test_a_merge_recounts(record):
    """Nothing is counted ahead: when contacts become another's, so do their levels, with all that is told apart."""
    rosa, other = party(record, ROSA), party(record, name="Other")
    one = add(record, whose=f"party:{other}", party_id=other)
    record.write_now(lambda tx: tx.keep_particulars(one.id, Particulars((1,), (2,))))
    record.write_now(lambda tx: tx.link.plain(f"UPDATE contacts SET whose = 'party:{rosa}'", {}))
    found = record.read_now(lambda reader: reader.tally(f"party:{rosa}", AT, AT, cut_s=CUT_S))
    assert (together(found.sums.values()).attempts, found.places) == (1, {(Channel.EMAIL, 1)})
    gone = record.read_now(lambda reader: reader.tally(f"party:{other}", AT, after(days=1), cut_s=CUT_S))
    assert (gone.sums, gone.places) == ({}, set())
