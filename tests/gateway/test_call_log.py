"""The provider's own log: what came while we were down is entered once, and minutes are settled (THREATS T7)."""

from datetime import timedelta

import pytest

from adapters.phone.call import CallStatus
from adapters.phone.twilio_log import LoggedText
from gateway.build_desk import letters_of, traces_of
from gateway.build_phone import missed_by
from gateway.call_decision import CallDecisions, Lines
from gateway.call_log import LATE, READ_UNTIL, CallLog
from gateway.import_contacts import ImportContacts, asked_for
from gateway.levels import Levels
from gateway.past_contact import PastContact
from gateway.serials import serial
from rules import identity
from rules.contact import Channel
from rules.decision import Outcome
from rules.policies import Threshold
from rules.windows import Per
from storage.entries import State
from storage.recordings import RecordingState
from tests.gateway.casework.desk import CLERK
from tests.gateway.casework.desk import Desk as Casework
from tests.gateway.office import SWITCHBOARD, office
from tests.gateway.provider import DOWN, HOUR, NO_ROOMS, FakeProvider, text
from tests.gateway.texting import SENDER, form, texting
from tests.gateway.twilio import CALLER, Twilio, dial, verbs

ONE_CALL = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "day"}
TEN_MINUTES = {"kind": "talk_time_limit", "minutes": 10, "per": "day"}
MINUTE = timedelta(minutes=1)
RE1 = "RE" + "1" * 32


class Desk:
    """Hold an office, its provider and the job, which has run once."""

    def __init__(self, here):
        self.here, self.provider, self.texts = here, FakeProvider(), []
        policy, record = here.settings.policy, here.record
        letters = letters_of(here.settings, traces_of(record))
        levels = Levels(policy, letters, serial)
        decisions = CallDecisions(policy, levels, letters, Lines(SWITCHBOARD, {}), node="here")
        self.log = CallLog(
            record,
            policy,
            decisions,
            levels,
            letters,
            self.provider,
            clock=here.clock,
            node="here",
            missed_text=self._missed,
        )

    async def _missed(self, one):
        self.texts.append(one.sid)

    async def run(self, **later):
        """Let time pass, and do the job."""
        self.here.clock.advance(**later)
        return await self.log.reconcile()

    def until(self):
        return self.here.record.read_now(lambda reader: reader.setting(READ_UNTIL))


async def begun(here):
    """Give a desk whose log was read up to now."""
    desk = Desk(here)
    await desk.run()
    return desk


async def test_a_call_that_came_while_we_were_down_is_entered_once(folder):
    """At its own time, as it was: put through, with its talk time; counted, marked; and never a second time."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        party = here.party(ONE_CALL, emails=(), phones=[CALLER])
        desk = await begun(here)
        came = here.clock() + MINUTE
        desk.provider.called(came, talk_s=61)
        assert await desk.run(hours=1) == 1
        entry = here.only()
        assert (entry.at, entry.state, entry.talk_s, entry.party_id) == (came, State.ANSWERED, 61, party)
        assert (entry.decided, entry.carried, LATE in entry.reasons) == (Outcome.CONNECT, Outcome.CONNECT, True)
        assert here.used(party, Channel.CALL) == 1
        for _ in range(3):
            assert await desk.run(minutes=5) == 0
        assert len(here.contacts()) == 1


@pytest.mark.parametrize("named", [False, True], ids=["by no paper", "by a paper"])
async def test_a_call_that_was_brought_in_before_is_one_call(folder, named):
    """The entry of the import makes way, save where papers name it: then it stays, and is the one there is."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        party = here.party(emails=(), phones=[CALLER])
        desk = await begun(here)
        came = here.clock() + MINUTE
        sid = desk.provider.called(came, talk_s=61)
        read = PastContact("log:1", f"past call {sid}", Channel.CALL, came, identity.phone(CALLER), True, sid=sid)
        importing = ImportContacts(here.record, here.settings.policy, lambda: came + MINUTE)
        importing.bring_in([read], asked_for(["log"]), "clerk")
        if named:
            what = {"category": "abusive_language", "what": "On this call.", "evidence": [here.only().id]}
            Casework(here).do(party, "note_incident", CLERK, **what)
        assert await desk.run(hours=1) == (0 if named else 1)
        assert here.only().state is (State.PAST if named else State.ANSWERED)
        assert await desk.run(minutes=5) == 0


