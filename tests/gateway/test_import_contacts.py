"""Contacts of the past on record: what is known of them, what they are never used for, and how they are taken back."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mail.authentication_results import Border
from gateway.contact_files import gather
from gateway.import_contacts import Between, ImportContacts, ImportRefused, asked_for
from gateway.past_contact import LeftAside, PastContact
from gateway.past_mail import AHEAD, OUR_OWN, UNDATED, read_message
from gateway.serials import serial, serial_of
from gateway.trace import Traces
from rules import identity
from rules.contact import Assurance, Channel, Nature
from rules.decision import Outcome
from rules.levels.kinds import Level
from rules.policies import Threshold
from rules.repeats import Likeness
from rules.retention import RecordClass
from rules.windows import Per
from storage.entries import Call, Entry, FlagState, LetterState, State
from storage.mailboxes import Seen
from storage.record import Record
from tests.gateway.desk_office import PHONE, at_desk  # noqa: F401  (a fixture)
from tests.gateway.import_office import scratch
from tests.gateway.past import (
    NOW,
    POLICY,
    ROSA,
    SAM,
    TWILIO,
    add_rosa,
    bring_in,
    calls,
    mail,
    message,
    on_record,
    past_only,
    reading,
    row,
    sources,
)
from tests.postgresql import WITH_TABLES

THREE_CALLS = Threshold(at_least=3, per=Per.HOUR)
TEN_MINUTES = Threshold(level=Level.TALK_MINUTES, at_least=10, per=Per.DAY)
LETTER = "I have written to you three times about the repair of the roof and nobody has come to look at it yet."
OTHER = "The parking spaces behind the house were promised to us in spring, and they are still full of rubble today."


@pytest.fixture(params=["sqlite", "postgresql"])
def record(request, tmp_path, template):
    """A record on each of the two databases."""
    if request.param == "sqlite":
        shutil.copyfile(template, tmp_path / "parley.db")
        url, drop = f"sqlite:///{tmp_path}/parley.db", lambda: None
    else:
        postgres = request.getfixturevalue("postgres")
        name = postgres.database(WITH_TABLES)
        url, drop = postgres.url(name), lambda: postgres.drop(name)
    with Record.open(url, now=lambda: NOW) as record:
        yield record
    drop()


def some(folder):
    """Give contacts of every kind, some of them told of twice with another time or length."""
    day = "Mon, {} Mar 2026 1{}:00:00 +0000"
    mails = [
        mail(number="1", text=LETTER, when=day.format("02", 0)),
        mail(number="2", text=LETTER.replace("three", "four"), when=day.format("09", 1)),
        mail(number="3", text=OTHER, when=day.format("16", 2)),
        mail(number="4", text=LETTER, when=day.format("23", 3)),
        mail(number="5", text=OTHER, when=day.format("30", 4), date=day.format("29", 4)),
        mail(number="5", text=OTHER, when="Sun, 29 Mar 2026 23:30:00 +0000", date=day.format("29", 4)),
        mail(SAM, number="6", text=LETTER, when=day.format("09", 0)),
        mail(SAM, number="7", header="Auto-Submitted: auto-replied\n", when=day.format("09", 0)),
    ]
    logged = TWILIO + row() + row("CA2", caller="anonymous") + row("CA3", duration="4") + row("CA3", duration="44")
    return [*(replace(one, recipients=("hello@office.example.org",)) for one in mails), *calls(folder, logged)]


def test_a_contact_of_the_past_is_on_record_and_was_never_decided(record, tmp_path):
    """It is its party's, counts for levels, and is nothing that anybody waits for or that a limit knows."""
    party = add_rosa(record)
    summary = bring_in(record, [mail(text=LETTER), *calls(tmp_path, TWILIO + row())])
    assert summary.taken == {Channel.EMAIL: 1, Channel.CALL: 1}
    entries = record.read_now(lambda reader: reader.contacts(whose=f"party:{party}"))
    assert {one.channel: (one.decided, one.carried, one.talk_s, one.words) for one in entries} == {
        Channel.EMAIL: (Outcome.DELIVER, Outcome.DELIVER, None, 22),
        Channel.CALL: (Outcome.CONNECT, Outcome.CONNECT, 65, None),
    }
    assert all(
        (one.counts, one.counted_at, one.look_by, one.owner, one.reasons) == (True, None, None, "", ())
        for one in entries
    )
    assert past_only(record)
    kept = record.read_now(
        lambda reader: (reader.flags(), reader.letters(LetterState.QUEUED), reader.raw(entries[0].id))
    )
    assert kept == ((), (), None)


