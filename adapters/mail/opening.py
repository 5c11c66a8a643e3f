"""The first part of what a message says: the sender's own words, without quotes and signature, for matching only.

Belongs here: reading a body where a measure asks for it. The promise (THREATS C1): no exception whatever the bytes,
bounded work, no attachment opened, quotes found by lines and never by patterns over several.
"""

from __future__ import annotations

import email
import re
from contextlib import suppress
from email.message import Message
from html.parser import HTMLParser

from adapters.mail.text import plain_text

LONGEST_OPENING = 2_000
"""Characters that are given: about the first page of a letter."""
_MOST_OCTETS = 64 * 1024
_MOST_NESTING = 20
_MOST_PARTS = 20
_MOST_LINES = 2_000
_LONGEST_HTML = 32 * 1024
_NESTED = re.compile(rb"(?i)content-type[ \t]{0,9}:\s{0,9}multipart/")
_QUOTED = (">", "|")
# Lines with which mail programs begin what they quote or forward; the words of English, Welsh and French ones.
_BELOW = ("-----original message", "---------- forwarded message", "begin forwarded message:", "________________")
_WROTE = ("wrote:", "ysgrifennodd:", "ysgrifennodd", "a écrit :", "a écrit:")
_FIELDS = ("from:", "sent:", "date:", "to:", "subject:", "oddi wrth:", "anfonwyd:", "de :", "envoyé :")
_LEAST_FIELDS = 3


def opening(raw: bytes) -> str:
    """Give the first part of what was written, `LONGEST_OPENING` characters at most; empty where it cannot be read."""
    part = raw[:_MOST_OCTETS]
    # Boundaries nested in one another are what makes the parser slow, and deep.
    if len(_NESTED.findall(part)) > _MOST_NESTING:
        return ""
    try:
        text = _body(email.message_from_bytes(part))
    except Exception:  # RecursionError, LookupError, ValueError have been seen; any of them means: nothing to match
        return ""
    return "\n".join(_own(text.split("\n")[:_MOST_LINES])).strip()[:LONGEST_OPENING]


def _body(message: Message) -> str:
    """Give the first plain text, or the words of the first HTML where there is none; never what is attached."""
    html: Message | None = None
    for number, part in enumerate(message.walk()):
        if number >= _MOST_PARTS:
            break
        kind = part.get_content_type()
        if part.is_multipart() or part.get_filename() is not None or part.get_content_disposition() == "attachment":
            continue
        if kind == "text/plain" and (text := plain_text(part)).strip():
            return text
        if kind == "text/html" and html is None:
            html = part
    return _words(plain_text(html)) if html is not None else ""


def _own(lines: list[str]) -> list[str]:
    """Leave out what the sender quotes, and all from where a quoted message or a signature begins."""
    own: list[str] = []
    for number, line in enumerate(lines):
        bare = line.strip()
        if bare.startswith(_QUOTED):
            _drop_introduction(own)
            continue
        if line.rstrip("\r") == "-- " or _begins_another(bare, lines, number):
            break
        own.append(line)
    return own


def _drop_introduction(own: list[str]) -> None:
    """Take back `On Monday R. Example wrote:`, which stands on one line or two before a quote."""
    while own and not own[-1].strip():
        own.pop()
    if own and own[-1].strip().lower().endswith(_WROTE):
        own.pop()
        if own and own[-1].strip().lower().startswith(("on ", "ar ", "le ")):
            own.pop()


def _begins_another(bare: str, lines: list[str], number: int) -> bool:
    """Tell whether a line begins a message that is quoted without marks: a ruler, or a header of three fields."""
    low = bare.lower()
    if low.startswith(_BELOW):
        return True
    if not low.lstrip("*").startswith(_FIELDS):
        return False
    nearby = (line.strip().lstrip("*").lower() for line in lines[number : number + 6])
    return sum(line.startswith(_FIELDS) for line in nearby) >= _LEAST_FIELDS


class _Words(HTMLParser):
    """Collect the words between the tags that are not quoted, and are shown."""

    _SILENT = frozenset({"script", "style", "head", "title", "blockquote"})
    _BREAKS = frozenset(
        {"p", "br", "div", "tr", "td", "th", "li", "h1", "h2", "h3", "h4", "hr", "pre", "blockquote", "table"}
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT:
            self._silent.append(tag)
        if tag in self._BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def _words(html: str) -> str:
    reader = _Words()
    # The blank lets go of an ampersand at the end; `close` would look through the rest again for each unfinished tag
    # (7 s were seen for 32 kB).
    with suppress(AssertionError):  # what it says of a broken declaration; the words before it were found
        reader.feed(html[:_LONGEST_HTML] + " ")
    return "\n".join(" ".join(line.split()) for line in "".join(reader.found).split("\n"))
