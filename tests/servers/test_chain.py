"""Client, Postfix, Parley, Postfix, Dovecot: what lies in the mailboxes in the end, with what `deploy` ships."""

import os
import shutil
from contextlib import asynccontextmanager

import dkim
import pytest

from tests.adapters.mail import signed
from tests.adapters.mail.dns_server import serving
from tests.adapters.mail.test_smtp_in_smuggling import OTHERS, PAIRS, SMUGGLED
from tests.bench.peers.processes import running
from tests.gateway.office import CLERK, FILED, PARTY, deliver, mail, office, wire
from tests.ports import free_port
from tests.servers.chain import OUTSIDE

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("chain")]
FILE, RETURN, BLOCK = {"kind": "file_unanswered"}, {"kind": "return_mail"}, {"kind": "block"}
STRANGER = "s.stranger@example.org"
FORGED = "v1; id=01kk90m380b609a1jf0px9; outcome={}; mac=" + "0" * 32


def verified(message):
    """Tell whether a message's DKIM signature holds."""
    record = "".join(part.strip('"') for part in signed.record()[0].split('" "')).encode()
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: record)


@asynccontextmanager
async def parley(chain, folder, *, policy=None, **mail):
    """Put an office in the middle of the chain, which has met its next hop as `parley serve` does."""
    settings = chain.settings(**({"check_senders": False} | mail))
    async with office(folder, mail=settings, policy=policy or {}) as here:
        await here.gateway.next_hop.learn()
        yield here


def taken(reply):
    """Tell whether a reply is Parley's own to a whole message."""
    return reply.startswith("250 2.0.0 Ok ")


async def test_a_restricted_party_is_filed_and_everyone_else_arrives(chain, folder):
    """By IMAP the one lies read in the filed folder, the other unread in the inbox, both signatures still valid."""
    async with parley(chain, folder) as here, chain.sender() as client:
        here.party(FILE)
        assert taken(await deliver(client, signed.sign(mail(1)), [CLERK], PARTY))
        assert taken(await deliver(client, signed.sign(mail(2, sender=STRANGER)), [CLERK], STRANGER))
        ((filed, marks),) = await chain.arrived(CLERK, FILED)
        ((delivered, fresh),) = await chain.arrived(CLERK)
        assert (b"Subject: Message 1\r\n" in filed, marks) == (True, {"\\Seen"})
        assert (b"Subject: Message 2\r\n" in delivered, fresh) == (True, set())
        assert verified(filed)
        assert verified(delivered)
        assert sorted(here.states()) == ["delivered", "filed"]


FORGERIES = {
    "as it is written": ("Parley-Trace: {}", "filed"),
    "in capitals": ("PARLEY-TRACE: {}", "filed"),
    "folded": ("Parley-Trace:\r\n {}", "filed"),
    "twice": ("Parley-Trace: {0}\r\nParley-Trace: {0}", "filed"),
    # That is no field, and some programs look for no author behind it: a person looks.
    "with a blank before the colon": ("Parley-Trace : {}", "held"),
}


@pytest.mark.parametrize(("form", "state"), FORGERIES.values(), ids=FORGERIES)
async def test_a_trace_that_a_sender_wrote_files_nothing_and_unfiles_nothing(chain, folder, form, state):
    """Only Parley's own counts, which stands first (DESIGN: never losing, never doubling)."""
    async with parley(chain, folder) as here, chain.sender() as client:
        here.party(FILE)
        filed, delivered = (form.format(FORGED.format(outcome)).encode() for outcome in ("file", "deliver"))
        assert taken(await deliver(client, filed + b"\r\n" + mail(1, sender=STRANGER), [CLERK], STRANGER))
        assert taken(await deliver(client, delivered + b"\r\n" + mail(2), [CLERK], PARTY))
        ((fresh, marks),) = await chain.arrived(CLERK)
        assert (b"Subject: Message 1\r\n" in fresh, marks) == (True, set())
        assert sorted(here.states()) == ["delivered", state]
        if state == "filed":
            ((filed, marks),) = await chain.arrived(CLERK, FILED)
            assert (b"Subject: Message 2\r\n" in filed, marks) == (True, {"\\Seen"})


async def test_a_trace_on_mail_that_did_not_pass_parley_is_taken_off(chain):
    """A colleague's own mail is not filed, whatever it says of itself."""
    chain.behind.submit(f"Parley-Trace: {FORGED.format('file')}\r\n".encode() + mail(), CLERK)
    ((message, marks),) = await chain.arrived(CLERK)
    assert (b"parley-trace" in message.lower(), marks) == (False, set())


