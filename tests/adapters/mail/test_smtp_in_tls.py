"""The door under TLS: by STARTTLS, from the first octet, and what is forgotten on the way (THREATS S4)."""

import asyncio
import os
import smtplib
import ssl

import pytest
import uvloop

from adapters.mail.certificate import Certificate
from adapters.mail.smtp_in_room import SmtpDoorSettings
from tests.adapters.mail.certificates import Authority
from tests.adapters.mail.door import Client, open_door

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Give an authority that the clients here trust."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def certificate(authority):
    """Give the door's certificate."""
    files = authority.host("localhost")
    return Certificate(files.chain, files.key)


def trusting(authority):
    """Give a client's context that trusts the authority alone."""
    return ssl.create_default_context(cafile=str(authority.file))


async def under_tls(client, authority):
    """Say STARTTLS and go on with the handshake."""
    assert (await client.say("STARTTLS")).startswith("220 ")
    await client.writer.start_tls(trusting(authority), server_hostname="localhost")


async def test_a_message_after_starttls(authority, certificate):
    """STARTTLS is offered once, and what was said before it is forgotten (RFC 3207 4.2)."""
    async with (
        open_door(tls="starttls", certificate=certificate) as (door, reception),
        Client.of(door, hello=False) as client,
    ):
        await client.reply()
        assert "250-STARTTLS\r\n" in await client.say("EHLO client.example.net")
        assert (await client.say("MAIL FROM:<a@example.org>")).startswith("250 ")
        await under_tls(client, authority)
        assert (await client.say("RCPT TO:<office@example.org>")).startswith("503 5.5.1 Say EHLO")
        assert "STARTTLS" not in await client.say("EHLO client.example.net")
        assert (await client.say("STARTTLS")).startswith("502 ")
        assert (await client.post(b"Subject: Hello\r\n\r\nGood morning")).startswith("250 ")
    assert [one.protocol for one in reception.messages] == ["ESMTPS"]


async def test_what_was_pipelined_before_tls_is_not_obeyed(authority, certificate):
    """A command that rides with STARTTLS would be obeyed as though it came under TLS (CVE-2024-34083)."""
    async with (
        open_door(tls="starttls", certificate=certificate) as (door, reception),
        Client.of(door) as client,
    ):
        await client.send(b"STARTTLS\r\nMAIL FROM:<forged@example.org>\r\n")
        assert (await client.reply()).startswith("554 5.5.0 ")
        assert await client.closed()
        assert door.connections == 0
    assert reception.messages == []


async def test_mail_needs_tls_where_the_office_says_so(authority, certificate):
    """Without TLS there is no MAIL; with it there is."""
    settings = {"tls": "starttls", "tls_required": True, "certificate": certificate}
    async with open_door(**settings) as (door, _), Client.of(door) as client:
        assert (await client.say("MAIL FROM:<a@example.org>")).startswith("530 5.7.0 ")
        await under_tls(client, authority)
        await client.say("EHLO client.example.net")
        assert (await client.say("MAIL FROM:<a@example.org>")).startswith("250 ")


async def test_tls_from_the_first_octet(authority, certificate):
    """Nothing is said before the handshake; a whole message of some size passes."""
    async with open_door(tls="implicit", certificate=certificate) as (door, reception):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", door.port, ssl=trusting(authority), server_hostname="localhost"
        )
        client = Client(reader, writer)
        assert (await client.reply()).startswith("220 ")
        assert "STARTTLS" not in await client.say("EHLO client.example.net")
        assert (await client.post(b"Subject: Hello\r\n\r\n" + b"x" * 900_000)).startswith("250 ")
        await client.leave()
    assert len(reception.messages[0].raw) > 900_000


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_a_handshake_that_fails_leaves_nobody_in_the_room(tls, certificate):
    """Whoever talks no TLS is gone, and their seat is free."""
    async with (
        open_door(tls=tls, certificate=certificate) as (door, _),
        Client.of(door, hello=tls == "starttls") as client,
    ):
        if tls == "starttls":
            await client.say("STARTTLS")
        await client.send(b"this is no handshake at all, is it?\r\n")
        assert await client.closed()
        async with asyncio.timeout(20):
            while door.connections:
                await asyncio.sleep(0.01)


async def test_a_handshake_without_end_is_given_up(certificate):
    """Silence instead of a handshake does not keep a seat."""
    async with open_door(tls="implicit", certificate=certificate, handshake_s=0.2) as (door, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        client = Client(reader, writer)
        assert await client.closed()
        await client.leave()
        assert door.connections == 0


async def test_handshakes_take_seats(authority, certificate):
    """Nobody begins a handshake for which there is no seat, and a seat is free again after one that failed (S7)."""
    settings = {"tls": "implicit", "certificate": certificate, "most_connections": 1}
    async with open_door(**settings) as (door, _):
        first, idle = await asyncio.open_connection("127.0.0.1", door.port)
        second, refused = await asyncio.open_connection("127.0.0.1", door.port)
        assert await Client(second, refused).closed()
        idle.write(b"no handshake\r\n")
        assert await Client(first, idle).closed()
        third, writer = await asyncio.open_connection(
            "127.0.0.1", door.port, ssl=trusting(authority), server_hostname="localhost"
        )
        assert (await Client(third, writer).reply()).startswith("220 ")
        for one in (idle, refused, writer):
            one.close()


async def test_a_library_gets_through(authority, certificate):
    """Python's own client goes under TLS and sends."""
    async with open_door(tls="starttls", certificate=certificate) as (door, reception):

        def send():
            with smtplib.SMTP("localhost", door.port, timeout=20) as client:
                client.starttls(context=trusting(authority))
                client.sendmail("a@example.org", ["office@example.org"], b"Subject: Hello\r\n\r\nGood morning\r\n")

        await asyncio.to_thread(send)
    assert [one.protocol for one in reception.messages] == ["ESMTPS"]


def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path):
    """The files are read again once they changed; a half-written renewal leaves the old one in use."""
    authority = Authority(tmp_path)
    files = authority.host("localhost")
    certificate = Certificate(files.chain, files.key)
    first = certificate.context()
    assert certificate.context() is first
    files.chain.write_text("half a cert")
    os.utime(files.chain, ns=(1, 1))
    assert certificate.context() is first
    authority.host("localhost")
    assert certificate.context() is not first


@pytest.mark.parametrize(
    "settings",
    [{"tls": "starttls"}, {"tls_required": True}],
    ids=["TLS without a certificate", "TLS required and not offered"],
)
def test_settings_that_cannot_work(settings):
    """What cannot work is said at the start."""
    with pytest.raises(ValueError, match="tls"):
        SmtpDoorSettings(**settings)
