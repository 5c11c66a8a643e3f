"""Kamailio with the files that we ship, one call at a time: what it asks Parley, what it does, what it never does."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing

import pytest

from storage.entries import State
from tests.gateway.sip import CALLER
from tests.servers.kamailio import Kamailio, needed, parley, until
from tests.servers.scripted_parley import NEVER, scripted
from tests.servers.sip_phone import field, following, invite, phone

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("kamailio")]
TEN_MINUTES = {"kind": "talk_time_limit", "minutes": 10, "per": "day"}
CONNECT = {"outcome": "connect"}


@asynccontextmanager
async def ends(kamailio):
    """Have a caller and a PBX."""
    async with phone() as caller, phone(kamailio.pbx_port) as pbx:
        yield caller, pbx


# What is asked

ASSERTED = "P-Asserted-Identity: <sip:+441632960002;verstat=TN-Validation-Passed-A@trunk.example.org>\n"
ASKED = {
    "the number in From": ({}, "", "+441632960001", ""),
    "the number that the trunk vouches for": ({}, ASSERTED, "+441632960002", "TN-Validation-Passed-A"),
    "as a tel address": ({}, "P-Asserted-Identity: <tel:+441632960002>\n", "+441632960002", ""),
    "nobody's word but the trunk's": ({"TRUNK_ADDRESSES": "192.0.2.0/24"}, ASSERTED, "+441632960001", ""),
    "withheld, though the trunk knows it": ({}, ASSERTED + "Privacy: id\n", "anonymous", "TN-Validation-Passed-A"),
    "privacy that withholds nothing": ({}, ASSERTED + "Privacy: none\n", "+441632960002", "TN-Validation-Passed-A"),
}


@pytest.mark.parametrize(("changes", "more", "number", "attestation"), ASKED.values(), ids=ASKED)
async def test_who_is_said_to_call(tmp_path, changes, more, number, attestation):
    """The trunk's word for a number counts, and only the trunk's; who withholds theirs withholds it from us (T5)."""
    needed()
    with Kamailio(tmp_path, **changes) as kamailio:
        async with ends(kamailio) as (caller, pbx), scripted(kamailio.parley_port, **CONNECT) as asked:
            caller.send(invite(caller, number="+441632960001", more=more), kamailio.port)
            await pbx.hears("INVITE")
            (question,) = asked.asked
            assert (question["from"], question["attestation"]) == (number, attestation)
            assert question["to"] == "01632960100"


ODD = {
    "quotes": ("a%22,%22to%22%3A%22x", 'a","to":"x'),
    "a whole object": ("%7B%22call_id%22%3A1%7D", '{"call_id":1}'),
    "a line feed": ("1%0D%0AX-Header%3A%201", "unreadable"),
    "no end of digits": ("1" * 300, "unreadable"),
    "what no text can hold": ("%FF%FE", "unreadable"),
    "bytes that are no text": ("\udcff\udcfe", "unreadable"),
    "a name": ("reception", "reception"),
    "signs that only look like digits": ("%D9%A1%D9%A2", "unreadable"),
    "a variable of Kamailio": ("$var(answer)", "$var(answer)"),
}


async def test_what_a_caller_writes_stays_text(kamailio):
    """Nothing that a caller writes in a number's place becomes part of the question's form; all of them are asked."""
    async with ends(kamailio) as (caller, pbx), scripted(kamailio.parley_port, **CONNECT) as asked:
        for times, (what, (written, read)) in enumerate(ODD.items(), 1):
            caller.send(invite(caller, number=written), kamailio.port)
            await pbx.hears("INVITE", times=times)
            assert asked.asked[-1]["from"] == read, what
            assert asked.asked[-1]["to"] == "01632960100"


# What is done

DONE = {
    "as it was dialled": (CONNECT, "INVITE sip:01632960100@office.example.org", ""),
    "to the named person": (
        CONNECT | {"target": "+441632960555"},
        "INVITE sip:+441632960555@office.example.org",
        "",
    ),
    "the recorded line": (
        {"outcome": "automated_line", "announcement": "automated_line", "status": 603},
        "INVITE sip:parley-message@127.0.0.1",
        "automated_line",
    ),
    "a message is taken": (
        {"outcome": "voicemail", "announcement": "voicemail", "status": 603},
        "INVITE sip:parley-voicemail@127.0.0.1",
        "voicemail",
    ),
    "a word that it does not know": ({"outcome": "perhaps"}, "INVITE sip:01632960100@office.example.org", ""),
    "a target that is no number": (CONNECT | {"target": "x@y"}, "INVITE sip:01632960100@office.example.org", ""),
}


async def test_where_a_call_goes(kamailio):
    """The PBX hears of the call as Parley said; a caller's own X-Parley fields are gone."""
    async with ends(kamailio) as (caller, pbx), scripted(kamailio.parley_port) as asked:
        for times, (what, (answer, start, announcement)) in enumerate(DONE.items(), 1):
            asked.answer = answer
            mine = "X-Parley-Announcement: mine\n"
            caller.send(invite(caller, number="+441632960001", more=mine), kamailio.port)
            heard = await pbx.hears("INVITE", times=times)
            assert heard.startswith(start), what
            assert field(heard, "X-Parley-Announcement") == announcement, what


