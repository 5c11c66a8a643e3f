"""What a message says, for a person at a screen: its chief fields, its plain text, the names of what is attached.

Belongs here: pure reading of a body, under limits, and only when a person asks; nothing is decided on it. The promise
(THREATS C1, C7): no exception whatever the bytes, bounded work, attachments named and never opened.
"""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email.message import Message

from adapters.mail.encoded_words import decoded, safe
from adapters.mail.html_text import html_text

_FIELDS = ("From", "Sender", "Reply-To", "To", "Cc", "Date", "Subject", "Message-ID", "In-Reply-To", "Auto-Submitted")
_MOST_OCTETS = 256 * 1024
_MOST_NESTING = 40
_MOST_PARTS = 50
_MOST_OF_A_FIELD = 20
_LONGEST_VALUE = 1_000
_LONGEST_TEXT = 20_000
# A closed list: Python's own look-up keeps every unknown name for ever.
_CHARSETS = {
    "utf-8",
    "us-ascii",
    "iso-8859-1",
    "iso-8859-15",
    "windows-1252",
    "iso-8859-2",
    "koi8-r",
    "gb18030",
    "big5",
}
_NESTED = re.compile(rb"(?i)content-type[ \t]{0,9}:\s{0,9}multipart/")
_UNREADABLE = "(The text cannot be taken apart; this is the message as it came.)"
_AS_HTML = "(The message has no plain text; these are the words of its HTML.)"


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold what is shown of a message; the words are the sender's: escape them for where they go.

    `fields` are names with values, `remarks` say what was left out or could not be read.
    """

    fields: tuple[tuple[str, str], ...]
    text: str
    attachments: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def show(raw: bytes) -> Shown:
    """Read a message as far as a person wants to see it."""
    remarks = [] if len(raw) <= _MOST_OCTETS else [f"Only the first {_MOST_OCTETS // 1024} kB were looked at."]
    part = raw[:_MOST_OCTETS]
    head, _, body = part.partition(b"\r\n\r\n")
    fields = _fields(head)
    # Boundaries nested in one another are what makes the parser slow, and deep.
    if len(_NESTED.findall(body)) > _MOST_NESTING:
        return Shown(fields, _as_it_came(body), remarks=(*remarks, _UNREADABLE))
    try:
        text, attachments, remark = _parts(email.message_from_bytes(part))
    except Exception:  # RecursionError, LookupError, ValueError have been seen; any of them means: as it came
        return Shown(fields, _as_it_came(body), remarks=(*remarks, _UNREADABLE))
    if remark:
        remarks.append(remark)
    if len(text) > _LONGEST_TEXT:
        remarks.append(f"Only the first {_LONGEST_TEXT} characters of the text are shown.")
    return Shown(fields, text[:_LONGEST_TEXT], attachments, tuple(remarks))


def _fields(head: bytes) -> tuple[tuple[str, str], ...]:
    """Give the chief fields in the order in which they stand; a second From is shown as a second From."""
    lines = head.decode("utf-8", "replace").replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    known = {name.lower(): name for name in _FIELDS}
    found: list[tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        chief = known.get(name.strip().lower()) if colon else None
        if chief and sum(chief == one for one, _ in found) < _MOST_OF_A_FIELD:
            found.append((chief, safe(decoded(value[:_LONGEST_VALUE]))))
    return tuple(found)


def _parts(message: Message) -> tuple[str, tuple[str, ...], str]:
    """Give the plain text, the attachments' names and a remark; the words of the HTML where there is no plain text."""
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    attachments: list[str] = []
    for number, part in enumerate(message.walk()):
        if number >= _MOST_PARTS:
            return _chosen(texts, attachments, f"Only the first {_MOST_PARTS} parts were looked at.")
        if part.is_multipart():
            continue
        kind, name = part.get_content_type(), part.get_filename()
        if kind in texts and name is None and part.get_content_disposition() != "attachment":
            texts[kind].append(plain_text(part))
        else:
            attachments.append(_described(part, name, kind))
    return _chosen(texts, attachments, "")


def _chosen(texts: dict[str, list[str]], attachments: list[str], remark: str) -> tuple[str, tuple[str, ...], str]:
    if texts["text/plain"] or not texts["text/html"]:
        return "\n\n".join(texts["text/plain"]), tuple(attachments), remark
    return "\n\n".join(map(_words, texts["text/html"])), tuple(attachments), f"{_AS_HTML} {remark}".strip()


def _described(part: Message, name: str | None, kind: str) -> str:
    payload = part.get_payload()
    size = len(payload) if isinstance(payload, str) else 0
    return f"{safe(decoded(name or 'without a name'))[:100]} ({safe(kind)[:60]}, about {size // 1024 + 1} kB as sent)"


def plain_text(part: Message) -> str:
    """Give the text of one part with plain line ends; octets that its charset has not become replacement signs."""
    payload = part.get_payload(decode=True)
    charset = str(part.get_content_charset() or "utf-8").lower()
    octets = payload if isinstance(payload, bytes) else b""
    text = octets.decode(charset if charset in _CHARSETS else "utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _as_it_came(body: bytes) -> str:
    return body[:_LONGEST_TEXT].decode("utf-8", "replace").replace("\r\n", "\n")


def _words(html: str) -> str:
    return "\n".join(line for line in html_text(html).split("\n") if line)
