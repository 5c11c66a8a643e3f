"""Contacts logged by hand: the same effect on levels and limits as any, never in the way, and taken back in full."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.casework.register import NotOne
from gateway.hand_log import return_slip, said
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.decision import Outcome
from storage.entries import FlagState, LetterState, State
from tests.gateway.desk_office import ADA, BEA, MAIL, PHONE, at_desk  # noqa: F401  (a fixture)
from tests.gateway.past import POLICY

ONE_A_DAY = {"kind": "volume_limit", "channels": ["call", "letter"], "count": 1, "per": "day"}
MINUTES = {"kind": "talk_time_limit", "minutes": 10, "per": "day"}


@pytest.fixture
def desk(at_desk):  # noqa: F811  (the fixture)
    """An office under the default policy."""
    return at_desk()


@pytest.mark.parametrize("channel", list(Channel))
def test_PHSO_1_SPSO_5_every_way_of_contact_is_logged(desk, channel):
    """Letters, visits, what was said online: on record as of the party, counted once, with a note that only it has."""
    party = desk.party()
    done = desk.add(channel, party=party, note="Asked about the form.")
    entry = desk.entry(done)
    assert (entry.channel, entry.whose, entry.party_id, entry.counts) == (channel, f"party:{party}", party, True)
    assert entry.state is (State.ANSWERED if channel is Channel.CALL else State.DELIVERED)
    assert done.by_hand.note == "Asked about the form."
    assert "form" not in repr(entry)


def test_a_limit_is_used_up_by_hand_and_the_next_is_logged_all_the_same(desk):
    """What is in force is shown to whoever logs it, and never in the way; limits count what they let through."""
    party = desk.party(ONE_A_DAY)
    first, second = desk.add(party=party), desk.add(party=party)
    assert (first.entry.decided, first.entry.counted_at) == (Outcome.CONNECT, first.entry.at)
    assert (second.entry.decided, second.entry.carried) == (Outcome.AUTOMATED_LINE, Outcome.CONNECT)
    assert (second.entry.counted_at, second.entry.counts) == (None, True)
    words = said(second, desk.settings.policy)
    assert words[0].startswith("Under what is in force they hear the recorded message. It is logged all the same")
    assert any("is used up" in one for one in words)


def test_minutes_that_were_logged_are_minutes_of_talk(desk):
    """A limit of talk time knows them, and a call of no minutes uses up nothing."""
    party = desk.party(MINUTES)
    desk.add(party=party, minutes=8)
    assert desk.entry(desk.add(party=party, minutes=0)).counted_at is None
    words = said(desk.add(party=party, minutes=3), desk.settings.policy)
    assert any("2 min" in one for one in words), words


def test_what_came_later_had_used_up_nothing_when_it_came(desk):
    """One that is written down late is judged by its own time, and counts in its own window."""
    party = desk.party(ONE_A_DAY)
    desk.add(party=party)
    late = desk.add(party=party, at=desk.clock() - timedelta(days=1))
    assert (late.entry.decided, late.entry.counted_at) == (Outcome.CONNECT, late.entry.at)


def test_the_named_contact_is_said(desk):
    """Whoever logs a letter is told to whom it belongs."""
    party = desk.party({"kind": "named_contact", "inbox": "j.moss@office.example.org"})
    done = desk.add("letter", party=party)
    assert said(done, desk.settings.policy) == ("To be passed to the named contact, j.moss@office.example.org.",)


def test_a_third_call_in_an_hour_is_flagged_by_hand_too(desk):
    """Once, with an alert, as of any call."""
    party = desk.party()
    for _ in range(4):
        desk.add(party=party)
    (flag,) = desk.flags()
    assert (flag.whose, flag.threshold, flag.level) == (f"party:{party}", "call:3/hour/rolling", 3)


def test_one_logged_late_is_flagged_with_those_that_came_after_it(desk):
    """Two calls are on record; a third from between them makes three in the hour in which they came."""
    party, now = desk.party(), desk.clock()
    for minutes in (180, 140):
        desk.add(party=party, at=now - timedelta(minutes=minutes))
    assert desk.flags() == []
    late = desk.add(party=party, at=now - timedelta(minutes=160))
    (flag,) = desk.flags()
    assert (flag.contact_id, flag.at) == (late.entry.id, now - timedelta(minutes=140))


def test_one_logged_late_does_not_flag_again_what_was_flagged(desk):
    """A call from long before leaves the level of this hour as it is."""
    party = desk.party()
    for _ in range(3):
        desk.add(party=party)
    assert len(desk.flags()) == 1
    desk.add(party=party, at=desk.clock() - timedelta(hours=5))
    desk.add(party=party, at=desk.clock() - timedelta(minutes=30))
    assert {one.threshold for one in desk.flags()} == {"call:3/hour/rolling", "call:5/day/rolling"}
    assert len(desk.flags()) == 2


def test_talk_by_hand_is_flagged(desk):
    """Two hours in a week, whichever door they came by; the call that makes them full."""
    party = desk.party()
    desk.add(party=party, minutes=90, at=desk.clock() - timedelta(days=2))
    assert desk.flags() == []
    full = desk.add(party=party, minutes=30)
    (flag,) = desk.flags()
    assert (flag.contact_id, flag.level) == (full.entry.id, 120)


def test_who_nobody_knows_has_no_level(desk):
    """It is on record and counts for nobody; a shared number says who it may be."""
    done = desk.add("visit")
    assert (done.entry.whose, done.entry.counts, done.entry.counted_at) == ("nobody", False, None)
    desk.party(name="A. One", shared=True)
    desk.party({"kind": "block"}, name="B. Two", shared=True)
    shared = desk.add(identifier="01632 960001")
    assert (shared.entry.party_id, shared.may_be) == (None, ("A. One", "B. Two"))
    assert "It may be B. Two: the address or number is shared." in said(shared, desk.settings.policy)


def test_a_number_of_nobody_has_a_level_of_its_own(desk):
    """As with any caller whom nobody has put on a party."""
    done = desk.add(identifier="01632 960777")
    assert (done.entry.whose, done.entry.counts) == ("phone:+441632960777", True)


def test_what_we_did_is_no_contact_of_theirs(desk):
    """Our own call is on record, and counts towards nothing."""
    party = desk.party(ONE_A_DAY)
    for _ in range(5):
        done = desk.add(party=party, ours=True, minutes=60)
    assert (done.entry.state, done.entry.counts, done.entry.counted_at) == (State.OURS, False, None)
    assert desk.flags() == []
    assert desk.add(party=party).entry.decided is Outcome.CONNECT


def test_the_same_key_is_one_contact(desk):
    """Sent twice it is one; for something else it is refused; another's key is another."""
    party = desk.party()
    at = desk.clock()
    first = desk.add(party=party, key="k", at=at, minutes=3)
    again = desk.add(party=party, key="k", at=at, minutes=3)
    assert (again.entry.id, again.fresh, first.fresh) == (first.entry.id, False, True)
    assert desk.add(party=party, key="k", minutes=3).entry.id == first.entry.id
    with pytest.raises(Refused, match="Something else was logged under this key"):
        desk.add(party=party, key="k", at=at, minutes=4)
    assert desk.add(by=BEA, party=party, key="k", at=at, minutes=3).entry.id != first.entry.id


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"at": timedelta(minutes=1)}, "still to come", id="a time to come"),
        pytest.param({"at": -timedelta(days=367)}, "more than 366 days", id="long ago"),
        pytest.param({"minutes": -1}, "Minutes are", id="minutes below nothing"),
        pytest.param({"minutes": 1441}, "Minutes are", id="more minutes than a day"),
        pytest.param({"identifier": "who?"}, "no address, number or handle", id="no number"),
        pytest.param({"party": 77}, "no party 77", id="a party that is not there"),
        pytest.param({"note": "x" * 8001}, "8000 characters", id="a long note"),
        pytest.param({"staff": "a\nb"}, "one line", id="two lines where one is asked for"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(desk, fields, why):
    """And nothing of it is on record."""
    if "at" in fields:
        fields = {"at": desk.clock() + fields["at"] + timedelta(seconds=1)}
    with pytest.raises(Refused, match=why):
        desk.add(**fields)
    assert desk.record.read_now(lambda reader: reader.contacts(limit=9)) == ()


def test_a_mistake_is_taken_back_in_full(desk):
    """It counts for no limit and no level, its flag falls, and the chain says who did it."""
    party = desk.party(ONE_A_DAY)
    first = desk.add(party=party)
    for _ in range(2):
        last = desk.add(party=party)
    assert [one.state for one in desk.flags()] == [FlagState.OPEN]
    desk.log.take_back(last.entry.id, "the wrong person", ADA)
    desk.log.take_back(first.entry.id, "the wrong person", ADA)
    assert [one.state for one in desk.flags()] == [FlagState.DISMISSED]
    entry = desk.entry(first)
    assert (entry.state, entry.counts, entry.counted_at) == (State.TAKEN_BACK, False, None)
    assert desk.add(party=party).entry.decided is Outcome.CONNECT
    acts = [one.act for one in desk.record.read_now(lambda reader: reader.acts_about(first.entry.id))]
    assert acts == ["log_contact", "take_back"]
    with pytest.raises(Refused, match="taken back before"):
        desk.log.take_back(first.entry.id, "again", ADA)
    shown = desk.log.show(first.entry.id, ADA)
    assert said(shown, desk.settings.policy)[0].endswith("by Ada: the wrong person.")


def test_who_may_log_and_take_back_is_the_policys_to_say(at_desk):  # noqa: F811  (the fixture)
    """Their own mistake everybody takes back who may log; others' those whom the policy names."""
    desk = at_desk(rights={"log_contact": frozenset({"caseworker", "manager"}), "take_back": frozenset({"manager"})})
    own, hers = desk.add("visit"), desk.add("visit", by=BEA)
    desk.log.take_back(own.entry.id, "mine", ADA)
    with pytest.raises(Refused, match="take back what a colleague logged"):
        desk.log.take_back(hers.entry.id, "hers", ADA)
    with pytest.raises(Refused, match="log a contact by hand"):
        desk.add("visit", by=type(ADA)("Eve"))


def test_SPSO_68_a_note_is_for_who_wrote_it_and_who_may_read_files(at_desk):  # noqa: F811  (the fixture)
    """Reading it is put on record (THREATS W4)."""
    desk = at_desk(rights={"read_file": frozenset({"manager"})})
    party = desk.party()
    done = desk.add("visit", by=BEA, party=party, note="Asked.")
    assert desk.log.show(done.entry.id, BEA).by_hand.note == "Asked."
    with pytest.raises(Refused, match="read a party's whole file"):
        desk.log.show(done.entry.id, ADA)
    (act,) = [one for one in desk.record.read_now(lambda reader: reader.acts(limit=9)) if one.act == "read_file"]
    assert (act.who, act.about) == ("Bea", f"party:{party}")


def test_PHSO_27_a_risk_to_life_in_a_note_is_told_and_never_counted(desk):
    """The duty address hears of it at once, whatever the channel; no limit and no level does."""
    party = desk.party(ONE_A_DAY)
    done = desk.add(party=party, note="He said: I am going to kill myself tonight.")
    assert (done.entry.counts, done.entry.counted_at) == (False, None)
    queued = desk.record.read_now(lambda reader: reader.letters(LetterState.QUEUED))
    (letter,) = [one for one in queued if one.kind == "alert"]
    assert b"A colleague logged it by hand" in letter.message
    assert b"kill" not in letter.message


def test_PHSO_M8_a_letter_that_goes_back_has_its_slip(desk):
    """The post room is told, and the slip names nobody; what must reach a person is kept, and has none."""
    party = desk.party({"kind": "return_letters"})
    done = desk.add("letter", party=party)
    assert said(done, desk.settings.policy) == ("To be returned by the post room, with the slip.",)
    slip = return_slip(done, desk.settings.policy)
    assert slip[0].startswith("We have not kept your letter.")
    assert "Example" not in " ".join(slip)
    risky = desk.add("letter", party=party, note="I will kill myself")
    assert return_slip(risky, desk.settings.policy) == ()
    assert "Not to be returned: it must reach a person at once." in said(risky, desk.settings.policy)
    assert return_slip(desk.add("visit", party=party), desk.settings.policy) == ()


def test_PHSO_23_why_an_adjustment_was_agreed_is_not_said(desk):
    """That it keeps the channel open is."""
    party = desk.party({"kind": "block"})
    desk.adjust(party, Channel.CALL)
    words = " ".join(said(desk.add(party=party), desk.settings.policy))
    assert "An adjustment keeps this channel open to a person." in words
    assert "their own affair" not in words


def test_observe_mode_changes_nothing_that_has_happened(desk):
    """The decision stands on record, and what was done is what a colleague did."""
    desk.record.write_now(lambda tx: tx.set_setting("observe", "on"))
    party = desk.party({"kind": "block"})
    entry = desk.add(identifier=MAIL, channel="email", to="clerk@office.example.org").entry
    assert (entry.party_id, entry.decided, entry.carried) == (party, Outcome.REFUSE, Outcome.DELIVER)
    assert entry.sender == f"email:{MAIL}"
    assert PHONE not in repr(entry)


@pytest.mark.parametrize("may", [False, True], ids=["may not read files", "may read files"])
def test_several_parties_are_numbered_for_who_may_read_files(at_desk, may):  # noqa: F811  (the fixture)
    """Others hear that there are several, and ask; who they were is on record either way."""
    rights = {"read_file": frozenset({"caseworker" if may else "manager"})}
    desk = at_desk(rights=dict(POLICY.rights) | rights)
    numbers = [desk.party(name="R. Twice", known=()) for _ in range(2)]
    with pytest.raises(NotOne) as refused:
        desk.add("visit", who="R. Twice")
    assert all((str(number) in str(refused.value)) == may for number in numbers)
    acts = desk.record.read_now(lambda reader: reader.acts(limit=1))
    assert [one.detail for one in acts] == [{"of": "hand_log", "parties": numbers}]
