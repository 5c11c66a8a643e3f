"""Reading from the wire: command lines, and a whole message up to CRLF.CRLF as one block.

Belongs here: what a client has sent and nobody took yet. asyncio's StreamReader would wake the task once a line, which
is most of what aiosmtpd costs (PERFORMANCE.md), and its limit is a line's length, where a message needs a budget.
"""

from __future__ import annotations

import asyncio

from adapters.mail.line_ends import END_OF_DATA, from_wire
from adapters.mail.smtp_in_room import Room

LONGEST_COMMAND = 2_048
"""Octets of a command line; RFC 5321 asks for 512, its extensions for more."""
OVERLONG = b"\0"
"""Stands for a command line that was longer."""
READ_AHEAD = 128 * 1024
"""Octets that wait before the client is paused; one read may come on top."""
_TAIL = len(END_OF_DATA) - 1
TOO_BIG = "too big"
NO_ROOM = "no room"


class Intake:
    """Hold what a client has sent, to be taken in lines and blocks; where too much waits, the client is paused."""

    __slots__ = ("_buffer", "_ended", "_error", "_loop", "_paused", "_skipping", "_transport", "_waiter")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._buffer = bytearray()
        self._transport: asyncio.ReadTransport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._ended = self._paused = self._skipping = False

    # -- from the transport

    def begin(self, transport: asyncio.ReadTransport) -> None:
        """Hear who sends, and so who can be paused."""
        self._transport = transport

    def hear(self, data: bytes) -> None:
        """Add what the client sent."""
        self._buffer += data
        if len(self._buffer) > READ_AHEAD and not self._paused and self._transport is not None:
            self._transport.pause_reading()
            self._paused = True
        self._wake()

    def end(self, error: Exception | None = None) -> None:
        """Hear that nothing more will come, and why where the line broke."""
        self._ended = True
        self._error = self._error or error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # -- to the session

    @property
    def waiting(self) -> int:
        """Tell how many octets the client has sent that nobody took yet."""
        return len(self._buffer)

    @property
    def at_line_start(self) -> bool:
        """Tell whether what comes next begins a line: nothing waits, and no line that was too long is being skipped."""
        return not self._buffer and not self._skipping

    def line(self) -> bytes | None:
        """Take the next line with its LF; None where it is not complete yet."""
        buffer = self._buffer
        end = buffer.find(b"\n") + 1
        if not end:
            if len(buffer) > LONGEST_COMMAND:
                buffer.clear()
                self._skipping = True
            return None
        line = bytes(buffer[:end])
        del buffer[:end]
        if self._skipping or end > LONGEST_COMMAND:
            self._skipping = False
            return OVERLONG
        return line

    async def more(self) -> bool:
        """Wait until the client sends more; False where it will not. Raises ConnectionError where the line broke."""
        before = len(self._buffer)
        if not self._ended:
            self._resume()
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._error is not None:
            raise self._error
        return len(self._buffer) > before

    def _resume(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()

    def pour(self) -> bytes:
        """Take all that is there."""
        block = bytes(self._buffer)
        self._buffer.clear()
        self._resume()
        return block

    def put_back(self, block: bytes) -> None:
        """Put back what belongs to the next command."""
        self._buffer[:0] = block


class Body:
    """Collect one message up to its end of data, within the size of a message and the room that all of them share.

    What is over a limit is read on to its end, so that the reply meets its message, but not kept: `shed` says why.
    """

    __slots__ = ("_held", "_kept", "_room", "received", "rest", "shed")

    def __init__(self, room: Room) -> None:
        self._room = room
        # The CRLF that ended the DATA command counts: a lone dot right after it is an empty message.
        self._held = bytearray(b"\r\n")
        self._kept = 0
        self.received = 0
        self.rest = b""
        self.shed = ""

    def feed(self, block: bytes) -> bool:
        """Add octets; True where the end of data has come, with what follows it in `rest`."""
        held = self._held
        start = max(0, len(held) - _TAIL)
        self.received += len(block)
        self._keep(len(block))
        held += block
        end = held.find(END_OF_DATA, start)
        if end < 0:
            if self.received > self._room.settings.most_message_bytes + _TAIL:
                self._shed(TOO_BIG)
            if self.shed:
                del held[:-_TAIL]
            return False
        self.rest = bytes(held[end + len(END_OF_DATA) :])
        self.received -= len(self.rest)
        if self.received - len(b".\r\n") > self._room.settings.most_message_bytes:
            self._shed(TOO_BIG)
        del held[end + 2 :]
        return True

    def _keep(self, octets: int) -> None:
        if not self.shed and self._room.hold(octets):
            self._kept += octets
        else:
            self._shed(NO_ROOM)

    def _shed(self, why: str) -> None:
        self.shed = self.shed or why
        self.release()

    def message(self) -> bytes:
        """Give the message, CRLF line ends only, dots undoubled; the octets stay held until `release`."""
        whole = bytes(memoryview(self._held)[2:])
        self._held = bytearray()
        return from_wire(whole)

    def release(self) -> None:
        """Give the room back, once the message is somebody else's or nobody's."""
        self._room.release(self._kept)
        self._kept = 0