def test_levels_know_a_contact_of_the_past(record):
    """The newest attempts of its party are those, and what was said to whom stands beside them."""
    party = add_rosa(record)
    bring_in(record, [mail(number=str(each), when=f"Mon, 0{each} Jun 2026 20:00:00 +0000") for each in (1, 8)])
    since, until = datetime(2026, 1, 1, tzinfo=UTC), NOW
    tally = record.read_now(lambda reader: reader.tally(f"party:{party}", since, until, cut_s=30))
    sums = tally.sums[Channel.EMAIL]
    assert (sums.attempts, sums.contacts, sums.let_through, sums.out_of_hours, len(tally.places)) == (2, 2, 2, 2, 1)
    assert len(record.read_now(lambda reader: reader.newest(f"party:{party}", None, 5))) == 2


def test_doing_it_twice_changes_nothing(record, tmp_path):
    """The second time everything is known."""
    add_rosa(record)
    bring_in(record, some(tmp_path))
    before = on_record(record)
    again = bring_in(record, some(tmp_path))
    assert (again.taken.total(), again.known) == (0, len(some(tmp_path)))
    assert on_record(record) == before


def in_pieces(reads, cuts):
    """Cut what is read into imports; what is told of twice stays in one, for an earlier import is never altered."""
    lots, home = [[] for _ in range(len(cuts) + 1)], {}
    for at, one in enumerate(reads):
        lots[home.setdefault(one.key, sum(at >= cut for cut in cuts))].append(one)
    return lots


def test_a_later_import_alters_no_earlier_one(record, tmp_path):
    """The same log in another zone, or with other lengths, is named; undoing it leaves the first as it was."""
    add_rosa(record)
    text = TWILIO + row(at="2026-03-09T10:00:00") + row("CA2", at="2026-03-09T11:00:00")
    bring_in(record, calls(tmp_path, text, zone=ZoneInfo("UTC")), "first")
    before = on_record(record)
    importing = ImportContacts(record, POLICY, lambda: NOW)
    other = calls(tmp_path, text.replace(",65,", ",604800,"), zone=ZoneInfo("Asia/Tokyo"))
    looked, second = importing.look(other), bring_in(record, other, "second")
    assert on_record(record) == before
    places = [f"{tmp_path}/calls.csv:2", f"{tmp_path}/calls.csv:3"]
    assert (second.known, second.otherwises, second.otherwise) == (2, 2, places)
    assert looked.otherwise == places
    importing.undo(second.number, "clerk")
    assert on_record(record) == before


