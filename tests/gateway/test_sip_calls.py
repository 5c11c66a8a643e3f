"""A PBX's call over real HTTP and the record: what it is told, what counts, and that nothing counts twice (T2, T4)."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing

import pytest

from gateway.sip_calls import LATE
from rules.contact import Channel
from rules.standing import Adjustment
from storage.entries import State
from tests.gateway.office import LINE, SWITCHBOARD, office
from tests.gateway.sip import CALLER, SIP, Pbx
from tests.gateway.twilio import CALLER as BY_TWILIO
from tests.gateway.twilio import Twilio, dial, new_sid

TEN_MINUTES = {"kind": "talk_time_limit", "minutes": 10, "per": "day"}
ONE_CALL = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "day"}
NAMED = "+441632960555"
LINE_OF_APPEALS = "+441632960002"
DANGER = "If you or somebody else is in danger, call 999. We are not an emergency service."


@asynccontextmanager
async def asked(folder, *measures, sip=SIP, **more):
    """Serve an office that a PBX asks, with one party; give the office and the PBX."""
    async with office(folder, sip=sip, **more) as here, Pbx(here) as pbx:
        here.party(*measures, emails=(), phones=[CALLER])
        yield here, pbx


OUTCOMES = {
    "nothing restricted": ((), {"outcome": "connect"}, State.RINGING),
    "a block": (
        ({"kind": "block"},),
        {"outcome": "automated_line", "announcement": "automated_line", "status": 603},
        State.AUTOMATED_LINE,
    ),
    "a block that refuses": (
        ({"kind": "block", "call": "refuse"},),
        {"outcome": "refuse", "status": 603},
        State.REFUSED,
    ),
    "a message of its own": (
        ({"kind": "automated_line", "message": "Please write to us."},),
        {"outcome": "automated_line", "say": f"{DANGER} Please write to us."},
        State.AUTOMATED_LINE,
    ),
    "a recording": (
        ({"kind": "automated_line", "message": "https://office.example.org/write.wav"},),
        {"outcome": "automated_line", "say": None, "play": "https://office.example.org/write.wav"},
        State.AUTOMATED_LINE,
    ),
    "outside its hours": (
        ({"kind": "time_window", "channels": ["call"], "from": "14:00", "to": "15:00", "call": "voicemail"},),
        {"outcome": "voicemail", "announcement": "voicemail"},
        State.VOICEMAIL,
    ),
    "a named contact": (
        ({"kind": "named_contact", "phone": NAMED},),
        {"outcome": "connect", "target": NAMED},
        "ringing",
    ),
    "ten minutes": ((TEN_MINUTES,), {"outcome": "connect", "limit_s": 600, "target": None}, State.RINGING),
}


@pytest.mark.parametrize(("measures", "told", "state"), OUTCOMES.values(), ids=OUTCOMES)
async def test_each_outcome(folder, measures, told, state):
    """The answer, the state on record and the id that it is on record by."""
    async with asked(folder, *measures) as (here, pbx):
        _, answer = await pbx.call()
        assert told.items() <= answer.items()
        entry = here.only()
        assert (entry.id, entry.state, entry.channel, entry.sender) == (
            answer["id"],
            state,
            Channel.CALL,
            f"phone:{CALLER}",
        )


async def test_an_office_that_wants_busy(folder):
    """The refusal is 486 where the office says so."""
    async with asked(folder, {"kind": "block", "call": "refuse"}, sip=SIP | {"refusal": "busy"}) as (_, pbx):
        assert (await pbx.call())[1]["status"] == 486


async def test_an_adjustment_is_said_to_the_pbx(folder):
    """Whoever is to reach a person by staying on the line does, and hears the office's recording in their language."""
    welsh = "https://office.example.org/cy.wav"
    given = {"phone_changes": {"recordings": {"cy:automated_line": welsh}}}
    async with office(folder, sip=SIP, **given) as here, Pbx(here) as pbx:
        party = here.party({"kind": "block"}, emails=(), phones=[CALLER])
        need = Adjustment("a need", frozenset(), forms=("person_on_line", "translated"), detail="in Welsh")
        here.record.write_now(lambda tx: tx.add_adjustment(party, need))
        _, answer = await pbx.call()
        assert (answer["outcome"], answer["announcement"]) == ("automated_line", "automated_line_then_person")
        assert (answer["play"], answer["language"]) == (welsh, "cy-GB")


