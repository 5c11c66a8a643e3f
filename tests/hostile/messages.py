"""Messages that no honest program writes, made by chance of what parsers stumbled over (THREATS I1, C1-C4).

Belongs here: the grammar, which a number alone determines. Sizes stay small enough that a million can be tried.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from random import Random

Part = Callable[[Random], bytes]

ADDRESSES = (
    b"stranger@example.net",
    b"r.example@example.org",
    b"filed@example.org",
    b"returned@example.org",
    b"held@example.org",
    b"closed@example.org",
    b"limited@example.org",
    b'"a b"@example.org',
    b"<a@example.org>",
    b"r.example@example.org, stranger@example.net",
    b"group: filed@example.org, stranger@example.net;",
    b"=?utf-8?q?filed=40example.org?= <stranger@example.net>",
    b'"filed@example.org" <stranger@example.net>',
    b"filed@example.org <stranger@example.net>",
    b"(comment) filed@example.org (another (nested) one)",
    b"filed@example.org\0",
    b"filed@[192.0.2.1]",
    b"@a.example,@b.example:filed@example.org",
    b"FILED@EXAMPLE.ORG",
    b"filed+tag@example.org",
    b"fi\xc4\xbaed@example.org",
    b"\xff\xfe@example.org",
    b"<>",
    b"",
    b"@",
    b"a@b@c",
    b"<filed@example.org",
    b"filed@example.org>",
)
NAMES = (
    b"From", b"from", b"FROM", b"From ", b"From\t", b"Sender", b"Reply-To", b"Resent-From", b"To", b"Cc", b"Bcc",
    b"Subject", b"Date", b"Message-ID", b"In-Reply-To", b"References", b"Received", b"Return-Path", b"Delivered-To",
    b"Authentication-Results", b"ARC-Seal", b"DKIM-Signature", b"Received-SPF", b"Parley-Trace", b"Auto-Submitted",
    b"Precedence", b"List-Id", b"List-Unsubscribe", b"X-Auto-Response-Suppress", b"X-Failed-Recipients",
    b"Content-Type", b"Content-Transfer-Encoding", b"Content-Disposition", b"MIME-Version", b"X-" + b"a" * 200,
    b"", b":", b" ", b"\x00", b"Fr\xc3\xb6m", b"From\x0b",
)  # fmt: skip
WORDS = (
    b"no", b"auto-replied", b"auto-generated; x=y", b"bulk", b"list", b"All", b"<1@example.org>", b"<" * 300,
    b"=?utf-8?b?////?=", b"=?utf-8?q?=?=", b"=?x-unknown?q?a?=", b"=?utf-8?b?" + b"QUFB" * 60 + b"?=", b"=?" * 400,
    b"(" * 1000, b")" * 1000, b'"' * 501, b"\\" * 501, b"\xe2\x80\xaegnp.exe", b"Mon, 32 Foo 99999 25:61:61 +9999",
    b"Mon, 9 Mar 2026 10:00:00 +0000", b"v=1; a=rsa-sha256; d=example.org; s=a; bh=; h=from; b=", b";" * 600,
    b"a" * 3000, b"\r\n b" * 50, b"REF 2026/00017", b"id=1; outcome=file; mac=" + b"0" * 32,
    b"office.example.org; dmarc=pass header.from=example.org", b"office.example.org; " + b"spf=pass " * 200,
    b"text/plain; charset=", b"1 (a\r\n (b))", b"\xff\x00\xfe",
)  # fmt: skip
TYPES = (
    b"text/plain",
    b"text/plain; charset=utf-7",
    b'text/plain; charset="\xff"',
    b"text/plain; charset=idna",
    b"text/plain; charset=undefined; format=flowed",
    b"text/html; charset=utf-16",
    b"text/html",
    b"multipart/mixed; boundary=",
    b'multipart/alternative; boundary="a',
    b"multipart/report; report-type=delivery-status; boundary=b",
    b"multipart/signed; boundary*0=a; boundary*1=b; boundary*2*=%FF''c",
    b"message/rfc822",
    b"message/delivery-status",
    b"message/global-delivery-status",
    b"message/partial; number=1; total=100000",
    b'application/octet-stream; name="../../../etc/passwd"',
    b"application/zip; name*=utf-8''%00%2e%2e%2f",
    b"text",
    b"/",
    b"multipart/mixed" + b"; a=b" * 400,
)
ENCODINGS = (b"7bit", b"8bit", b"base64", b"quoted-printable", b"x-uuencode", b"binary", b"", b"base64 base64")
ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\n\r", b"\r\r\n", b"\x0b\r\n", b"\r\n\r\n")
TEXTS = (
    b"I want to know what became of my complaint.",
    b"> On Monday you wrote\r\n> that it was closed\r\n>> and that\r\n\r\nNo.",
    b"Final-Recipient: rfc822; a@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n",
    b"This is the mail system at host example.net.\r\n<a@example.org>: host said: 550 5.1.1 unknown",
    b"<html><body>" + b"<div>" * 300 + b"hello",
    b"<table><tr><td>" * 60,
    b"&#x110000;&#0;&" + b"amp;" * 300,
    b"=" * 400,
    b"=0\r\n=\r\n=GG",
    b".\r\n..\r\n.a",
    b"begin 644 a\r\n" + b"M" * 61,
    b"\0" * 300,
    b"\x1b]0;title\x07",
    b"{{7*7}} ${7*7} %s%n <script>alert(1)</script>",
    b"x" * 5_000,
    b"ab " * 3_000,
    b"\xe2\x80\xae\xe2\x80\xad" * 200,
)


def message(chance: Random) -> bytes:
    """Make one message, not dot-stuffed, with whatever line ends."""
    if chance.random() < 0.05:
        return chance.randbytes(chance.randrange(0, 4_000))
    end = chance.choice(ENDS) if chance.random() < 0.3 else b"\r\n"
    fields = [_field(chance, end) for _ in range(chance.randrange(0, 14))]
    if chance.random() < 0.8:
        fields.insert(chance.randrange(len(fields) + 1), b"From: " + chance.choice(ADDRESSES) + end)
    if chance.random() < 0.02:
        fields *= chance.randrange(2, 200)
    made = b"".join(fields) + (end if chance.random() < 0.95 else b"") + _body(chance, 0)
    return _damaged(made, chance) if chance.random() < 0.2 else made


def _field(chance: Random, end: bytes) -> bytes:
    name = chance.choice(NAMES)
    value = chance.choice(ADDRESSES + WORDS + TYPES)
    if chance.random() < 0.2:
        value = b", ".join(chance.choices(ADDRESSES, k=chance.randrange(1, 60)))
    if chance.random() < 0.2:
        place = chance.randrange(len(value) + 1)
        value = value[:place] + chance.choice((b"\r\n ", b"\r\n\t", b"\n ", b"\r\n", b"\0", b"\x7f")) + value[place:]
    return name + chance.choice((b": ", b":", b" : ", b"")) + value + end


def _body(chance: Random, depth: int) -> bytes:
    """Make a body: text, or parts within parts to a depth that readers refuse."""
    kind = chance.random()
    if kind < 0.5 or depth > 6:
        text = b"\r\n".join(chance.choices(TEXTS, k=chance.randrange(1, 4)))
        return base64.encodebytes(text) if chance.random() < 0.1 else text
    if kind < 0.55:
        return _deep(chance)
    boundary = chance.choice((b"a", b"b", b"", b"--", b"a" * 80, b'"'))
    parts = []
    for _ in range(chance.randrange(1, 5)):
        head = b"Content-Type: " + chance.choice(TYPES) + boundary + b"\r\n"
        head += b"Content-Transfer-Encoding: " + chance.choice(ENCODINGS) + b"\r\n"
        parts.append(b"--" + boundary + b"\r\n" + head + b"\r\n" + _body(chance, depth + 1) + b"\r\n")
    return b"".join(parts) + (b"--" + boundary + b"--\r\n" if chance.random() < 0.7 else b"")


def _deep(chance: Random) -> bytes:
    """Nest parts far deeper than any reader should follow, or put very many beside each other."""
    size = chance.randrange(50, 1_500)
    if chance.random() < 0.5:
        return b"".join(
            b"--%d\r\nContent-Type: multipart/mixed; boundary=%d\r\n\r\n" % (number, number + 1)
            for number in range(size)
        )
    return b"--a\r\n\r\n\r\n" * size


def _damaged(octets: bytes, chance: Random) -> bytes:
    """Cut, double or overwrite a piece anywhere."""
    start = chance.randrange(len(octets) + 1)
    stop = min(len(octets), start + chance.randrange(0, 200))
    piece = chance.choice((b"", octets[start:stop] * 2, chance.randbytes(stop - start), b"\r\n.\r\n", b"\r\n\r\n"))
    return octets[:start] + piece + octets[stop:]