async def test_a_refusal_reaches_the_sender_in_the_session(chain, folder):
    """In neutral words after the final dot, from the border itself; nobody bounces anything."""
    async with parley(chain, folder) as here, chain.sender() as client:
        here.party(BLOCK)
        reply = await deliver(client, mail(), [CLERK], PARTY)
        assert reply == f"550 5.7.1 {here.settings.policy.texts.refusal}\r\n"
        assert here.states() == ["refused"]
        assert taken(await deliver(client, mail(2, sender=STRANGER), [CLERK], STRANGER))
        await chain.arrived(CLERK)
        assert chain.border.queue() == ""
        assert chain.mailboxes.lies(PARTY) == []


async def test_whoever_writes_to_nobody_hears_it_in_the_session(chain, folder):
    """The mailbox server's no at RCPT is the border's; the others still get it (THREATS S10), and nobody else's do."""
    async with parley(chain, folder) as here, chain.sender() as client:
        assert (await client.say(f"MAIL FROM:<{STRANGER}>")).startswith("250 ")
        nobody = await client.say("RCPT TO:<nobody@office.example.org>")
        assert nobody.startswith("550 5.1.1 <nobody@office.example.org>")
        assert (await client.say("RCPT TO:<clerk@elsewhere.example.com>")).startswith("554 5.7.1 ")
        assert taken(await deliver_rest(client, mail(sender=STRANGER)))
        await chain.arrived(CLERK)
        assert [goal.recipient for goal in here.only().targets] == [CLERK]


async def deliver_rest(client, message):
    """Go on from RCPT with a recipient that is taken."""
    assert (await client.say(f"RCPT TO:<{CLERK}>")).startswith("250 ")
    assert (await client.say("DATA")).startswith("354 ")
    await client.send(wire(message))
    return await client.reply()


