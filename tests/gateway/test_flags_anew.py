"""Flags when something changes meanwhile: whose contact it is, what the policy asks, whether the level fell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from gateway.build_desk import casework_of, hand_log_of, letters_of, traces_of
from gateway.flag_round import FlagRound
from gateway.flags import FlagDesk
from gateway.hand_log import Slip
from gateway.levels import Levels
from gateway.past_record import pasts_on_record
from gateway.replay import Replay, copy_standings, scratch_record
from gateway.serials import serial
from rules import identity
from rules.casework.actor import Actor
from rules.contact import Channel
from rules.levels.kinds import Level
from rules.policies import Threshold
from rules.windows import Per
from storage.entries import FlagState
from tests.gateway import past
from tests.gateway.casework.desk import Desk
from tests.gateway.office import APPEALS, CLERK, HEAD, PARTY, Clock, flag_round, mail, office
from tests.gateway.twilio import CALLER, Twilio

SECOND = "r.e@example.net"
FIVE = Threshold(at_least=5, per=Per.DAY)
SIX = Threshold(at_least=6, per=Per.DAY)
WORDS = Threshold(level=Level.WORDS, at_least=1000, per=Per.DAY)
LETTER = "word " * 300
ADA = Actor("Ada", frozenset({"caseworker"}))


def letter(number: int, sender: str = PARTY) -> bytes:
    """Write three hundred words."""
    return mail(number, sender=sender, body=f"{LETTER} {number}")


def opened(here):
    """Name whose flags are open, and of which threshold."""
    return [(one.whose, one.threshold) for one in here.flags() if one.state is FlagState.OPEN]


def with_policy(here, *thresholds: Threshold) -> None:
    """Let the office go on under other thresholds."""
    here.settings = replace(here.settings, policy=here.settings.policy.with_changes(thresholds=thresholds))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_correction_between_the_look_and_the_flag(folder, database, request):
    """Whose mail it turns out to be is flagged, and not whom it was taken for."""
    more = {} if database == "sqlite" else {"record_url": request.getfixturevalue("postgres_url")}
    async with office(folder, policy={"thresholds": (WORDS,)}, **more) as here:
        party = here.party(emails=[PARTY, SECOND])
        for number in range(4):
            await here.post(letter(number, SECOND), sender=SECOND)
        round_ = flag_round(here.settings, here.record, here.clock)
        (due,) = here.record.read_now(lambda reader: reader.due_levels(10))
        found, rest = here.record.read_now(lambda reader: round_._find(due, reader))
        assert found
        await Desk(here).correct(party, SECOND)
        here.record.write_now(lambda tx: round_._raise(due, found, rest, tx))
        assert opened(here) == []


@pytest.mark.parametrize("what", ["a merge", "an address is put on the file"])
async def test_what_came_at_that_very_moment_is_gathered_and_looked_at(folder, what):
    """Decided for one, recorded, and by then another's: its level is theirs within the hour."""
    async with office(folder, policy={"thresholds": (FIVE,)}) as here:
        party = here.party()
        other = here.party(name="R", emails=[SECOND]) if what == "a merge" else None
        for number in range(4):
            await here.post(mail(number))
        deliver = here.gateway.delivery.carry_out

        async def meanwhile(parcel, targets):
            here.gateway.delivery.carry_out = deliver
            if other is not None:
                Desk(here).do(party, "merge", other=other, reason="One person.")
            else:
                identifier = identity.email(SECOND)
                here.record.write_now(lambda tx: tx.add_identifier(identifier, party, how="Told.", by="Ada"))
            return await deliver(parcel, targets)

        here.gateway.delivery.carry_out = meanwhile
        await here.post(mail(20, sender=SECOND), sender=SECOND)
        await here.look_at_levels()
        assert (len({one.whose for one in here.contacts()}), opened(here)) == (2, [])
        here.record.write_now(lambda tx: tx.gather_strays())
        await here.look_at_levels()
        assert {one.whose for one in here.contacts()} == {f"party:{party}"}
        assert opened(here) == [(f"party:{party}", FIVE.name)]


