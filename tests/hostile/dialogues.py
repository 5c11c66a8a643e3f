"""Dialogues that no honest client holds: commands in any order, cut anywhere, messages smuggled in (THREATS S3-S12).

Belongs here: the grammar, which a number alone determines. A dialogue is the pieces in which its octets are sent.
"""

from __future__ import annotations

from random import Random

from tests.hostile.messages import message

PATHS = (
    b"<r.example@example.org>", b"<filed@example.org>", b"<returned@example.org>", b"<>", b"<clerk@office.example.org>",
    b"<head@office.example.org>", b"<a@elsewhere.example>", b"<a@b@c>", b"<\"a\\\" b\"@example.org>", b"<@a,@b:c@d>",
    b"a@example.org", b"<" + b"a" * 400 + b"@example.org>", b"<\xc3\xbc@example.org>", b"<a\0b@example.org>", b"",
    b"<<>>", b"<postmaster>", b"<" + b"(" * 500,
)  # fmt: skip
PARAMETERS = (
    b"", b"", b"", b" SIZE=100", b" SIZE=99999999999", b" BODY=8BITMIME", b" SMTPUTF8", b" RET=FULL ENVID=a",
    b" NOTIFY=NEVER", b" ORCPT=rfc822;a@b", b" AUTH=<>", b" X=Y", b" SIZE=1 SIZE=1", b" " * 400,
)  # fmt: skip
COMMANDS = (
    b"EHLO client.example.net", b"HELO x", b"EHLO", b"EHLO " + b"a" * 300, b"RSET", b"RSET now", b"NOOP", b"VRFY a",
    b"EXPN a", b"HELP", b"QUIT", b"AUTH PLAIN AGEAYg==", b"STARTTLS", b"BDAT 100 LAST", b"XCLIENT ADDR=192.0.2.1",
    b"XFORWARD ADDR=192.0.2.1", b"GET / HTTP/1.1", b"\x16\x03\x01\x02\x00\x01", b"", b" ", b"DATA now", b"\xff\xfe",
    b"a" * 3_000, b"MAIL", b"RCPT", b"mail from:<a@example.org>", b"MAIL FROM <a@example.org>", b"PROXY UNKNOWN",
)  # fmt: skip
LINE_ENDS = (b"\r\n",) * 60 + (b"\n", b"\r", b"\r\n\r\n", b"\0\r\n", b"\r\r\n")
FAKE_ENDS = (b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\n", b"\n.\r", b"\r\n\x00.\r\n")


def dialogue(chance: Random) -> list[bytes]:
    """Make one dialogue as pieces; the client hangs up after the last."""
    lines = [b"EHLO client.example.net\r\n"] if chance.random() < 0.9 else []
    for _ in range(chance.randrange(1, 9)):
        kind = chance.random()
        if kind < 0.6:
            lines += _transaction(chance)
        else:
            lines.append(chance.choice(COMMANDS) + chance.choice(LINE_ENDS))
    whole = b"".join(lines)
    if chance.random() < 0.1:
        whole = whole[: chance.randrange(len(whole) + 1)]
    return _cut(whole, lines, chance)


def _transaction(chance: Random) -> list[bytes]:
    lines = [b"MAIL FROM:" + _path(chance, chance.choice(PATHS[:4])) + chance.choice(LINE_ENDS)]
    lines += [
        b"RCPT TO:" + _path(chance, chance.choice(PATHS[4:6])) + chance.choice(LINE_ENDS)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3)))
    ]
    if chance.random() < 0.9:
        lines.append(b"DATA" + chance.choice(LINE_ENDS))
        lines.append(_on_the_wire(chance))
    return lines


def _path(chance: Random, honest: bytes) -> bytes:
    """Give a path: mostly one that is taken, so that there is something to go wrong after it."""
    return honest if chance.random() < 0.8 else chance.choice(PATHS) + chance.choice(PARAMETERS)


def _on_the_wire(chance: Random) -> bytes:
    """Put a message on the wire: stuffed, not stuffed, or with a false end and a second message inside."""
    octets = message(chance)
    if chance.random() < 0.3:
        inner = b"MAIL FROM:<smuggled@example.org>\r\nRCPT TO:<clerk@office.example.org>\r\nDATA\r\nSubject: x\r\n\r\n"
        octets += chance.choice(FAKE_ENDS) + inner
    if chance.random() < 0.9:
        octets = (b"\r\n" + octets).replace(b"\r\n.", b"\r\n..")[2:]
    return octets + (b"\r\n.\r\n" if chance.random() < 0.95 else b"")


def _cut(whole: bytes, lines: list[bytes], chance: Random) -> list[bytes]:
    """Send line by line, all at once, or cut anywhere."""
    kind = chance.random()
    if kind < 0.7:
        return lines if whole == b"".join(lines) else [whole]
    if kind < 0.8:
        return [whole]
    places = sorted(chance.randrange(len(whole) + 1) for _ in range(chance.randrange(1, 6)))
    return [whole[start:stop] for start, stop in zip([0, *places], [*places, len(whole)], strict=True)]
