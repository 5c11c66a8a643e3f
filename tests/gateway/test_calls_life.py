"""A call's whole life over real HTTP: what it is answered, what it counts, what its callbacks change (T2, T4, T5)."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing

import pytest

from adapters.phone.call import IncomingCall, Pressed, Turn
from gateway.build_desk import letters_of, traces_of
from gateway.build_web import script_of, twilio_of
from gateway.call_danger import CallDanger
from gateway.calls import CallReception
from gateway.mail_contact import NOBODY
from gateway.silent_calls import LeftCalls
from rules.contact import Caller, Channel
from rules.policies import Callers
from rules.policies.phone import Key
from rules.standing import Adjustment
from storage.entries import State
from tests.gateway.office import LINE, PARTY, SWITCHBOARD, mail, office
from tests.gateway.provider import NO_ROOMS
from tests.gateway.twilio import CALLER, Twilio, dial, new_sid, verbs

TEN_MINUTES = {"kind": "talk_time_limit", "minutes": 10, "per": "day"}
ONE_CALL = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "day"}


@asynccontextmanager
async def phone(folder, *measures, **more):
    """Serve an office with a phone and one party; give the office, the provider and the party's number."""
    async with office(folder, phone=True, **more) as here, Twilio(here) as twilio:
        yield here, twilio, here.party(*measures, emails=(), phones=[CALLER])


MENU = ["Gather", "Say", "Record", "Say", "Hangup"]
"""The automated line: its words and keys, then a message for who presses none."""

OUTCOMES = {
    "nothing restricted": ((), ["Dial"], "ringing"),
    "a block": (({"kind": "block"},), MENU, "automated_line"),
    "a block that refuses": (({"kind": "block", "call": "refuse"},), ["Reject"], "refused"),
    "an automated line": (
        ({"kind": "automated_line", "message": "Please write."},),
        MENU,
        "automated_line",
    ),
    "only letters": (({"kind": "channel_only", "allowed": ["letter"]},), MENU, "automated_line"),
    "outside its hours": (
        ({"kind": "time_window", "channels": ["call"], "from": "14:00", "to": "15:00", "call": "voicemail"},),
        ["Say", "Record", "Say", "Hangup"],
        "voicemail",
    ),
    "a named contact": (({"kind": "named_contact", "phone": "+441632960555"},), ["Dial"], "ringing"),
}


@pytest.mark.parametrize(("measures", "does", "state"), OUTCOMES.values(), ids=OUTCOMES)
async def test_each_outcome(folder, measures, does, state):
    """The document, the state on record and the party it is charged to."""
    async with phone(folder, *measures) as (here, twilio, party):
        _, document = await twilio.call()
        assert verbs(document) == does
        entry = here.only()
        assert (entry.state, entry.channel, entry.party_id) == (state, Channel.CALL, party)
        if does == ["Dial"]:
            assert dial(document) == ("+441632960555" if measures else SWITCHBOARD, None)


async def test_one_decision_for_each_call(folder):
    """The same webhook again gets the same bytes, whatever changed meanwhile, and counts once."""
    async with phone(folder, ONE_CALL) as (here, twilio, party):
        sid, document = await twilio.call()
        here.clock.advance(hours=1)
        here.restrict(party, {"kind": "block"})
        again = [(await twilio.call(sid))[1] for _ in range(3)]
        assert again == [document] * 3
        assert len(here.contacts()) == 1
        assert verbs((await twilio.call())[1]) == MENU


async def test_the_time_limit_is_reserved_and_settled(folder):
    """Ten minutes a day: the first call may last ten; having lasted four, it leaves six; then under one: none."""
    async with phone(folder, TEN_MINUTES) as (here, twilio, party):
        sid, document = await twilio.call()
        assert dial(document) == (SWITCHBOARD, 600)
        assert here.only().reserved_s == 600
        assert verbs(await twilio.dialled(sid, duration=240)) == ["Hangup"]
        entry = here.only()
        assert (entry.state, entry.talk_s, entry.reserved_s) == (State.ANSWERED, 240, None)
        sid, document = await twilio.call()
        assert dial(document) == (SWITCHBOARD, 360)
        await twilio.dialled(sid, duration=301)
        assert verbs((await twilio.call())[1]) == MENU
        here.clock.advance(days=1)
        assert dial((await twilio.call())[1]) == (SWITCHBOARD, 600)
        assert here.used(party, Channel.CALL) == 3


