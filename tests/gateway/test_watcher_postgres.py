"""Watching a mailbox with the record in PostgreSQL, against Dovecot for real."""

from __future__ import annotations

import pytest

from tests.gateway.office import mail, settled
from tests.gateway.watched import address, begin, cursor_of, delivered, end, handled, lying, watching
from tests.servers.dovecot import Dovecot, needed

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("dovecot")]
LIMIT = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "day"}


@pytest.fixture
def dovecot():
    """One Dovecot."""
    needed()
    dovecot = Dovecot()
    dovecot.start()
    yield dovecot
    dovecot.end()


async def test_two_parties_on_postgresql(folder, dovecot, postgres_url):
    """The same on the other database: limits in the order of arrival, each party its own, and known again."""
    user = address()
    async with watching(folder, dovecot, user, start=False, record_url=postgres_url) as here:
        here.party(LIMIT)
        here.party(LIMIT, emails=["s.sample@example.org"], name="S. Sample")
        await begin(here)
        await end(here)
        authors = ["r.example@example.org", "s.sample@example.org"] * 10
        dovecot.put(user, *(delivered(mail(n, sender=author), author) for n, author in enumerate(authors)))
        await begin(here)
        await handled(here, 20)
        await lying(dovecot, user, {"INBOX": 2, "Filed unanswered": 18})
        assert [b"Message 0" in one or b"Message 1\r" in one for one in dovecot.lies(user)] == [True, True]
        dovecot.kill()
        dovecot.number_anew(user)
        dovecot.start()
        await settled(lambda: cursor_of(here).last_uid > 5000)
        assert (len(here.contacts()), len(dovecot.lies(user))) == (20, 2)
