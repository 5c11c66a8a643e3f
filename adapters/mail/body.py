"""What a message says: the sender's own words, without quotes and signature, and digests of what is attached.

Belongs here: reading a body for matching and counting, never for a screen. The promise (THREATS C1, C7): no exception
whatever the bytes, bounded work, nothing that is attached is opened; not for event loops.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.mail.attachments import Attachment, attachments
from adapters.mail.html_text import html_text
from adapters.mail.parts import Cut, cut
from adapters.mail.quoted_text import own_lines

LONGEST_TEXT = 128 * 1024
"""Octets of text that are read of one part."""
_MOST_TEXTS = 5
_MOST_LINES = 4_000
_HTML, _PLAIN = "text/html", "text/plain"

TOO_LONG = "It has more text than is read."


@dataclass(frozen=True, slots=True)
class Body:
    """Hold the sender's own words, a line for a line, what is attached, and what was not read, if anything."""

    text: str
    attached: tuple[Attachment, ...] = ()
    over: str = ""


def body(raw: bytes, *, with_attachments: bool = True) -> Body:
    """Read a message with CRLF line ends."""
    pieces = cut(raw)
    text, over = _own_words(raw, pieces)
    if not with_attachments:
        return Body(text, (), pieces.over or over)
    found, more = attachments(raw, pieces)
    return Body(text, found, pieces.over or over or more)


def _own_words(raw: bytes, pieces: Cut) -> tuple[str, str]:
    shown = [part for part in pieces.parts if not part.attached]
    plain = [part for part in shown if part.kind == _PLAIN]
    texts = [text for part in plain[:_MOST_TEXTS] if (text := part.text(raw, LONGEST_TEXT)).strip()]
    long = any(part.end - part.start > LONGEST_TEXT for part in shown if part.kind in (_PLAIN, _HTML))
    if not texts:
        texts = [html_text(part.text(raw, LONGEST_TEXT), quotes=False) for part in shown if part.kind == _HTML][:1]
    lines = "\n\n".join(text.strip("\n") for text in texts).split("\n")
    own = own_lines(lines[:_MOST_LINES])
    return "\n".join(own).strip(), TOO_LONG if long or len(lines) > _MOST_LINES else ""
