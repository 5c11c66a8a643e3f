"""A phone, or a PBX, that says what a test has it say: SIP over UDP, one message at a time.

Belongs here: what SIPp cannot do in a few lines, such as a header that is not there, or the same INVITE three times.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from tests.ports import LOOPBACK

_calls = count(1)


class Phone(asyncio.DatagramProtocol):
    """Hold one end of a line; `heard` is every message that came, oldest first."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard: list[str] = []
        self._came = asyncio.Condition()
        self._wire: asyncio.DatagramTransport | None = None
        self._notes: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        """Note the wire."""
        self._wire = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """Keep what came, and wake who waits for it; what is said again in the same words is heard once."""
        text = data.decode(errors="surrogateescape")
        if text in self.heard:
            return
        self.heard.append(text)
        note = asyncio.get_running_loop().create_task(self._wake())
        self._notes.add(note)
        note.add_done_callback(self._notes.discard)

    async def _wake(self) -> None:
        async with self._came:
            self._came.notify_all()

    def close(self) -> None:
        """Hang up."""
        assert self._wire is not None
        self._wire.close()

    def send(self, text: str, port: int) -> None:
        """Send one message, its lines ended as SIP has them; a lone surrogate stands for a byte that is no UTF-8."""
        assert self._wire is not None
        lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
        self._wire.sendto(lines.encode(errors="surrogateescape"), (LOOPBACK, port))

    def count(self, start: str) -> int:
        """Count the messages that begin so."""
        return sum(message.startswith(start) for message in self.heard)

    async def hears(self, start: str, *, times: int = 1, seconds: float = 8.0) -> str:
        """Wait until a message that begins so has come, this many times; give the last of these."""
        async with asyncio.timeout(seconds), self._came:
            await self._came.wait_for(lambda: self.count(start) >= times)
        return [message for message in self.heard if message.startswith(start)][-1]

    def answer(self, request: str, status: str, *, port: int) -> None:
        """Answer a request, as the called side."""
        kept = [
            line
            for line in request.split("\r\n")
            if re.match(r"(Via|From|To|Call-ID|CSeq|Record-Route):", line, re.IGNORECASE)
        ]
        kept = [line + ";tag=pbx" if line.startswith("To:") and "tag=" not in line else line for line in kept]
        contact = f"Contact: <sip:pbx@{LOOPBACK}:{self.port}>"
        self.send("\r\n".join([f"SIP/2.0 {status}", *kept, contact, "Content-Length: 0", "", ""]), port)


@asynccontextmanager
async def phone(port: int = 0) -> AsyncIterator[Phone]:
    """Have a phone at a port as long as the block lasts."""
    loop = asyncio.get_running_loop()
    _, made = await loop.create_datagram_endpoint(lambda: Phone(port), local_addr=(LOOPBACK, port))
    try:
        yield made
    finally:
        made.close()


def field(message: str, name: str) -> str:
    """Give a header field, "" where there is none."""
    found = re.search(rf"^{name}: ?(.*)\r$", message, re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


def invite(caller: Phone, *, number: str, to: str = "01632960100", more: str = "", call: str = "") -> str:
    """Write an INVITE of a new call; `more` are further header fields, each with its line end."""
    call = call or f"call-{next(_calls)}"
    return (
        f"INVITE sip:{to}@office.example.org SIP/2.0\n"
        f"Via: SIP/2.0/UDP {LOOPBACK}:{caller.port};branch=z9hG4bK{call}\n"
        f"From: <sip:{number}@trunk.example.org>;tag={call}\n"
        f"To: <sip:{to}@office.example.org>\n"
        f"Call-ID: {call}\n"
        "CSeq: 1 INVITE\n"
        f"Contact: <sip:caller@{LOOPBACK}:{caller.port}>\n"
        f"{more}"
        "Max-Forwards: 70\n"
        "Content-Length: 0\n\n"
    )


def following(invitation: str, method: str, *, answered: str = "") -> str:
    """Write the CANCEL of an INVITE, or its ACK or BYE after it was `answered`."""
    text = invitation.replace("INVITE", method).replace("\nContact:", "\nX-Contact:")
    if method == "CANCEL":
        return text
    target = re.search(r"<(.*)>", field(answered, "Contact"))
    route = "".join(f"Route: {one}\n" for one in re.findall(r"^Record-Route: (.*)\r$", answered, re.MULTILINE))
    text = re.sub(r"^To: .*$", lambda _: f"To: {field(answered, 'To')}", text, flags=re.MULTILINE)
    text = text.replace("branch=z9hG4bK", f"branch=z9hG4bK{method}", 1).replace("Max-Forwards", f"{route}Max-Forwards")
    text = text if method == "ACK" else text.replace("CSeq: 1", "CSeq: 2")
    return re.sub(r"^\S+ \S+", f"{method} {target.group(1) if target else ''}", text)
