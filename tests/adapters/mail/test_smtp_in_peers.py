"""For whom listed peers speak: XFORWARD and the PROXY protocol (THREATS S11), and how fast one client may go (S7)."""

import asyncio
import ipaddress
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.proxy_header import MOST_OCTETS, NoHeader, client_of
from adapters.mail.smtp_in_pace import MINUTE_S, MOST_CLIENTS, Pace, Paces
from adapters.mail.smtp_in_room import Room, SmtpDoorSettings, listed
from adapters.mail.xforward import Forwarded, forwarded
from tests.adapters.mail.door import Client, open_door

HERE = (ipaddress.ip_network("127.0.0.0/8"),)
MESSAGE = b"Subject: Hello\r\n\r\nGood morning"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary(client: str, *, command: int = 0x21, extra: bytes = b"") -> bytes:
    """Write a PROXY header of version 2."""
    address = ipaddress.ip_address(client)
    family = 0x11 if address.version == 4 else 0x21
    body = address.packed * 2 + struct.pack("!HH", 40000, 25) + extra
    return SIGNATURE + struct.pack("!BBH", command, family, len(body)) + body


async def test_xforward_names_the_client_of_the_next_message_only():
    """A listed peer says who sent it; the next transaction begins from nothing (S5)."""
    async with open_door(xforward_from=HERE) as (door, reception), Client.of(door, hello=False) as client:
        await client.reply()
        assert "250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE" in await client.say("EHLO border.example.org")
        assert (await client.say("XFORWARD NAME=mail.example.net ADDR=192.0.2.7 PORT=4711")).startswith("250 ")
        assert (await client.say("XFORWARD PROTO=ESMTP HELO=mail.example.net IDENT=4Tq+2B SOURCE=REMOTE")) == (
            "250 2.0.0 Ok\r\n"
        )
        assert (await client.post(MESSAGE)).startswith("250 ")
        assert (await client.post(MESSAGE)).startswith("250 ")
        await client.say("XFORWARD ADDR=IPV6:2001:db8::1 HELO=[UNAVAILABLE]")
        assert (await client.post(MESSAGE)).startswith("250 ")
        await client.say("XFORWARD ADDR=192.0.2.7")
        await client.say("RSET")
        assert (await client.post(MESSAGE)).startswith("250 ")
    assert [(one.peer, one.helo) for one in reception.messages] == [
        ("192.0.2.7", "mail.example.net"),
        ("127.0.0.1", "border.example.org"),
        ("2001:db8::1", ""),
        ("127.0.0.1", "border.example.org"),
    ]


async def test_nobody_else_may_say_xforward():
    """It is not offered to a peer that is not listed, and refused as though we had never heard of it."""
    elsewhere = (ipaddress.ip_network("192.0.2.0/24"),)
    async with open_door(xforward_from=elsewhere) as (door, reception), Client.of(door, hello=False) as client:
        await client.reply()
        assert "XFORWARD" not in await client.say("EHLO client.example.net")
        assert (await client.say("XFORWARD ADDR=192.0.2.7")).startswith("502 5.5.1 ")
        await client.post(MESSAGE)
    assert reception.messages[0].peer == "127.0.0.1"


async def test_xforward_within_a_transaction_is_out_of_order():
    """Postfix says it before MAIL; after it there is nothing to be said."""
    async with open_door(xforward_from=HERE) as (door, _), Client.of(door) as client:
        await client.say("MAIL FROM:<a@example.org>")
        assert (await client.say("XFORWARD ADDR=192.0.2.7")).startswith("503 ")


@pytest.mark.parametrize(
    "said",
    ["", "ADDR", "ADDR=nowhere", "ADDR=192.0.2.7 COLOUR=red", "ADDR=192.0.2.999", "HELO=a b", "HELO=a+0", "ADDR=+00"],
)
def test_attributes_that_cannot_be(said):
    """What XFORWARD does not have is an error, never a guess."""
    with pytest.raises(ValueError, match=r"."):
        forwarded(said, Forwarded())


@given(st.text(max_size=60))
def test_no_attribute_brings_in_more_than_a_name_and_an_address(said):
    """Whatever a peer says, the address is one and the name has no blanks."""
    try:
        found = forwarded(f"ADDR=192.0.2.1 {said}", Forwarded())
    except ValueError:
        return
    assert not found.address or ipaddress.ip_address(found.address)
    assert not found.helo or (found.helo.isascii() and found.helo.isprintable() and " " not in found.helo)


