"""SIPp through Kamailio and the whole of Parley: refused, limited, given up, and many calls at once with none wrong."""

import os
from collections import Counter

import pytest

from storage.entries import State
from tests.gateway.sip import CALLER, SIP, Pbx
from tests.servers.kamailio import Kamailio, needed, parley, until
from tests.servers.sipp import Sipp

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("kamailio")]
# `make sip` makes it 500.
CALLS = int(os.environ.get("PARLEY_SIP_CALLS", "60"))
A_SECOND = 20
BLOCKED = {"kind": "block", "call": "refuse"}
TEN_MINUTES = {"kind": "talk_time_limit", "minutes": 10, "per": "day"}
LIMITED, BLOCKED_ONE, ANYBODY = "+441632960003", CALLER, "+441632960009"


BY_TCP = ("-t", "t1")


@pytest.fixture
def by_tcp(tmp_path):
    """Kamailio that takes calls by TCP too, before a PBX that keeps to UDP."""
    needed()
    with Kamailio(tmp_path, WITH_TCP="") as running:
        yield running


@pytest.mark.parametrize(("refusal", "status"), [("busy", 486), ("decline", 603)])
async def test_a_blocked_number_is_refused(folder, kamailio, refusal, status):
    """The caller hears 486 or 603, as the office has it, and the PBX nothing at all."""
    await _refused(folder, kamailio, refusal, status)


async def test_a_blocked_number_is_refused_by_tcp(folder, by_tcp):
    """The same by TCP."""
    await _refused(folder, by_tcp, "decline", 603, *BY_TCP)


async def _refused(folder, kamailio, refusal, status, *options):
    caller = Sipp(folder, "refused", *options, status=status)
    pbx = Sipp(folder, "pbx", port=kamailio.pbx_port)
    async with parley(folder, kamailio, BLOCKED, sip=SIP | {"refusal": refusal}) as here, pbx.serving():
        assert await caller.play(kamailio.port, "-m", "1", "-key", "caller", CALLER) == 0, caller.errors
        assert here.only().state is State.REFUSED
        assert pbx.messages() == []


async def test_the_limit_ends_both_legs(folder, kamailio):
    """Three seconds are left of ten minutes a day: both legs hear BYE within a second of them, whatever was asked for.

    The caller asks for more by a second INVITE within the call, which many systems take as a reason to begin anew.
    """
    await _limited(folder, kamailio)


async def test_the_limit_ends_both_legs_of_a_call_by_tcp(folder, by_tcp):
    """The caller's leg is TCP and the PBX's UDP: the same BYE to both."""
    await _limited(folder, by_tcp, *BY_TCP)


async def _limited(folder, kamailio, *options):
    policy = {"least_call_s": 3}
    caller, pbx = Sipp(folder, "talks_on", *options), Sipp(folder, "pbx_asked_for_more", port=kamailio.pbx_port)
    async with parley(folder, kamailio, TEN_MINUTES, policy=policy) as here, Pbx(here) as earlier, pbx.serving():
        call, _ = await earlier.call()
        await earlier.ended(call, 597)
        assert await caller.play(kamailio.port, "-m", "1", "-key", "caller", CALLER) == 0, caller.errors
        await until(lambda: State.RINGING not in [entry.state for entry in here.contacts()])
        _, limited = here.contacts()
        assert (limited.state, limited.reserved_s) == (State.ANSWERED, None)
        assert 2 <= limited.talk_s <= 4
    for end in (caller, pbx):
        answered = next(one for one in end.messages("SIP/2.0 200") if one.sent is (end is pbx))
        (bye,) = end.messages("BYE")
        assert abs((bye.at - answered.at).total_seconds() - 3) <= 1


async def test_a_caller_who_gives_up_uses_nothing(folder, kamailio):
    """CANCEL while it rings: the PBX stops ringing, and the minutes are as before."""
    caller, pbx = Sipp(folder, "gives_up"), Sipp(folder, "pbx_rings", port=kamailio.pbx_port)
    async with parley(folder, kamailio, TEN_MINUTES) as here, pbx.serving():
        assert await caller.play(kamailio.port, "-m", "1", "-key", "caller", CALLER) == 0, caller.errors
        await until(lambda: here.only().state is State.MISSED)
        assert here.only().reserved_s is None
        assert len(pbx.messages("CANCEL")) == 1


async def test_many_calls_and_none_wrong(folder, kamailio, record_property):
    """Twenty calls a second: who is blocked is refused, who has five calls has five, everybody else is put through."""
    five = {"kind": "volume_limit", "channels": ["call"], "count": 5, "per": "day"}
    each = CALLS // 4
    numbers = folder / "numbers.csv"
    numbers.write_text(f"SEQUENTIAL\n{BLOCKED_ONE};\n{LIMITED};\n{ANYBODY};\nanonymous;\n")
    caller, pbx = Sipp(folder, "many", "-inf", str(numbers)), Sipp(folder, "pbx", port=kamailio.pbx_port)
    policy, busy = {"counted_call_s": 0}, SIP | {"refusal": "busy"}
    async with parley(folder, kamailio, BLOCKED, policy=policy, sip=busy) as here, pbx.serving():
        here.party(five, emails=(), phones=[LIMITED], name="S. Example")
        took = await caller.play(kamailio.port, "-m", str(each * 4), "-r", str(A_SECOND), seconds=CALLS)
        assert took == 0, caller.errors
        await until(lambda: "ringing" not in here.states())
        assert Counter((entry.sender, entry.state) for entry in here.contacts()) == {
            (f"phone:{BLOCKED_ONE}", State.REFUSED): each,
            (f"phone:{LIMITED}", State.ANSWERED): 5,
            (f"phone:{LIMITED}", State.AUTOMATED_LINE): each - 5,
            (f"phone:{ANYBODY}", State.ANSWERED): each,
            ("", State.ANSWERED): each,
        }
    asked = {one.call: one for one in reversed(caller.messages("INVITE"))}
    refused = {one.call for one in caller.messages("SIP/2.0 486")}
    rung = {one.call: one.start.split("@")[0] for one in pbx.messages("INVITE")}
    assert refused == {call for call, one in asked.items() if BLOCKED_ONE in one.text}
    assert refused.isdisjoint(rung)
    assert Counter(rung.values()) == {"INVITE sip:01632960100": 2 * each + 5, "INVITE sip:parley-message": each - 5}
    assert len(asked) == len(refused) + len(rung) == each * 4
    assert "parley:" not in kamailio.log
    record_property("table", _figures(asked, [*caller.messages("SIP/2.0 486"), *caller.messages("SIP/2.0 180")]))


def _figures(asked, answers):
    """Say how long callers waited until it rang or they were refused, in milliseconds."""
    first = {one.call: one.at for one in sorted(answers, key=lambda one: one.at, reverse=True)}
    waits = sorted((at - asked[call].at).total_seconds() * 1000 for call, at in first.items())
    mid, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    return f"{len(asked)} calls at {A_SECOND} a second: until it rang or was refused p50 {mid:.0f}, p99 {late:.0f} ms"
