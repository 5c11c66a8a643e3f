"""XFORWARD: what a Postfix in front says of the client that it speaks for.

Belongs here: reading its attributes, pure. Only listed peers may say it (THREATS S11), and it holds for one
transaction.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

OFFER = "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"
_NAMES = frozenset(OFFER.split()[1:])
_UNKNOWN = frozenset({"[UNAVAILABLE]", "[TEMPUNAVAIL]"})
_VALUE = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2}){0,255}")
_CODED = re.compile(r"\+([0-9A-F]{2})")
_HELO = re.compile(r"[!-~]{1,255}")


class Forwarded(NamedTuple):
    """Hold the client that a listed peer speaks for; None is what was not said, "" what the peer does not know."""

    address: str | None = None
    helo: str | None = None


def forwarded(argument: str, before: Forwarded) -> Forwarded:
    """Read one XFORWARD command's attributes on top of those said before; raises ValueError for what it cannot hold."""
    said: dict[str, str] = {}
    for word in argument.split():
        name, equals, value = word.partition("=")
        name = name.upper()
        if not equals or name not in _NAMES or not _VALUE.fullmatch(value):
            raise ValueError("an attribute that XFORWARD does not have")
        said[name] = "" if value.upper() in _UNKNOWN else _CODED.sub(lambda code: chr(int(code[1], 16)), value)
    if not said:
        raise ValueError("XFORWARD without an attribute")
    address = before.address if "ADDR" not in said else _address(said["ADDR"])
    helo = before.helo if "HELO" not in said else _name(said["HELO"])
    return Forwarded(address, helo)


def _address(text: str) -> str:
    """Read an address as Postfix writes it, `IPV6:` before one of version 6."""
    bare = text[5:] if text[:5].upper() == "IPV6:" else text
    return str(ipaddress.ip_address(bare)) if bare else ""


def _name(text: str) -> str:
    return text if _HELO.fullmatch(text) else ""
