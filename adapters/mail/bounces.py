"""Reports that a mail server sends about mail of ours: not delivered, delayed, read (RFC 3464, 6533, 8098, 5965).

Belongs here: what such a report says of which message, as far as it is written to be read; the guess where it is not is
`bounce_guess`'s. The promise (THREATS C1, C5): no exception, bounded work, and a report proves nothing by itself: who
counts it as one looks for the message on our own record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from adapters.mail.bounce_guess import guess
from adapters.mail.message import NULL_PATH, Heading, thread
from adapters.mail.parts import Cut, Part, cut

MOST_RECIPIENTS = 20
MOST_ABOUT = 10
_MOST_OCTETS = 64 * 1024
_MOST_FIELDS = 500
_LONGEST_ADDRESS = 320
_STATUS_PARTS = frozenset(("message/delivery-status", "message/global-delivery-status"))
_RECEIPT_PARTS = frozenset(("message/disposition-notification", "message/global-disposition-notification"))
_COMPLAINT_PARTS = frozenset(("message/feedback-report",))
_RETURNED_PARTS = frozenset(
    ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822-header")
)
_MESSAGE_ID = re.compile(rb"(?im)^[ \t>]{0,8}message-id[ \t]{0,8}:[ \t\r\n]{0,8}(<[!-;=?-~]{1,250}>)")
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|mdaemon|mmdf)(?:@.*)?", re.IGNORECASE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_LONGEST_WORDS = 8_000
_RETURNED_BELOW = re.compile(r"(?im)^(?:return-path|received|message-id|from):")
_REPLY = re.compile(r"(?:^|[\s(:'\"])[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3}\b|\S)|\b5\.\d{1,3}\.\d{1,3}\b")
_ANY_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,255}", re.IGNORECASE)
_FAILURE_WORDS = (
    *(
        "not be delivered",
        "unable to deliver",
        "undeliver",
        "delivery failed",
        "delivery has failed",
        "failed to deliver",
    ),
    *("error delivering", "to deliver the mail", "to deliver a message", "was rejected", "were rejected", "not reach"),
    *("user unknown", "unknown user", "mailbox unavailable", "mailbox is full", "returned to sender"),
    *("delivery failure", "address not found", "delivery to the following", "non-delivery", "transcript of session"),
)
_DELAY_WORDS = ("warning only", "will be retried", "will continue trying", "still trying", "do not need to resend")
_HEX = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")


class Tells(StrEnum):
    """Name what a report tells of its message."""

    FAILED = "failed"
    DELAYED = "delayed"
    """Not delivered yet; the server goes on trying."""
    DELIVERED = "delivered"
    READ = "read"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what a report tells: of whom, with which status (`5.1.1`, empty where none), of which messages.

    `recipients` are addresses as the report writes them, `about` Message-IDs with their brackets; whoever sent the
    report chose both. `guessed` tells that it was not written to be read.
    """

    tells: Tells
    recipients: tuple[str, ...] = ()
    status: str = ""
    about: tuple[str, ...] = ()
    guessed: bool = False


def may_report(heading: Heading, mail_from: str) -> bool:
    """Tell from envelope and header alone whether a message is worth reading as a report (THREATS C5).

    What comes by a list was sent to the list, whatever it reports.
    """
    if heading.listed:
        return False
    return mail_from in ("", NULL_PATH) or heading.report or _DAEMON.fullmatch(heading.sender or "") is not None


def report(raw: bytes) -> Report | None:
    """Read a report; None where it is none. Ask `may_report` first; not for event loops."""
    pieces = cut(raw)
    told = _by_the_book(raw, pieces)
    if told is not None:
        return told
    failed, delayed = guess(raw[:_MOST_OCTETS])
    if not failed and not delayed:
        return _by_its_words(raw, pieces)
    who = _few(failed or delayed)
    return Report(Tells.FAILED if failed else Tells.DELAYED, who, "", _about(raw, pieces), guessed=True)


def _by_the_book(raw: bytes, pieces: Cut) -> Report | None:
    for part in pieces.parts:
        if part.kind in _STATUS_PARTS:
            return _delivery(raw, part, pieces)
        if part.kind in _RECEIPT_PARTS:
            return Report(Tells.READ, about=_about(raw, pieces))
        if part.kind in _COMPLAINT_PARTS:
            return Report(Tells.COMPLAINT, about=_about(raw, pieces))
    return None


