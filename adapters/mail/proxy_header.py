"""The PROXY protocol, versions 1 and 2: what a load balancer in front says of the client behind it.

Belongs here: reading its header out of the first octets of a connection, pure. Only listed peers are asked for one, and
from those a connection without it is closed: whoever could leave it out could be anybody (THREATS S11).
"""

from __future__ import annotations

import ipaddress
import re
import struct

MOST_OCTETS = 16 + 2048
"""The largest header that is read: version 2 with room for notes that nobody here reads."""
_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_FIXED = len(_SIGNATURE) + 4
_LOCAL, _PROXY = 0x20, 0x21
_INET, _INET6 = 0x1, 0x2
_LONGEST_LINE = 107
_LINE = re.compile(rb"PROXY (?:TCP4|TCP6) ([0-9A-Fa-f:.]{2,39}) [0-9A-Fa-f:.]{2,39} [0-9]{1,5} [0-9]{1,5}")


class NoHeader(ValueError):
    """Say that what came first is no PROXY header."""


def client_of(start: bytes) -> tuple[str | None, int] | None:
    """Give the client's address and how many octets the header has; None where it is not whole yet.

    The address is None where the balancer speaks for itself (a health check) or does not know it. Raises NoHeader.
    """
    if start[: len(_SIGNATURE)] == _SIGNATURE[: len(start)]:
        return _binary(start)
    if start[:6] == b"PROXY "[: len(start)]:
        return _line(start)
    raise NoHeader("no PROXY header")


def _line(start: bytes) -> tuple[str | None, int] | None:
    end = start.find(b"\r\n", 0, _LONGEST_LINE)
    if end < 0:
        if len(start) >= _LONGEST_LINE:
            raise NoHeader("a PROXY line without an end")
        return None
    line = start[:end]
    if line == b"PROXY UNKNOWN" or line.startswith(b"PROXY UNKNOWN "):
        return None, end + 2
    match = _LINE.fullmatch(line)
    if match is None:
        raise NoHeader("a PROXY line that cannot be read")
    return _address(match[1].decode("ascii")), end + 2


def _binary(start: bytes) -> tuple[str | None, int] | None:
    if len(start) < _FIXED:
        return None
    kind, family, length = struct.unpack_from("!BBH", start, len(_SIGNATURE))
    whole = _FIXED + length
    if kind not in (_LOCAL, _PROXY) or whole > MOST_OCTETS:
        raise NoHeader("a PROXY header that cannot be read")
    if len(start) < whole:
        return None
    size = {_INET: 4, _INET6: 16}.get(family >> 4)
    if kind == _LOCAL or size is None:
        return None, whole
    if length < 2 * size + 4:
        raise NoHeader("a PROXY header that is too short")
    return str(ipaddress.ip_address(start[_FIXED : _FIXED + size])), whole


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise NoHeader("a PROXY address that cannot be read") from None
