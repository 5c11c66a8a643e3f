"""Mail that came while nobody watched its mailbox: judged and counted by when it came, against Dovecot for real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.policies import Threshold
from rules.windows import Per
from tests.gateway.office import Clock, mail
from tests.gateway.watched import address, begin, delivered, end, handled, watching
from tests.servers.dovecot import Dovecot, needed

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("dovecot")]
LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}
THREE = Threshold(at_least=3, per=Per.HOUR, channels=frozenset({"email"}))
BEGINS = datetime(2026, 9, 7, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def server():
    """One Dovecot for this module."""
    needed()
    dovecot = Dovecot()
    dovecot.start()
    yield dovecot
    dovecot.end()


@pytest.mark.parametrize(
    ("hours", "states", "flags"),
    [
        pytest.param((1, 25, 49), ["delivered"] * 3, 0, id="a mail a day, as allowed, is delivered"),
        pytest.param((1, 2, 3), ["delivered", "filed", "filed"], 0, id="three in a day are not"),
        pytest.param((1, 1.2, 1.4), ["delivered", "filed", "filed"], 1, id="three in an hour are flagged"),
    ],
)
async def test_three_days_are_not_one_moment(folder, server, hours, states, flags):
    """After the outage limits and flags go by when each came; who was within the limit hears nothing."""
    user = address()
    policy = {"thresholds": (THREE,)}
    async with watching(folder, server, user, clock=Clock(BEGINS), policy=policy) as here:
        here.party(LIMIT)
        await end(here)
        came = [BEGINS + timedelta(hours=each) for each in hours]
        for number, at in enumerate(came):
            server.put(user, delivered(mail(number)), at=at)
        here.clock.advance(days=3)
        await begin(here)
        entries = sorted(await handled(here, 3), key=lambda one: one.at)
        assert [one.at for one in entries] == came
        assert [one.state.value for one in entries] == states
        assert len(here.flags()) == flags
        assert len(here.told()) == (1 if "filed" in states else 0)


async def test_what_came_before_the_restriction_is_not_met_by_it(folder, server):
    """Nothing is in force before its notice, so what was written before is delivered, however late it is read."""
    user = address()
    async with watching(folder, server, user, clock=Clock(BEGINS)) as here:
        await end(here)
        server.put(user, delivered(mail(1)), at=BEGINS + timedelta(hours=1))
        here.clock.advance(hours=5)
        here.party({"kind": "file_unanswered"}, starts=here.clock())
        server.put(user, delivered(mail(2)), at=BEGINS + timedelta(hours=6))
        here.clock.advance(hours=5)
        await begin(here)
        entries = sorted(await handled(here, 2), key=lambda one: one.at)
        assert [one.state.value for one in entries] == ["delivered", "filed"]
