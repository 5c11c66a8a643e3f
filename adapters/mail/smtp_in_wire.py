"""Reading from the wire: command lines, and a whole message up to CRLF.CRLF as one block.

Belongs here: the one place that looks into asyncio's StreamReader. Its readuntil() wakes the task once a line, which is
most of what aiosmtpd costs (PERFORMANCE.md), and its limit is a line's length, where a message needs a budget.
"""

from __future__ import annotations

from asyncio import StreamReader

from adapters.mail.line_ends import END_OF_DATA, from_wire
from adapters.mail.smtp_in_room import Room

LONGEST_COMMAND = 2_048
"""Octets of a command line; RFC 5321 asks for 512, its extensions for more."""
OVERLONG = b"\0"
"""Stands for a command line that was longer."""
_TAIL = len(END_OF_DATA) - 1
TOO_BIG = "too big"
NO_ROOM = "no room"


class Intake:
    """Take lines and blocks out of a StreamReader's buffer; asyncio still pauses the client when it fills up."""

    __slots__ = ("_buffer", "_reader", "_skipping")

    def __init__(self, reader: StreamReader) -> None:
        self._reader = reader
        self._buffer: bytearray = reader._buffer  # type: ignore[attr-defined]  # see above: the one place
        self._skipping = False

    @property
    def waiting(self) -> int:
        """Tell how many octets the client has sent that nobody took yet."""
        return len(self._buffer)

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
        reader = self._reader
        before = len(self._buffer)
        if reader._eof:  # type: ignore[attr-defined]  # at_eof() asks for an empty buffer too
            return False
        await reader._wait_for_data("more")  # type: ignore[attr-defined]  # read() would copy out what we leave in
        return len(self._buffer) > before

    def pour(self) -> bytes:
        """Take all that is there."""
        block = bytes(self._buffer)
        self._buffer.clear()
        self._reader._maybe_resume_transport()  # type: ignore[attr-defined]  # as read() does after taking octets
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