async def test_an_office_without_a_recorded_line(tmp_path):
    """Where the PBX has none, Parley's refusal is given, and where it takes no messages it rings."""
    needed()
    with Kamailio(tmp_path, WITH_AUTOMATED_LINE=None, WITH_VOICEMAIL=None) as kamailio:
        async with ends(kamailio) as (caller, pbx), scripted(kamailio.parley_port, status=603) as asked:
            asked.answer["outcome"] = "automated_line"
            caller.send(invite(caller, number="+441632960001"), kamailio.port)
            await caller.hears("SIP/2.0 603")
            asked.answer["outcome"] = "voicemail"
            caller.send(invite(caller, number="+441632960001"), kamailio.port)
            assert (await pbx.hears("INVITE")).startswith("INVITE sip:01632960100@office.example.org")


# Repeated, given up


async def test_an_invite_sent_again_is_one_call(folder, kamailio):
    """Three times before the answer and once after it: one question, one INVITE at the PBX, one contact (T2)."""
    async with parley(folder, kamailio, TEN_MINUTES) as here, ends(kamailio) as (caller, pbx):
        call = invite(caller, number=CALLER)
        for _ in range(3):
            caller.send(call, kamailio.port)
        request = await pbx.hears("INVITE")
        caller.send(call, kamailio.port)
        pbx.answer(request, "200 OK", port=kamailio.port)
        answered = await caller.hears("SIP/2.0 200")
        caller.send(call, kamailio.port)
        caller.send(following(call, "ACK", answered=answered), kamailio.port)
        await pbx.hears("ACK")
        caller.send(following(call, "BYE", answered=answered), kamailio.port)
        pbx.answer(await pbx.hears("BYE"), "200 OK", port=kamailio.port)
        await until(lambda: here.only().state is not State.RINGING)
        assert pbx.count("INVITE") == 1
        assert here.only().state is State.ANSWERED


async def test_a_call_id_used_again_is_another_call(folder, kamailio):
    """The caller chooses the Call-ID: with that of a call that was let through nothing more is let through."""
    once = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "day", "call": "automated_line"}
    async with parley(folder, kamailio, once) as here, ends(kamailio) as (caller, pbx):
        first = invite(caller, number=CALLER, call="mine")
        caller.send(first, kamailio.port)
        pbx.answer(await pbx.hears("INVITE"), "486 Busy Here", port=kamailio.port)
        await caller.hears("SIP/2.0 486")
        caller.send(following(first, "ACK"), kamailio.port)
        await until(lambda: here.only().state is State.MISSED)
        for branch in ("a", "b"):
            again = first.replace("branch=z9hG4bKmine", f"branch=z9hG4bK{branch}")
            caller.send(again.replace("tag=mine", f"tag={branch}"), kamailio.port)
        await pbx.hears("INVITE", times=3)
        assert sorted(here.states()) == ["automated_line", "missed", "ringing"]


