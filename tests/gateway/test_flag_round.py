"""Sums are looked at within seconds of a contact: one flag and one alert for one hill, and a kill loses none."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.build_desk import casework_of, hand_log_of, letters_of, traces_of
from gateway.flag_round import FlagRound
from gateway.flags import FlagDesk
from gateway.hand_log import Slip
from gateway.levels import Found, Levels
from gateway.party_levels import correct_minutes
from gateway.serials import serial
from rules import identity
from rules.alerts import SEVERITIES, AlertKind, Severity
from rules.casework.actor import Actor
from rules.contact import Channel, Contact
from rules.levels.kinds import Level
from rules.levels.thresholds import Crossing
from rules.policies import Threshold
from rules.windows import Per, in_words
from storage.due_levels import DueLevels
from storage.entries import FlagState
from storage.record import Record
from tests.gateway.casework.desk import Desk
from tests.gateway.hop import Hop
from tests.gateway.office import APPEALS, CLERK, HEAD, PARTY, flag_round, mail, office
from tests.gateway.twilio import CALLER, Twilio

SECOND = "r.e@example.net"
FIVE = Threshold(at_least=5, per=Per.DAY, title="Much in a day")
WORDS = Threshold(level=Level.WORDS, at_least=1000, per=Per.DAY)
LETTER = "word " * 300


@asynccontextmanager
async def words(folder, *thresholds: Threshold, **more):
    """Serve an office with a party and a threshold of a thousand words in a day."""
    async with office(folder, policy={"thresholds": thresholds or (WORDS,)}, **more) as here:
        here.party(emails=[PARTY, SECOND], phones=[CALLER])
        yield here


def alerts(here):
    """Give the alerts of flags that were raised."""
    return [one for one in here.record.read_now(lambda reader: reader.alerts(limit=100)) if one.kind == "flag"]


@pytest.fixture
def rounds(monkeypatch):
    """Count the rounds that the clock's own job has ended, whoever runs them."""
    ended, run = [], FlagRound.run

    async def counted(self):
        found = await run(self)
        ended.append(found)
        return found

    monkeypatch.setattr(FlagRound, "run", counted)
    return ended


async def more_of(rounds, number):
    """Wait until so many more rounds have ended; a loaded machine may take long over a second."""
    until = len(rounds) + number
    while len(rounds) < until:
        await asyncio.sleep(0.02)


async def test_two_addresses_and_a_number_of_one_party_are_one_flag_and_one_alert(folder, rounds):
    """By real SMTP and real webhooks, counts and sums: with the second round at the latest, one each second; once."""
    both = Threshold(at_least=5, per=Per.DAY), WORDS
    async with words(folder, *both, jobs=True, phone=True) as here, Twilio(here) as twilio:
        assert here.gateway.jobs._scheduler.get_job("flags").trigger.interval == timedelta(seconds=1)
        for number, sender in enumerate((PARTY, SECOND, PARTY)):
            await here.post(mail(number, sender=sender, body=f"{LETTER} {number}"), sender=sender)
        await twilio.call()
        assert here.flags() == []
        await here.post(mail(7, sender=SECOND, body=LETTER), sender=SECOND)
        # One may have begun before the message came, and five seconds are five of them.
        await more_of(rounds, 2)
        assert {flag.threshold for flag in here.flags()} == {one.name for one in both}
        for number in range(8, 10):
            await here.post(mail(number, body=LETTER))
        await twilio.call()
        await more_of(rounds, 2)
        assert len(here.flags()) == len(alerts(here)) == 2
        assert {flag.whose for flag in here.flags()} == {"party:1"}


async def test_what_is_due_outlives_a_kill(folder):
    """The mark is in the contact's own commit: whoever starts next raises the flag, and it is raised once."""
    async with words(folder) as here:
        for number in range(4):
            await here.post(mail(number, body=LETTER))
        assert here.flags() == []
        settings, clock = here.settings, here.clock
    with Record.open(settings.config.record_url, now=clock) as record:
        after = flag_round(settings, record, clock)
        assert await after.run() == 1
        assert await after.run() == 0
        (flag,) = record.read_now(lambda reader: reader.flags())
        assert (flag.level >= 1200, flag.threshold) == (True, WORDS.name)