def test_any_order_and_any_pieces_give_the_same_record_here_too(record, tmp_path):
    """What the property test below tries many times on SQLite, once on each database."""
    add_rosa(record)
    reads = some(tmp_path)
    random.Random(7).shuffle(reads)
    for number, lot in enumerate(in_pieces(reads, range(1, len(reads)))):
        bring_in(record, lot, str(number))
    (tmp_path / "other").mkdir()
    with scratch(tmp_path / "other") as other:
        add_rosa(other)
        bring_in(other, some(tmp_path))
        assert on_record(record) == on_record(other)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What is read, and the record that it gives in one piece and in its order."""
    folder = tmp_path_factory.mktemp("whole")
    reads = some(folder)
    with scratch(folder) as record:
        add_rosa(record)
        bring_in(record, reads)
        return reads, on_record(record)


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_order_and_any_pieces_give_the_same_record(data, whole, tmp_path_factory):
    """However an office brings its past in, what is on record of it is the same."""
    reads, expected = whole
    order = data.draw(st.permutations(reads))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(reads) - 1), max_size=4)))
    with scratch(tmp_path_factory.mktemp("piece")) as record:
        add_rosa(record)
        for number, lot in enumerate(in_pieces(order, cuts)):
            bring_in(record, lot, str(number))
        assert on_record(record) == expected


def test_the_same_record_is_the_right_one(whole):
    """The earliest time, the longest talk, and repeats in the order of time are what is on record."""
    _, found = whole
    said = {plain[1].day: repeat for plain, _, _, words, repeat in found.values() if words}
    keys = {plain[1].day: key for key, (plain, *_, words, _) in found.items() if words}
    assert {day: repeat and (repeat[0], repeat[1]) for day, repeat in said.items()} == {
        2: None,
        9: (keys[2], Likeness.NEAR_COPY),
        16: None,
        23: (keys[2], Likeness.COPY),
        29: (keys[16], Likeness.COPY),
    }
    assert found["past call CA3"][1][1] == 44
    counts = {key: plain[6] for key, (plain, *_) in found.items()}
    assert sum(counts.values()) == len(found) - 2
    assert not counts["past call CA2"]


def test_what_came_live_is_not_doubled(record):
    """A call by the provider's id, a message by its key while doors know it, by its mailbox's digest, by our trace."""
    fresh = "Fri, 30 Oct 2026 10:00:00 +0000"
    new, watched = mail(number="1", when=fresh), mail(number="2")
    live = Entry("L1", Channel.EMAIL, NOW, ROSA, State.DELIVERED, Outcome.DELIVER, Outcome.DELIVER, key=new.live_key)
    call = Entry("L2", Channel.CALL, NOW, "x", State.ANSWERED, Outcome.CONNECT, Outcome.CONNECT, key="call CA1")

    def took(tx):
        tx.add_contact(live)
        tx.add_contact(call)
        tx.add_call(Call("CA1", "L2", "<Response/>", settled=True))
        tx.lease_mailbox("box", "here", datetime(2026, 1, 1, tzinfo=UTC), NOW)
        tx.keep_seen([Seen("box", watched.digest, "L9", NOW, True)])

    record.write_now(took)
    plain = message(number="3")
    raw = Traces(b"secret" * 5).own("L3", plain) + plain
    passed_on, foreign = (read_message(reading(secret=secret * 5), raw, "here") for secret in (b"secret", b"others"))
    assert (passed_on.traced, foreign.traced) == (True, False)
    reads = [new, watched, passed_on]
    assert bring_in(record, reads).known == 3
    assert bring_in(record, [mail(number="4", when=fresh)]).taken.total() == 1


def test_a_call_that_the_provider_named_is_known_by_that_name(record, tmp_path):
    """Twilio's log tells of calls that Parley answered."""
    call = Entry("L2", Channel.CALL, NOW, "x", State.ANSWERED, Outcome.CONNECT, Outcome.CONNECT, key="call CA1")
    record.write_now(lambda tx: tx.add_contact(call) and tx.add_call(Call("CA1", "L2", "<Response/>", settled=True)))
    summary = bring_in(record, calls(tmp_path, TWILIO + row() + row("CA2")))
    assert (summary.known, summary.taken.total(), summary.beside_live) == (1, 1, 0)


def test_calls_of_a_log_that_names_them_differently_are_told_of_where_parley_took_calls(record, tmp_path):
    """Nobody can say whether they are the same calls, so that is said."""
    at = datetime(2026, 3, 9, tzinfo=UTC)
    call = Entry("L2", Channel.CALL, at, "x", State.ANSWERED, Outcome.CONNECT, Outcome.CONNECT)
    record.write_now(lambda tx: tx.add_contact(call))
    text = "Start time,From\n2026-03-08 10:00,01632960001\n2026-03-09 10:00,01632960001\n"
    assert bring_in(record, calls(tmp_path, text)).beside_live == 1


NATURES = {
    "an automatic reply": ("Auto-Submitted: auto-replied\n", Nature.AUTO_REPLY, False),
    "a program": ("Precedence: bulk\n", Nature.MACHINE, False),
    "a person who writes by a list": ("List-Id: <roof.example.org>\n", Nature.LIST, True),
    "a person": ("", Nature.PERSON, True),
}


@pytest.mark.parametrize("what", NATURES)
def test_what_programs_sent_is_on_record_and_counts_for_nothing(what):
    """They are told by what the doors tell them by."""
    header, nature, counts = NATURES[what]
    one = mail(header=header)
    assert (one.nature, one.counts) == (nature, counts)


def test_a_bounce_counts_for_nothing():
    """What a server sends is nobody's contact."""
    one = mail("MAILER-DAEMON@example.org", header="Return-Path: <>\n", text="<x@example.org>: 550 5.1.1 user unknown")
    assert (one.nature in (Nature.BOUNCE, Nature.MACHINE), one.counts) == (True, False)