async def test_a_call_that_we_know_is_left_as_it_is(folder):
    """What came to us is not entered again, whatever the log says of it."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        desk = await begun(here)
        sid, _ = await twilio.call()
        await twilio.dialled(sid, duration=40)
        desk.provider.called(here.clock(), talk_s=99, sid=sid)
        assert await desk.run(hours=1) == 0
        assert (here.only().talk_s, here.only().state) == (40, State.ANSWERED)


async def test_limits_count_what_they_would_have_let_through(folder):
    """The second call of a day went through without us; the limit does not count it, the levels do."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        party = here.party(ONE_CALL, emails=(), phones=[CALLER])
        desk = await begun(here)
        for number in range(2):
            desk.provider.called(here.clock() + (1 + number) * MINUTE, talk_s=61)
        assert await desk.run(hours=1) == 2
        assert sorted(entry.decided for entry in here.contacts()) == sorted((Outcome.CONNECT, Outcome.AUTOMATED_LINE))
        assert [entry.carried for entry in here.contacts()] == [Outcome.CONNECT] * 2
        assert here.used(party, Channel.CALL) == 1
        assert "Dial" not in verbs((await twilio.call())[1])


async def test_levels_are_counted_and_flagged(folder):
    """Calls of an hour that nobody told us of reach a threshold all the same."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        here.party(emails=(), phones=[CALLER])
        desk = await begun(here)
        for number in range(12):
            desk.provider.called(here.clock() + (1 + number) * MINUTE, talk_s=61)
        assert await desk.run(hours=1) == 12
        assert here.flags()


BECAME = {
    "somebody answered": ({"talk_s": 61}, State.ANSWERED, True),
    "somebody answered for a moment": ({"talk_s": 12}, State.ANSWERED, False),
    "nobody answered": ({}, State.MISSED, False),
    "the provider failed": ({"status": CallStatus.FAILED}, State.MISSED, False),
    "a message was left with the fallback": ({"left": (RE1,)}, State.VOICEMAIL, False),
}


@pytest.mark.parametrize(("told", "state", "counted"), BECAME.values(), ids=BECAME)
async def test_it_is_entered_as_the_log_says_that_it_ended(folder, told, state, counted):
    """Talk time is that of the leg that was dialled, not of the caller's waiting."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        party = here.party(ONE_CALL, emails=(), phones=[CALLER])
        desk = await begun(here)
        desk.provider.called(here.clock() + MINUTE, **told)
        await desk.run(hours=1)
        assert here.only().state is state
        assert (here.used(party, Channel.CALL) == 1) is counted


async def test_a_message_left_with_the_fallback_is_fetched(folder):
    """It is put before staff with a look-by time, and waits to be fetched."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        desk = await begun(here)
        desk.provider.called(here.clock() + MINUTE, left=(RE1,))
        await desk.run(hours=1)
        (entry,) = here.queue()
        assert entry.look_by is not None
        (left,) = here.record.read_now(lambda reader: reader.recordings_of(entry.id))
        assert (left.sid, left.state, left.duration_s) == (RE1, RecordingState.WAITING, 20)


NOT_ENTERED = {
    "a call that goes on": {"status": CallStatus.IN_PROGRESS},
    "a call that rings": {"status": CallStatus.RINGING},
    "a call in a state that nobody knows": {"status": CallStatus.UNKNOWN},
}


@pytest.mark.parametrize("told", NOT_ENTERED.values(), ids=NOT_ENTERED)
async def test_a_call_that_goes_on_is_entered_when_it_has_ended(folder, told):
    """Hours later, if it lasted so long."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        desk = await begun(here)
        sid = desk.provider.called(here.clock() + MINUTE, **told)
        assert await desk.run(hours=1) == 0
        (going,) = desk.provider.calls
        desk.provider.calls.clear()
        desk.provider.called(going.started_at, talk_s=9000, sid=sid)
        assert await desk.run(hours=2) == 1