async def test_a_hill_is_flagged_where_it_was_reached_and_not_again(folder):
    """The contact that brought it to the threshold is named, though more came before anybody looked."""
    async with words(folder) as here:
        for number in range(6):
            await here.post(mail(number, body=LETTER))
        await here.look_at_levels()
        (flag,) = here.flags()
        assert flag.contact_id == here.contacts()[3].id
        await here.post(mail(9, body=LETTER))
        await here.look_at_levels()
        assert len(here.flags()) == 1
        here.clock.advance(days=2)
        for number in range(10, 14):
            await here.post(mail(number, body=LETTER))
            await here.look_at_levels()
        assert len(here.flags()) == 2


async def test_a_flag_that_was_dealt_with_sleeps_and_wakes_to_what_is_still_there(folder):
    """No flag while it sleeps; when it wakes a level that never fell is flagged anew, one that fell is not."""
    async with words(folder, FIVE) as here:
        for number in range(5):
            await here.post(mail(number))
        (flag,) = here.flags()
        here.dismiss(flag)
        for day in range(1, 14):
            here.clock.advance(days=1)
            for number in range(6):
                await here.post(mail(day * 10 + number))
            await here.look_at_levels()
        here.clock.advance(hours=12)
        for number in range(6):
            await here.post(mail(500 + number))
        here.clock.advance(hours=11)
        await here.look_at_levels()
        assert len(here.flags()) == 1
        here.clock.advance(hours=2)
        await here.look_at_levels()
        (woken,) = [one for one in here.flags() if one.state is FlagState.OPEN]
        assert (woken.threshold, woken.level >= 5) == (FIVE.name, True)
        here.dismiss(woken)
        here.clock.advance(days=15)
        await here.look_at_levels()
        assert len(here.flags()) == 2


async def test_an_alert_is_as_urgent_as_the_policy_says_of_the_threshold(folder):
    """Where a threshold says nothing, its alert is as urgent as that of any flag."""
    both = Threshold(at_least=2, per=Per.DAY, severity="urgent"), Threshold(at_least=3, per=Per.WEEK)
    async with words(folder, *both) as here:
        for number in range(3):
            await here.post(mail(number))
        found = {one.about.removeprefix("flag:"): one.severity for one in alerts(here)}
        assert {flag.threshold: found[flag.id] for flag in here.flags()} == {
            both[0].name: Severity.URGENT,
            both[1].name: SEVERITIES[AlertKind.FLAG],
        }


async def test_levels_that_cannot_be_looked_at_stay_due_and_hold_up_no_other(folder, monkeypatch):
    """A fault at one party is said; the next is looked at, and the first again with the next round."""
    async with words(folder) as here:
        other = here.party(name="S. Other", emails=["s@example.net"])
        for number in range(4):
            for sender in (PARTY, "s@example.net"):
                await here.post(mail(number, sender=sender, body=LETTER), sender=sender)
        round_ = flag_round(here.settings, here.record, here.clock)
        sums = round_._levels.sums

        def broken(reader, whose, *span):
            if whose == "party:1":
                raise ZeroDivisionError
            return sums(reader, whose, *span)

        with monkeypatch.context() as patch:
            patch.setattr(round_._levels, "sums", broken)
            assert await round_.run() == 1
            assert [flag.whose for flag in here.flags()] == [f"party:{other}"]
        assert await round_.run() == 1
        assert {flag.whose for flag in here.flags()} == {"party:1", f"party:{other}"}


async def test_two_that_turn_out_to_be_one_have_one_flag_of_one_hill(folder):
    """Each was flagged in the same hours; after the merge the first flag stands, the other is dismissed on record."""
    async with office(folder, policy={"thresholds": (FIVE,)}) as here:
        first, second = here.party(), here.party(name="R. E.", emails=[SECOND])
        for sender in (PARTY, SECOND):
            for number in range(5):
                await here.post(mail(number, sender=sender), sender=sender)
        assert [flag.whose for flag in here.flags()] == [f"party:{first}", f"party:{second}"]
        Desk(here).do(first, "merge", other=second, reason="one address on both forms")
        states = [(flag.whose, flag.state) for flag in here.flags()]
        assert states == [(f"party:{first}", FlagState.OPEN), (f"party:{first}", FlagState.DISMISSED)]
        assert "recounted" in {act.act for act in here.record.read_now(lambda reader: reader.acts())}


