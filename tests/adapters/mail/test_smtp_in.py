"""The door with its reception: what is handed over, deadlines, limits, closing (THREATS S2, S5 to S9, S17)."""

import asyncio
import socket
import struct

import pytest
import structlog

from rules.answers import Delivered, Temporary
from tests.adapters.mail.door import NOW, Client, Reception, open_door


async def until(true) -> None:
    """Wait until something has become true, for at most ten seconds."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


async def test_message_is_handed_over_as_it_is():
    """Reception gets envelope, octets and time; recipients named twice stand once."""
    async with open_door() as (door, reception), Client.of(door) as client:
        answer = await client.post(
            b"..a\r\n" + b"x" * 5_000 + b"\xff", "office@example.org", "office@example.org", "b@example.org"
        )
        assert answer == "250 2.0.0 Ok contact-1\r\n"
        (message,) = reception.messages
        assert message.raw == b".a\r\n" + b"x" * 5_000 + b"\xff\r\n"
        assert (message.peer, message.helo, message.mail_from) == (
            "127.0.0.1",
            "client.example.net",
            "r.example@example.org",
        )
        assert message.recipients == ("office@example.org", "b@example.org")
        assert message.at == NOW


async def test_null_path_is_kept():
    """A bounce comes from "<>", for the recipient's check as for the message (THREATS S9)."""
    async with open_door() as (door, reception), Client.of(door) as client:
        await client.begin(sender="")
        await client.send(b"Hello\r\n.\r\n")
        assert (await client.reply()).startswith("250 ")
        assert reception.asked == [("<>", "office@example.org")]
        assert reception.messages[0].mail_from == "<>"