OWN_CHECKS = {
    "signed by the author's domain": (signed.sign(mail()), "198.51.100.9", "verified", "returned"),
    "sent by a server of that domain": (mail(), OUTSIDE, "verified", "returned"),
    "neither": (mail(), "198.51.100.9", "failed", "filed"),
}
ZONE = signed.zone() | {
    ("example.org", "TXT"): [f'"v=spf1 ip4:{OUTSIDE} -all"'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"'],
}


@pytest.mark.parametrize(("raw", "client", "assurance", "state"), OWN_CHECKS.values(), ids=OWN_CHECKS)
async def test_the_sender_is_checked_by_the_address_that_the_border_met(chain, folder, raw, client, assurance, state):
    """XFORWARD brings the client through; what is returned lies with the party, and a forger is told nothing (I5)."""
    with serving(ZONE) as (_, (host, port)):
        checking = {"check_senders": True, "dns": (f"{host}:{port}",)}
        async with parley(chain, folder, policy={"answer_claimed": False}, **checking) as here:
            here.party(RETURN)
            async with chain.sender(client) as sender:
                assert taken(await deliver(sender, raw, [CLERK], PARTY))
            assert (here.only().assurance, here.only().state) == (assurance, state)
            await here.gateway.outbox.send_due()
            if state == "returned":
                ((letter, _),) = await chain.arrived(PARTY)
                assert b"\r\nAuto-Submitted: auto-replied\r\n" in letter
            else:
                ((filed, _),) = await chain.arrived(CLERK, FILED)
                assert f"Received: from mail.example.org ([{client}])\r\n".encode() in filed
                assert chain.mailboxes.lies(PARTY) == []


async def test_the_server_behind_stops_and_comes_back(chain, folder):
    """451 in the session while it is away, so that the sender keeps the message; then it arrives, once."""
    async with parley(chain, folder) as here, chain.sender() as client:
        chain.behind.stop()
        try:
            assert (await deliver(client, mail(), [CLERK], PARTY)).startswith("451 ")
        finally:
            chain.behind.start()
        assert taken(await deliver(client, mail(), [CLERK], PARTY))
        assert len(await chain.arrived(CLERK)) == 1
        assert here.states() == ["delivered"]


async def test_parley_is_away(chain, folder):
    """The border puts the sender off; nothing goes past Parley."""
    async with chain.sender() as client:
        assert (await deliver(client, mail(), [CLERK], PARTY)).startswith("451 4.3.0 ")
    assert chain.border.queue() == ""
    async with parley(chain, folder), chain.sender() as client:
        assert taken(await deliver(client, mail(), [CLERK], PARTY))


async def test_no_parameter_is_refused_for_good_while_the_server_behind_is_away(chain, folder):
    """Parley that starts before its next hop does not know yet what the path can do: that is our fault, so 4xx."""
    chain.behind.stop()
    try:
        async with office(folder, mail=chain.settings(check_senders=False)), chain.sender() as client:
            assert (await client.say(f"MAIL FROM:<{PARTY}> RET=HDRS ENVID=QQ314159")).startswith("250 ")
            assert (await client.say(f"RCPT TO:<{CLERK}> NOTIFY=FAILURE ORCPT=rfc822;{CLERK}")).startswith("451 ")
    finally:
        chain.behind.start()


async def test_what_a_sender_wishes_to_hear(chain, folder):
    """A report of success is asked for at the border and written behind Parley, for what was delivered only."""
    async with parley(chain, folder) as here, chain.sender() as client:
        for number, sender in enumerate((STRANGER, PARTY)):
            assert (await client.say(f"MAIL FROM:<{sender}> RET=HDRS ENVID=QQ314159")).startswith("250 ")
            asked = f"RCPT TO:<{CLERK}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;{CLERK}"
            assert (await client.say(asked)).startswith("250 ")
            assert (await client.say("DATA")).startswith("354 ")
            await client.send(wire(mail(number, sender=sender)))
            assert taken(await client.reply())
            if sender == STRANGER:
                here.party(FILE)
                ((report, _),) = await chain.arrived(STRANGER)
                assert b"Original-Envelope-Id: QQ314159\r\n" in report
        await chain.arrived(CLERK, FILED)
        assert chain.mailboxes.lies(PARTY) == []


async def test_fake_ends_of_data(chain, folder):
    """Each published sequence is one message in one mailbox, whatever border and server behind make of it (S3)."""
    ends = list((PAIRS | OTHERS).values())
    async with parley(chain, folder) as here, chain.sender() as client:
        for number, end in enumerate(ends):
            await client.begin(CLERK, sender=PARTY)
            head = b"From: r.example@example.org\r\nSubject: %d\r\n\r\nHello" % number
            await client.send(head + end + SMUGGLED.replace(b"office@example.org", CLERK.encode()) + b"\r\n.\r\n")
            assert taken(await client.reply()), end
        assert here.states() == ["delivered"] * len(ends)
        found = await chain.arrived(CLERK, count=len(ends))
        assert len(found) == len(ends)
        assert all(b"Pay at once" in message for message, _ in found)


async def test_an_address_beyond_ascii_is_refused_in_the_session(chain, folder):
    """Dovecot takes none by LMTP, so that the border does not offer it."""
    async with parley(chain, folder), chain.sender() as client:
        assert "SMTPUTF8" not in await client.say("EHLO mail.example.org")
        assert (await client.say("MAIL FROM:<r.example@example.org> SMTPUTF8")).startswith("555 ")


async def test_the_way_to_the_server_behind_is_private(chain, folder):
    """STARTTLS on the last leg, with a certificate that is looked at."""
    port = chain.behind.port
    tls = {"next_hop": f"localhost:{port}", "next_hop_security": "starttls"}
    async with parley(chain, folder, **tls, next_hop_authorities=chain.authority.file), chain.sender() as client:
        assert taken(await deliver(client, mail(), [CLERK], PARTY))
        ((message, _),) = await chain.arrived(CLERK)
        assert b"with ESMTPS id" in message.partition(b"Parley-Trace")[0]


async def test_all_on_one_machine(chain, folder):
    """One Postfix before and behind: the same lines, less those that say where the mailboxes are."""
    both, behind = chain.on_one_machine()
    try:
        both.start()
        async with parley(chain, folder, next_hop=f"127.0.0.1:{behind}") as here:
            here.party(FILE)
            async with chain.sender("", port=both.port) as client:
                assert taken(await deliver(client, mail(1), [CLERK], PARTY))
                assert taken(await deliver(client, mail(2, sender=STRANGER), [CLERK], STRANGER))
                nobody = await deliver(client, mail(3), ["nobody@office.example.org"], PARTY)
                assert nobody.startswith("550 5.1.1 ")
            assert [marks for _, marks in await chain.arrived(CLERK, FILED)] == [{"\\Seen"}]
            assert [marks for _, marks in await chain.arrived(CLERK)] == [set()]
    finally:
        both.end()


async def test_a_balancer_in_front(chain, folder, balancer):
    """haproxy names its client by the PROXY protocol; whoever comes to Parley without it is not let in."""
    async with parley(chain, folder, proxy_from=("127.0.0.1",)):
        async with chain.sender("", port=balancer) as client:
            assert taken(await deliver(client, mail(), [CLERK], PARTY))
        ((message, _),) = await chain.arrived(CLERK)
        assert b"Received: from client.example.net ([127.0.0.1])\r\n" in message


@pytest.fixture
def balancer(chain, tmp_path):
    """The port of a haproxy in front of Parley's."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
    if program is None:
        assert os.environ.get("CI") != "true", "haproxy is missing: make servers"
        pytest.skip("haproxy is not installed: make servers")
    port = free_port()
    conf = tmp_path / "haproxy.cfg"
    conf.write_text(
        "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n"
        f"listen mail\n  bind 127.0.0.1:{port}\n  server parley 127.0.0.1:{chain.port} send-proxy-v2\n"
    )
    with running([program, "-db", "-f", str(conf)], port):
        yield port