def test_our_own_mail_is_told_apart():
    """The office's own address comes back as ours; a colleague's sent mail is nobody's contact."""
    own = mail("hello@office.example.org")
    assert (own.nature, own.counts) == (Nature.OUR_OWN, False)
    assert mail("clerk@office.example.org") == LeftAside("past.mbox:1", OUR_OWN)


def test_forged_mail_counts_for_nobody():
    """The border's word on a sender is believed as it is live (THREATS I4)."""
    header = "Authentication-Results: mx.office.example.org; dmarc=fail header.from=example.org; spf=fail; dkim=fail\n"
    one = mail(header=header, reads=reading(border=Border("mx.office.example.org", below=True)))
    assert (one.assurance, one.counts) == (Assurance.FAILED, False)


def test_a_message_without_a_time_or_from_the_future_is_named():
    """Nobody knows where it belongs, so a person looks."""
    raw = message().replace(b"Date:", b"X-Date:").replace(b"Received:", b"X-Received:")
    assert read_message(reading(), raw, "here") == LeftAside("here", UNDATED, wrong=True)
    assert mail(when="Mon, 9 Nov 2026 10:00:00 +0000") == LeftAside("past.mbox:1", AHEAD, wrong=True)


def test_a_clock_that_nobody_set_gives_no_time(tmp_path):
    """Of 1970 is what has no day: the day that its mailbox got it counts, else it is named."""
    unset = message(when="Thu, 01 Jan 1970 00:00:00 +0000")
    for name in ("cur", "new", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box" / "cur" / "1773050400.M1.host:2,S").write_bytes(unset)
    (tmp_path / "one.eml").write_bytes(unset)
    taken, named = sources(tmp_path / "box", tmp_path / "one.eml").read()
    assert taken.at == datetime(2026, 3, 9, 10, tzinfo=UTC)
    assert (named.why, named.wrong) == (UNDATED, True)


def test_files_that_offices_have_and_we_do_not_read_are_named(tmp_path):
    """In a folder too, and with what to do about them."""
    (tmp_path / "old.pst").write_bytes(b"!BDN" + bytes(600))
    (tmp_path / "calls.xlsx").write_bytes(b"PK\x03\x04" + bytes(600))
    (tmp_path / "one.eml").write_bytes(message())
    one, *named = sorted(sources(tmp_path).read(), key=lambda each: isinstance(each, LeftAside))
    assert one.sender.value == ROSA
    assert [(each.wrong, "save" in each.why or "export" in each.why) for each in named] == [(True, True)] * 2


def test_only_the_mail_of_parties_is_looked_into():
    """Of everybody else's, nothing but its header is read."""
    assert mail(text=LETTER).said.print.words == 22
    assert mail(SAM, text=LETTER).said is None
    assert (mail(text=LETTER).said.text, mail(text=LETTER).said.beside) == ("", "")


def test_what_mail_programs_write_into_a_message_makes_it_no_other():
    """The same message from an mbox with status lines and from a mailbox is one contact."""
    kept = "Status: RO\nX-Mozilla-Status: 0001\nX-Gmail-Labels: Inbox,\n Opened\nX-UID: 17\n"
    assert (mail(header=kept).key, mail(header=kept).digest) == (mail().key, mail().digest)


def test_a_message_id_that_is_used_again_is_another_message():
    """Or whoever uses one for everything would be counted once (THREATS C3)."""
    assert mail(when="Tue, 10 Mar 2026 10:00:00 +0000").key != mail().key


def test_an_import_is_taken_back_whole(record, tmp_path):
    """Nothing of it is left, what others brought stays with its repeats told anew, and the chain says so."""
    add_rosa(record)
    first, *others = some(tmp_path)
    bring_in(record, others, "others")
    before = on_record(record)
    summary = bring_in(record, [first], "first")
    assert on_record(record) != before
    importing = ImportContacts(record, POLICY, lambda: NOW)
    assert importing.undo(summary.number, "clerk") == (1, 0)
    assert on_record(record) == before
    acts = record.read_now(lambda reader: reader.acts_about(f"import:{summary.number}"))
    assert [one.act for one in acts][-1] == "undo_import_contacts"
    assert record.read_now(lambda reader: reader.verify_acts()).broken_at is None
    with pytest.raises(ImportRefused, match="taken back before"):
        importing.undo(summary.number, "clerk")
    with pytest.raises(ImportRefused, match="no such import"):
        importing.undo("none", "clerk")
    assert bring_in(record, [first], "first").taken.total() == 1


def test_what_came_live_is_never_taken_back(record):
    """An import is taken back by its state, whatever else carries its number."""
    summary = bring_in(record, [mail()])
    live = Entry("L1", Channel.EMAIL, NOW, ROSA, State.DELIVERED, Outcome.DELIVER, Outcome.DELIVER, node=summary.number)
    record.write_now(lambda tx: tx.add_contact(live))
    ImportContacts(record, POLICY, lambda: NOW).undo(summary.number, "clerk")
    assert [one.id for one in record.read_now(lambda reader: reader.contacts())] == ["L1"]


class Stops(Exception):
    """The kill of the test."""


def _stopping(reads, after):
    yield from reads[:after]
    raise Stops


def test_an_import_that_broke_off_is_gone_on_with(record):
    """Called again, it is the same import, and the record is as if nothing had happened."""
    add_rosa(record)
    reads = [mail(number=str(each), text=LETTER) for each in range(700)]
    with pytest.raises(Stops):
        bring_in(record, _stopping(reads, 600))
    ((broken, count),) = ImportContacts(record, POLICY, lambda: NOW).runs()
    assert (broken.ended_at, count) == (None, 500)
    summary = bring_in(record, reads)
    assert (summary.resumed, summary.number, summary.known, summary.taken.total()) == (True, broken.id, 500, 200)
    ((whole, count),) = ImportContacts(record, POLICY, lambda: NOW).runs()
    assert (whole.ended_at, count) == (NOW, 700)
    repeats = [repeat for *_, repeat in on_record(record).values()]
    assert repeats.count(None) == 1


def test_what_broke_off_and_is_never_gone_on_with_is_recounted_by_the_next_import(record):
    """Its repeats are told, though it was never whole."""
    add_rosa(record)
    reads = [mail(number=str(each), text=LETTER) for each in range(510)]
    with pytest.raises(Stops):
        bring_in(record, _stopping(reads, 505))
    bring_in(record, [mail(SAM, number="x")], "other")
    repeats = [repeat for plain, *_, repeat in on_record(record).values() if plain[2].startswith("party")]
    assert (len(repeats), repeats.count(None)) == (500, 1)


def test_looking_writes_nothing(record, tmp_path):
    """What would be brought in is counted as it would be, doubles included."""
    add_rosa(record)
    importing = ImportContacts(record, POLICY, lambda: NOW)
    looked = importing.look(some(tmp_path))
    assert on_record(record) == {}
    assert importing.runs() == ()
    done = bring_in(record, some(tmp_path))
    assert (looked.taken, looked.known, looked.uncounted) == (done.taken, done.known, done.uncounted)


def test_only_the_days_that_were_asked_for_are_brought_in(record):
    """What came before or after is left aside and counted."""
    at = datetime(2026, 3, 9, 10, tzinfo=UTC)
    summary = bring_in(record, [mail()], between=Between(at + timedelta(seconds=1)))
    assert (summary.taken.total(), summary.aside.total()) == (0, 1)
    assert bring_in(record, [mail()], between=Between(at, at + timedelta(seconds=1))).taken.total() == 1


def test_retention_goes_by_when_a_contact_came(record):
    """A contact of ten years ago is as old as it is, whenever it was brought in."""
    bring_in(record, [mail(when="Mon, 9 May 2016 10:00:00 +0000", date="Mon, 9 May 2016 10:00:00 +0000"), mail()])
    before = datetime(2020, 1, 1, tzinfo=UTC)
    old = record.read_now(lambda reader: reader.old(RecordClass.CONTACTS, before))
    assert len(old) == 1
    assert record.write_now(lambda tx: tx.remove_old(RecordClass.CONTACTS, before, old)) == 1


def test_keys_of_the_past_are_not_forgotten_as_those_of_doors_are(record):
    """A message can be read from a file years later; no sender tries so long."""
    fresh = mail(when="Sun, 1 Nov 2026 10:00:00 +0000")
    bring_in(record, [fresh])
    record.write_now(lambda tx: tx.forget_keys(NOW + timedelta(days=1)))
    assert bring_in(record, [fresh], "again").known == 1


def test_a_flag_is_raised_by_what_comes_after_and_not_by_the_past(record):
    """Flags of the past are no news, and the import asks for none."""
    add_rosa(record)
    bring_in(record, [mail(number=str(each)) for each in range(40)])
    assert record.read_now(lambda reader: reader.flags()) == ()


def brought(desk, *moments, number="1"):
    """Bring in calls of the desk's party."""
    reads = [
        PastContact(
            f"log:{at}", f"past call {number}{at}", Channel.CALL, at, identity.anything(PHONE), True, talk_s=120
        )
        for at in moments
    ]
    importing = ImportContacts(desk.record, desk.settings.policy, desk.clock)
    return importing, importing.bring_in(reads, asked_for([number]), "clerk").number


def test_nothing_is_flagged_for_when_contacts_of_the_past_came(at_desk):  # noqa: F811  (the fixture)
    """One that is logged late is looked at with those that came live after it, never at the times of an import."""
    desk = at_desk(thresholds=(THREE_CALLS, TEN_MINUTES))
    desk.party()
    now = desk.clock()
    brought(desk, *(now - timedelta(days=3, minutes=each) for each in range(30, 36)))
    desk.add(identifier=PHONE, at=now - timedelta(days=20), minutes=1)
    assert desk.flags() == []


def test_undoing_an_import_takes_its_flags_back(at_desk):  # noqa: F811  (the fixture)
    """What was reached only with contacts of the past is dismissed, with the undoing as its reason; once."""
    desk = at_desk(thresholds=(THREE_CALLS,))
    party, now = desk.party(), desk.clock()
    importing, number = brought(desk, now - timedelta(minutes=30), now - timedelta(minutes=20))
    desk.add(identifier=PHONE)
    (flag,) = desk.flags()
    assert (flag.whose, flag.state) == (f"party:{party}", FlagState.OPEN)
    importing.undo(number, "clerk")
    (flag,) = desk.flags()
    assert (flag.state, flag.why) == (FlagState.DISMISSED, f"undo_import_contacts:{number}")


def test_files_are_read_the_same_by_this_process_and_by_others(tmp_path):
    """A mailbox, a folder of messages and logs give the same contacts in the same order, and what is none by name."""
    mailbox = b"".join(
        b"From x@example.org Mon Mar  9 10:00:00 2026\n" + message(number=str(each)).replace(b"\r\n", b"\n") + b"\n"
        for each in range(250)
    )
    (tmp_path / "mbox").write_bytes(mailbox)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one.eml").write_bytes(message(number="900"))
    (folder / "calls.csv").write_text(TWILIO + row())
    (folder / "picture.jpg").write_bytes(b"\xff\xd8")
    paths = (tmp_path / "mbox", folder, tmp_path / "none")
    alone = list(sources(*paths).read())
    assert list(sources(*paths, processes=2, pays_from=0).read()) == alone
    aside = [(one.place.rpartition("/")[2], one.wrong) for one in alone if isinstance(one, LeftAside)]
    assert aside == [("picture.jpg", False), ("none", True)]
    assert len(alone) == 250 + 1 + 1 + 2


def test_replay_and_import_read_the_same_of_a_mailbox(tmp_path):
    """Time and sender of a message do not depend on what it is read for."""
    path = tmp_path / "mbox"
    path.write_bytes(b"From x@example.org Mon Mar  9 10:00:00 2026\n" + message().replace(b"\r\n", b"\n"))
    (past,) = gather([path], now=NOW, domains=frozenset({"office.example.org"})).pasts
    (read,) = sources(path).read()
    assert (read.at, read.sender, read.recipients) == (past.contact.at, past.contact.sender, past.contact.recipients)


def test_the_serial_of_what_has_a_key_is_always_the_same_and_sorts_by_time():
    """So that no order of bringing in gives other serials."""
    at = datetime(2026, 3, 9, tzinfo=UTC)
    assert serial_of(at, "a") == serial_of(at, "a") != serial_of(at, "b")
    assert len(serial_of(at, "a")) == len(serial(at))
    assert serial_of(at, "z") < serial_of(at + timedelta(milliseconds=1), "a")


def test_what_was_asked_for_has_a_name_of_its_own():
    """Other files are another import."""
    assert asked_for(["a"]) == asked_for(["a"]) != asked_for(["a", "b"])
