"""What our door says on the wire: SMTP replies out of answers and out of text that staff typed.

Belongs here: pure rendering (THREATS S12, RFC 5321 4.2, RFC 2034). The promise: ASCII, no control characters, no line
over 512 octets, an enhanced code on every line, and 4xx or 5xx as the answer says whatever its text holds.
"""

from __future__ import annotations

import re
import unicodedata

from rules.answers import Answer, Delivered, Temporary

LONGEST_LINE = 512
MOST_LINES = 20
_SIGNS = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "£": "GBP ", "€": "EUR "}
)
_PEER_LINE = re.compile(r"([45])([0-5])(\d)(?:[ -](?:([45]\.\d{1,3}\.\d{1,3})(?:[ ]|\Z))?(.*))?", re.DOTALL)


def reply(code: int, enhanced: str, text: str) -> bytes:
    """Render one reply; line breaks in `text` make it one of several lines."""
    room = LONGEST_LINE - len(f"{code} {enhanced} \r\n")
    if 0 < len(text) <= room and text.isascii() and text.isprintable():  # as nearly all are
        return f"{code} {enhanced} {text.strip()}".rstrip().encode("ascii") + b"\r\n"
    lines = [piece for line in text.splitlines() for piece in _pieces(_ascii(line), room)][:MOST_LINES] or [""]
    last = len(lines) - 1
    rendered = (f"{code}{'-' if n < last else ' '}{enhanced} {line}".rstrip() for n, line in enumerate(lines))
    return ("\r\n".join(rendered) + "\r\n").encode("ascii")


def _ascii(text: str) -> str:
    """Write text in printable ASCII: accents go, other signs become question marks, control characters blanks."""
    if not text.isascii():
        flat = unicodedata.normalize("NFKD", text.translate(_SIGNS))
        text = "".join(sign for sign in flat if not unicodedata.combining(sign))
    return "".join(
        sign if " " <= sign <= "~" else " " if sign < " " or sign == "\x7f" else "?" for sign in text
    ).strip()


def _pieces(line: str, room: int) -> list[str]:
    """Cut a line into pieces of at most `room` octets, between words where that is possible."""
    pieces: list[str] = []
    while len(line) > room and len(pieces) < MOST_LINES:
        cut = line.rfind(" ", 1, room + 1)
        cut = cut if cut > 0 else room
        pieces.append(line[:cut].rstrip())
        line = line[cut:].lstrip()
    return [*pieces, line] if line else pieces


def answer_reply(answer: Answer, *, done: bytes, put_off: tuple[int, str] = (451, "4.3.0")) -> bytes:
    """Render what reception answered: `done` for Delivered, else the peer's own reply, else our own words.

    `put_off` is code and enhanced code of a Temporary without a peer's reply.
    """
    if isinstance(answer, Delivered):
        return done
    temporary = isinstance(answer, Temporary)
    if answer.reply and (passed := _passed_on(answer.reply, "4" if temporary else "5")):
        return passed
    code, enhanced = put_off if temporary else (550, "5.7.1")
    return reply(code, enhanced, answer.detail)


def _passed_on(theirs: str, kind: str) -> bytes | None:
    """Render a peer's reply anew, so that nothing of its form is trusted; None where it is not of this kind."""
    lines = [_PEER_LINE.fullmatch(line) for line in theirs.splitlines()[:MOST_LINES]]
    first = lines[0] if lines else None
    if first is None or first[1] != kind:
        return None
    enhanced = first[4] if first[4] and first[4][0] == kind else f"{kind}.0.0"
    texts = [line[5] or "" for line in lines if line is not None]
    return reply(int(first[1] + first[2] + first[3]), enhanced, "\n".join(texts))
