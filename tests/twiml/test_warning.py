"""A limited call is told before it ends, in a conference in which both sides go on (HO-3)."""

import pytest

from gateway.build_web import script_of, twilio_of
from gateway.call_warnings import CallWarnings
from rules.answers import Delivered, Temporary
from rules.contact import Channel
from rules.policies.phone import Phone
from rules.standing import Adjustment
from storage.entries import State
from tests.gateway.twilio import CALLER
from tests.twiml.document import read

LIMIT = {"kind": "call_length_limit", "minutes": 10}
TOLD = {"phone": Phone(warn_before_s=45)}
LEG = "CA" + "9" * 32


class Asked:
    """Be the provider, and note what it is asked."""

    def __init__(self, answer=Delivered()):  # noqa: B008  # a frozen value
        self.changed: list[tuple[str, str]] = []
        self._answer = answer

    async def change_call(self, sid, document):
        self.changed.append((sid, document))
        return self._answer


def warnings(here, provider):
    """Build what says it."""
    script, _ = script_of(here.settings, here.clock)
    return CallWarnings(here.record, script, twilio_of(here.settings), provider, here.clock)


async def answered(twilio, **call):
    """Place a call that is picked up at once; give its id and the address of what follows."""
    sid, document = await twilio.call(**call)
    (dial,) = read(document)
    address = dial.inside[0].get("statusCallback").removeprefix("https://calls.example.org")
    leg = {"CallSid": LEG, "ParentCallSid": sid, "CallStatus": "in-progress", "SequenceNumber": "2"}
    for _ in range(2):
        assert (await twilio.post(address, leg)).status_code == 204
    return sid, dial, address


async def go_on(twilio, dial, sid, status="completed", seconds=555):
    """Say that a connection ended; give the verbs of what follows."""
    action = dial.get("action").removeprefix("https://calls.example.org")
    params = {"CallSid": sid, "DialCallSid": LEG, "DialCallStatus": status, "DialCallDuration": str(seconds)}
    documents = {(await twilio.post(action, params)).text for _ in range(2)}
    (document,) = documents
    return read(document)


async def test_both_sides_are_told_and_go_on(phone):
    """Forty-five seconds before the end each side hears it; what the office's leg lasted in all is counted, once."""
    async with phone(TOLD) as (here, twilio):
        party = here.party(LIMIT, emails=(), phones=[CALLER])
        provider = Asked()
        said = warnings(here, provider)
        sid, dial, reports = await answered(twilio)
        assert dial.get("timeLimit") == "600"
        here.clock.advance(seconds=554)
        assert (await said.say_due(), provider.changed) == (0, [])
        here.clock.advance(seconds=1)
        assert [await said.say_due(), await said.say_due()] == [1, 0]
        ((leg, document),) = provider.changed
        office = read(document)
        caller = await go_on(twilio, dial, sid)
        ending = here.settings.policy.texts.call_ending
        assert (leg, office[0].text, caller[0].text) == (LEG, ending, ending)
        assert office[1].inside[0].text == caller[1].inside[0].text == f"parley-{sid}"
        assert (caller[1].get("timeLimit"), office[1].get("action")) == ("45", "")
        assert here.only().state is State.RINGING
        (over, end) = await go_on(twilio, caller[1], sid, "answered", 44)
        assert (over.text, end.name) == (here.settings.policy.texts.call_over, "Hangup")
        leg_over = {"CallSid": LEG, "ParentCallSid": sid, "CallStatus": "completed", "CallDuration": "601"}
        for _ in range(2):
            await twilio.post(reports, leg_over)
        assert (here.only().state, here.only().talk_s, here.used(party, Channel.CALL)) == (State.ANSWERED, 601, 1)


async def test_a_provider_that_does_not_do_it(phone):
    """Nothing is said, and the call ends at its limit, which the provider has known from the beginning."""
    async with phone(TOLD) as (here, twilio):
        here.party(LIMIT, emails=(), phones=[CALLER])
        sid, dial, _ = await answered(twilio)
        here.clock.advance(seconds=556)
        await warnings(here, Asked(Temporary("no answer"))).say_due()
        (over, _) = await go_on(twilio, dial, sid, seconds=600)
        assert (over.text, here.only().talk_s) == (here.settings.policy.texts.call_over, 600)


async def test_a_call_that_is_over_before(phone):
    """Who hung up before is told nothing: the leg is no more, and nobody is left alone in a conference."""
    async with phone(TOLD) as (here, twilio):
        here.party(LIMIT, emails=(), phones=[CALLER])
        provider = Asked()
        sid, dial, _ = await answered(twilio)
        await go_on(twilio, dial, sid, seconds=100)
        here.clock.advance(seconds=556)
        assert await warnings(here, provider).say_due() == 0
        assert provider.changed == []


async def test_a_stop_across_the_time(phone):
    """A gateway that was down when it was time says nothing afterwards: the end would be there."""
    async with phone(TOLD) as (here, twilio):
        here.party(LIMIT, emails=(), phones=[CALLER])
        sid, dial, _ = await answered(twilio)
    here.clock.advance(seconds=590)
    async with phone(TOLD) as (here, twilio):
        provider = Asked()
        assert await warnings(here, provider).say_due() == 0
        (over, _) = await go_on(twilio, dial, sid, seconds=600)
        assert over.text == here.settings.policy.texts.call_over


WHO = {
    "nobody, where the policy names no time": (Phone(), (), False, 600),
    "who was promised it": (Phone(), ("call_warning",), True, 600),
    "nobody without a limit": (Phone(warn_before_s=45), (), False, None),
}


@pytest.mark.parametrize(("manners", "forms", "told", "limit"), WHO.values(), ids=WHO)
async def test_who_is_told(phone, manners, forms, told, limit):
    """A limited call, by the policy or by an adjustment."""
    async with phone({"phone": manners}) as (here, twilio):
        party = here.party(*[LIMIT] if limit else [], emails=(), phones=[CALLER])
        if forms:
            here.record.write_now(lambda tx: tx.add_adjustment(party, Adjustment("a need", frozenset(), forms=forms)))
        await answered(twilio)
        here.clock.advance(seconds=600 - 60)
        assert await warnings(here, Asked()).say_due() == told
