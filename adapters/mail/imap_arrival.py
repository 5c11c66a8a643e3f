"""What a folder says of a message before it is read: its number, when it came, how large it is, whether it is done.

Belongs here: from a server's line to an `Arrival`. IMAPClient's own reading of such lines takes ten times as long, so
the plain form that servers give is read here; what has any other form is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient.datetime_util import parse_to_datetime

KEYWORD = "$ParleyDone"
"""Our mark on what we have decided, where the server keeps such marks."""
ITEMS = ("FLAGS", "INTERNALDATE", "RFC822.SIZE")
_DONE = KEYWORD.lower().encode()
_ITEM = rb'UID [0-9]{1,10}|RFC822\.SIZE [0-9]{1,19}|FLAGS \([^()"{\\]*(?:\\[^()"{\\]+)*\)|INTERNALDATE "[^"\\]{20,40}"'
_LINE = re.compile(rb"[0-9]+ \((?:(?:" + _ITEM + rb") ?){4}\)")
_VALUES = re.compile(rb'UID ([0-9]+)|RFC822\.SIZE ([0-9]+)|FLAGS \(([^()]*)\)|INTERNALDATE "([^"]*)"')


@dataclass(frozen=True, slots=True)
class Arrival:
    """Hold what a folder says of a message before it is read; `arrived` is aware UTC, by the server's clock."""

    uid: int
    arrived: datetime
    size: int
    done: bool


def arrivals_of(lines: Iterable[object]) -> dict[int, Arrival] | None:
    """Read a server's lines on messages, by UID; None where one of them has not the plain form.

    Raises ValueError where a date is none.
    """
    found = {}
    for line in lines:
        if not isinstance(line, bytes) or _LINE.fullmatch(line) is None:
            return None
        uid, size, flags, arrived = (b"".join(values) for values in zip(*_VALUES.findall(line), strict=True))
        if not (uid and size and arrived):
            return None
        found[int(uid)] = Arrival(int(uid), _utc(parse_to_datetime(arrived, False)), int(size), _is_done(flags.split()))
    return found


def arrival_of(uid: int, told: Mapping[bytes, Any]) -> Arrival:
    """Say the same from what IMAPClient made of a line."""
    return Arrival(uid, _utc(told[b"INTERNALDATE"]), int(told[b"RFC822.SIZE"]), _is_done(told.get(b"FLAGS", ())))


def _utc(arrived: datetime) -> datetime:
    return arrived.astimezone(UTC)


def _is_done(flags: Iterable[bytes]) -> bool:
    return any(bytes(flag).lower() == _DONE for flag in flags)