async def test_a_level_that_fell_and_is_reached_again_is_flagged_again(folder):
    """A month is long: what was dismissed at its beginning and has slept does not silence its end."""
    month = Threshold(level=Level.WORDS, at_least=1000, per=Per.MONTH)
    async with office(folder, policy={"thresholds": (month,), "flag_sleep": timedelta(days=3)}) as here:
        here.party()
        for number in range(3):
            await here.post(letter(number))
        here.clock.advance(days=27)
        await here.post(letter(3))
        await here.look_at_levels()
        here.dismiss(here.flags()[0])
        here.clock.advance(days=5)
        await here.look_at_levels()
        assert opened(here) == []
        for number in range(10, 13):
            await here.post(letter(number))
        await here.look_at_levels()
        assert [one for _, one in opened(here)] == [month.name]


async def test_a_level_that_wavers_is_one_flag_while_it_is_open(folder):
    """About every five hours for eight days wavers about five a day: nobody wants thirty alerts of that."""
    async with office(folder, policy={"thresholds": (FIVE,)}) as here:
        here.party()
        for number in range(40):
            await here.post(mail(number))
            here.clock.advance(hours=4, minutes=70 if number % 2 else 40)
        times = sorted(one.at for one in here.flags())
        assert 1 < len(times) < 9
        assert all(later - earlier >= timedelta(days=1) for earlier, later in pairwise(times))


async def test_a_correction_recounts_a_flag_of_before_a_change_of_the_policy(folder):
    """The threshold is gone, its flag is not: it falls with the contacts that made it."""
    async with office(folder, policy={"thresholds": (FIVE,)}) as here:
        party = here.party(emails=[PARTY, SECOND])
        for number in range(5):
            await here.post(mail(number, sender=SECOND if number else PARTY), sender=SECOND if number else PARTY)
        assert opened(here)
        with_policy(here, SIX)
        assert (await Desk(here).correct(party, SECOND)).flags_dismissed == 1
        assert opened(here) == []


@pytest.mark.parametrize(
    ("after", "flagged"),
    [
        pytest.param((SIX,), [], id="a milder number sleeps on"),
        pytest.param((Threshold(at_least=4, per=Per.DAY),), [], id="a stricter number sleeps on"),
        pytest.param((SIX, Threshold(at_least=9, per=Per.DAY)), ["all:9/day/rolling"], id="a far higher one does not"),
        pytest.param((Threshold(at_least=6, per=Per.HOUR),), ["all:6/hour/rolling"], id="another window does not"),
    ],
)
async def test_what_sleeps_sleeps_through_a_change_of_the_policy(folder, after, flagged):
    """The number that comes nearest to the old one sleeps in its place; what is not alike is awake."""
    async with office(folder, policy={"thresholds": (FIVE,)}) as here:
        here.party()
        for number in range(5):
            await here.post(mail(number))
        here.dismiss(here.flags()[0])
        clock = here.clock
    clock.advance(days=1, hours=1)
    async with office(folder, policy={"thresholds": after}, clock=clock) as here:
        for number in range(10, 20):
            await here.post(mail(number))
        assert [one for _, one in opened(here)] == flagged


class Busy(FlagRound):
    """Look at one sender a round, each of whom writes again meanwhile."""

    def __init__(self, here):
        self.here, record = here, here.record
        levels = Levels(here.settings.policy, letters_of(here.settings, traces_of(record)), serial)
        super().__init__(record, levels, here.clock, most_s=0)

    def _find(self, due, reader):
        found = super()._find(due, reader)
        self.here.record.write_now(lambda tx: tx.mark_levels(due.whose, self.here.clock()))
        return found


async def test_whoever_writes_without_end_is_not_always_first(folder):
    """With time for one look a round, everybody else has theirs before the first is looked at again."""
    senders = (PARTY, SECOND, "third@example.org")
    async with office(folder, policy={"thresholds": (WORDS,)}) as here:
        for number, sender in enumerate(senders):
            here.party(name=f"Party {number}", emails=[sender])
            for more in range(4):
                await here.post(letter(10 * number + more, sender), sender=sender)
            here.clock.advance(seconds=1)
        round_ = Busy(here)
        assert [await round_.run() for _ in senders] == [1, 1, 1]
        assert sorted(opened(here)) == [(f"party:{number}", WORDS.name) for number in (1, 2, 3)]