def _by_its_words(raw: bytes, pieces: Cut) -> Report | None:
    """Read what servers write that follow no standard: the words of failure, and an address, above what came back."""
    text = next((part.text(raw, _MOST_OCTETS) for part in pieces.parts if part.kind == "text/plain"), "")
    above = " ".join(_RETURNED_BELOW.split(text[:_LONGEST_WORDS], maxsplit=1)[0].split()).lower()
    delayed = any(words in above for words in _DELAY_WORDS)
    if not delayed and not _REPLY.search(above) and not any(words in above for words in _FAILURE_WORDS):
        return None
    who = _few(_ANY_ADDRESS.findall(above)[:1])
    about = _about(raw, pieces)
    if not who and not about:
        return None
    return Report(Tells.DELAYED if delayed else Tells.FAILED, who, _status(above), about, guessed=True)


def _delivery(raw: bytes, part: Part, pieces: Cut) -> Report | None:
    """Read a delivery status (RFC 3464 2): of several recipients the worst tells."""
    found: dict[Tells, list[tuple[str, str]]] = {}
    for group in _groups(part.octets(raw, _MOST_OCTETS)):
        tells = _tells(group)
        if tells is not None:
            who = _address(group.get("original-recipient", "")) or _address(group.get("final-recipient", ""))
            found.setdefault(tells, []).append((who, _status(group.get("status", ""))))
    for tells in (Tells.FAILED, Tells.DELAYED, Tells.DELIVERED):
        if tells in found:
            recipients = _few(who for who, _ in found[tells])
            return Report(tells, recipients, found[tells][0][1], _about(raw, pieces))
    return None


def _groups(octets: bytes) -> Iterator[dict[str, str]]:
    """Give the fields of each recipient; an empty line stands between them."""
    fields: dict[str, str] = {}
    last = ""
    for line in octets.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_MOST_FIELDS]:
        if not line.strip():
            if fields:
                yield fields
            fields, last = {}, ""
        elif line[0] in " \t" and last:
            fields[last] += line
        else:
            name, colon, value = line.partition(":")
            last = name.strip().lower() if colon else ""
            if last:
                fields[last] = value
    if fields:
        yield fields


def _tells(group: dict[str, str]) -> Tells | None:
    """Say what became of one recipient: by the action, else by the class of its status."""
    if "final-recipient" not in group and "original-recipient" not in group and "action" not in group:
        return None  # what is said of the message as a whole
    match group.get("action", "").partition("(")[0].strip().lower():
        case "failed" | "failure" | "fail":
            return Tells.FAILED
        case "delayed":
            return Tells.DELAYED
        case "delivered" | "relayed" | "expanded":
            return Tells.DELIVERED
    by_class = {"5": Tells.FAILED, "4": Tells.DELAYED, "2": Tells.DELIVERED}
    return by_class.get(_status(group.get("status", ""))[:1])


def _status(value: str) -> str:
    match = _STATUS.search(value[:100])
    return match[0] if match else ""


def _address(value: str) -> str:
    """Give the address of `rfc822; a@b` or `utf-8; ...` (RFC 6533 3); empty where there is none."""
    type_, semicolon, rest = value[: 2 * _LONGEST_ADDRESS].partition(";")
    address = (rest if semicolon else type_).strip().strip("<>").strip()
    if type_.strip().lower() == "utf-8":
        address = _HEX.sub(lambda match: _sign(match[1]), address)
    return address[:_LONGEST_ADDRESS] if "@" in address else ""


def _sign(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"


def _about(raw: bytes, pieces: Cut) -> tuple[str, ...]:
    """Name the messages that it may be about: those that came back with it, then those that it says it answers."""
    returned = [part for part in pieces.parts if part.kind in _RETURNED_PARTS] or [
        part for part in pieces.parts if part.kind == "text/plain"
    ]
    ids = [
        match.decode("ascii")
        for part in returned[:5]
        for match in _MESSAGE_ID.findall(part.octets(raw, _MOST_OCTETS))[:MOST_ABOUT]
    ]
    return tuple(dict.fromkeys((*ids, *thread(raw).answers)))[:MOST_ABOUT]


def _few(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in addresses if one))[:MOST_RECIPIENTS]
