"""What we say to a next hop: envelope commands, and the message as it goes over the wire.

Belongs here: pure rendering. Nothing that a sender chose can end a command or the message early (THREATS S3, S12): what
cannot be said safely is a ValueError before a byte leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.mail.line_ends import only_crlf

NULL_PATH = "<>"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_PLAIN = r"[!#-;=?-~]"  # printable ASCII without space, quote and angle brackets
_ADDRESS = re.compile(rf"(?:{_QUOTED}|{_PLAIN}){_PLAIN}*")
_WIDE = re.compile(rf"(?:{_QUOTED}|{_PLAIN}|[^\x00-\x7f])(?:{_PLAIN}|[^\x00-\x7f])*")
_ADDRESS_LIMIT = 400


class Offers(NamedTuple):
    """Hold what the peer offered in its answer to EHLO or LHLO."""

    pipelining: bool = False
    eight_bit: bool = False
    size: bool = False
    dsn: bool = False
    utf8: bool = False
    starttls: bool = False


def offers_of(texts: Iterable[bytes]) -> Offers:
    """Read the extensions that we use from the lines of an EHLO reply, the greeting line left out."""
    words = {text.split(maxsplit=1)[0].upper() for text in texts if text.strip()}
    names = (b"PIPELINING", b"8BITMIME", b"SIZE", b"DSN", b"SMTPUTF8", b"STARTTLS")
    return Offers(*(name in words for name in names))


class RecipientWish(NamedTuple):
    """Hold what a sender wishes to hear about one recipient (RFC 3461): NOTIFY and ORCPT as they were written."""

    notify: str = ""
    original: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Hold what a sender wishes of the whole path: reports (RFC 3461), and addresses beyond ASCII (RFC 6531)."""

    utf8: bool = False
    ret: str = ""
    envelope_id: str = ""
    recipients: Mapping[str, RecipientWish] = field(default_factory=dict)


NO_WISHES = Wishes()


class Unsayable(ValueError):
    """Say that an address needs SMTPUTF8 and the peer has none: for good, and no fault of ours (RFC 6531 3.5)."""


def path(address: str) -> str:
    """Put an address between angle brackets; raises ValueError for what could say more than an address."""
    if address == NULL_PATH:
        return NULL_PATH
    if len(address) > _ADDRESS_LIMIT or not (_ADDRESS.fullmatch(address) or _wide(address)):
        raise ValueError("an address that cannot be written in an SMTP command")
    return f"<{address}>"


def _wide(address: str) -> bool:
    return not address.isascii() and address.isprintable() and _WIDE.fullmatch(address) is not None


class Envelope(NamedTuple):
    """Hold sender and recipients, ready for the wire, and what MAIL may declare of the message."""

    sender: str
    recipients: tuple[str, ...]
    octets: int = 0
    eight_bit: bool = False
    wishes: Wishes = NO_WISHES

    def mail(self, offers: Offers) -> bytes:
        """Render MAIL with what the peer offers to hear: size (RFC 1870), body type (RFC 6152), RFC 3461 and 6531.

        Raises Unsayable for an address beyond ASCII where the peer takes none.
        """
        wishes = self.wishes
        if not offers.utf8 and not (self.sender.isascii() and all(one.isascii() for one in self.recipients)):
            raise Unsayable("an address beyond ASCII, for a peer without SMTPUTF8")
        words = f"MAIL FROM:{self.sender}"
        if offers.size and self.octets:
            words += f" SIZE={self.octets}"
        if offers.eight_bit and self.eight_bit:
            words += " BODY=8BITMIME"
        if wishes is not NO_WISHES:
            words += _also(utf8=offers.utf8 and wishes.utf8)
            words += _also(RET=wishes.ret, ENVID=wishes.envelope_id) if offers.dsn else ""
        return f"{words}\r\n".encode()

    def rcpts(self, offers: Offers) -> list[bytes]:
        """Render one RCPT for each recipient, with what the sender wishes to hear where the peer offers that."""
        wishes = self.wishes.recipients if offers.dsn else {}
        if not wishes:
            return [f"RCPT TO:{recipient}\r\n".encode() for recipient in self.recipients]
        wished = [wishes.get(recipient[1:-1], RecipientWish()) for recipient in self.recipients]
        return [
            f"RCPT TO:{recipient}{_also(NOTIFY=wish.notify, ORCPT=wish.original)}\r\n".encode()
            for recipient, wish in zip(self.recipients, wished, strict=True)
        ]


def _also(*, utf8: bool = False, **parameters: str) -> str:
    """Write parameters behind an address, less those without a value."""
    given = "".join(f" {name}={value}" for name, value in parameters.items() if value)
    return f" SMTPUTF8{given}" if utf8 else given


def envelope(
    mail_from: str, recipients: Iterable[str], chunks: Sequence[bytes] = (), wishes: Wishes = NO_WISHES
) -> Envelope:
    """Check and render addresses (`<>` is the null path); raises ValueError for what no command can hold."""
    octets = sum(map(len, chunks))
    eight_bit = not all(chunk.isascii() for chunk in chunks)
    return Envelope(path(mail_from), tuple(map(path, recipients)), octets, eight_bit, wishes)


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
