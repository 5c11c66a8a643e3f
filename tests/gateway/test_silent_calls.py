"""Calls of a PBX that never says how they ended: settled by the clock, put right by a late word, never twice (T7)."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from gateway.build import _more_jobs
from gateway.build_desk import letters_of, traces_of
from gateway.cli.words import what
from gateway.silent_calls import GIVEN_BACK, UNTOLD, SilentCalls
from rules.contact import Channel
from storage.entries import State
from tests.gateway.office import office
from tests.gateway.sip import CALLER, SIP, Pbx
from tests.gateway.twilio import Twilio

TEN_MINUTES = {"kind": "talk_time_limit", "minutes": 10, "per": "day"}
ONE_CALL = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "day"}


@asynccontextmanager
async def asked(folder, *measures, **more):
    """Serve an office that a PBX asks, with one party; give the office, the PBX and the job."""
    async with office(folder, sip=SIP, **more) as here, Pbx(here) as pbx:
        here.party(*measures, emails=(), phones=[CALLER])
        yield here, pbx, SilentCalls(here.record, here.clock).settle_due


async def test_a_call_without_an_end_gives_its_minutes_back(folder):
    """Once its ten minutes, the ringing before and the grace after are over: settled as not known, nothing counted."""
    async with asked(folder, TEN_MINUTES, ONE_CALL) as (here, pbx, settle_due):
        await pbx.call()
        here.clock.advance(minutes=18)
        assert await settle_due() == 0
        assert here.only().reserved_s == 600
        here.clock.advance(minutes=1)
        assert await settle_due() == 1
        entry = here.only()
        assert (entry.state, entry.talk_s, entry.reserved_s) == (State.MISSED, 0, None)
        assert (entry.counted_at, entry.detail) == (None, GIVEN_BACK)
        assert what(entry, here.settings.policy.zone, here.clock()) == f"put through; {UNTOLD}"
        assert await settle_due() == 0
        assert (await pbx.call())[1]["limit_s"] == 600


async def test_a_call_without_a_limit_is_waited_for_longest(folder):
    """Nothing but the twelve hours at which Kamailio ends it says that it is over."""
    async with asked(folder) as (here, pbx, settle_due):
        await pbx.call()
        here.clock.advance(hours=12)
        assert await settle_due() == 0
        here.clock.advance(minutes=9)
        assert await settle_due() == 1


LATE_WORDS = {
    "a talk": (True, 240, State.ANSWERED, 1),
    "a talk too short to be counted": (True, 20, State.ANSWERED, 0),
    "that nobody answered": (False, 0, State.MISSED, 0),
}


@pytest.mark.parametrize(("answered", "talk_s", "state", "used"), LATE_WORDS.values(), ids=LATE_WORDS)
async def test_a_late_word_puts_it_right_once(folder, answered, talk_s, state, used):
    """The PBX says it after all, and then something else, twice and at once: the first word stands, counted once."""
    async with asked(folder, TEN_MINUTES) as (here, pbx, settle_due):
        call, _ = await pbx.call()
        party = here.only().party_id
        here.clock.advance(minutes=30)
        assert await settle_due() == 1
        assert here.used(party, Channel.CALL) == 0
        await pbx.ended(call, talk_s, answered=answered)
        await asyncio.gather(*(pbx.ended(call, 500) for _ in range(3)))
        entry = here.only()
        assert (entry.state, entry.talk_s, entry.detail, entry.reserved_s) == (state, talk_s, "", None)
        assert here.used(party, Channel.CALL) == used
        assert (entry.counted_at == entry.at) is bool(used)
        assert await settle_due() == 0


async def test_what_did_not_count_does_not_count_afterwards(folder):
    """A call that limits would not have let through, in observe mode, counts towards none when its end is told late."""
    async with asked(folder, {"kind": "block"}) as (here, pbx, settle_due):
        here.observe()
        call, _ = await pbx.call()
        here.clock.advance(hours=13)
        assert await settle_due() == 1
        assert here.only().detail == UNTOLD
        await pbx.ended(call, 240)
        assert (here.only().state, here.only().talk_s, here.only().counted_at) == (State.ANSWERED, 240, None)


async def test_talk_that_is_told_late_reaches_a_threshold(folder):
    """Levels hear of talk when it is told, and flag it."""
    async with asked(folder) as (here, pbx, settle_due):
        call, _ = await pbx.call()
        here.clock.advance(hours=13)
        await settle_due()
        await here.look_at_levels()
        assert here.flags() == []
        await pbx.ended(call, 3 * 3600)
        assert await here.look_at_levels() == 1
        assert [flag.threshold for flag in here.flags()] == ["call:120min/week/rolling"]


async def test_other_calls_are_left_alone(folder):
    """What was settled, what never was put through, and what another provider's log tells of."""
    async with asked(folder, {"kind": "block"}, phone=True) as (here, pbx, settle_due), Twilio(here) as twilio:
        await pbx.call()
        call, _ = await pbx.call(caller="+441632960002")
        await pbx.ended(call, 60)
        await twilio.call(caller="+441632960003")
        before = sorted(here.contacts(), key=lambda one: one.id)
        here.clock.advance(days=2)
        assert await settle_due() == 0
        assert sorted(here.contacts(), key=lambda one: one.id) == before


@pytest.mark.parametrize(("sip", "there"), [(SIP, True), ({"tokens": ()}, False)], ids=["a PBX", "none"])
async def test_it_is_the_clocks_work_where_a_pbx_asks(folder, sip, there):
    """The job is there with a token, and not without one."""
    async with office(folder, sip=sip) as here:
        letters = letters_of(here.settings, traces_of(here.record))
        jobs = _more_jobs(here.settings, here.record, letters, here.clock)
        assert ("calls of a PBX" in {name for name, _, _ in jobs}) is there


@pytest.mark.parametrize("there", [True, False], ids=["a phone", "none"])
async def test_callers_who_left_are_the_clocks_work_where_there_is_a_phone(folder, there):
    """Also where the provider's log is never read."""
    async with office(folder, phone=there) as here:
        letters = letters_of(here.settings, traces_of(here.record))
        jobs = _more_jobs(here.settings, here.record, letters, here.clock)
        assert ("calls that callers left" in {name for name, _, _ in jobs}) is there
