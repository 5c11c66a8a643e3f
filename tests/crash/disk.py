"""What lies on the disk, read with sqlite3 and by walking the Maildirs: no code of the product's has a say in it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.crash.sink import Taken

_NUMBER = re.compile(rb"^X-Crash-Number: (\d+)\r$", re.MULTILINE)
_TEXT = re.compile(rb"^crash text (\d+)\r$", re.MULTILINE)
_TRACE = re.compile(rb"Parley-Trace: v1; id=([0-9a-z]+); outcome=([a-z_]+); mac=[0-9a-f]{32}\r\n")
_RECEIVED = re.compile(rb"\AReceived: from [^\r]*\(\[127\.0\.0\.\d+\]\)\r\n\tby [^\r]* id [0-9a-z]+;\r\n\t[^\r]*\r\n")
_MESSAGE_ID = re.compile(rb"^Message-ID: (<\S+>)\r$", re.MULTILINE)
_IN_REPLY_TO = re.compile(rb"^In-Reply-To: (<\S+>)\r$", re.MULTILINE)
FILED_FOLDER = ".Filed unanswered"
SENT_OUT = "Sent out"


@dataclass(frozen=True, slots=True)
class Copy:
    """Hold one message found in a mailbox: where, by which trace, and its octets without that trace."""

    inbox: str
    filed: bool
    read: bool
    id: str
    outcome: str
    message: bytes


@dataclass(frozen=True, slots=True)
class OwnMail:
    """Hold one message of the office's own that left, or was put into a staff inbox."""

    message_id: str
    in_reply_to: str
    recipient: str


@dataclass
class Disk:
    """Hold all that is to be found of one office."""

    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)
    acts: list[dict[str, Any]] = field(default_factory=list)
    parties: dict[int, str] = field(default_factory=dict)
    integrity: str = ""
    copies: dict[int, list[Copy]] = field(default_factory=lambda: defaultdict(list))
    text_copies: dict[int, list[Copy]] = field(default_factory=lambda: defaultdict(list))
    own: list[OwnMail] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


def read_record(state: Path) -> Disk:
    """Read the record, as a program would that starts after the end of the last one; raises sqlite3.Error."""
    disk = Disk()
    with closing(sqlite3.connect(state / "parley.db")) as connection:
        connection.row_factory = sqlite3.Row
        disk.integrity = connection.execute("pragma integrity_check").fetchone()[0]

        def rows(table: str) -> list[dict[str, Any]]:
            return [dict(row) for row in connection.execute(f"select * from {table}")]

        disk.contacts = {row["id"]: row | {"targets": json.loads(row["targets"])} for row in rows("contacts")}
        disk.raw = {row["contact_id"]: _RECEIVED.sub(b"", row["message"], count=1) for row in rows("raw")}
        disk.calls, disk.outbox, disk.flags, disk.acts = rows("calls"), rows("outbox"), rows("flags"), rows("acts")
        disk.texts = rows("texts")
        disk.acts.sort(key=lambda act: act["seq"])
        disk.parties = {row["id"]: row["name"] for row in rows("parties")}
    return disk


def read_mailboxes(disk: Disk, state: Path) -> None:
    """Add what lies in the Maildirs; leftovers in tmp are nobody's."""
    for inbox, filed, path in _files(state / "mail"):
        _sort(disk, inbox, path.read_bytes(), filed=filed, read=path.name.endswith(":2,S"))


def _files(root: Path) -> Iterator[tuple[str, bool, Path]]:
    for home in sorted(root.iterdir()) if root.is_dir() else ():
        for place in (home, home / FILED_FOLDER):
            for part in ("new", "cur"):
                if (place / part).is_dir():
                    for path in (place / part).iterdir():
                        yield unquote(home.name), place != home, path


def read_taken(disk: Disk, taken: list[Taken], filed_to: str) -> None:
    """Add what the next hop or the outbound server took; what is filed has an inbox of its own there."""
    for one in taken:
        _sort(disk, one.recipient, one.message, filed=one.recipient == filed_to, read=True)


def _sort(disk: Disk, inbox: str, octets: bytes, *, filed: bool, read: bool) -> None:
    trace = _TRACE.match(octets)
    if trace is None:
        disk.strange.append(f"a message without a trace in {inbox}")
        return
    message = octets[trace.end() :]
    number = _NUMBER.search(message)
    if number is not None:
        received = _RECEIVED.match(message)
        if received is None:
            disk.strange.append(f"message {int(number[1])} without our Received in {inbox}")
            return
        message = message[received.end() :]
        copy = Copy(inbox, filed, read, trace[1].decode(), trace[2].decode(), message)
        disk.copies[int(number[1])].append(copy)
        return
    if (text := _TEXT.search(message)) is not None:
        copy = Copy(inbox, filed, read, trace[1].decode(), trace[2].decode(), message)
        disk.text_copies[int(text[1])].append(copy)
        return
    head = message.partition(b"\r\n\r\n")[0] + b"\r\n"
    names = [found[1].decode() if (found := each.search(head)) else "" for each in (_MESSAGE_ID, _IN_REPLY_TO)]
    disk.own.append(OwnMail(*names, inbox))
