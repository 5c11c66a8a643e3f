"""What the public noted down: every message and call, and every answer that it got. The oracle believes nothing else.

Belongs here: also what is in flight, that is said to the end and not answered.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Letter:
    """Hold one message with what its sender was told: the ids in the 250s, and how often nobody answered."""

    number: int
    kind: str
    party: str
    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes
    message_id: str
    ids: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    refused: int = 0
    put_off: int = 0
    lost: int = 0
    errands: int = 0

    @property
    def answered(self) -> bool:
        """Say whether the sender has been told for good."""
        return bool(self.ids) or self.refused > 0


@dataclass(eq=False, slots=True)
class Call:
    """Hold one call: the documents that the provider was given, and what it reported of it."""

    sid: str
    kind: str
    party: str
    caller: str
    documents: set[bytes] = field(default_factory=set)
    fallbacks: int = 0
    lost: int = 0
    talk_s: int | None = None
    reported: bool = False
    recorded: bool = False
    finished: bool = False


@dataclass(eq=False, slots=True)
class TextSent:
    """Hold one text, and the documents with which the provider was answered."""

    number: int
    sid: str
    kind: str
    party: str
    sender: str
    documents: set[bytes] = field(default_factory=set)
    lost: int = 0
    finished: bool = False


class Ledger:
    """Keep what all clients noted, and count what is in flight."""

    def __init__(self) -> None:
        """Begin empty."""
        self.letters: list[Letter] = []
        self.calls: list[Call] = []
        self.texts: list[TextSent] = []
        self.replies: Counter[str] = Counter()
        self.in_flight: set[object] = set()
        self.cut_off: Counter[str] = Counter()
        self.answers = 0

    def heard(self, what: str) -> None:
        """Note an answer."""
        self.replies[what] += 1
        self.answers += 1

    def unanswered(self, channel: str) -> None:
        """Note that the other side was gone before it answered."""
        self.replies[f"{channel}: no answer"] += 1
        self.cut_off[channel] += 1

    @property
    def open_errands(self) -> int:
        """Count messages, calls and texts that their clients are not done with."""
        return sum(letter.errands for letter in self.letters) + sum(
            not one.finished for one in (*self.calls, *self.texts)
        )


def now_us() -> int:
    """Give the time as the record writes it: microseconds since 1970."""
    return time.time_ns() // 1000
