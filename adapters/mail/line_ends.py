"""Line ends of mail: what came off the wire becomes the message as it is stored.

Belongs here: the end of data, dots, bare CR and LF, NUL. The promise (THREATS S3): only CRLF.CRLF ends a message, and
what leaves this module has CRLF line ends only.
"""

from __future__ import annotations

import re

END_OF_DATA = b"\r\n.\r\n"
# Servers have been published that drop NUL before they look for the end of data.
_DOT_AMONG_NULS = re.compile(rb"(?m)^(?:\0++\.\0*+|\.\0++)\r\n")


class Crlf(bytes):
    """Hold octets whose CR and LF come in pairs only: who is given one need not look again, and that is its use.

    Only `from_wire` makes them, and nothing that is cut from one or added to it is one.
    """

    __slots__ = ()


def only_crlf(raw: bytes) -> bool:
    """Tell whether every CR and every LF is half of a CRLF."""
    if type(raw) is Crlf:
        return True
    # Faster than counting: memchr has nothing to stop at once the pairs are gone.
    rest = raw.replace(b"\r\n", b"")
    return b"\r" not in rest and b"\n" not in rest


def to_crlf(raw: bytes) -> bytes:
    """Turn every bare CR and bare LF into CRLF; what is right already is given back as it is."""
    if only_crlf(raw):
        return raw
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def from_wire(data: bytes) -> Crlf:
    """Give the message that was sent as `data`, the octets between the reply 354 and the lone dot (RFC 5321 4.5.2).

    Dots are taken away after a real CRLF only, and before bare line ends are made whole: a bare LF followed by a dot is
    text, whoever would read it as an end of data. A line that is a lone dot but for NULs loses the NULs, so that the
    door out doubles its dot.
    """
    if data.startswith(b"."):
        data = data[1:]
    if b"\r\n." in data:
        data = data.replace(b"\r\n.", b"\r\n")
    data = to_crlf(data)
    if b"\0" in data:
        data = _DOT_AMONG_NULS.sub(b".\r\n", data)
    return Crlf(data)
