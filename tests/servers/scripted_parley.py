"""A Parley that says what a test has it say, or nothing: HTTP on loopback, every question kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.ports import LOOPBACK

NEVER = 0
"""In the place of an HTTP status: no answer at all."""


class Scripted:
    """Answer every question with one HTTP status and object."""

    def __init__(self, code: int, answer: dict[str, Any]) -> None:
        self.code = code
        self.answer = answer
        self.asked: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                body = json.loads(await reader.readexactly(int(length.split(b":")[1])))
                if b"/calls/sip/ended " in head:
                    self.told.append(body)
                else:
                    self.asked.append(body)
                if self.code != NEVER:
                    said = json.dumps(self.answer).encode()
                    writer.write(b"HTTP/1.1 %d -\r\nContent-Length: %d\r\n\r\n%b" % (self.code, len(said), said))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # Kamailio closed it
        finally:
            writer.close()


@asynccontextmanager
async def scripted(port: int, code: int = 200, **answer: Any) -> AsyncIterator[Scripted]:
    """Serve at a port; what is not said of the answer is null."""
    names = ("outcome", "status", "target", "limit_s", "announcement")
    here = Scripted(code, dict.fromkeys(names) | answer)
    server = await asyncio.start_server(here.serve, LOOPBACK, port)
    try:
        yield here
    finally:
        server.close()
