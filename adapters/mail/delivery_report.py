"""The delivery report that a sender asked for with the message, about one that is returned (RFC 3461, 3464, 6522).

Belongs here: whether a report is wished for, and its machine-readable parts. What came in the envelope is written only
where it is plain, printable and of its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from adapters.mail.smtp_commands import RecipientWish, Wishes

REFUSED_BY_POLICY = "5.7.1"
LONGEST_HEADER = 32 * 1024
_HEX = re.compile(r"\+([0-9A-F]{2})")
_PLAIN = re.compile(r"[ -~]{1,300}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Hold one recipient who did not get it, as the sender wrote it, and what ORCPT says (`rfc822;x@example.org`)."""

    recipient: str
    original: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Hold what a report says: our host, ENVID as it was written, when the message came (aware), who did not get it.

    `header` is that of the returned message, empty where nothing of it may go to the address that it names.
    """

    host: str
    recipients: tuple[Undelivered, ...]
    arrived: datetime
    envelope_id: str = ""
    header: bytes = b""


def reportable(recipients: Iterable[str], wishes: Wishes) -> tuple[str, ...]:
    """Give the recipients of whom the sender may hear that they did not get it."""
    return tuple(one for one in recipients if _may_hear(wishes.recipients.get(one)))


def wished(recipients: Iterable[str], wishes: Wishes) -> tuple[Undelivered, ...]:
    """Give the recipients to be reported on; none where a report is not the right form of a return.

    What we took and return was not delivered. Whoever wrote NOTIFY with FAILURE asked to hear of that in this form, and
    gets it; whoever left FAILURE out must be sent none, so nothing is returned to them (`reportable`; RFC 3461 4.1). To
    whoever wrote no NOTIFY a return is a personal answer (RFC 3834): mail programs put words of their own in the place
    of a report's, and the office's, with whom to call in danger, would be lost on those whom they are for.
    """
    known = reportable(recipients, wishes)
    if not any((wish := wishes.recipients.get(one)) and wish.notify for one in known):
        return ()
    return tuple(Undelivered(one, wishes.recipients.get(one, RecipientWish()).original) for one in known)


def _may_hear(wish: RecipientWish | None) -> bool:
    return wish is None or not wish.notify or "FAILURE" in wish.notify.upper().split(",")


def delivery_status(report: DeliveryReport) -> tuple[Fields, ...]:
    """Give the fields of message/delivery-status: of the message, then of each recipient (RFC 3464 2), all ASCII."""
    if not _HOST.fullmatch(report.host):
        raise ValueError("the name of our own host")
    envelope_id = _decoded(report.envelope_id)
    first = (
        *((("Original-Envelope-Id", envelope_id),) if envelope_id else ()),
        ("Reporting-MTA", f"dns; {report.host}"),
        ("Arrival-Date", format_datetime(report.arrived)),
    )
    return (first, *map(_fields, report.recipients))


def _fields(one: Undelivered) -> Fields:
    kind, _, address = one.original.partition(";")
    original = _decoded(address) if kind.lower() == "rfc822" else ""
    return (
        *((("Original-Recipient", f"rfc822; {original}"),) if original else ()),
        ("Final-Recipient", _typed(one.recipient)),
        ("Action", "failed"),
        ("Status", REFUSED_BY_POLICY),
    )


def _typed(address: str) -> str:
    """Write an address with its type; beyond ASCII by the type that has escapes for it (RFC 6533 3)."""
    if _PLAIN.fullmatch(address):
        return f"rfc822; {address}"
    return "utf-8; " + "".join(
        sign if "!" <= sign <= "~" and sign not in "\\+=" else _escaped(sign) for sign in address
    )


def _escaped(sign: str) -> str:
    return f"\\x{{{ord(sign):02X}}}"


def _decoded(xtext: str) -> str:
    """Decode xtext (RFC 3461 4); empty for what is not printable ASCII then, which must not break a line."""
    text = _HEX.sub(lambda found: chr(int(found[1], 16)), xtext)
    return text if _PLAIN.fullmatch(text) else ""


def header_of(raw: bytes) -> bytes:
    """Give the header of a message with CRLF line ends, cut at the end of a line where it is too long."""
    header = raw[:LONGEST_HEADER].partition(b"\r\n\r\n")[0]
    if len(header) == LONGEST_HEADER:
        header = header.rpartition(b"\r\n")[0]
    return header + b"\r\n"
