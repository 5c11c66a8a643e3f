"""What we say to a next hop: envelope commands, and the message as it goes over the wire.

Belongs here: pure rendering. Nothing that a sender chose can end a command or the message early (THREATS S3, S12): what
cannot be said safely is a ValueError before a byte leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from adapters.mail.line_ends import only_crlf

NULL_PATH = "<>"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_PLAIN = r"[!#-;=?-~]"  # printable ASCII without space, quote and angle brackets
_ADDRESS = re.compile(rf"(?:{_QUOTED}|{_PLAIN}){_PLAIN}*")
_ADDRESS_LIMIT = 400


class Offers(NamedTuple):
    """Hold what the peer offered in its answer to EHLO."""

    pipelining: bool = False
    eight_bit: bool = False
    size: bool = False


def offers_of(texts: Iterable[bytes]) -> Offers:
    """Read the extensions that we use from the lines of an EHLO reply, the greeting line left out."""
    words = {text.split(maxsplit=1)[0].upper() for text in texts if text.strip()}
    return Offers(b"PIPELINING" in words, b"8BITMIME" in words, b"SIZE" in words)


def path(address: str) -> str:
    """Put an address between angle brackets; raises ValueError for what could say more than an address."""
    if address == NULL_PATH:
        return NULL_PATH
    if len(address) > _ADDRESS_LIMIT or not _ADDRESS.fullmatch(address):
        raise ValueError("an address that cannot be written in an SMTP command")
    return f"<{address}>"


class Envelope(NamedTuple):
    """Hold sender and recipients, ready for the wire, and what MAIL may declare of the message."""

    sender: str
    recipients: tuple[str, ...]
    octets: int = 0
    eight_bit: bool = False

    def mail(self, offers: Offers) -> bytes:
        """Render MAIL with the size (RFC 1870) and the body type (RFC 6152) where the peer offers to hear them."""
        size = f" SIZE={self.octets}" if offers.size and self.octets else ""
        body = " BODY=8BITMIME" if offers.eight_bit and self.eight_bit else ""
        return f"MAIL FROM:{self.sender}{size}{body}\r\n".encode("ascii")

    def rcpts(self) -> list[bytes]:
        """Render one RCPT for each recipient."""
        return [f"RCPT TO:{recipient}\r\n".encode("ascii") for recipient in self.recipients]


def envelope(mail_from: str, recipients: Iterable[str], chunks: Sequence[bytes] = ()) -> Envelope:
    """Check and render addresses (`<>` is the null path); raises ValueError for what no command can hold."""
    octets = sum(map(len, chunks))
    eight_bit = not all(chunk.isascii() for chunk in chunks)
    return Envelope(path(mail_from), tuple(map(path, recipients)), octets, eight_bit)


def on_the_wire(chunks: Sequence[bytes]) -> list[bytes]:
    """Render a message for after 354: dots doubled at line starts, ended by CRLF.CRLF (RFC 5321 4.5.2).

    Chunks are CRLF text, not dot-stuffed; one without a dot at a line start is not copied. Raises ValueError for a bare
    CR or LF, which another server might take for a line end (THREATS S3).
    """
    parts = []
    at_line_start = True
    for chunk in chunks:
        if not chunk:
            continue
        if not only_crlf(chunk):
            raise ValueError("a bare CR or LF in what was to leave")
        if at_line_start and chunk.startswith(b"."):
            parts.append(b".")
        at_line_start = chunk.endswith(b"\n")
        # In line with RFC 5321, `\r\n.` cannot overlap itself, so that one replace sees every line start.
        parts.append(chunk.replace(b"\r\n.", b"\r\n..") if b"\r\n." in chunk else chunk)
    parts.append(b".\r\n" if at_line_start else b"\r\n.\r\n")
    return parts