async def test_two_calls_at_once_cannot_use_the_same_minutes(folder):
    """While one call holds the ten minutes a second does not connect; ten at once connect one."""
    async with phone(folder, TEN_MINUTES) as (_, twilio, _):
        answers = await asyncio.gather(*(twilio.call() for _ in range(10)))
        assert sorted(verbs(document)[0] for _, document in answers) == ["Dial"] + ["Gather"] * 9


@pytest.mark.xdist_group("postgres")
async def test_two_calls_at_once_on_postgresql(folder, postgres_url):
    """The same on PostgreSQL, for calls that may pass and for minutes."""
    async with phone(folder, TEN_MINUTES, ONE_CALL | {"count": 3}, record_url=postgres_url) as (_, twilio, _):
        answers = await asyncio.gather(*(twilio.call() for _ in range(10)))
        assert sorted(verbs(document)[0] for _, document in answers) == ["Dial"] + ["Gather"] * 9


SHORT_OF_A_CALL = {
    "twenty-nine seconds": ("completed", 29, State.ANSWERED),
    "busy": ("busy", None, State.MISSED),
    "nobody answers": ("no-answer", None, State.MISSED),
    "the line failed": ("failed", None, State.MISSED),
    "the caller hangs up first": ("canceled", None, State.MISSED),
    "a word that nobody knows": ("abducted", None, State.MISSED),
}


@pytest.mark.parametrize(("status", "duration", "state"), SHORT_OF_A_CALL.values(), ids=SHORT_OF_A_CALL)
async def test_what_is_no_call_does_not_count(folder, status, duration, state):
    """Neither the call nor its minutes are used up; who was not answered may leave a message."""
    async with phone(folder, ONE_CALL, TEN_MINUTES) as (here, twilio, party):
        sid, _ = await twilio.call()
        document = await twilio.dialled(sid, status, duration)
        assert verbs(document) == (["Hangup"] if duration else ["Say", "Record", "Say", "Hangup"])
        assert (here.only().state, here.used(party, Channel.CALL), here.only().reserved_s) == (state, 0, None)
        here.clock.advance(minutes=1)
        assert dial((await twilio.call())[1]) == (SWITCHBOARD, 600)


async def test_thirty_seconds_count(folder):
    """From thirty seconds on it is a call."""
    async with phone(folder, ONE_CALL) as (here, twilio, party):
        sid, _ = await twilio.call()
        await twilio.dialled(sid, duration=30)
        assert here.used(party, Channel.CALL) == 1
        assert verbs((await twilio.call())[1]) == MENU


async def test_a_message_is_put_before_staff(folder):
    """Nobody answered, a message was left: in the queue with a look-by time, once, however often it is reported."""
    async with phone(folder) as (here, twilio, _):
        sid, _ = await twilio.call()
        await twilio.dialled(sid, "no-answer")
        for recording in ("RE1", "RE1", "RE2"):
            assert verbs(await twilio.recorded(sid, recording)) == ["Say", "Hangup"]
        (waiting,) = here.queue()
        assert (waiting.state, waiting.detail) == (State.VOICEMAIL, "recording RE1")
        assert waiting.look_by is not None
        assert here.record.write_now(lambda tx: tx.look(waiting.id, "a clerk", here.clock()))
        await twilio.recorded(sid)
        assert here.queue() == []


