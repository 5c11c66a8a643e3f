"""A run of refused requests at the phone door reaches staff, once a day (THREATS T1)."""

from urllib.parse import urlencode

import pytest

from adapters.phone.own_door import Unreachable
from gateway.build_desk import letters_of, traces_of
from gateway.phone_alarm import SelfTest
from tests.gateway.office import office
from tests.gateway.provider import NO_ROOMS
from tests.gateway.twilio import Twilio, new_sid

FORM = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "AAAA"}


async def refused(twilio, times, path="/calls"):
    """Knock with a signature that is wrong."""
    for _ in range(times):
        body = urlencode({"CallSid": new_sid(), "MessageSid": new_sid("SM")})
        assert (await twilio.client.post(path, content=body, headers=FORM)).status_code == 403


async def test_T1_a_run_of_refusals_is_told_once_a_day(folder):
    """Four are nothing, the fifth is; however many follow, and at whichever door, one letter leaves a day."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        await refused(twilio, 4)
        assert here.letters() == []
        await refused(twilio, 20)
        await refused(twilio, 7, "/texts")
        (alert,) = here.letters()
        assert b"parley doctor" in alert.message
        await twilio.call()
        here.clock.advance(days=1)
        await refused(twilio, 5)
        assert len(here.letters()) == 2


async def test_one_that_is_heard_ends_the_run(folder):
    """Strangers who knock now and then are no reason for an alarm."""
    async with office(folder, phone=True, **NO_ROOMS) as here, Twilio(here) as twilio:
        for _ in range(4):
            await refused(twilio, 4)
            await twilio.call()
        assert not any(b"parley doctor" in letter.message for letter in here.letters())


@pytest.mark.parametrize(
    ("unsigned", "signed", "letters"),
    [
        pytest.param(403, 204, 0, id="what is signed is heard"),
        pytest.param(403, 403, 1, id="what is signed is refused: a proxy changes the address"),
        pytest.param(403, 503, 1, id="what is signed meets a fault"),
        pytest.param(None, None, 0, id="it cannot be reached from here"),
    ],
)
async def test_T1_the_self_test_tells_staff_of_a_signature_that_fails(folder, unsigned, signed, letters):
    """However often it looks, one letter leaves a day, and it says what to do."""

    async def knock(public_url, form, *, secret="", key=""):
        status = signed if secret else unsigned
        if status is None:
            raise Unreachable("nothing answers there")
        return status

    async with office(folder, phone=True, **NO_ROOMS) as here:
        writes = letters_of(here.settings, traces_of(here.record))
        test = SelfTest(here.settings.config.phone, knock, here.record, writes, here.clock)
        await test.look()
        await test.look()
        alerts = [letter for letter in here.letters() if b"its own public address" in letter.message]
        assert len(alerts) == letters
        assert all(b"parley doctor" in alert.message for alert in alerts)
