"""Notices on record: drafted, read by a person, sent or posted, and what became of them (PHSO-20, HO-5, SPSO-64).

Belongs here: the value and its states. That a party was told stands on the file, as an act; this says how it came so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ARRANGEMENTS = "arrangements"
"""What a page of contact arrangements is about: no paper, but all of them."""


class NoticeState(StrEnum):
    """Name where a notice is."""

    DRAFTED = "drafted"
    READ = "read"
    """A person read it; it may leave."""
    LEAVING = "leaving"
    """It is in the outbox; nobody is told yet."""
    SENT = "sent"
    POSTED = "posted"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """It may have left, or not; with the paper of an act it left, and may not have arrived: a person finds out."""
    CAME_BACK = "came_back"
    REPLACED = "replaced"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class NoticeOnFile:
    """Hold one notice; times are aware UTC.

    `about` is the id of a paper or restriction, or "arrangements". `act` is the act that is done once it left.
    `says` is the digest of its words, `digest` that of all that leaves, `page` that of what the page of arrangements
    says which goes with it, empty where none does. `language` is that of a translation, `translations` what colleagues
    typed beside its words in that language. `to` is the address that it goes to, `letters` are its letters in the
    outbox, the party's first, then copies. `paper` is that of the act.
    """

    id: str
    party: int
    about: str
    kind: str
    act: str
    drafted_at: datetime
    drafted_by: str
    says: str
    digest: str
    text: str
    reading_age: float
    look_at: tuple[str, ...] = ()
    words: str = ""
    forms: tuple[str, ...] = ()
    language: str = ""
    translations: tuple[tuple[str, str], ...] = ()
    page: str = ""
    to: str = ""
    copies: tuple[str, ...] = ()
    state: NoticeState = NoticeState.DRAFTED
    changed_at: datetime | None = None
    read_by: str = ""
    read_roles: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    paper: str = ""
    detail: str = ""
