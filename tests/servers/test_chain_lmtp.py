"""Parley to Dovecot by LMTP, with nobody between: each recipient's own answer, and the Sieve script that files."""

import pytest

from tests.gateway.office import CLERK, FILED, HEAD, PARTY, mail, office
from tests.servers import dovecot, postfix
from tests.servers.chain import Mailboxes

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("chain")]
STRANGER = "s.stranger@example.org"


@pytest.fixture(scope="module")
def mailboxes():
    """Mailboxes of at most two messages each, as far as LMTP fills them."""
    dovecot.needed()
    postfix.needed()
    server = Mailboxes(limit=2)
    try:
        server.start()
        yield server
    finally:
        server.end()


async def test_one_of_two_mailboxes_is_full(mailboxes, folder):
    """The one gets it, the other's is put before a person, and the sender is not told to send it again."""
    settings = {"next_hop": f"127.0.0.1:{mailboxes.lmtp_port}", "next_hop_protocol": "lmtp"}
    async with office(folder, mail=settings | {"check_senders": False}) as here:
        mailboxes.put(CLERK, mail(8), mail(9))
        assert (await here.post(mail(1), CLERK, HEAD, sender=STRANGER)).startswith("250 2.0.0 Ok ")
        (got,) = mailboxes.lies(HEAD)
        assert b"Subject: Message 1\r\n" in got
        assert len(mailboxes.lies(CLERK)) == 2
        entry = here.only()
        assert {goal.recipient: goal.done for goal in entry.targets} == {CLERK: False, HEAD: True}
        assert [one.id for one in here.queue(entry.state)] == [entry.id]
        # Whoever writes to the full one alone hears of it.
        assert (await here.post(mail(2), CLERK, sender=STRANGER)).startswith("552 5.2.2 ")
        # What is filed lies in its folder here too, once there is room.
        with mailboxes.reader(CLERK) as client:
            client.delete_messages(client.search("ALL"))
            client.expunge()
        here.party({"kind": "file_unanswered"})
        assert (await here.post(mail(3))).startswith("250 2.0.0 Ok ")
        ((filed, marks),) = mailboxes.marked(CLERK, FILED)
        assert (b"Subject: Message 3\r\n" in filed, marks) == (True, {"\\Seen"})
        assert mailboxes.lies(CLERK) == []
        assert PARTY not in str(entry.detail)