@pytest.mark.xdist_group("postgres")
async def test_two_processes_racing_raise_one(folder, postgres_url):
    """Two records on one PostgreSQL take contacts of a party, and two rounds look at once: one flag for each hill."""
    both = FIVE, WORDS
    async with words(folder, *both, record_url=postgres_url) as here:
        second = folder / "second"
        second.mkdir()
        async with office(second, record_url=postgres_url, policy={"thresholds": both}, clock=here.clock) as there:
            posts = [(here, there)[number % 2].post(mail(number, body=f"{LETTER} {number}")) for number in range(10)]
            replies = await asyncio.gather(*posts)
            assert all(reply.startswith("250 ") for reply in replies)
            await asyncio.gather(*(each.look_at_levels() for each in (here, there) * 3))
        assert sorted(flag.threshold for flag in here.flags()) == sorted(one.name for one in both)
        assert len(alerts(here)) == 2
        assert len(here.contacts(channels=[Channel.EMAIL])) == 10


async def test_a_round_ends_after_its_time_and_the_rest_is_due_in_the_next(folder):
    """In a flood flags come later, and none is lost; even a round that has no time looks at one party."""
    async with words(folder, WORDS) as here:
        for number in range(3):
            here.record.write_now(lambda tx, n=number: tx.mark_levels(f"email:p{n}@example.net", here.clock()))
        levels = Levels(here.settings.policy, letters_of(here.settings, traces_of(here.record)), serial)
        hasty = FlagRound(here.record, levels, here.clock, most_s=0)
        assert [await hasty.run() for _ in range(4)] == [1, 1, 1, 0]


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("threshold", [FIVE, WORDS], ids=["a count, with the contact", "a sum, a moment later"])
async def test_two_transactions_at_once_see_one_hill(folder, postgres_url, threshold):
    """Both have put their contact on record before either looks at the level: whoever is second sees the first's."""
    async with words(folder, threshold, record_url=postgres_url) as here:
        for number in range(4):
            await here.post(mail(number, body="Hello"))
        last = here.contacts()[-1]
        both_there = threading.Barrier(2, timeout=10)
        levels = Levels(here.settings.policy, letters_of(here.settings, traces_of(here.record)), serial)

        def at_once(number, record):
            came = replace(last, id=f"{number:022}", key=None, at=here.clock(), words=2000)
            contact = Contact(came.id, came.channel, came.at, identity.email(PARTY))
            round_ = FlagRound(record, levels, here.clock)

            def job(tx):
                tx.add_contact(came)
                both_there.wait()
                if threshold is FIVE:
                    levels.after_contact(tx, contact, came, here.clock())
                else:
                    found = [Found(came.at, came.id, Crossing(WORDS.name, 2000, "2,000 words"))]
                    round_._raise(DueLevels(came.whose, came.at, came.at, 0), found, None, tx)

            record.write_now(job)

        with Record.open(here.settings.config.record_url, now=here.clock) as another:
            await asyncio.gather(*(asyncio.to_thread(at_once, n, one) for n, one in enumerate((here.record, another))))
        assert [flag.threshold for flag in here.flags()] == [threshold.name]
        assert len(alerts(here)) == 1


async def test_minutes_that_staff_put_right_are_looked_at(folder):
    """An estimate that is corrected upwards brings the level to its threshold as a contact would."""
    hours = Threshold(level=Level.STAFF_MINUTES, at_least=60, per=Per.WEEK)
    async with words(folder, hours) as here:
        await here.post(mail())
        assert (await here.look_at_levels(), here.flags()) == (1, [])
        manager = Actor("Eve", frozenset({"manager"}))
        correct_minutes(here.record, here.only().id, 75, here.settings.policy, manager)
        assert await here.look_at_levels() == 1
        (flag,) = here.flags()
        assert (flag.level, flag.contact_id) == (75, here.only().id)


