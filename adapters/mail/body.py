"""What a message says: the sender's own words, without quotes and signature, and digests of what is attached.

Belongs here: reading a body for matching and counting, never for a screen. The promise (THREATS C1, C7): no exception
whatever the bytes, bounded work; of what is attached only text is read, for its words; not for event loops.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.mail.attachments import Attachment, attachments
from adapters.mail.html_text import html_text
from adapters.mail.parts import Cut, Part, cut
from adapters.mail.quoted_text import own_lines

LONGEST_TEXT = 128 * 1024
"""Octets of text that are read of one part."""
_MOST_TEXTS = 5
_MOST_LINES = 4_000
_HTML, _PLAIN = "text/html", "text/plain"
_MORE_WORDS = 1.5
"""Times the words of the plain text, and a few, that HTML beside it has where it says something else."""
_UNSHOWN = ("style", "script", "head", "title")

TOO_LONG = "It has more text than is read."


@dataclass(frozen=True, slots=True)
class Body:
    """Hold the sender's own words, a line for a line, what is attached, and what was not read, if anything.

    `beside` are words that stand elsewhere: in attached text, and in HTML that says more than the plain text with it.
    """

    text: str
    attached: tuple[Attachment, ...] = ()
    over: str = ""
    beside: str = ""


def body(raw: bytes, *, with_attachments: bool = True) -> Body:
    """Read a message with CRLF line ends."""
    pieces = cut(raw)
    text, over = _own_words(raw, pieces)
    beside = _beside(raw, pieces)
    if not with_attachments:
        return Body(text, (), pieces.over or over, beside)
    found, more = attachments(raw, pieces)
    return Body(text, found, pieces.over or over or more, beside)


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


def _beside(raw: bytes, pieces: Cut) -> str:
    """Give words that are no part of the text: of attached text files, and of HTML that says more than the plain text.

    Attached text beyond what is read of one part, or of five, is left out without a word.
    """
    written = [part for part in pieces.parts if part.kind in (_PLAIN, _HTML)]
    texts = [_words_of(part, raw) for part in [one for one in written if one.attached][:_MOST_TEXTS]]
    shown = [part for part in written if not part.attached]
    plain = sum(len(part.text(raw, LONGEST_TEXT).split()) for part in shown[:_MOST_TEXTS] if part.kind == _PLAIN)
    html = next((part for part in shown if part.kind == _HTML), None)
    if plain and html and _roughly(html.text(raw, LONGEST_TEXT)) > _MORE_WORDS * plain + 10:
        texts.append(_words_of(html, raw))
    lines = "\n\n".join(texts).split("\n")[:_MOST_LINES]
    return "\n".join(lines).strip()


def _words_of(part: Part, raw: bytes) -> str:
    text = part.text(raw, LONGEST_TEXT)
    words = html_text(text, quotes=False) if part.kind == _HTML else text
    return "\n".join(own_lines(words.strip("\n").split("\n")[:_MOST_LINES]))


def _roughly(html: str) -> int:
    """Count the words of HTML in one pass, without reading it: what stands between its tags."""
    count, unshown = 0, False
    for piece in html.split("<"):
        tag, _, words = piece.partition(">")
        name = tag[:9].lower()
        if name.startswith(_UNSHOWN):
            unshown = True
        elif name.startswith("/") and name[1:].startswith(_UNSHOWN):
            unshown = False
        if not unshown:
            count += len(words.split())
    return count
