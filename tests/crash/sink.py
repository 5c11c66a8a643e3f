"""The other servers: a next hop and an outbound server that keep what they took, and live in the test's own process."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taken:
    """Hold one message that was answered with 250, for one recipient."""

    mail_from: str
    recipient: str
    message: bytes


class Sink:
    """Take mail; now and then ask for it later, as a busy server does (`busy` is how often)."""

    def __init__(self, chance: random.Random, *, busy: float = 0.0) -> None:
        """Prepare; `start` listens."""
        self.taken: list[Taken] = []
        self._chance, self.busy = chance, busy
        self._server: asyncio.Server | None = None
        self._guests: set[asyncio.StreamWriter] = set()

    async def start(self) -> int:
        """Listen on a free port and give it."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close."""
        if self._server is not None:
            self._server.close()
            for guest in tuple(self._guests):
                guest.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._guests.add(writer)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        finally:
            self._guests.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail_from, recipients = "", list[str]()
        writer.write(b"220 sink.example.org ESMTP\r\n")
        while line := await reader.readline():
            verb, argument = line[:4].upper(), line.decode().strip()
            answer = b"250 2.0.0 Ok\r\n"
            if verb == b"EHLO":
                answer = b"250-sink.example.org\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SIZE 50000000\r\n"
            elif verb == b"MAIL":
                mail_from, recipients = path_of(argument), []
            elif verb == b"RCPT":
                recipients.append(path_of(argument))
            elif verb == b"DATA":
                writer.write(b"354 Go on\r\n")
                message = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                if self._chance.random() < self.busy:
                    answer = b"451 4.3.2 Later please\r\n"
                else:
                    message = message.replace(b"\r\n..", b"\r\n.").removeprefix(b".")
                    self.taken += [Taken(mail_from, recipient, message) for recipient in recipients]
            elif verb == b"QUIT":
                writer.write(b"221 2.0.0 Bye\r\n")
                return
            writer.write(answer)


def path_of(argument: str) -> str:
    """Give the address in MAIL FROM or RCPT TO."""
    return argument.partition("<")[2].partition(">")[0]
