"""What the office's own border says of a sender, as its Authentication-Results fields put it (RFC 8601).

Belongs here: finding those fields and taking them apart, pure. The promise (THREATS I4): no exception, linear time, and
no field counts that could have been on the message before the border took it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.mail.line_ends import to_crlf

MICROSOFT_365, GOOGLE = "microsoft365", "google"
_GOOGLE_ID = "mx.google.com"
_MICROSOFT_HOSTS = (".outlook.com", ".office365.com", ".prod.exchangelabs.com")
_LOOKED_THROUGH = 64 * 1024
_MOST_FIELDS = 200
_LONGEST_FIELD = 8 * 1024
_MOST_RESULTS = 100
# What servers and filters write beside their results, so that it may stand between them.
_BESIDE = re.compile(rb"received-spf|dkim-filter|dmarc-filter|x-[!-9;-~]*|arc-[!-9;-~]*", re.IGNORECASE)
_PIECE = re.compile(r'[ \t\r\n]++|"(?>(?:[^"\\]++|\\.)*)"?|[;=()]|(?>(?:[^ \t\r\n";=()\\]|\\.?)+)', re.DOTALL)
_UNQUOTED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Border:
    """Hold who the border is.

    `name` is the authserv-id that its fields begin with, or `microsoft365` or `google`. Its fields stand above its own
    Received field, as RFC 8601 5 has it, or right `below`, where filters of Postfix put them. `relays` are servers of
    the office that stand between the border and us, as they name themselves after `by`.
    """

    name: str
    below: bool = False
    relays: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """Hold one result, such as `dkim=pass header.d=example.org (comment)`; names and result in lower case."""

    method: str
    result: str
    properties: dict[str, str] = field(default_factory=dict)
    comments: str = ""


def reported(raw: bytes, border: Border) -> tuple[Result, ...]:
    """Give all results that the border itself put on a message, topmost first."""
    found: list[Result] = []
    for value in _own_fields(raw, border):
        name, results = results_of(value.decode("utf-8", "replace"))
        if name == _authserv_id(border):
            found += results
            if border.name in (MICROSOFT_365, GOOGLE):
                break  # either writes one field only: the next would be somebody else's
    return tuple(found[:_MOST_RESULTS])


def _authserv_id(border: Border) -> str:
    """Say what its fields begin with: Microsoft 365's name nobody."""
    return {MICROSOFT_365: "", GOOGLE: _GOOGLE_ID}.get(border.name, border.name.lower())


def _own_fields(raw: bytes, border: Border) -> Iterator[bytes]:
    """Give the Authentication-Results fields that were written by the border or behind it."""
    passed = False
    for name, value in _fields(raw):
        kind = name.lower()
        if kind == b"authentication-results":
            if len(value) <= _LONGEST_FIELD:
                yield value
        elif kind == b"received" and not passed:
            host = receiver(value)
            if _behind(host, border):
                continue
            if not (host == _GOOGLE_ID if border.name == GOOGLE else border.below):
                return
            passed = True
        elif passed and not _BESIDE.fullmatch(kind):
            return  # from here on it is the sender's


def _behind(host: str, border: Border) -> bool:
    """Tell whether a server that wrote a Received field stands behind the border."""
    if host in border.relays:
        return True
    if border.name == GOOGLE:
        return host.startswith("2002:") or (host.endswith(".google.com") and host != _GOOGLE_ID)
    return border.name == MICROSOFT_365 and host.endswith(_MICROSOFT_HOSTS)


def receiver(received: bytes) -> str:
    """Name the server that wrote a Received field, in lower case; empty where that is in doubt.

    It is what follows the last `by` outside comments: a client chooses what stands before.
    """
    text = _outside_comments(received[:_LONGEST_FIELD].decode("ascii", "replace"))
    if text is None:
        return ""
    words = text.partition(";")[0].lower().split()
    places = [at for at, word in enumerate(words[:-1]) if word == "by"]
    return words[places[-1] + 1].rstrip(".") if places else ""


def _outside_comments(text: str) -> str | None:
    kept, depth = [], 0
    for piece in re.split(r"([()])", text):
        depth += (piece == "(") - (piece == ")")
        if depth < 0:
            return None
        if not depth and piece != ")":
            kept.append(piece)
    return " ".join(kept) if not depth else None


def _fields(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the fields of a header from the top, folded as they stand; ends at a line that is no field."""
    head = to_crlf(raw[:_LOOKED_THROUGH])
    start = 0
    for _ in range(_MOST_FIELDS):
        end = head.find(b"\r\n", start)
        while end >= 0 and head[end + 2 : end + 3] in (b" ", b"\t"):
            end = head.find(b"\r\n", end + 2)
        name, colon, value = head[start:end].partition(b":")
        if end < 0 or not colon or not name or name.strip() != name:
            return
        yield name, value
        start = end + 2


def results_of(value: str) -> tuple[str, tuple[Result, ...]]:
    """Take a field apart: its authserv-id in lower case, empty where it has none, and its results.

    What cannot be read is left out. Microsoft 365 begins with a result, and once had the recipient's domain in between.
    """
    name, results = "", []
    for number, (words, pairs, comments) in enumerate(_statements(value[:_LONGEST_FIELD])):
        if pairs and (not words or number):
            method, result = pairs[0]
            others = {key: text for key, text in reversed(pairs[1:])}  # of a name that comes twice the first counts
            results.append(Result(method.partition("/")[0], result.lower(), others, comments))
        elif not number and words:
            name = words[0].lower()
    return name, tuple(results[:_MOST_RESULTS])


_Statement = tuple[list[str], list[tuple[str, str]], str]


def _statements(text: str) -> Iterator[_Statement]:
    """Cut a field at its semicolons; each part has words, pairs of `name=value` and what its comments say."""
    pieces: list[tuple[str, bool]] = []
    comments: list[str] = []
    depth, apart = 0, True
    for piece in _PIECE.findall(text):
        if piece == "(" or (piece == ")" and depth):
            depth += 1 if piece == "(" else -1
            apart = True
        elif depth:
            comments.append(piece)
        elif piece == ";":
            yield _statement(pieces, "".join(comments))
            pieces, comments, apart = [], [], True
        elif piece.isspace():
            apart = True
        else:
            pieces.append((piece, apart))
            apart = False
    if pieces:
        yield _statement(pieces, "".join(comments))


def _statement(pieces: list[tuple[str, bool]], comments: str) -> _Statement:
    words: list[str] = []
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(pieces):
        name = pieces[at][0]
        if at + 2 < len(pieces) and pieces[at + 1][0] == "=" and name != "=":
            value = [pieces[at + 2][0]]
            at += 3
            while at < len(pieces) and not pieces[at][1]:  # an address may have an equals sign in it, or a quoted part
                value.append(pieces[at][0])
                at += 1
            pairs.append((_plain(name).lower(), _plain("".join(value))))
        else:
            words.append(_plain(name))
            at += 1
    return words, pairs, comments


def _plain(text: str) -> str:
    """Take the quotes off a value that is quoted as a whole."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _UNQUOTED.sub(r"\1", text[1:-1])
    return text