@pytest.mark.parametrize(
    ("start", "client"),
    [
        pytest.param(b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\r\n", "192.0.2.7", id="version 1"),
        pytest.param(b"PROXY TCP6 2001:db8::7 2001:db8::1 4711 25\r\n", "2001:db8::7", id="version 1, IPv6"),
        pytest.param(b"PROXY UNKNOWN\r\n", "127.0.0.1", id="version 1, not known"),
        pytest.param(binary("192.0.2.7"), "192.0.2.7", id="version 2"),
        pytest.param(binary("2001:db8::7", extra=b"\x03\x00\x04abcd"), "2001:db8::7", id="version 2 with a note"),
        pytest.param(binary("192.0.2.7", command=0x20), "127.0.0.1", id="version 2, the balancer itself"),
    ],
)
async def test_a_balancer_names_its_client(start, client):
    """The header may come in pieces, and with the first command behind it."""
    async with open_door(proxy_from=HERE) as (door, reception), Client.of(door, hello=False) as one:
        await one.send(start[:7])
        await asyncio.sleep(0)
        await one.send(start[7:] + b"EHLO client.example.net\r\n")
        assert (await one.reply()).startswith("220 ")
        assert (await one.reply()).startswith("250-")
        await one.post(MESSAGE)
    assert reception.messages[0].peer == client


@pytest.mark.parametrize(
    "start",
    [
        b"EHLO client.example.net\r\n",
        b"PROXY TCP4 somewhere 192.0.2.1 4711 25\r\n",
        b"PROXY TCP4 192.0.2.999 192.0.2.1 4711 25\r\n",
        b"PROXY " + b"x" * 200,
        SIGNATURE + b"\x31\x11\x00\x0c" + b"\0" * 12,
        SIGNATURE + b"\x21\x11\x00\x02\0\0",
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
    ids=["a command", "no address", "a wrong address", "no end", "no such version", "too short", "too long"],
)
async def test_a_listed_balancer_without_a_header_is_closed(start):
    """Whoever could leave it out could be anybody."""
    async with open_door(proxy_from=HERE) as (door, _), Client.of(door, hello=False) as client:
        await client.send(start)
        assert await client.closed()
        assert door.connections == 0


@given(st.binary(max_size=300))
def test_no_header_raises_anything_else(start):
    """Any octets are a header, the beginning of one, or none."""
    for octets in (start, SIGNATURE + start, b"PROXY " + start):
        try:
            found = client_of(octets)
        except NoHeader:
            continue
        assert found is None or found[1] <= min(len(octets), MOST_OCTETS)


async def test_a_balancers_clients_are_counted_each_by_themselves():
    """One client's connections fill its own share, not the balancer's."""
    async with open_door(proxy_from=HERE, most_connections_per_client=1) as (door, _):

        async def meet(client):
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            one = Client(reader, writer)
            await one.send(f"PROXY TCP4 {client} 192.0.2.1 4711 25\r\n".encode())
            return one, await one.reply()

        first, greeting = await meet("192.0.2.7")
        second, refusal = await meet("192.0.2.7")
        third, welcome = await meet("192.0.2.8")
        assert (greeting[:4], refusal[:4], welcome[:4]) == ("220 ", "421 ", "220 ")
        for one in (first, second, third):
            await one.leave()
        async with asyncio.timeout(20):
            while door.connections:
                await asyncio.sleep(0.01)


def test_a_pace_is_kept_by_the_minute():
    """The third in a minute waits for the next; others are not concerned; 0 is no limit."""
    paces = Paces(Pace(connections=2))
    assert [paces.connection("192.0.2.1", now) for now in (0.0, 1.0, 2.0, MINUTE_S)] == [True, True, False, True]
    assert paces.connection("192.0.2.2", 3.0)
    assert all(paces.message("192.0.2.1", 0.0) for _ in range(100))


def test_a_pace_keeps_no_more_clients_than_it_has_room_for():
    """Whoever comes from many addresses fills no memory, and keeps nobody else out."""
    paces = Paces(Pace(messages=1))
    for number in range(MOST_CLIENTS + 10):
        assert paces.message(str(number), 0.0)
    assert not paces.message("1", 1.0)


@pytest.mark.parametrize(
    ("peer", "kept"),
    [("192.0.2.9", False), ("127.0.0.1", True), ("::1", True), ("198.51.100.1", True)],
    ids=["a stranger", "this machine", "this machine, IPv6", "a border that is listed"],
)
def test_who_keeps_a_pace_of_their_own(peer, kept):
    """This machine and listed peers are not slowed down by us (S7)."""
    settings = SmtpDoorSettings(
        pace=Pace(messages=1, recipients=1), xforward_from=(ipaddress.ip_network("198.51.100.0/24"),)
    )
    room, guest = Room(settings), object()
    assert room.enter(peer, guest, 0.0) is None
    assert room.may_send(guest, 0.0)
    assert room.may_name(guest, 0.0)
    assert room.may_send(guest, 0.0) is room.may_name(guest, 0.0) is kept


async def test_too_fast_is_put_off_in_the_session(monkeypatch):
    """A client over its pace hears 451, and its connection stays."""
    monkeypatch.setattr(Room, "_paced", lambda *_: True)
    async with open_door(pace=Pace(messages=1)) as (door, _), Client.of(door) as client:
        assert (await client.post(MESSAGE)).startswith("250 ")
        assert (await client.say("MAIL FROM:<a@example.org>")).startswith("451 4.7.1 ")
        assert (await client.say("NOOP")).startswith("250 ")


async def test_too_many_connections_a_minute(monkeypatch):
    """One connection too many in a minute is 421, and closed."""
    monkeypatch.setattr(Room, "_paced", lambda *_: True)
    async with open_door(pace=Pace(connections=1)) as (door, _):
        async with Client.of(door):
            pass
        async with Client.of(door, hello=False) as client:
            assert (await client.reply()).startswith("421 4.7.0 ")
            assert await client.closed()


def test_an_ipv4_address_written_as_ipv6_is_the_same_peer():
    """A socket that takes both writes one as the other."""
    assert listed("::ffff:127.0.0.1", HERE)
    assert not listed("", HERE)
    assert socket.inet_pton(socket.AF_INET6, "::ffff:127.0.0.1")