ORDERS = {
    "dial, leg, own": ("dial", "leg", "own"),
    "leg before dial": ("leg", "dial", "own"),
    "own before leg": ("own", "leg", "dial"),
    "each twice": ("dial", "dial", "leg", "leg", "own", "own"),
    "the leg alone": ("leg",),
    "the dial alone": ("dial",),
    "late reports of the beginning": ("dial", "ringing", "in-progress", "leg"),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
async def test_the_order_of_reports_changes_nothing(folder, order):
    """However the reports of one answered call come, it is one call of five minutes, settled once."""
    async with phone(folder, TEN_MINUTES) as (here, twilio, party):
        sid, _ = await twilio.call()
        for report in order:
            match report:
                case "dial":
                    await twilio.dialled(sid, duration=300)
                case "leg":
                    await twilio.leg(sid, "completed", 300)
                case "own":
                    await twilio.status(sid, "completed", 310)
                case _:
                    await twilio.leg(sid, report, sequence=0)
        entry = here.only()
        assert (entry.state, entry.talk_s, entry.reserved_s) == (State.ANSWERED, 300, None)
        assert here.used(party, Channel.CALL) == 1
        await twilio.dialled(sid, duration=9)
        await twilio.dialled(sid, "busy")
        await twilio.leg(sid, "canceled")
        await twilio.status(sid, "failed")
        assert here.only() == entry


UNANSWERED = {
    "the leg is busy and the dial's own report is lost": ("leg", "busy"),
    "the leg is cancelled": ("leg", "canceled"),
    "the caller's own call is cancelled": ("own", "canceled"),
    "the caller's own call was not answered": ("own", "no-answer"),
}


@pytest.mark.parametrize(("which", "status"), UNANSWERED.values(), ids=UNANSWERED)
async def test_one_report_is_enough_to_free_the_minutes(folder, which, status):
    """A call that nobody answered frees what it held, though only one of its reports arrives."""
    async with phone(folder, TEN_MINUTES) as (here, twilio, party):
        sid, _ = await twilio.call()
        await (twilio.leg if which == "leg" else twilio.status)(sid, status)
        assert (here.only().state, here.used(party, Channel.CALL)) == (State.MISSED, 0)
        assert dial((await twilio.call())[1]) == (SWITCHBOARD, 600)


async def test_who_leaves_while_they_wait_for_an_engaged_line_uses_nothing_up(folder):
    """Only their own call's end is reported then: after a grace they may call again, and it is settled once."""
    async with phone(folder, {"kind": "named_contact", "phone": "+441632960555"}, ONE_CALL) as (here, twilio, party):
        settle_due = LeftCalls(here.record, here.clock).settle_due
        sid, _ = await twilio.call()
        ended = {"CallSid": sid, "DialCallStatus": "busy", "CallStatus": "in-progress"}
        assert verbs((await twilio.post("/calls/dial?waits=1", ended)).text)[0] == "Gather"
        await twilio.status(sid, "completed", 12)
        assert (await settle_due(), here.used(party, Channel.CALL)) == (0, 1)
        here.clock.advance(minutes=2)
        assert (await settle_due(), await settle_due()) == (1, 0)
        assert (here.only().state, here.only().detail, here.used(party, Channel.CALL)) == (State.MISSED, "", 0)
        assert verbs((await twilio.call())[1]) == ["Dial"]


async def test_a_report_within_the_grace_says_how_it_was(folder):
    """The caller's own end comes first, and the dial's own report after it: that one settles the call."""
    async with phone(folder, TEN_MINUTES) as (here, twilio, party):
        sid, _ = await twilio.call()
        await twilio.status(sid, "completed", 310)
        here.clock.advance(minutes=1)
        await twilio.dialled(sid, duration=300)
        here.clock.advance(hours=1)
        assert await LeftCalls(here.record, here.clock).settle_due() == 0
        assert (here.only().state, here.only().talk_s, here.used(party, Channel.CALL)) == (State.ANSWERED, 300, 1)


@pytest.mark.parametrize("late", [False, True], ids=["in time", "after the caller's own end"])
async def test_a_call_without_any_report_of_its_end_keeps_its_place(folder, late):
    """It was answered: its minutes stay reserved in its window, and are free again in the next."""
    async with phone(folder, TEN_MINUTES) as (here, twilio, _):
        sid, _ = await twilio.call()
        if not late:
            await twilio.leg(sid, "in-progress")
        await twilio.status(sid, "completed", 400)
        if late:
            await twilio.leg(sid, "in-progress")
        here.clock.advance(hours=2)
        assert await LeftCalls(here.record, here.clock).settle_due() == 0
        assert verbs((await twilio.call())[1]) == MENU
        here.clock.advance(days=1)
        assert dial((await twilio.call())[1]) == (SWITCHBOARD, 600)


async def test_a_message_whose_dial_report_was_lost(folder):
    """The message alone says that nobody answered: the minutes are free, the message is before staff."""
    async with phone(folder, TEN_MINUTES) as (here, twilio, party):
        sid, _ = await twilio.call()
        await twilio.recorded(sid)
        assert (here.only().state, here.used(party, Channel.CALL), len(here.queue())) == (State.VOICEMAIL, 0, 1)
        await twilio.dialled(sid, "no-answer")
        assert (here.only().state, here.only().detail) == (State.VOICEMAIL, "recording RE1")
        assert dial((await twilio.call())[1]) == (SWITCHBOARD, 600)


async def test_reports_of_calls_that_nobody_knows(folder):
    """They are answered and change nothing."""
    async with phone(folder) as (here, twilio, _):
        await twilio.dialled(new_sid(), duration=100)
        await twilio.leg(new_sid(), "completed", 100)
        await twilio.status(new_sid(), "canceled")
        await twilio.recorded(new_sid())
        assert here.contacts() == []


async def test_withheld_and_unavailable_callers(folder):
    """They connect, showing the office's line, are matched to nobody, raise no flag together (T5)."""
    async with phone(folder, {"kind": "block"}) as (here, twilio, _):
        for caller in ("anonymous", "+266696687", "unknown", "", "sip:x@example.org"):
            _, document = await twilio.call(caller=caller)
            assert dial(document) == (SWITCHBOARD, None)
            assert f'callerId="{LINE}"' in document
        assert {entry.party_id for entry in here.contacts()} == {None}
        assert {entry.whose for entry in here.contacts()} == {NOBODY}
        assert here.flags() == []


ROWS = {
    "withheld": ("anonymous", "unknown"),
    "unavailable": ("unknown", "anonymous"),
    "odd": ("sip:x@example.org", "unknown"),
}


@pytest.mark.parametrize(("row", "callers"), ROWS.items(), ids=ROWS)
async def test_callers_without_a_number_by_the_policys_row(folder, row, callers):
    """An office may send each class by itself to leave a message; the others are put through."""
    async with phone(folder, policy={"callers": Callers(**{row: "voicemail"})}) as (_, twilio, _):
        meant, other = callers
        assert verbs((await twilio.call(caller=meant))[1])[1] == "Record"
        assert verbs((await twilio.call(caller=other))[1]) == ["Dial"]


async def test_a_shared_number_lets_through(folder):
    """A household's or a relay's number restricts nobody (I6)."""
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        here.party({"kind": "block"}, emails=(), phones=[CALLER], shared=True)
        assert verbs((await twilio.call())[1]) == ["Dial"]


async def test_observe_mode_connects_everybody(folder):
    """Decided and recorded, and put through without a limit."""
    async with phone(folder, {"kind": "block"}) as (here, twilio, _):
        here.observe()
        assert dial((await twilio.call())[1]) == (SWITCHBOARD, None)
        assert (here.only().decided, here.only().carried) == ("automated_line", "connect")


async def test_the_record_is_locked(folder):
    """A caller is put through to the switchboard; nothing is on record; reports get 503, so that they come again."""
    async with phone(folder, {"kind": "block"}, busy_s=0.1) as (here, twilio, _):
        database = sqlite3.connect(here.state / "parley.db", isolation_level=None)
        with closing(database):
            database.execute("BEGIN IMMEDIATE")
            sid, document = await twilio.call()
            assert dial(document) == (SWITCHBOARD, None)
            assert "action" not in document
            params = {"CallSid": sid, "DialCallStatus": "completed", "DialCallDuration": "60"}
            assert (await twilio.post("/calls/dial", params)).status_code == 503
        assert here.contacts() == []
        assert verbs((await twilio.call(sid))[1]) == MENU


async def test_a_fault_of_ours_puts_the_caller_through(folder):
    """Whatever breaks in deciding, the caller reaches a person."""
    async with phone(folder) as (here, twilio, party):
        here.record.write_now(
            lambda tx: tx.link.plain(
                "INSERT INTO restrictions (id, party_id, measures, starts, ends, reason, ground, approved_by, told,"
                " created_at) SELECT 'bad', :party, '[{\"kind\": \"nonsense\"}]', 0, 9000000000000000, "
                "'', '', 'x', 'yes', 0",
                {"party": party},
            )
        )
        here.record.write_now(lambda tx: tx.add_adjustment(party, Adjustment("a need", frozenset())))
        _, document = await twilio.call()
        assert dial(document) == (SWITCHBOARD, None)


def _fails():
    raise RuntimeError


@pytest.mark.parametrize("answers", [lambda: asyncio.sleep(3600), _fails], ids=["hangs", "fails"])
async def test_T4_the_danger_key_is_answered_whatever_the_record_does(folder, answers):
    """The caller hears what to do in danger, in time: the record is not waited for."""

    class Stuck:
        async def write(self, _):
            return await answers()

    async with office(folder, phone=True, **NO_ROOMS) as here:
        script, _ = script_of(here.settings, here.clock)
        danger = CallDanger(here.settings.policy, letters_of(here.settings, traces_of(here.record)))
        calls = CallReception(
            Stuck(), None, danger, script, twilio_of(here.settings), clock=here.clock, danger_within_s=0.05
        )
        call = IncomingCall(new_sid(), "", Caller.NUMBER, CALLER, LINE)
        async with asyncio.timeout(30):
            document = await calls.pressed(Pressed(call, Key.DANGER, Turn(waits=True)))
        assert "999" in document


async def test_health(folder):
    """`/health` says ok while the record can be read, and 503 when it cannot."""
    async with phone(folder) as (here, twilio, _):
        assert (await twilio.client.get("/health")).text == "ok"
        here.record.close()
        assert (await twilio.client.get("/health")).status_code == 503


async def test_flags_on_calls_and_minutes(folder):
    """The third call of an hour raises a flag whatever became of it; 120 minutes of talk in a week raise another."""
    async with phone(folder) as (here, twilio, party):
        for number in range(4):
            sid, _ = await twilio.call()
            await twilio.dialled(sid, "busy" if number else "completed", None if number else 59 * 60)
            here.clock.advance(minutes=5)
        assert [flag.threshold for flag in here.flags()] == ["call:3/hour/rolling"]
        for _ in range(2):
            here.clock.advance(days=1)
            sid, _ = await twilio.call()
            await twilio.dialled(sid, duration=31 * 60)
            await twilio.dialled(sid, duration=31 * 60)
        assert await here.look_at_levels() == 1
        assert [flag.threshold for flag in here.flags()] == ["call:3/hour/rolling", "call:120min/week/rolling"]
        assert {flag.whose for flag in here.flags()} == {f"party:{party}"}
        assert [letter.kind for letter in here.letters()] == ["alert"] * 2


async def test_calls_and_mail_share_a_limit(folder):
    """A limit over both channels is used up by either."""
    both = {"kind": "volume_limit", "channels": ["call", "email"], "count": 2, "per": "day"}
    async with office(folder, phone=True) as here, Twilio(here) as twilio:
        here.party(both, emails=[PARTY], phones=[CALLER])
        await here.post(mail())
        sid, document = await twilio.call()
        assert verbs(document) == ["Dial"]
        await twilio.dialled(sid, duration=60)
        await here.post(mail(2))
        assert here.states() == ["delivered", "answered", "filed"]
        assert verbs((await twilio.call())[1]) == MENU
