"""The next hop by LMTP (RFC 2033), under TLS, and what it is told of a sender's wishes (RFC 3461, RFC 6531)."""

import asyncio
import ssl

import pytest
import uvloop

from adapters.mail.next_hop import NextHop, NextHopSettings
from adapters.mail.smtp_commands import RecipientWish, Wishes
from rules.answers import Delivered, Permanent, Temporary
from tests.adapters.mail.certificates import Authority
from tests.adapters.mail.scripted_hop import DROP, ScriptedHop

CLERK, HEAD, DEPUTY = "clerk@example.org", "head@example.org", "deputy@example.org"
SENDER = "sender@example.org"
MESSAGE = (b"Subject: Hello\r\n\r\nGood morning\r\n",)
LMTP = {"LHLO": "250-hop.example.org\r\n250-8BITMIME\r\n250 PIPELINING"}
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def hop_to(hop, **changes):
    """Give a next hop to a scripted server."""
    return NextHop(NextHopSettings("127.0.0.1", hop.port, "gate.example.org", quit_timeout_s=0.2, **changes))


async def test_each_recipient_has_a_final_reply_of_its_own():
    """One mailbox is full, the others take it: nobody hears of the whole what is true of one."""
    finals = "250 2.1.5 Saved\r\n452 4.2.2 Mailbox full\r\n550 5.7.1 Not wanted"
    async with ScriptedHop(LMTP | {".": finals}) as hop:
        door = hop_to(hop, lmtp=True)
        answers = await door.send(SENDER, (CLERK, HEAD, DEPUTY), MESSAGE)
        assert isinstance(answers[CLERK], Delivered)
        assert (type(answers[HEAD]), answers[HEAD].reply) == (Temporary, "452 4.2.2 Mailbox full")
        assert (type(answers[DEPUTY]), answers[DEPUTY].reply) == (Permanent, "550 5.7.1 Not wanted")
        assert hop.commands[0] == "LHLO gate.example.org"
        await door.close()


async def test_only_recipients_that_were_taken_have_a_final_reply():
    """Who was refused at RCPT is answered by that; the replies after the dot are the others'."""
    script = LMTP | {
        "RCPT": ["250 2.1.5 Ok", "550 5.1.1 Nobody", "250 2.1.5 Ok"],
        ".": "250 2.0.0 One\r\n451 4.3.0 Three",
    }
    async with ScriptedHop(script) as hop:
        door = hop_to(hop, lmtp=True)
        answers = await door.send(SENDER, (CLERK, HEAD, DEPUTY), MESSAGE)
        kinds = [type(answers[one]) for one in (CLERK, HEAD, DEPUTY)]
        assert kinds == [Delivered, Permanent, Temporary]
        await door.close()


async def test_a_connection_that_breaks_between_the_final_replies():
    """What was answered stands; the rest is unclear, not refused (RFC 1047)."""
    async with ScriptedHop(LMTP | {".": "250 2.0.0 One" + DROP}) as hop:
        door = hop_to(hop, lmtp=True)
        answers = await door.send(SENDER, (CLERK, HEAD), MESSAGE)
        assert isinstance(answers[CLERK], Delivered)
        assert isinstance(answers[HEAD], Temporary)
        assert answers[HEAD].unclear
        await door.close()


async def test_a_connection_is_used_again_after_several_replies():
    """The next message goes over the same connection and is answered by its own replies."""
    async with ScriptedHop(LMTP | {".": ["250 2.0.0 One\r\n250 2.0.0 Two", "550 5.7.1 No"]}) as hop:
        door = hop_to(hop, lmtp=True, pool_size=1)
        first = await door.send(SENDER, (CLERK, HEAD), MESSAGE)
        second = await door.send(SENDER, (DEPUTY,), MESSAGE)
        assert {type(one) for one in first.values()} == {Delivered}
        assert isinstance(second[DEPUTY], Permanent)
        assert hop.connections == 1
        await door.close()


async def test_wishes_are_passed_on_where_the_peer_hears_them():
    """RET, ENVID, NOTIFY and ORCPT as the sender wrote them, and SMTPUTF8."""
    wishes = Wishes(True, "HDRS", "QQ+2B1", {CLERK: RecipientWish("SUCCESS,FAILURE", "rfc822;office@example.org")})
    script = {"EHLO": "250-hop.example.org\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 DSN"}
    async with ScriptedHop(script) as hop:
        door = hop_to(hop)
        assert await door.learn()
        assert (door.offers.dsn, door.offers.utf8) == (True, True)
        await door.send(SENDER, (CLERK, HEAD), MESSAGE, wishes)
        assert hop.messages[0].mail == f"MAIL FROM:<{SENDER}> SMTPUTF8 RET=HDRS ENVID=QQ+2B1"
        assert hop.messages[0].rcpts == (
            f"RCPT TO:<{CLERK}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;office@example.org",
            f"RCPT TO:<{HEAD}>",
        )
        await door.close()