@pytest.mark.parametrize("line", [LINE_OF_APPEALS, "01632 960002", "441632960002", "00441632960002"])
async def test_a_line_that_is_always_open_is_open_however_it_is_written(folder, line):
    """A PBX may write the line of appeals as its office dials it: nobody is refused there."""
    async with asked(folder, policy={"always_open": frozenset({LINE_OF_APPEALS})}) as (here, pbx):
        here.restrict(1, {"kind": "block", "call": "refuse"})
        assert (await pbx.call())[1]["outcome"] == "refuse"
        assert (await pbx.call(to=line))[1]["outcome"] == "connect"


@pytest.mark.xdist_group("postgres")
async def test_one_call_asked_about_at_two_nodes_is_one_contact(folder, tmp_path, postgres_url):
    """Both give the same answer, and when the call is over nothing of it is left behind."""
    (second := tmp_path / "second").mkdir()
    shared = {"record_url": postgres_url, "sip": SIP}
    async with asked(folder, ONE_CALL, **shared) as (here, pbx), office(second, **shared) as other, Pbx(other) as its:
        for number in range(4):
            (call, first), (_, again) = await asyncio.gather(pbx.call(f"two-{number}"), its.call(f"two-{number}"))
            assert first == again
            assert first["outcome"] == "connect"
            await pbx.ended(call, answered=False)
        assert [entry.state for entry in here.contacts()] == [State.MISSED] * 4


async def test_one_decision_for_each_call(folder):
    """Asked again, also many times at once, a call gets the answer that it got, and counts once (T2)."""
    async with asked(folder, ONE_CALL) as (here, pbx):
        call, answer = await pbx.call()
        again = await asyncio.gather(*(pbx.call(call) for _ in range(5)))
        assert [each for _, each in again] == [answer] * 5
        assert len(here.contacts()) == 1
        assert (await pbx.call())[1]["outcome"] == "automated_line"


async def test_the_limit_is_reserved_and_settled_once(folder):
    """Ten minutes a day: four talked leave six, however often the PBX says so, and whatever else it says later."""
    async with asked(folder, TEN_MINUTES) as (here, pbx):
        call, _ = await pbx.call()
        assert here.only().reserved_s == 600
        await pbx.ended(call, 240)
        await pbx.ended(call, 600)
        await pbx.ended(call, answered=False)
        entry = here.only()
        assert (entry.state, entry.talk_s, entry.reserved_s) == (State.ANSWERED, 240, None)
        assert (await pbx.call())[1]["limit_s"] == 360


async def test_a_call_that_nobody_answered_uses_nothing_up(folder):
    """Given up while it rang, or refused by the PBX: the minutes and the one call a day are free again."""
    async with asked(folder, TEN_MINUTES, ONE_CALL) as (here, pbx):
        call, _ = await pbx.call()
        await pbx.ended(call, answered=False)
        assert here.only().state is State.MISSED
        assert (await pbx.call())[1]["limit_s"] == 600


async def test_a_short_call_is_not_counted(folder):
    """Talk of under thirty seconds is no call for limits, and its time is still on record."""
    async with asked(folder, ONE_CALL) as (here, pbx):
        call, _ = await pbx.call()
        await pbx.ended(call, 20)
        assert here.only().talk_s == 20
        assert (await pbx.call())[1]["outcome"] == "connect"


@pytest.mark.parametrize("call", ["automated_line", "refuse"])
async def test_the_end_of_what_was_not_put_through(folder, call):
    """That the recorded line picked up, or a refused call ended, is no talk and changes nothing."""
    async with asked(folder, {"kind": "block", "call": call}) as (here, pbx):
        number, _ = await pbx.call()
        before = here.only()
        await pbx.ended(number, 60)
        assert here.only() == before