async def test_given_up_while_it_rings(folder, kamailio):
    """The PBX hears the CANCEL, the caller 487, and nothing of the minutes is used up."""
    async with parley(folder, kamailio, TEN_MINUTES) as here, ends(kamailio) as (caller, pbx):
        call = invite(caller, number=CALLER)
        caller.send(call, kamailio.port)
        request = await pbx.hears("INVITE")
        pbx.answer(request, "180 Ringing", port=kamailio.port)
        await caller.hears("SIP/2.0 180")
        caller.send(following(call, "CANCEL"), kamailio.port)
        pbx.answer(await pbx.hears("CANCEL"), "200 OK", port=kamailio.port)
        pbx.answer(request, "487 Request Terminated", port=kamailio.port)
        await caller.hears("SIP/2.0 487")
        await until(lambda: here.only().state is State.MISSED)
        assert here.only().reserved_s is None


async def test_given_up_before_parley_has_answered(folder, kamailio):
    """The caller hears 487, the PBX never rings, and what Parley decides afterwards is settled too."""
    async with parley(folder, kamailio, TEN_MINUTES) as here, ends(kamailio) as (caller, pbx):
        call = invite(caller, number=CALLER)
        with closing(sqlite3.connect(here.state / "parley.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # so Parley is slow
            caller.send(call, kamailio.port)
            await caller.hears("SIP/2.0 100")
            caller.send(following(call, "CANCEL"), kamailio.port)
            await caller.hears("SIP/2.0 200")
            other.execute("ROLLBACK")
        await caller.hears("SIP/2.0 487")
        await until(lambda: [entry.state for entry in here.contacts()] == [State.MISSED])
        assert pbx.heard == []


# When Parley is not there

FAULTS = {"it is down": None, "it is at fault": 503, "it does not know the token": 401, "it is silent": NEVER}


@pytest.mark.parametrize("status", FAULTS.values(), ids=FAULTS)
async def test_without_parley_calls_go_through(kamailio, status):
    """Whatever is wrong with Parley, the call reaches the PBX within three seconds (T4)."""
    async with ends(kamailio) as (caller, pbx):
        if status is None:
            caller.send(invite(caller, number=CALLER), kamailio.port)
            assert await pbx.hears("INVITE", seconds=3)
            return
        async with scripted(kamailio.parley_port, status, outcome="refuse"):
            caller.send(invite(caller, number=CALLER), kamailio.port)
            assert await pbx.hears("INVITE", seconds=3)


async def test_after_three_silences_nobody_waits(kamailio):
    """While Parley is silent only the first calls wait for it; those that follow go through at once."""
    async with ends(kamailio) as (caller, pbx), scripted(kamailio.parley_port, NEVER) as asked:
        for _ in range(3):
            caller.send(invite(caller, number=CALLER), kamailio.port)
        await pbx.hears("INVITE", times=3)
        caller.send(invite(caller, number=CALLER), kamailio.port)
        await pbx.hears("INVITE", times=4, seconds=1)
        assert len(asked.asked) == 3


async def test_a_call_that_nobody_was_asked_about(folder, kamailio):
    """Put through while Parley was down: when it is back, the call goes on record with its length, once (T7)."""
    async with ends(kamailio) as (caller, pbx):
        call = invite(caller, number=CALLER)
        caller.send(call, kamailio.port)
        pbx.answer(await pbx.hears("INVITE"), "200 OK", port=kamailio.port)
        answered = await caller.hears("SIP/2.0 200")
        caller.send(following(call, "ACK", answered=answered), kamailio.port)
        await pbx.hears("ACK")
        caller.send(following(call, "BYE", answered=answered), kamailio.port)
        pbx.answer(await pbx.hears("BYE"), "200 OK", port=kamailio.port)
        async with parley(folder, kamailio, TEN_MINUTES) as here:
            await until(lambda: here.contacts() != [])
            assert (here.only().state, here.only().sender) == (State.ANSWERED, f"phone:{CALLER}")


async def test_the_end_of_a_call_waits_for_parley(folder, kamailio):
    """Parley stopped while a call goes on and ends: when it is back it hears how long it was (T4, T7)."""
    async with ends(kamailio) as (caller, pbx):
        call = invite(caller, number=CALLER)
        async with parley(folder, kamailio, TEN_MINUTES) as here:
            clock = here.clock
            caller.send(call, kamailio.port)
            request = await pbx.hears("INVITE")
            pbx.answer(request, "200 OK", port=kamailio.port)
            answered = await caller.hears("SIP/2.0 200")
            caller.send(following(call, "ACK", answered=answered), kamailio.port)
            await pbx.hears("ACK")
        caller.send(following(call, "BYE", answered=answered), kamailio.port)
        pbx.answer(await pbx.hears("BYE"), "200 OK", port=kamailio.port)
        await caller.hears("SIP/2.0 200", times=2)
        async with scripted(kamailio.parley_port, 503) as at_fault:
            await until(lambda: len(at_fault.told) >= 2)
        async with parley(folder, kamailio, clock=clock) as here:
            await until(lambda: here.only().state is State.ANSWERED)
            assert here.only().reserved_s is None


@pytest.mark.parametrize("lost", [False, True], ids=["stopped", "killed"])
async def test_kamailio_started_anew_during_a_call(folder, kamailio, lost):
    """Stopped, it keeps the call and ends both legs at the limit, once told; killed, nobody tells, and no call is lost.

    What Parley does of a call whose end nobody tells is in tests/gateway/test_silent_calls.py.
    """
    async with ends(kamailio) as (caller, pbx), scripted(kamailio.parley_port, **CONNECT, limit_s=5) as asked:
        call = invite(caller, number=CALLER)
        caller.send(call, kamailio.port)
        pbx.answer(await pbx.hears("INVITE"), "200 OK", port=kamailio.port)
        answered = await caller.hears("SIP/2.0 200")
        caller.send(following(call, "ACK", answered=answered), kamailio.port)
        await pbx.hears("ACK")
        await asyncio.to_thread(kamailio.anew, lost=lost)
        if lost:
            caller.send(following(call, "BYE", answered=answered), kamailio.port)
            pbx.answer(await pbx.hears("BYE"), "200 OK", port=kamailio.port)
            await caller.hears("SIP/2.0 200", times=2)
            assert asked.told == []
            return
        byes = [await end.hears("BYE") for end in (caller, pbx)]
        for end, bye in zip((caller, pbx), byes, strict=True):
            end.answer(bye, "200 OK", port=kamailio.port)
        await until(lambda: asked.told != [])
        (told,) = asked.told
        assert (told["call_id"], told["answered"]) == (asked.asked[0]["call_id"], True)
        assert 4 <= told["duration_s"] <= 20  # Kamailio itself takes its time to start on a loaded machine


# What is not a new call


async def test_nothing_but_calls_comes_in(kamailio):
    """A method that is none of a trunk's is refused, as is a call that the PBX would make to itself."""
    async with ends(kamailio) as (caller, pbx):
        caller.send(invite(caller, number=CALLER).replace("INVITE", "MESSAGE"), kamailio.port)
        await caller.hears("SIP/2.0 405")
        pbx.send(invite(pbx, number="200"), kamailio.port)
        await pbx.hears("SIP/2.0 403")
        assert pbx.count("INVITE") == 0


WITHIN = {
    "by no route": "",
    "by a route of ours": "Route: <sip:127.0.0.1:{port};lr>\n",
    "by a route of ours, with a dialog made up": "Route: <sip:127.0.0.1:{port};lr;did=1f2.3e4>\n",
}


async def test_a_call_that_says_it_was_let_through(kamailio):
    """An INVITE with a tag in To and a route, as within a call, is no way past Parley: where no call is, it is 481."""
    async with ends(kamailio) as (caller, pbx):
        for times, route in enumerate(WITHIN.values(), 1):
            stray = invite(caller, number=CALLER, more=route.format(port=kamailio.port))
            stray = stray.replace(
                "To: <sip:01632960100@office.example.org>", "To: <sip:01632960100@office.example.org>;tag=pbx"
            )
            caller.send(stray.replace("@office.example.org SIP", f"@127.0.0.1:{pbx.port} SIP"), kamailio.port)
            await caller.hears("SIP/2.0 481", times=times)
        assert pbx.heard == []
