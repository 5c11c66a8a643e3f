"""The other way: the border hands on from its queue, under TLS, on a path that takes addresses beyond ASCII."""

import re

import pytest

from tests.gateway.office import CLERK, FILED, PARTY, deliver, mail, office, settled, wire
from tests.servers.chain import WIDE

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("chain")]
BEYOND = "r.\N{LATIN SMALL LETTER E WITH ACUTE}xample@example.org"


@pytest.fixture
async def parley(queued_chain, folder):
    """An office in the middle, whose door takes mail under TLS only."""
    chain = queued_chain
    door = {"tls": "starttls", "tls_required": True, "check_senders": False}
    door |= {"certificate": chain.certificate.chain, "key": chain.certificate.key}
    async with office(folder, mail=chain.settings(**door)) as here:
        await here.gateway.next_hop.learn()
        yield here


async def test_under_tls_from_end_to_end(queued_chain, parley):
    """What is filed lies filed, and our Received says that it came under TLS, from the client that the border met."""
    parley.party({"kind": "file_unanswered"})
    async with queued_chain.sender() as client:
        assert (await deliver(client, mail(), [CLERK], PARTY)).startswith("250 2.0.0 Ok: queued")
    ((filed, marks),) = await queued_chain.arrived(CLERK, FILED)
    ours = re.search(rb"Received: from mail\.example\.org \(\[192\.0\.2\.7\]\)\r\n\tby \S+ with ESMTPS id", filed)
    assert (bool(ours), marks) == (True, {"\\Seen"})


async def test_a_refusal_bounces(queued_chain, parley):
    """That is the drawback: the border has said yes already, and writes to whoever stands in the envelope."""
    parley.party({"kind": "block"})
    async with queued_chain.sender() as client:
        assert (await deliver(client, mail(), [CLERK], PARTY)).startswith("250 ")
    ((bounce, _),) = await queued_chain.arrived(PARTY)
    assert b"multipart/report" in bounce
    assert b"550 5.7.1" in bounce
    assert queued_chain.mailboxes.lies(CLERK) == []


async def test_parley_is_away_and_the_border_keeps_the_message(queued_chain, parley):
    """From a queue it is the border's to try again; the sender is gone by then."""
    await parley.gateway.smtp.stop(1.0)
    async with queued_chain.sender() as client:
        assert (await deliver(client, mail(), [CLERK], PARTY)).startswith("250 ")
    await settled(lambda: '"deferred"' in queued_chain.border.queue())
    await parley.gateway.smtp.start()
    queued_chain.border.flush()
    await queued_chain.arrived(CLERK)


async def test_addresses_beyond_ascii(queued_chain, parley):
    """Sender, recipient and From need SMTPUTF8; it lies in the mailbox that the address stands for."""
    async with queued_chain.sender() as client:
        assert "SMTPUTF8" in await client.say("EHLO mail.example.org")
        for command in (f"MAIL FROM:<{BEYOND}> SMTPUTF8 BODY=8BITMIME", f"RCPT TO:<{WIDE}>"):
            await client.send(command.encode() + b"\r\n")
            assert (await client.reply()).startswith("250 ")
        assert (await client.say("DATA")).startswith("354 ")
        await client.send(wire(mail(sender=BEYOND)))
        assert (await client.reply()).startswith("250 ")
    ((message, marks),) = await queued_chain.arrived(CLERK)
    assert (f"From: R. Example <{BEYOND}>\r\n".encode() in message, marks) == (True, set())
    assert b"with UTF8SMTPS id" in message
