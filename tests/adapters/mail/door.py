"""An open SMTP door on a free port, a reception that answers by the recipient's name, and a client on raw octets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from adapters.mail.message import Incoming
from adapters.mail.smtp_commands import Offers
from adapters.mail.smtp_in import SmtpDoor, SmtpDoorSettings
from rules.answers import Answer, Delivered, Permanent, Temporary

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
WAIT_S = 20.0


class Reception:
    """Take messages and keep them; answer by the local part of the recipient."""

    def __init__(self) -> None:
        self.messages: list[Incoming] = []
        self.asked: list[tuple[str, str]] = []
        self.disk: Answer = Delivered()
        self.path = Offers()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.at_work = asyncio.Event()
        self.cancelled = 0

    async def take_recipient(self, mail_from: str, recipient: str) -> Answer:
        """Answer for one recipient."""
        self.asked.append((mail_from, recipient))
        match recipient.partition("@")[0]:
            case "unknown":
                return Permanent("unknown", "550 5.1.1 No such person here")
            case "elsewhere":
                return Permanent("Not served here")
            case "busy":
                return Temporary("busy", "450 4.2.1 The mailbox is busy")
            case "shutting":
                return Temporary("closing", "421 4.3.2 Closing now")
            case "broken":
                raise RuntimeError("secret text with r.example@example.org")
        return Delivered()

    async def take_message(self, message: Incoming) -> Answer:
        """Keep the message, and answer for it."""
        self.at_work.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.messages.append(message)
        match message.recipients[0].partition("@")[0]:
            case "refused":
                return Permanent(
                    "We cannot take this message.\nPlease write to the office: caf\u00e9, \u201cthe Annexe\u201d"
                )
            case "later":
                return Temporary("The record cannot be written just now")
            case "boom":
                raise ValueError("secret text with r.example@example.org")
        return Delivered(f"contact-{len(self.messages)}")

    def ready(self) -> Answer:
        """Say whether there is room on the disk."""
        return self.disk


@asynccontextmanager
async def open_door(reception: Reception | None = None, **settings: Any) -> AsyncIterator[tuple[SmtpDoor, Reception]]:
    """Open a door on a free port of the loopback, and close it afterwards."""
    reception = reception or Reception()
    door = SmtpDoor(
        SmtpDoorSettings(**{"port": 0, "hostname": "mail.example.org", **settings}),
        take_recipient=reception.take_recipient,
        take_message=reception.take_message,
        ready=reception.ready,
        now=lambda: NOW,
        offers=lambda: reception.path,
    )
    await door.start()
    try:
        yield door, reception
    finally:
        await door.stop(0.0)


class Client:
    """Speak SMTP by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    @asynccontextmanager
    async def of(cls, door: SmtpDoor, *, local: str = "127.0.0.1", hello: bool = True) -> AsyncIterator[Client]:
        """Connect, read the greeting, say EHLO unless told otherwise; disconnect afterwards."""
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port, local_addr=(local, 0))
        client = cls(reader, writer)
        try:
            if hello:
                assert (await client.reply()).startswith("220 ")
                assert (await client.say("EHLO client.example.net")).startswith("250")
            yield client
        finally:
            await client.leave()

    async def reply(self) -> str:
        """Read one whole reply; empty at the end of the connection."""
        lines = []
        async with asyncio.timeout(WAIT_S):
            while line := await self.reader.readline():
                lines.append(line.decode("ascii"))
                if line[3:4] == b" ":
                    break
        return "".join(lines)

    async def say(self, line: str) -> str:
        """Send one command and read its reply."""
        await self.send(line.encode("ascii") + b"\r\n")
        return await self.reply()

    async def send(self, octets: bytes) -> None:
        """Send octets as they are."""
        self.writer.write(octets)
        await self.writer.drain()

    async def begin(self, *recipients: str, sender: str = "r.example@example.org") -> None:
        """Open a transaction up to 354."""
        assert (await self.say(f"MAIL FROM:<{sender}>")).startswith("250 ")
        for recipient in recipients or ("office@example.org",):
            assert (await self.say(f"RCPT TO:<{recipient}>")).startswith("250 ")
        assert (await self.say("DATA")).startswith("354 ")

    async def post(self, data: bytes, *recipients: str) -> str:
        """Send a whole message as it is on the wire, less its end, and read the last reply."""
        await self.begin(*recipients)
        await self.send(data + b"\r\n.\r\n")
        return await self.reply()

    async def closed(self) -> bool:
        """Wait until the door closes the connection."""
        async with asyncio.timeout(WAIT_S):
            try:
                return await self.reader.read() == b""
            except ConnectionError:
                return True

    async def leave(self) -> None:
        """Close without a word."""
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return