async def test_separate_colleagues_addressed_are_looked_at_with_every_recipient(folder):
    """SPSO-42: those to whom a message goes on in another transaction of its sender's server count with the first."""
    three = Threshold(level=Level.STAFF_ADDRESSED, at_least=3, per=Per.DAY)
    async with words(folder, three) as here:
        await here.post(mail(1), CLERK)
        await here.post(mail(1), HEAD)
        assert (await here.look_at_levels(), here.flags()) == (1, [])
        await here.post(mail(1), APPEALS)
        assert await here.look_at_levels() == 1
        (flag,) = here.flags()
        assert (flag.level, len(here.contacts())) == (3, 1)


async def test_what_became_of_a_contact_is_looked_at_once_it_is_known(folder):
    """A limited message is on record before it is delivered: a round between the two leaves nothing unseen."""
    through = Threshold(level=Level.LET_THROUGH, at_least=2, per=Per.DAY)
    limit = {"kind": "volume_limit", "channels": ["email"], "count": 5, "per": "day"}
    async with words(folder, through) as here:
        here.restrict(1, limit)
        await here.post(mail(1))
        await here.look_at_levels()
        deliver = here.gateway.delivery.carry_out

        async def looked_at_meanwhile(parcel, targets):
            assert await here.look_at_levels() == 1
            return await deliver(parcel, targets)

        here.gateway.delivery.carry_out = looked_at_meanwhile
        await here.post(mail(2))
        assert here.flags() == []
        assert await here.look_at_levels() == 1
        assert [flag.level for flag in here.flags()] == [2]


async def test_a_level_that_a_party_reaches_by_an_address_that_is_theirs_is_flagged(folder):
    """Four of the one and four of the other cross nothing; when they turn out to be one party's, they are eight."""
    async with office(folder, policy={"thresholds": (Threshold(at_least=5, per=Per.WEEK),)}) as here:
        party = here.party()
        for number in range(4):
            for sender in (PARTY, SECOND):
                await here.post(mail(number, sender=sender), sender=sender)
        here.record.write_now(lambda tx: tx.add_identifier(identity.email(SECOND), party, how="said", by="test"))
        await here.look_at_levels()
        (flag,) = here.flags()
        assert (flag.level, flag.contact_id) == (8, here.contacts()[-1].id)
        await here.post(mail(9))
        await here.look_at_levels()
        assert len(here.flags()) == 1


async def test_a_level_that_two_reach_by_their_merge_is_flagged(folder):
    """Sums and counts, each once; a level that one of the two was flagged for is not flagged again."""
    both = Threshold(at_least=5, per=Per.WEEK), WORDS
    async with office(folder, policy={"thresholds": both}) as here:
        first, _ = here.party(), here.party(name="R. E.", emails=[SECOND])
        for sender, bodies in ((PARTY, (LETTER,) * 4), (SECOND, ("Hello",) * 4)):
            for number, body in enumerate(bodies):
                await here.post(mail(number, sender=sender, body=body), sender=sender)
        await here.look_at_levels()
        assert [flag.threshold for flag in here.flags()] == [WORDS.name]
        Desk(here).do(first, "merge", other=2, reason="one address on both forms")
        for _ in range(2):
            await here.look_at_levels()
        assert {(flag.whose, flag.threshold) for flag in here.flags()} == {(f"party:{first}", one.name) for one in both}
        assert len(here.flags()) == 2


async def test_a_level_that_never_fell_is_flagged_with_what_comes_after_its_sleep(folder):
    """Nobody wrote while the flag slept, so that there is nothing new to flag; when somebody does, it is flagged."""
    async with office(folder, policy={"thresholds": (Threshold(at_least=5, per=Per.MONTH),)}) as here:
        here.party()
        for number in range(5):
            await here.post(mail(number))
        here.dismiss(here.flags()[0])
        here.clock.advance(days=14, minutes=1)
        for _ in range(2):
            await here.look_at_levels()
        assert len(here.flags()) == 1
        for number in range(5, 8):
            await here.post(mail(number))
            here.clock.advance(hours=1)
            await here.look_at_levels()
        assert [flag.level for flag in here.flags()] == [5, 6]