async def test_wishes_are_kept_from_a_peer_that_does_not_hear_them():
    """A peer without DSN would refuse the parameters, and with them the message."""
    wishes = Wishes(True, "HDRS", "QQ", {CLERK: RecipientWish("NEVER", "")})
    async with ScriptedHop() as hop:
        door = hop_to(hop)
        assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE, wishes))[CLERK], Delivered)
        assert hop.messages[0].mail == f"MAIL FROM:<{SENDER}>"
        assert hop.messages[0].rcpts == (f"RCPT TO:<{CLERK}>",)
        await door.close()


@pytest.mark.parametrize("sender", ["\u00fcna@example.org", SENDER], ids=["the sender's", "the recipient's"])
async def test_an_address_beyond_ascii_and_a_peer_without_smtputf8(sender):
    """It is refused for good, in the words of RFC 6531, and nothing of it is said."""
    recipient = CLERK if sender != SENDER else "\u00f6ffice@example.org"
    async with ScriptedHop() as hop:
        door = hop_to(hop)
        answer = (await door.send(sender, (recipient,), MESSAGE, Wishes(utf8=True)))[recipient]
        assert (type(answer), answer.reply[:9]) == (Permanent, "553 5.6.7")
        assert isinstance(await door.verify(sender, recipient), Permanent)
        assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Delivered)
        assert "MAIL FROM:<\u00fcna" not in "".join(hop.commands)
        await door.close()


class TlsHop:
    """Take one message a connection, under TLS from the first octet or after STARTTLS."""

    def __init__(self, files, *, implicit):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(files.chain, files.key)
        self.implicit = implicit
        self.secured = []
        self.tasks = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(
            self._accept, "127.0.0.1", 0, ssl=self.context if self.implicit else None
        )
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc):
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _accept(self, reader, writer):
        self.tasks.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def _serve(self, reader, writer):
        writer.write(b"220 hop.example.org\r\n")
        try:
            while line := await reader.readline():
                verb = line.split()[0].upper() if line.split() else b""
                if verb == b"STARTTLS":
                    writer.write(b"220 Go on\r\n")
                    await writer.start_tls(self.context)
                elif verb == b"DATA":
                    writer.write(b"354 Go on\r\n")
                    await reader.readuntil(b"\r\n.\r\n")
                    self.secured.append(writer.get_extra_info("ssl_object") is not None)
                    writer.write(b"250 2.0.0 Ok\r\n")
                elif verb == b"EHLO":
                    writer.write(b"250-hop.example.org\r\n250 STARTTLS\r\n")
                else:
                    writer.write(b"250 2.0.0 Ok\r\n")
        except (OSError, ssl.SSLError):
            return
        finally:
            writer.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Give an authority that the next hop's client trusts."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_under_tls(security, authority):
    """Every message goes under TLS, over a connection that is kept."""
    async with TlsHop(authority.host("127.0.0.1"), implicit=security == "tls") as hop:
        door = hop_to(hop, security=security, authorities=str(authority.file))
        for _ in range(2):
            assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Delivered)
        assert hop.secured == [True, True]
        await door.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_peer_that_shows_somebody_elses_certificate(security, authority):
    """Nothing is sent, the sender's server keeps it, and the next try is a fresh one."""
    async with TlsHop(authority.host("elsewhere.example.org", called="other"), implicit=security == "tls") as hop:
        door = hop_to(hop, security=security, authorities=str(authority.file), pool_size=1)
        async with asyncio.timeout(20):
            for _ in range(2):
                answer = (await door.send(SENDER, (CLERK,), MESSAGE))[CLERK]
                assert isinstance(answer, Temporary)
                assert "cannot be trusted" in answer.detail
            await door.close()
        assert hop.secured == []


async def test_a_peer_that_offers_no_tls_where_it_is_asked_for(authority):
    """Somebody in between may have taken the offer away: nothing is sent in the clear."""
    async with ScriptedHop() as hop:
        door = hop_to(hop, security="starttls", authorities=str(authority.file))
        assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Temporary)
        assert hop.messages == []
        await door.close()


async def test_what_a_peer_says_before_the_handshake_is_not_heard_after_it(authority):
    """A reply that rides with the one to STARTTLS ends the connection (THREATS S4)."""
    script = {
        "EHLO": "250-hop.example.org\r\n250 STARTTLS",
        "STARTTLS": "220 Go on\r\n250 2.0.0 Queued, honestly",
    }
    async with ScriptedHop(script) as hop:
        door = hop_to(hop, security="starttls", authorities=str(authority.file))
        assert isinstance((await door.send(SENDER, (CLERK,), MESSAGE))[CLERK], Temporary)
        await door.close()


async def test_a_peer_that_is_not_there_offers_nothing():
    """Nobody is promised what the path cannot do."""
    async with ScriptedHop() as hop:
        pass
    door = hop_to(hop)
    assert not await door.learn()
    assert door.offers == (False,) * 6
    await door.close()