async def test_who_gives_no_number_is_entered_as_nobody(folder):
    """A withheld number is matched to no party (T5)."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        desk = await begun(here)
        desk.provider.called(here.clock() + MINUTE, caller="")
        await desk.run(hours=1)
        assert (here.only().party_id, here.only().sender) == (None, "")


async def test_minutes_that_nobody_settled_are_settled(folder):
    """Every callback was lost: the log's talk time stands, and what was reserved is free again."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        here.party(TEN_MINUTES, emails=(), phones=[CALLER])
        desk = await begun(here)
        sid, document = await twilio.call()
        assert dial(document)[1] == 600
        assert "Dial" not in verbs((await twilio.call())[1])
        desk.provider.called(here.clock(), talk_s=240, sid=sid)
        assert await desk.run(hours=1) == 1
        assert here.contacts()[0].talk_s == 240
        assert dial((await twilio.call())[1])[1] == 360
        assert await desk.run(seconds=1) == 0
        await twilio.dialled(sid, duration=599)
        assert here.contacts()[0].talk_s == 240


async def test_a_call_that_goes_on_keeps_its_minutes(folder):
    """Until the log says that it ended; one that the log never had gives them back after a day."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        here.party(TEN_MINUTES, emails=(), phones=[CALLER])
        desk = await begun(here)
        sid, _ = await twilio.call()
        desk.provider.called(here.clock(), sid=sid, status=CallStatus.IN_PROGRESS)
        assert await desk.run(minutes=20) == 0
        desk.provider.calls.clear()
        assert await desk.run(hours=20) == 0
        assert here.contacts()[0].reserved_s == 600
        assert await desk.run(hours=5) == 1
        assert (here.contacts()[0].state, here.contacts()[0].reserved_s) == (State.MISSED, None)


async def test_texts_of_the_log_are_taken(folder):
    """Those that came in, however often they are seen: who takes them knows what it took."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        desk = await begun(here)
        at = here.clock() + MINUTE
        desk.provider.texts += [text(at), text(at, sid="SM" + "2" * 32, inbound=False)]
        await desk.run(hours=1)
        assert desk.texts == ["SM" + "1" * 32]


LATEST_WISHES = {
    "START, then STOP": ((12, "START"), (10, "STOP"), True),
    "STOP, then START": ((12, "STOP"), (10, "START"), False),
}


@pytest.mark.parametrize(("earlier", "later", "stopped"), LATEST_WISHES.values(), ids=LATEST_WISHES)
async def test_T6_the_last_wish_of_the_log_stands(folder, earlier, later, stopped):
    """The provider lists the newest first; what was sent last is what is wanted."""
    async with texting(folder) as (here, texter, _):
        desk = Desk(here)
        desk.log._missed_text = missed_by(texter.reception)
        await desk.run()
        here.clock.advance(minutes=20)
        for minutes, words in (later, earlier):
            raw = form(words, SENDER)
            desk.provider.texts.append(LoggedText(raw["MessageSid"], True, here.clock() - minutes * MINUTE, raw))
        await desk.run()
        assert here.record.read_now(lambda reader: reader.texts_stopped(SENDER)) is stopped