async def test_a_slip_of_long_ago_is_looked_at_in_lots(folder, monkeypatch):
    """The window after it, oldest first, however much came since; what came today is looked at as well."""
    monkeypatch.setattr("gateway.levels._MOST_LATER", 5)
    asked, sums = [], Levels.sums

    def counted(self, reader, whose, *span):
        asked.append(span)
        return sums(self, reader, whose, *span)

    monkeypatch.setattr(Levels, "sums", counted)
    pages = Threshold(level=Level.PAGES, at_least=20, per=Per.DAY)
    async with office(folder, policy={"thresholds": (pages, WORDS)}) as here:
        party = here.party()
        long_ago = here.clock()
        here.clock.advance(days=2)
        for number in range(100, 106):
            await here.post(mail(number, body="Hello"))
        here.clock.advance(days=60)
        for number in range(11):
            await here.post(mail(number, body="Hello"))
            here.clock.advance(hours=12)
        while await here.look_at_levels():
            pass
        log = hand_log_of(here.settings, here.record)
        slip = Slip(Channel.LETTER, at=long_ago + timedelta(days=1), party=party, pages=25)
        log.log(slip, Actor("Ada", frozenset({"caseworker"})))
        asked.clear()
        while await here.look_at_levels():
            pass
        assert [(flag.threshold, flag.at) for flag in here.flags()] == [(pages.name, slip.at)]
        assert len(asked) == 2
        here.record.write_now(lambda tx: tx.mark_levels(f"party:{party}", slip.at))
        for number in range(20, 24):
            await here.post(mail(number, body=LETTER))
        for _ in range(20):
            await here.look_at_levels()
        assert {flag.threshold for flag in here.flags()} == {pages.name, WORDS.name}


async def test_the_round_marks_and_locks_in_the_order_of_a_contact(folder):
    """Else PostgreSQL finds each waiting for the other, and a contact is put off."""
    async with words(folder) as here:
        for number in range(4):
            await here.post(mail(number, body=LETTER))
        (due,) = here.record.read_now(lambda reader: reader.due_levels(10))
        round_ = flag_round(here.settings, here.record, here.clock)
        found, rest = here.record.read_now(lambda reader: round_._find(due, reader))
        asked = []

        class Told:
            """Write down what is asked of a transaction, and ask it."""

            def __init__(self, tx):
                self._tx = tx

            def __getattr__(self, name):
                asked.append(name)
                return getattr(self._tx, name)

        here.record.write_now(lambda tx: round_._raise(due, found, rest, Told(tx)))
        assert asked.index("levels_looked_at") < asked.index("lock_levels")
        assert len(here.flags()) == 1


# What became of it later


async def message_is_left(here):
    """Somebody calls, nobody answers; then the caller leaves a message."""
    async with Twilio(here) as twilio:
        sid, _ = await twilio.call()
        await twilio.dialled(sid, status="no-answer")
        yield
        await twilio.recorded(sid)


async def returned_message_is_released(here):
    """A message goes back to its sender; then a person brings it to its inbox all the same."""
    here.restrict(1, {"kind": "return_mail"})
    await here.post(mail())
    yield
    # What was returned has no copy by now; a correction finds one while it has.
    number = here.contacts()[-1].id
    here.record.write_now(lambda tx: tx.keep_raw(number, PARTY, mail()))
    assert "was delivered" in await here.gateway.holds.release(number, "a clerk")


async def failed_message_is_held(here):
    """It breaks three times on its way, and is taken for a person."""
    here.restrict(1, LIMIT)
    works = here.gateway.delivery._trace

    def looked_at(tx):
        return [tx.levels_looked_at(due) for due in tx.due_levels(10)]

    def breaks(*_):
        here.record.write_now(looked_at)  # a round, while the message is on its way
        raise ZeroDivisionError

    here.gateway.delivery._trace = breaks
    for _ in range(2):
        assert (await here.post(mail())).startswith("451 ")
    yield
    assert (await here.post(mail())).startswith("250 ")
    here.gateway.delivery._trace = works