async def test_a_call_that_was_put_through_unasked(folder):
    """The PBX says afterwards what it was: it counts as it would have, once, and says where it comes from (T7)."""
    async with asked(folder, TEN_MINUTES) as (here, pbx):
        came = int(here.clock().timestamp()) - 300
        over = {"call_id": "x", "from": CALLER, "to": LINE, "at": came, "answered": True, "duration_s": 240}
        for _ in range(2):
            assert (await pbx.post("/calls/sip/ended", over)).status_code == 200
        entry = here.only()
        assert (entry.state, entry.talk_s, int(entry.at.timestamp())) == (State.ANSWERED, 240, came)
        assert LATE in entry.reasons
        assert (await pbx.call("x"))[1]["outcome"] == "connect"
        assert (await pbx.call())[1]["limit_s"] == 360


@pytest.mark.parametrize("at", [None, 0, 4_000_000_000], ids=["not said", "long ago", "still to come"])
async def test_when_an_unasked_call_came(folder, at):
    """A time that cannot be is taken for now."""
    async with asked(folder) as (here, pbx):
        over = {"call_id": "x", "from": "anonymous", "to": LINE, "at": at, "answered": False}
        assert (await pbx.post("/calls/sip/ended", over)).status_code == 200
        assert (here.only().state, here.only().at) == (State.MISSED, here.clock())


async def test_the_end_of_a_call_that_is_not_known(folder):
    """It is a 404, and no contact comes of it."""
    async with asked(folder) as (here, pbx):
        await pbx.ended("nobody-s", 60, status=404)
        assert here.contacts() == []


async def test_a_caller_without_a_number_is_nobody_s(folder):
    """Such calls are put through, and stand on no party's file (T5)."""
    async with asked(folder, {"kind": "block"}) as (here, pbx):
        for caller in ("anonymous", "", "reception", "+266696687"):
            assert (await pbx.call(caller=caller))[1]["outcome"] == "connect", caller
        assert {entry.party_id for entry in here.contacts()} == {None}


async def test_minutes_are_settled_after_a_restart(folder):
    """Parley stopped during a call: the answer stands, nothing counts twice, and the minutes are settled afterwards."""
    async with asked(folder, TEN_MINUTES) as (here, pbx):
        call, answer = await pbx.call()
        clock = here.clock
    async with office(folder, sip=SIP, clock=clock) as here, Pbx(here) as pbx:
        assert (await pbx.call(call))[1] == answer
        await pbx.ended(call, 240)
        assert (here.only().talk_s, here.only().state) == (240, State.ANSWERED)


async def test_a_record_that_cannot_be_written_is_503(folder):
    """While another program keeps the record to itself, the PBX is told to put the call through, and soon (T4)."""
    async with asked(folder, {"kind": "block"}) as (here, pbx):
        with closing(sqlite3.connect(here.state / "parley.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = await pbx.post("/calls/sip/decide", {"call_id": "1", "from": CALLER, "to": LINE})
            assert answer.status_code == 503
            other.execute("ROLLBACK")


async def test_twilio_and_a_pbx_at_once(folder):
    """An office may have both: an id of one is never taken for a call of the other."""
    async with asked(folder, ONE_CALL, phone=True) as (here, pbx), Twilio(here) as twilio:
        sid = new_sid()
        _, answer = await pbx.call(sid)
        assert answer["target"] is None
        _, document = await twilio.call(sid, caller="+441632960002")
        assert BY_TWILIO == CALLER
        assert dial(document) == (SWITCHBOARD, None)
        assert len(here.contacts()) == 2


async def test_an_office_without_a_token_has_no_such_door(folder):
    """Where no token is set, the addresses are not there."""
    async with office(folder, phone=True) as here, Pbx(here) as pbx:
        assert (await pbx.post("/calls/sip/decide", {})).status_code == 404
