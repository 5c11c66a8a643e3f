"""Our own Received field (RFC 5321 4.4), which every server that takes a message puts in front of it.

Belongs here: pure rendering. What a client calls itself is written only where it is a host name or an address literal.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from adapters.mail.message import Incoming

_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}|\[[A-Za-z0-9.:]{1,60}\]")
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,45}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def received_field(incoming: Incoming, host: str, number: str, at: datetime) -> bytes:
    """Render the field, CRLF included; `host` is our own name, `number` the contact's id, `at` aware.

    It names no recipient: with several that would tell each of the others. Raises ValueError for an id of ours that
    could break the field.
    """
    if not _ID.fullmatch(number):
        raise ValueError("a contact id that does not fit into Received")
    name = incoming.helo if _HOST.fullmatch(incoming.helo) else "unknown"
    peer = f" ([{_literal(incoming.peer)}])" if _ADDRESS.fullmatch(incoming.peer) else ""
    date = _date(at.replace(microsecond=0))
    text = f"Received: from {name}{peer}\r\n\tby {host} with {incoming.protocol} id {number};\r\n\t{date}\r\n"
    return text.encode("ascii")


@lru_cache(maxsize=4)  # many messages come in one second
def _date(second: datetime) -> str:
    return format_datetime(second)


def _literal(address: str) -> str:
    return f"IPv6:{address}" if ":" in address else address