async def test_calls_that_we_left_unanswered_are_told_with_the_flag_spso_14(folder):
    """Flag, draft and alert say so: it is our part in it."""
    three = Threshold(at_least=3, per=Per.HOUR, channels=frozenset({"call"}), title="Calls")
    async with office(folder, phone=True, policy={"thresholds": (three,)}) as here, Twilio(here) as twilio:
        here.party(phones=[CALLER])
        for _ in range(3):
            sid, _ = await twilio.call()
            await twilio.dialled(sid, "no-answer")
            await twilio.status(sid, "completed", 40)
            here.clock.advance(minutes=10)
        casework = casework_of(here.settings, here.record, clock=here.clock)
        desk = FlagDesk(here.record, here.settings.policy, casework, here.clock)
        (one,) = desk.all(10, ADA)
        assert one.text == "3 contacts by phone in any 60 minutes, 3 of which we left unanswered"
        assert desk.draft(one.flag.id, ADA).what.startswith(one.text)
        (alert,) = [one for one in here.record.read_now(lambda reader: reader.alerts(limit=9)) if one.kind == "flag"]
        assert "2 of which we left unanswered" in alert.words  # the third was ringing yet


async def test_contacts_of_the_past_alone_are_never_flagged(folder):
    """Their sender is put on file: what was brought in is no news; one contact more is."""
    month = Threshold(at_least=5, per=Per.MONTH)
    async with office(folder, policy={"thresholds": (month,)}, clock=Clock(past.NOW)) as here:
        days = range(20, 26)
        past.bring_in(here.record, [past.mail(SECOND, f"{day}", f"{day} Oct 2026 10:00:00 +0000") for day in days])
        here.party(emails=[SECOND])
        await here.look_at_levels()
        assert {one.whose for one in here.contacts()} == {"party:1"}
        assert opened(here) == []
        await here.post(mail(1, sender=SECOND), sender=SECOND)
        here.record.write_now(lambda tx: tx.mark_levels("party:1", here.clock(), joined=True))
        await here.look_at_levels()
        assert opened(here) == [("party:1", month.name)]


async def test_a_replay_of_the_record_flags_what_was_flagged(folder):
    """Copies, Cc, matters, places, pages and hours are on record; what a change would do is told by them."""
    asked = (Level.EXACT_REPEATS, Level.ONLY_CC, Level.STAFF_ADDRESSED, Level.MATTERS, Level.OUT_OF_HOURS)
    thresholds = tuple(Threshold(level=level, at_least=3, per=Per.DAY) for level in asked)
    pages = Threshold(level=Level.PAGES, at_least=20, per=Per.WEEK)
    async with office(folder, policy={"thresholds": (*thresholds, pages)}) as here:
        party = here.party()
        here.clock.advance(hours=-6)
        for number in range(4):
            head = f"From: {PARTY}\r\nTo: else@example.net\r\nCc: {CLERK}\r\nSubject: HO/2024-{number}00\r\n"
            await here.post(f"{head}Message-ID: <r{number}@example.org>\r\n\r\n{LETTER}\r\n".encode(), CLERK)
        await here.post(mail(9), HEAD)
        await here.post(mail(10), APPEALS)
        here.clock.advance(hours=8)
        slip = Slip(Channel.LETTER, at=here.clock() - timedelta(hours=1), party=party, pages=25)
        hand_log_of(here.settings, here.record).log(slip, ADA)
        await here.look_at_levels()
        live = sorted(one.threshold for one in here.flags())
        assert live == sorted(one.name for one in (*thresholds, pages))
        pasts = here.record.read_now(lambda reader: pasts_on_record(reader, here.clock() - timedelta(days=30)))
        with scratch_record(here.clock()) as scratch:
            copy_standings(here.record, scratch, {past.contact.sender for past in pasts if past.contact.sender})
            replayed = list(Replay(scratch, here.settings.policy).run(pasts))
        assert sorted(one.threshold for each in replayed for one in each.crossed) == live