async def test_T6_an_older_start_of_the_log_undoes_no_newer_stop(folder):
    """STOP came to us, the START before it did not: it is read afterwards, and changes nothing."""
    async with texting(folder) as (here, texter, _):
        desk = Desk(here)
        desk.log._missed_text = missed_by(texter.reception)
        await desk.run()
        here.clock.advance(minutes=20)
        raw = form("START", SENDER)
        desk.provider.texts.append(LoggedText(raw["MessageSid"], True, here.clock() - 10 * MINUTE, raw))
        await texter.text("STOP")
        await desk.run()
        assert here.record.read_now(lambda reader: reader.texts_stopped(SENDER))


async def test_what_came_before_the_first_look_is_none_of_ours(folder):
    """An office that begins with a number in use does not enter its past."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        desk = Desk(here)
        desk.provider.called(here.clock() - HOUR, talk_s=61)
        assert await desk.run() == 0
        assert await desk.run(hours=2) == 0
        desk.provider.called(here.clock(), talk_s=61)
        assert await desk.run(hours=1) == 1


async def test_a_provider_that_is_down_is_asked_again_from_the_same_place(folder):
    """Nothing of the log is passed over; after a day staff are told, once a day."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        desk = await begun(here)
        desk.provider.called(here.clock() + MINUTE, talk_s=61)
        desk.provider.fault, before = DOWN, desk.until()
        for _ in range(30):
            assert await desk.run(hours=1) == 0
        assert desk.until() == before
        assert [letter.kind for letter in here.letters()] == ["alert"]
        desk.provider.fault = None
        assert await desk.run(hours=1) == 1


async def test_what_we_fail_at_keeps_the_others_from_nothing(folder):
    """Staff are told of it once, by the provider's id; the rest of the log is entered."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        desk = await begun(here)
        broken = desk.provider.called(here.clock() + MINUTE, talk_s=61)
        desk.provider.called(here.clock() + 2 * MINUTE, talk_s=61)
        desk.provider.legs[broken] = (None,)
        assert await desk.run(hours=1) == 1
        assert await desk.run(minutes=5) == 0
        (alert,) = here.letters()
        assert broken.encode() in alert.message


async def test_a_long_time_down_is_read_in_parts(folder):
    """A week is read in slices, each remembered; a month is as far back as it goes."""
    async with office(folder, phone=True, **NO_ROOMS) as here:
        desk = await begun(here)
        began = here.clock()
        for day in range(7):
            desk.provider.called(began + timedelta(days=day, minutes=1), talk_s=61)
        entered = [await desk.run(days=7), await desk.run(minutes=1)]
        assert sum(entered) == 7
        assert entered[0] == 6
        longest = max(asked[2] - asked[1] for asked in desk.provider.asked if asked[0] == "calls")
        assert longest <= timedelta(hours=10, minutes=10)
        await desk.run(days=90)
        assert min(asked[1] for asked in desk.provider.asked[-40:] if asked[0] == "calls") > began + timedelta(days=60)


@pytest.mark.parametrize(
    ("missed", "later", "flagged"),
    [pytest.param((1, 6), 1, [], id="two, and one after a time"), pytest.param((1, 6, 11), 2, [3], id="three at once")],
)
async def test_a_level_is_looked_at_as_it_was_when_they_came(folder, missed, later, flagged):
    """Calls that came to us before the log was read are no part of the hour in which the missed ones came."""
    three = Threshold(channels={Channel.CALL}, at_least=3, per=Per.HOUR)
    async with office(folder, phone=True, policy={"thresholds": (three,)}, **NO_ROOMS) as here, Twilio(here) as twilio:
        here.party(emails=(), phones=[CALLER])
        desk = await begun(here)
        began = here.clock()
        for minutes in missed:
            desk.provider.called(began + minutes * MINUTE, talk_s=61)
        here.clock.advance(minutes=110)
        for _ in range(later):
            await twilio.call()
        await desk.run(minutes=1)
        assert [flag.level for flag in here.flags()] == flagged
        assert all(flag.at == began + 11 * MINUTE for flag in here.flags())