async def deferred_message_is_held_by_its_hours(here):
    """It was put off by a fault of ours; when it is tried again, a restriction holds it."""
    works = here.gateway.delivery._trace
    here.restrict(1, LIMIT)

    def breaks(*_):
        raise ZeroDivisionError

    here.gateway.delivery._trace = breaks
    assert (await here.post(mail())).startswith("451 ")
    here.gateway.delivery._trace = works
    here.restrict(1, HOURS)
    yield
    assert (await here.post(mail())).startswith("250 ")
    assert here.states() == ["delivered", "held"]


LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 5, "per": "day"}
HOURS = {"kind": "time_window", "channels": ["email"], "from": "14:00", "to": "15:00"}
LATER = message_is_left, returned_message_is_released, failed_message_is_held, deferred_message_is_held_by_its_hours


@pytest.mark.parametrize("way", LATER, ids=lambda way: way.__name__.replace("_", " "))
async def test_a_contact_that_comes_about_later_is_looked_at(folder, way):
    """It counted for nothing while it was on its way; once it is there, its level is looked at, by every door."""
    two = Threshold(level=Level.CONTACTS, at_least=2, per=Per.DAY)
    async with words(folder, two, phone=True) as here:
        await here.post(mail(100))
        steps = way(here)
        await anext(steps)
        await here.look_at_levels()
        assert here.flags() == []
        with pytest.raises(StopAsyncIteration):
            await anext(steps)
        await here.look_at_levels()
        assert [flag.level for flag in here.flags()] == [2]


async def test_a_message_that_its_server_tried_again_in_part_is_looked_at(folder):
    """One of two recipients was put off; the sender comes back for the one that has it: then it is delivered."""
    two = Threshold(level=Level.CONTACTS, at_least=2, per=Per.DAY)
    async with Hop() as hop, words(folder, two, mail={"next_hop": f"127.0.0.1:{hop.port}"}) as here:
        await here.post(mail(0), CLERK, HEAD)
        hop.say("RCPT", "450 4.2.1 Busy", "250 2.1.5 Ok")
        assert (await here.post(mail(), CLERK, HEAD)).startswith("450 ")
        await here.look_at_levels()
        assert here.flags() == []
        assert (await here.post(mail(), HEAD)).startswith("250 ")
        await here.look_at_levels()
        assert [flag.level for flag in here.flags()] == [2]


# The evidence


def drafted(here):
    """Give the only flag with what can be drafted from it."""
    casework = casework_of(here.settings, here.record, clock=here.clock)
    desk = FlagDesk(here.record, here.settings.policy, casework, here.clock)
    (flag,) = here.flags()
    return desk.draft(flag.id, Actor("Ada", frozenset({"caseworker"})))


async def test_the_evidence_is_what_made_the_level_and_no_more(folder):
    """Of twenty in hours and three out of hours, the three."""
    night = Threshold(level=Level.OUT_OF_HOURS, at_least=3, per=Per.WEEK)
    async with office(folder, policy={"thresholds": (night,)}) as here:
        here.party()
        for number in range(5):
            await here.post(mail(number))
        here.clock.advance(hours=11)
        for number in range(5, 8):
            await here.post(mail(number))
            here.clock.advance(minutes=1)
        await here.look_at_levels()
        assert drafted(here).evidence == tuple(entry.id for entry in here.contacts()[:4:-1])


async def test_what_came_after_a_flag_is_no_evidence_of_it_and_hides_none(folder, monkeypatch):
    """Where there is more evidence than is named, the draft begins with the window and says so."""
    monkeypatch.setattr("gateway.flags._MOST_EVIDENCE", 5)
    async with office(folder, policy={"thresholds": (FIVE,)}) as here:
        here.party()
        for number in range(11):
            await here.post(mail(number))
            here.clock.advance(minutes=1)
        assert drafted(here).evidence == tuple(entry.id for entry in here.contacts()[4::-1])
        monkeypatch.setattr("gateway.flags._MOST_EVIDENCE", 4)
        cut = drafted(here)
        assert len(cut.evidence) == 4
        begins = in_words(here.contacts()[4].at - timedelta(days=1), here.settings.policy.zone)
        assert f"from {begins} to" in cut.what
        assert cut.what.endswith("The evidence names the newest 4 of the contacts.")
