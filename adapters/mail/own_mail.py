"""Our own mail as octets: notes to senders, returns, alerts to staff.

Belongs here: pure rendering with the standard library. Nothing that a sender chose reaches a header with a control
character (THREATS C2), and every message says that nobody typed it (RFC 3834, THREATS C4).
"""

from __future__ import annotations

import email.policy
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.utils import format_datetime
from hashlib import sha256
from typing import Literal

from adapters.mail.delivery_report import DeliveryReport, delivery_status

SUBJECT_LIMIT = 200
REFERENCES_LIMIT = 20
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_ADDRESS = re.compile(
    r'(?:"(?:[ !#-\[\]-~]|\\[ -~])+"|(?!.*=\?.*\?=)[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]+)'
    r"@(?:[A-Za-z0-9.-]+|\[[A-Fa-f0-9:.IPv]+\])"
)
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that make text read otherwise than it is (THREATS I2)."""
# The old policy: the new one encodes a long Message-ID in References as though it were text.
_POLICY = email.policy.compat32.clone(linesep="\r\n", max_line_length=76)
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP


@dataclass(frozen=True, slots=True)
class OwnMail:
    """Hold one message of ours.

    `sender` is the office's own address, `name` what stands beside it; `to` one address. `message_id` is the stable one
    on record, `<...>`. `at` is aware. `in_reply_to` and `references` are what a sender's message said of itself.
    `html` says the same as `text` in HTML, as its writer made it safe; `report` makes it a delivery report (RFC 3464).
    """

    sender: str
    to: str
    subject: str
    text: str
    message_id: str
    at: datetime
    name: str = ""
    in_reply_to: str = ""
    references: str = ""
    automatic: Literal["auto-replied", "auto-generated"] = "auto-replied"
    html: str = ""
    report: DeliveryReport | None = None


def render_own(mail: OwnMail, *, trace: bytes = b"") -> bytes:
    """Give the message with CRLF line ends in 7-bit octets, `trace` (header lines with their CRLF) put first.

    Its envelope sender is the caller's; for all that answers a sender that is `<>` (RFC 3834). Raises ValueError for an
    address or Message-ID of ours that cannot stand in a header, a time without its zone, a trace that is no header.
    """
    if mail.at.tzinfo is None:
        raise ValueError("the time of a message has a zone")
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise ValueError("a Message-ID of ours is <...> in plain characters")
    if trace and not re.fullmatch(rb"(?:[!-9;-~]+:(?:[ -~\t]|\r\n[ \t])*\r\n)+", trace):
        raise ValueError("the trace is header lines with CRLF")
    message = Message(_POLICY)
    message["From"] = _mailbox(mail.name, mail.sender)
    message["To"] = _address(mail.to)
    message["Subject"] = _words(clean_line(mail.subject)[:SUBJECT_LIMIT], "Subject")
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = mail.message_id
    _thread(message, mail)
    message["Auto-Submitted"] = mail.automatic
    message["MIME-Version"] = "1.0"
    _fill(message, mail)
    # The generator leaves the line ends of the payload to us.
    return trace + re.sub(rb"\r\n|\r|\n", b"\r\n", message.as_bytes())


def _fill(message: Message, mail: OwnMail) -> None:
    """Put the body in: one text, the same in HTML beside it, or a report with its parts."""
    text = clean_text(mail.text)
    parts: list[Message | str] = [_text(text, "plain")]
    if mail.html:
        parts.append(_text(clean_text(mail.html), "html"))
    if mail.report is not None:
        parts += _report_parts(mail.report)
    if len(parts) == 1:
        message.set_payload(text, _UTF8)
        return
    kind = "alternative" if mail.report is None else 'report; report-type="delivery-status"'
    # Made of the id, so that the octets are the same whenever they are rendered.
    boundary = f"=_{sha256(mail.message_id.encode()).hexdigest()[:40]}"
    message["Content-Type"] = f'multipart/{kind}; boundary="{boundary}"'
    message.set_payload(parts)


def _text(text: str, kind: str) -> Message:
    part = Message(_POLICY)
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part.set_payload(text, _UTF8)
    del part["MIME-Version"]  # the whole has it
    return part


def _report_parts(report: DeliveryReport) -> list[Message]:
    """Give the status part, as it must not be encoded, and the returned message's header, which need not be ASCII."""
    status = Message(_POLICY)
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([_block(fields) for fields in delivery_status(report)])
    if not report.header:
        return [status]
    header = _text(clean_text(report.header.decode("utf-8", "replace")), "rfc822-headers")
    return [status, header]


def _block(fields: tuple[tuple[str, str], ...]) -> Message:
    block = Message(_POLICY)
    for name, value in fields:
        block[name] = value
    return block


def clean_line(text: str) -> str:
    """Give text as one line: no control characters, no line ends of any script, nothing that turns its direction."""
    shown = TURNING.sub("", text).encode("utf-8", "replace").decode("utf-8")
    spaced = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in shown)
    return " ".join("".join(spaced).split())


def clean_text(text: str) -> str:
    """Give text for a body: its lines, no other control characters, ended by a line end."""
    lines = re.split(r"\r\n|\r|\n", text.encode("utf-8", "replace").decode("utf-8").rstrip())
    kept = ("".join(s for s in line if s == "\t" or unicodedata.category(s) != "Cc") for line in lines)
    return "\n".join(kept) + "\n"


def _mailbox(name: str, address: str) -> str:
    shown = clean_line(name)
    if not shown:
        return _address(address)
    quoted = shown if not shown.isascii() else '"' + re.sub(r'(["\\])', r"\\\1", shown) + '"'
    return f"{_words(quoted, 'From')} <{_address(address)}>"


def writable(address: str) -> bool:
    """Tell whether an address can stand in a header: nothing that a reader might take for more, or less."""
    return len(address) <= 320 and _ADDRESS.fullmatch(address) is not None


def _address(address: str) -> str:
    if not writable(address):
        raise ValueError("an address that cannot stand in a header")
    return address


def _words(text: str, field: str) -> str:
    """Encode text for a header: as it is where it is ASCII and says nothing in code, in encoded words otherwise."""
    plain = text.isascii() and "=?" not in text
    return Header(text, "us-ascii" if plain else "utf-8", header_name=field, maxlinelen=76).encode()


def _thread(message: Message, mail: OwnMail) -> None:
    """Tie the message to the one that it answers; what is no Message-ID is left out."""
    answered = _MESSAGE_ID.findall(mail.in_reply_to)[:1]
    before = [each for each in _MESSAGE_ID.findall(mail.references) if each not in answered]
    if answered:
        message["In-Reply-To"] = answered[0]
    if before or answered:
        message["References"] = " ".join([*before[-REFERENCES_LIMIT:], *answered])