@pytest.mark.parametrize("lines", [1, 8])
async def test_twenty_five_megabytes_and_lines_without_end_pass(lines):
    """A long line is legitimate, and so is a large message (THREATS S6)."""
    data = b"\r\n".join([b"x" * (25_000_000 // lines)] * lines)
    async with open_door() as (door, reception), Client.of(door) as client:
        assert (await client.post(data)).startswith("250 ")
        assert reception.messages[0].raw == data + b"\r\n"
        assert door.bytes_held == 0


async def test_exception_text_never_leaves():
    """What went wrong is in our log by kind and place, under the incident that the sender was told (THREATS S2)."""
    with structlog.testing.capture_logs() as logs:
        async with open_door() as (door, _), Client.of(door) as client:
            answer = await client.post(b"Hello", "boom@example.org")
    assert answer.startswith("451 4.3.0 ")
    (entry,) = logs
    assert entry["incident"] in answer
    assert entry["kind"] == "ValueError"
    assert "secret" not in answer + str(logs)
    assert "example.org" not in answer + str(logs)


async def test_low_disk_is_said_at_mail():
    """Below the reserve nothing is begun (THREATS S17)."""
    async with open_door() as (door, reception), Client.of(door) as client:
        reception.disk = Temporary("Too little room on the disk")
        assert await client.say("MAIL FROM:<r.example@example.org>") == "452 4.3.1 Too little room on the disk\r\n"
        assert (await client.say("RCPT TO:<office@example.org>")).startswith("503 ")
        reception.disk = Delivered()
        assert (await client.post(b"Hello")).startswith("250 ")


async def test_refused_recipients_do_not_end_a_long_transaction():
    """A border that forwards a list with thirty unknown names still gets its message through."""
    async with open_door() as (door, _), Client.of(door) as client:
        await client.say("MAIL FROM:<r.example@example.org>")
        for _ in range(30):
            assert (await client.say("RCPT TO:<unknown@example.org>")).startswith("550 5.1.1")
        assert (await client.say("RCPT TO:<office@example.org>")).startswith("250 ")
        assert (await client.say("DATA")).startswith("354 ")
        await client.send(b"Hello\r\n.\r\n")
        assert (await client.reply()).startswith("250 ")


async def test_twenty_thousand_recipients_are_too_many():
    """Memory and look-ups are bounded whatever the client (THREATS S7)."""
    async with open_door() as (door, reception), Client.of(door) as client:
        await client.send(b"MAIL FROM:<r.example@example.org>\r\n" + b"RCPT TO:<office@example.org>\r\n" * 1_000)
        replies = (await client.reader.read(-1)).decode().splitlines()
        assert replies.count("250 2.1.5 Ok") == 100
        assert replies[-1].startswith("421 4.7.0")
        assert len(replies) < 250
        assert len(reception.asked) == 100


async def test_refused_messages_are_answered_for_ever():
    """A refusal after DATA is the answer, however many there were: a 421 in its place would bring the message again."""
    async with open_door(most_errors=3) as (door, _), Client.of(door) as client:
        for _ in range(10):
            assert (await client.post(b"Hello", "refused@example.org")).startswith("550-5.7.1 ")


async def test_slow_command_is_cut_off():
    """The deadline is for the whole command: single octets do not put it off (THREATS S7)."""
    async with open_door(command_timeout_s=0.3) as (door, _), Client.of(door) as client:
        trickle = asyncio.create_task(trickled(client))
        assert (await client.reply()).startswith("421 4.4.2 ")
        assert await client.closed()
        trickle.cancel()


async def endlessly(client: Client, octets: bytes) -> None:
    """Send and send, until the door has enough; not longer than twenty seconds."""
    async with asyncio.timeout(20):
        while True:
            await client.send(octets)


async def trickled(client: Client, octets: bytes = b"x", pause_s: float = 0.05) -> None:
    """Send a little now and then, for ever."""
    try:
        while True:
            await client.send(octets)
            await asyncio.sleep(pause_s)
    except ConnectionError:
        return


async def test_paused_body_is_cut_off():
    """A body that stops coming is not waited for, and gives its room back."""
    async with open_door(body_pause_s=0.2) as (door, reception), Client.of(door) as client:
        await client.begin()
        await client.send(b"Hello")
        assert (await client.reply()).startswith("421 4.4.2 ")
        assert await client.closed()
        await until(lambda: door.connections == 0)
        assert (reception.messages, door.bytes_held) == ([], 0)


async def test_trickled_body_is_cut_off():
    """A body slower than the least rate is cut off, though it never pauses."""
    async with (
        open_door(body_grace_s=0.3, body_least_rate=1e6, body_pause_s=60) as (door, reception),
        Client.of(door) as client,
    ):
        await client.begin()
        trickle = asyncio.create_task(trickled(client))
        assert (await client.reply()).startswith("421 4.4.2 ")
        assert await client.closed()
        trickle.cancel()
        assert reception.messages == []


async def test_honest_slow_body_passes():
    """A body above the least rate may take longer than any command may."""
    settings = {"command_timeout_s": 0.2, "body_grace_s": 0.2, "body_least_rate": 10_000.0}
    async with open_door(**settings) as (door, reception), Client.of(door) as client:
        await client.begin()
        for _ in range(10):
            await client.send(b"x" * 10_000)
            await asyncio.sleep(0.06)
        await client.send(b"\r\n.\r\n")
        assert (await client.reply()).startswith("250 ")
        assert len(reception.messages[0].raw) == 100_002


async def test_reception_may_take_longer_than_any_deadline():
    """The deadlines are the client's; how long we take is our own affair."""
    settings = {"command_timeout_s": 0.2, "body_pause_s": 0.2, "body_grace_s": 0.2}
    async with open_door(**settings) as (door, reception), Client.of(door) as client:
        reception.may_answer.clear()
        await client.begin()
        await client.send(b"Hello\r\n.\r\n")
        await reception.at_work.wait()
        await asyncio.sleep(0.5)
        reception.may_answer.set()
        assert (await client.reply()).startswith("250 ")
        assert await client.say("NOOP") == "250 2.0.0 Ok\r\n"


async def test_client_that_does_not_read_is_cut_off():
    """A client that asks for ever and never reads is cut off, and so is one that does not let itself be closed."""
    settings = {"command_timeout_s": 0.3, "closing_s": 0.3, "most_idle_commands": 10**9}
    async with open_door(**settings) as (door, _), Client.of(door) as client:
        client.reader._transport.pause_reading()
        with pytest.raises(ConnectionError):
            await endlessly(client, b"HELP\r\n" * 10_000)
        await until(lambda: door.connections == 0)


async def test_connections_of_one_client_are_capped():
    """One address cannot take all the room (THREATS S7)."""
    async with open_door(most_connections_per_client=2, most_connections=3) as (door, _):
        async with Client.of(door), Client.of(door):
            async with Client.of(door, hello=False) as third:
                assert (await third.reply()).startswith("421 4.7.0 ")
                assert await third.closed()
            async with Client.of(door, local="127.0.0.2"), Client.of(door, local="127.0.0.3", hello=False) as fifth:
                assert (await fifth.reply()).startswith("421 4.7.0 ")
        await until(lambda: door.connections == 0)
        async with Client.of(door):
            assert door.connections == 1


async def test_bytes_held_are_capped_over_all_sessions():
    """When the room for messages is taken, the next one is put off, and what is on its way goes on (THREATS S7)."""
    settings = {"most_message_bytes": 100_000, "most_bytes_held": 150_000}
    async with open_door(**settings) as (door, reception), Client.of(door) as first, Client.of(door) as second:
        await first.begin()
        await first.send(b"x" * 90_000)
        await until(lambda: door.bytes_held >= 90_000)
        assert (await second.post(b"y" * 90_000)).startswith("452 4.3.1 ")
        await first.send(b"\r\n.\r\n")
        assert (await first.reply()).startswith("250 ")
        assert (await second.post(b"y" * 90_000)).startswith("250 ")
        assert door.bytes_held == 0
        assert len(reception.messages) == 2


async def test_body_without_end_is_cut_off():
    """Far more than a message is not read to its end, nor kept."""
    async with open_door(most_message_bytes=100_000) as (door, _), Client.of(door) as client:
        await client.begin()
        with pytest.raises(ConnectionError):
            await endlessly(client, b"x" * 50_000)
        await until(lambda: door.connections == 0)
        assert door.bytes_held == 0


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
async def test_client_that_leaves_does_not_interrupt_reception(reset):
    """A message that came whole is settled, whoever hung up meanwhile (RFC 1047, THREATS S16)."""
    async with open_door() as (door, reception):
        reception.may_answer.clear()
        async with Client.of(door) as client:
            await client.begin()
            await client.send(b"Hello\r\n.\r\n")
            await reception.at_work.wait()
            if reset:
                linger = struct.pack("ii", 1, 0)
                client.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            client.writer.transport.abort()
        async with Client.of(door) as other:  # by now the door knows that the first one left
            await other.say("NOOP")
        reception.may_answer.set()
        await until(lambda: door.connections == 0)
        assert (len(reception.messages), reception.cancelled) == (1, 0)


async def test_stop_lets_a_message_finish():
    """Idle clients are sent away at once, a message on its way is taken, then nobody is left."""
    async with open_door() as (door, reception), Client.of(door) as idle, Client.of(door) as busy:
        port = door.port
        await busy.begin()
        stopping = asyncio.create_task(door.stop(20.0))
        assert (await idle.reply()).startswith("421 4.3.2 ")
        assert await idle.closed()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)
        await busy.send(b"Hello\r\n.\r\n")
        assert (await busy.reply()).startswith("250 ")
        assert (await busy.reply()).startswith("421 4.3.2 ")
        await stopping
        assert len(reception.messages) == 1


async def test_stop_ends_what_takes_too_long():
    """After the grace a body that does not end and a reception that does not answer are given up, never with 250."""
    reception = Reception()
    reception.may_answer.clear()
    async with open_door(reception) as (door, _), Client.of(door) as sending, Client.of(door) as waiting:
        await sending.begin()
        await waiting.begin()
        await waiting.send(b"Hello\r\n.\r\n")
        await reception.at_work.wait()
        await door.stop(0.1)
        assert (await sending.reply()).startswith("421 4.3.2 ")
        assert (await waiting.reply()).startswith("421 4.3.2 ")
        assert (reception.messages, reception.cancelled, door.connections, door.bytes_held) == ([], 1, 0, 0)


async def test_a_stopped_door_can_be_opened_again():
    """Stopping twice does no harm, and starting again listens again."""
    async with open_door() as (door, _):
        await door.stop(0.0)
        await door.stop(0.0)
        await door.start()
        async with Client.of(door) as client:
            assert (await client.post(b"Hello")).startswith("250 ")


async def test_no_connection_is_forgotten():
    """Clients that leave in every state leave nothing behind."""
    async with open_door() as (door, _):
        for state in range(4):
            async with Client.of(door, hello=False) as client:
                await client.send([b"", b"EHLO a\r\n", b"EHL", b"HELO a\r\nMAIL FROM:<a@example.org>\r\n"][state])
                if state % 2:
                    client.writer.transport.abort()
        await until(lambda: door.connections == 0)
        assert door.bytes_held == 0


async def test_overlong_command_is_read_past():
    """A command line without end is dropped as it comes, and the next one is obeyed."""
    async with open_door() as (door, _), Client.of(door) as client:
        await client.send(b"x" * 500_000 + b"\r\nNOOP\r\n")
        assert (await client.reply()).startswith("500 5.5.2 The command line is too long")
        assert await client.reply() == "250 2.0.0 Ok\r\n"


async def test_the_rest_of_an_overlong_line_is_no_command():
    """A line without end that goes on with MAIL in a packet of its own begins no transaction (THREATS S3)."""
    async with open_door() as (door, reception), Client.of(door) as client:
        await client.send(b"x" * 5_000)
        await asyncio.sleep(0.05)
        await client.send(b"MAIL FROM:<r.example@example.org>\r\n")
        assert (await client.reply()).startswith("500 5.5.2 The command line is too long")
        assert (await client.say("RCPT TO:<office@example.org>")).startswith("503 ")
        assert reception.asked == []


async def test_a_fault_of_ours_at_mail_is_put_off():
    """Where the question for room breaks, MAIL is 451 with one incident, and the next one is judged from nothing."""

    class Broken(Reception):
        broken = True

        def ready(self):
            if self.broken:
                raise RuntimeError("secret")
            return Delivered()

    reception = Broken()
    with structlog.testing.capture_logs() as logs:
        async with open_door(reception) as (door, _), Client.of(door) as client:
            answer = await client.say("MAIL FROM:<r.example@example.org>")
            reception.broken = False
            assert (await client.post(b"Hello")).startswith("250 ")
    assert answer.startswith("451 4.3.0 ")
    assert [entry["incident"] in answer for entry in logs] == [True]


@pytest.mark.parametrize(
    "packets",
    [
        pytest.param([b"MAIL FROM:<r.example@example.org>\r\n"], id="in a packet of its own"),
        pytest.param([b"MAIL FROM:<r.exam", b"ple@example.org>\r\n"], id="in two packets"),
        pytest.param([b"mail from:<r.example@example.org>\r\n"], id="in small letters"),
        pytest.param([b"RSET\r\nMAIL FROM:<r.example@example.org>\r\n"], id="behind another command"),
    ],
)
async def test_a_transaction_begins_however_mail_arrives(packets):
    """MAIL is obeyed once, and a second one is refused, whether it came alone or not."""
    async with open_door() as (door, reception), Client.of(door) as client:
        for packet in packets:
            await client.send(packet)
            await asyncio.sleep(0.02)
        for _ in range(b"".join(packets).count(b"\n")):
            assert (await client.reply()).startswith("250 ")
        assert (await client.say("MAIL FROM:<x@example.org>")).startswith("503 5.5.1 A message is begun already")
        assert (await client.say("RCPT TO:<office@example.org>")).startswith("250 ")
        assert reception.asked == [("r.example@example.org", "office@example.org")]
