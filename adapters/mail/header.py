"""A raw header block, cut into the fields that Parley reads; everything in it may be hostile.

Belongs here: line ends, folding, field names, limits. The promise (THREATS I1, C1): one pass, bounded, no exception,
and whatever another program might take for a From field is found, with what makes it doubtful.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from adapters.mail.line_ends import only_crlf, to_crlf

LONGEST_HEADER = 256 * 1024
"""Octets of header that are read; Postfix by itself lets 100 kB through."""
MOST_FIELDS = 1_000

TOO_LONG = "The header is longer than is read."
TOO_MANY = "The header has more fields than are read."
MIXED_ENDS = "The header has line ends of more than one kind."
BLANK_FIRST = "A blank line stands before the header."

OTHER_AUTHORS = (b"sender", b"reply-to", b"resent-from", b"resent-sender", b"return-path", b"apparently-from")
"""Fields that somebody might take for the author where From leaves a doubt."""
_WANTED = frozenset(
    b"from to cc subject date message-id in-reply-to references received precedence auto-submitted"
    b" x-auto-response-suppress parley-trace".split()
).union(OTHER_AUTHORS)
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?=[\r\n])")
_BLANKS = frozenset((b" ", b"\t"))
_NAME = bytes(octet for octet in range(33, 127) if octet != ord(":"))
_NOT_LETTERS = bytes(set(range(256)) - set(b"abcdefghijklmnopqrstuvwxyz"))


@dataclass(slots=True)
class Header:
    """Hold the fields that are read, by name in lower case, unfolded, in their order.

    `odd_authors` are fields that are not quite From (`From :`, `From` and a NUL, a name cut off by folding); `late`
    tells that a From stands after a line that is no field, where some programs no longer look; `fault` is what makes
    the whole block doubtful, empty where nothing does; `cut` that there is more than was read.
    """

    fields: dict[bytes, list[bytes]] = field(default_factory=dict)
    odd_authors: list[bytes] = field(default_factory=list)
    late: bool = False
    listed: bool = False
    fault: str = ""
    cut: bool = False

    def every(self, name: bytes) -> list[bytes]:
        """Give all fields of this name."""
        return self.fields.get(name, [])

    def first(self, name: bytes) -> bytes:
        """Give the topmost field of this name; empty where there is none."""
        values = self.fields.get(name)
        return values[0] if values else b""


def header(raw: bytes) -> Header:
    """Read the header block of a message; CRLF line ends are expected, those of a file on Unix or Mac understood."""
    end = raw.find(b"\r\n\r\n", 0, LONGEST_HEADER)
    block = raw[:end] if end > 0 else b""
    if block and only_crlf(block) and not block.startswith(b"\r\n"):
        return _fields(block, Header())
    return _unusual(raw)


def _unusual(raw: bytes) -> Header:
    """Find the block where line ends are not simply CRLF, or where it does not end."""
    found = Header()
    head = raw[:LONGEST_HEADER]
    start = head.lstrip(b"\r\n")
    if start != head:
        found.fault = BLANK_FIRST
    blank = _BLANK_LINE.search(start)
    block = start[: blank.end()] if blank else start
    if blank is None and len(raw) > LONGEST_HEADER:
        found.fault, found.cut = TOO_LONG, True
    pairs = block.count(b"\r\n")
    if (pairs > 0) + (block.count(b"\n") > pairs) + (block.count(b"\r") > pairs) > 1:
        found.fault = found.fault or MIXED_ENDS
    return _fields(to_crlf(block), found)


def _fields(block: bytes, found: Header) -> Header:
    """Go through the lines once; what is no field is remembered, and whether it hides or imitates a From."""
    wanted: list[tuple[bytes, list[bytes]]] = []
    strange: list[list[bytes]] = []
    parts: list[bytes] = []  # of the field that a folded line continues
    broken, count = False, 0
    for line in block.split(b"\r\n"):
        if line[:1] in _BLANKS:
            parts.append(line)
            # Some programs take a line of blanks for the end of the header; and a first line continues nothing.
            broken = broken or not count or line.isspace()
            continue
        name, colon, value = line.partition(b":")
        name = name.lower()
        parts = [value]
        count += 1
        if name in _WANTED and colon:
            wanted.append((name, parts))
            found.late = found.late or (broken and name == b"from")
        elif not colon or b"from" in name or name.translate(None, _NAME):
            parts = [line]
            strange.append(parts)
            broken = broken or not colon or bool(name.translate(None, _NAME))
        elif name.startswith(b"list-"):
            found.listed = True
    for name, pieces in wanted:
        found.fields.setdefault(name, []).append(pieces[0] if len(pieces) == 1 else b"".join(pieces))
    found.odd_authors = [whole for whole in map(b"".join, strange) if _is_author(whole)]
    if count > MOST_FIELDS:
        found.fault, found.cut = found.fault or TOO_MANY, True
    return found


def _is_author(whole: bytes) -> bool:
    """Tell whether the letters before the colon are those of From."""
    name, colon, _ = whole.partition(b":")
    return bool(colon) and name.lower().translate(None, _NOT_LETTERS) == b"from"
