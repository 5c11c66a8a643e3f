"""A message cut at its boundaries into the parts that people wrote or attached; everything in it may be hostile.

Belongs here: where a part begins and ends, what it says that it is, its octets undone from base64 and the like. The
promise (THREATS C1): no exception, no recursion, bounded in depth, parts and octets; what was left out is said.
"""

from __future__ import annotations

import binascii
import quopri
import re
from dataclasses import dataclass, replace

MOST_PARTS = 100
MOST_DEPTH = 10
MOST_FORWARDED = 5
"""Messages within a message that are taken for one part each."""
_LONGEST_HEAD = 32 * 1024
_LONGEST_BOUNDARY = 200
_MOST_TRIES = 2_000
_FIELD = re.compile(
    rb"(?im)^(content-type|content-transfer-encoding|content-disposition)[ \t]*:([^\r\n]*+(?>(?:\r\n[ \t][^\r\n]*+)*))"
)
_KIND = re.compile(rb"\s*+([a-z0-9!#$&.+^_-]{1,60})\s*+/\s*+([a-z0-9!#$&.+^_-]{1,60})", re.IGNORECASE)
_NAMED = re.compile(rb"""(?i)[;\s](?:file)?name\*?(?:\d{1,2}\*?)?[ \t]*=""")
_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_NO_LETTERS = bytes(set(range(256)) - _LETTERS)
_PLAIN_CHARSET = "utf-8"
# A closed list: Python's own look-up keeps every unknown name for ever.
CHARSETS = frozenset(
    (
        *("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "iso-8859-2", "iso-8859-7", "iso-8859-9"),
        *("windows-1250", "windows-1251", "windows-1254", "windows-1256", "koi8-r", "gb18030", "gb2312", "gbk", "big5"),
        *("iso-2022-jp", "euc-jp", "shift_jis", "euc-kr"),
    )
)

TOO_DEEP = "It is nested deeper than is read."
TOO_MANY = "It has more parts than are read."


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one part: what it says of itself, in lower case, and where its octets stand in the message.

    `attached` tells of a name, or that it says so; `picture` of one that stands in the text, as a logo does.
    """

    kind: str
    charset: str
    encoding: str
    attached: bool
    picture: bool
    start: int
    end: int

    def octets(self, raw: bytes, most: int) -> bytes:
        """Give what the part holds, `most` octets at most, undone from its encoding; as it came where that fails."""
        body = raw[self.start : min(self.end, self.start + 2 * most)]
        try:
            if self.encoding == "base64":
                return _from_base64(body)[:most]
            if self.encoding == "quoted-printable":
                return quopri.decodestring(body)[:most]
        except (binascii.Error, ValueError):
            pass
        return body[:most]

    def text(self, raw: bytes, most: int) -> str:
        """Give the part as text with plain line ends; octets that its charset has not become replacement signs."""
        charset = self.charset if self.charset in CHARSETS else _PLAIN_CHARSET
        text = self.octets(raw, most).decode(charset, "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold the parts in their order, what the message itself says that it is, and what was not read, if anything."""

    parts: tuple[Part, ...]
    kind: str = "text/plain"
    over: str = ""


@dataclass(slots=True)
class _Range:
    start: int
    end: int
    depth: int


def cut(raw: bytes) -> Cut:
    """Cut a message with CRLF line ends; a message within it is one part, and stays closed."""
    found: list[Part] = []
    over = kind = ""
    waiting = [_Range(0, len(raw), 0)]
    seen = 0
    while waiting:
        here = waiting.pop()
        seen += 1
        if seen > 2 * MOST_PARTS or len(found) >= MOST_PARTS:
            over = over or TOO_MANY
            break
        part, boundary = _described(raw, here)
        kind = kind or part.kind
        if not boundary:
            found.append(part)
        elif here.depth >= MOST_DEPTH:
            over = over or TOO_DEEP
        else:
            inner, more = _between(raw, part.start, part.end, boundary, here.depth + 1)
            over = over or (TOO_MANY if more else "")
            waiting += reversed(inner)
            if not inner:  # its delimiters are not there: what stands in it is read as it stands
                found.append(replace(part, kind="text/plain"))
    return Cut(tuple(found), kind or "text/plain", over)


def _described(raw: bytes, here: _Range) -> tuple[Part, bytes]:
    """Read what stands before a part's octets; the boundary is empty where it is no multipart that can be cut."""
    if raw.startswith(b"\r\n", here.start, here.end):
        head, start = b"", here.start + 2
    else:
        limit = min(here.end, here.start + _LONGEST_HEAD)
        blank = raw.find(b"\r\n\r\n", here.start, limit)
        # The top of a message may be long; a part whose head does not end within reach has no body that anybody shows.
        if blank < 0 and here.depth == 0:
            blank = raw.find(b"\r\n\r\n", here.start, here.end)
        head = raw[here.start : min(blank if blank >= 0 else here.end, limit)]
        start = blank + 4 if blank >= 0 else here.end
    fields: dict[bytes, bytes] = {}
    for match in _FIELD.finditer(head):
        fields.setdefault(match[1].lower(), match[2].replace(b"\r\n", b""))
    type_ = fields.get(b"content-type", b"")
    disposition = fields.get(b"content-disposition", b"").strip().lower()
    kind = _kind(type_)
    boundary = _parameter(type_, b"boundary")[:_LONGEST_BOUNDARY] if kind.startswith("multipart/") else b""
    attached = disposition.startswith(b"attachment") or bool(
        _NAMED.search(b";" + type_[:2_000]) or _NAMED.search(b";" + disposition[:2_000])
    )
    part = Part(
        kind=kind,
        charset=_parameter(type_, b"charset").decode("ascii", "replace").lower(),
        encoding=fields.get(b"content-transfer-encoding", b"")
        .partition(b";")[0]
        .strip()
        .decode("ascii", "replace")
        .lower(),
        attached=attached,
        picture=kind.startswith("image/") and not disposition.startswith(b"attachment"),
        start=min(start, here.end),
        end=here.end,
    )
    return part, boundary


def _kind(value: bytes) -> str:
    match = _KIND.match(value[:200])
    return f"{match[1].decode()}/{match[2].decode()}".lower() if match else "text/plain"


def _parameter(value: bytes, name: bytes) -> bytes:
    """Give a parameter of a Content-Type, from the first 2,000 octets; empty where it is not there."""
    match = re.search(rb"(?i)[;\s]" + name + rb'[ \t]*=[ \t]*(?:"([^"]{0,300})"|([^\s;"]{1,300}))', value[:2_000])
    return (match[1] if match[1] is not None else match[2]).rstrip() if match else b""


def _between(raw: bytes, start: int, end: int, boundary: bytes, depth: int) -> tuple[list[_Range], bool]:
    """Find what stands between a multipart's delimiters (RFC 2046 5.1.1), and whether there is more than is read."""
    delimiter = b"\r\n--" + boundary
    found: list[_Range] = []
    begins: int | None = None
    at = start - 2  # the first one may stand at the very start: the blank line before it ends with its line end
    for _ in range(_MOST_TRIES):
        at = raw.find(delimiter, at, end)
        if at < 0:
            break
        after = at + len(delimiter)
        line_end = raw.find(b"\r\n", after, min(end, after + 200))
        rest = raw[after : line_end if line_end >= 0 else min(end, after + 200)]
        closes = rest.startswith(b"--")
        if rest.removeprefix(b"--").strip():
            at = after  # another boundary that begins with this one
            continue
        if begins is not None:
            found.append(_Range(begins, max(at, begins), depth))
        begins = None if closes or line_end < 0 else line_end + 2
        if closes or begins is None or len(found) > MOST_PARTS:
            return found, len(found) > MOST_PARTS
        at = line_end
    else:
        return found, True
    if begins is not None:
        found.append(_Range(begins, end, depth))  # cut off, or never closed
    return found, False


def _from_base64(body: bytes) -> bytes:
    """Undo base64 as far as there are whole groups; what is not of its alphabet is left out."""
    letters = body.translate(None, _NO_LETTERS)
    rest = len(letters) % 4
    return binascii.a2b_base64(letters[: len(letters) - (rest == 1)] + b"=" * (-rest % 4 if rest > 1 else 0))
