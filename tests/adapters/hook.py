"""Another system on loopback: it takes what is posted, keeps it, and answers as a test tells it to."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def says(status: int, *fields: str, body: bytes = b"") -> bytes:
    """Write an answer of this status."""
    lines = [f"HTTP/1.1 {status} Whatever", *fields, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Posted:
    """Hold one request as it came: its first line, its fields by lower-case name, its body."""

    line: str
    fields: dict[str, str]
    body: bytes

    @property
    def said(self):
        """Read the event."""
        return json.loads(self.body)

    def is_signed(self, key: bytes = KEY) -> bool:
        """Verify it as the other side does, written from the Standard Webhooks text and not from our code."""
        content = b".".join([self.fields["webhook-id"].encode(), self.fields["webhook-timestamp"].encode(), self.body])
        right = base64.b64encode(hmac.new(key, content, sha256).digest()).decode()
        return hmac.compare_digest(self.fields["webhook-signature"], f"v1,{right}")


@dataclass
class Hook:
    """Hold what came; `answers` are given one by one, then 204. None hangs, and bytes are sent as they are."""

    port: int = 0
    posted: list[Posted] = field(default_factory=list)
    answers: list[bytes | None] = field(default_factory=list)
    trickle: bytes = b""
    tired: bool = False
    """What hangs hangs up once this is set."""

    @property
    def url(self) -> str:
        """Give its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def acts(self) -> list[str]:
        """Name the acts that were told, in their order."""
        return [one.said["type"] for one in self.posted]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request and answer it."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.split("\r\n")
            fields = dict(_field(each) for each in rest if each)
            body = await reader.readexactly(int(fields.get("content-length", "0")))
            self.posted.append(Posted(line, fields, body))
            answer = self.answers.pop(0) if self.answers else OK
            if answer is not None:
                writer.write(answer)
                await writer.drain()
            while (answer is None or self.trickle) and not self.tired:
                writer.write(self.trickle)
                await writer.drain()
                await asyncio.sleep(0.05)  # slower than any honest server, for as long as it is listened to
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name.lower(), value


@asynccontextmanager
async def hook(*answers: bytes | None, trickle: bytes = b""):
    """Open one on a free port."""
    here = Hook(answers=list(answers), trickle=trickle)
    tasks: set[asyncio.Task] = set()

    async def serve(reader, writer):
        tasks.add(asyncio.current_task())
        await here.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
