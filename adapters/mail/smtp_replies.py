"""What a next hop answers: SMTP replies, read within bounds and put into words that are safe to pass on.

Belongs here: parsing, and turning one reply into an `Answer`; pure. A hostile peer can neither make a reply grow
without end nor put a control character into what we say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rules.answers import Answer, Delivered, Permanent, Temporary

LINE_LIMIT = 2048
"""RFC 5321 4.5.3.1.5 allows 512 octets; well-meaning servers exceed it."""
LINES_LIMIT = 128
PASSED_LINE_LIMIT = 512
PASSED_LINES_LIMIT = 20
CLOSING = 421

_PRINTABLE = bytes(octet if 0x20 <= octet < 0x7F else 0x20 if octet == 0x09 else 0x3F for octet in range(256))
_CODES = {str(code).encode("ascii"): code for code in range(200, 600)}


class Garbled(Exception):
    """Say that the peer does not speak SMTP, or too much of it."""


class Reply(NamedTuple):
    """Hold one reply: its code, and the text of each line after the code, as it came."""

    code: int
    texts: tuple[bytes, ...]

    @property
    def positive(self) -> bool:
        """Tell whether the peer did what was asked (2xx)."""
        return 200 <= self.code < 300

    @property
    def intermediate(self) -> bool:
        """Tell whether the peer waits for the rest (3xx, after DATA)."""
        return 300 <= self.code < 400

    @property
    def refusing(self) -> bool:
        """Tell whether the peer said no, for now or for good (4xx, 5xx)."""
        return self.code >= 400


class ReplyReader:
    """Cut what a peer sends into replies; what it keeps is bounded by LINE_LIMIT and LINES_LIMIT."""

    __slots__ = ("_code", "_rest", "_texts")

    def __init__(self) -> None:
        self._rest = b""
        self._code = 0
        self._texts: list[bytes] = []

    @property
    def between_replies(self) -> bool:
        """Tell whether nothing of a reply has come that is not complete."""
        return not self._rest and not self._texts

    def feed(self, data: bytes) -> list[Reply]:
        """Give the replies that `data` completes; raises Garbled for what is no reply, or a too large one."""
        if self._rest:
            data = self._rest + data
        replies = []
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            if reply := self._take(data[start:end].rstrip(b"\r")):
                replies.append(reply)
            start = end + 1
        self._rest = data[start:]
        if len(self._rest) > LINE_LIMIT:
            raise Garbled("a line without an end")
        return replies

    def _take(self, line: bytes) -> Reply | None:
        code, last, text = _read(line)
        if last and not self._texts:
            return Reply(code, (text,))
        if (self._texts and code != self._code) or len(self._texts) >= LINES_LIMIT:
            raise Garbled("lines that are not one reply")
        self._texts.append(text)
        self._code = code
        if not last:
            return None
        reply = Reply(code, tuple(self._texts))
        self._texts.clear()
        return reply


@lru_cache(maxsize=64)
def _read(line: bytes) -> tuple[int, bool, bytes]:
    """Read one line: its code, whether it is a reply's last, its text. Kept, for a peer says the same all day."""
    code = _CODES.get(line[:3])
    mark = line[3:4]
    if code is None or len(line) > LINE_LIMIT or mark not in (b" ", b"-", b""):
        raise Garbled("a line that is no reply")
    return code, mark != b"-", line[4:]


def passed_on(reply: Reply) -> str:
    """Give the peer's reply as ASCII lines joined by CRLF: one code, no control characters, 512 octets a line (S12)."""
    texts = [
        text.translate(_PRINTABLE)[: PASSED_LINE_LIMIT - 6].strip().decode("ascii")
        for text in reply.texts[-PASSED_LINES_LIMIT:]
    ]
    last = texts.pop() or "(no reason given)"
    return "".join(f"{reply.code}-{text}\r\n" for text in texts) + f"{reply.code} {last}"


def answer_of(reply: Reply) -> Answer:
    """Put one final reply into our words; 421 says nothing of the message, so it is not passed on."""
    if reply.positive:
        return Delivered(passed_on(reply))
    if reply.code == CLOSING:
        return Temporary("The next hop is closing the connection.")
    if reply.code >= 500:
        return Permanent(f"The next hop refused it with {reply.code}.", passed_on(reply))
    if reply.code >= 400:
        return Temporary(f"The next hop put it off with {reply.code}.", passed_on(reply))
    return Temporary(f"The next hop gave an answer that does not fit ({reply.code}).")
