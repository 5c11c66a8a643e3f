"""What the record holds, as values: contacts with their states, letters, calls, flags, acts.

Belongs here: frozen values that go in and come out of storage, beside those of `rules`. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rules.contact import Assurance, Channel, Identifier, Nature
from rules.decision import Outcome, Reason
from rules.facts import NOTHING, Facts
from rules.standing import Adjustment, Party, Restriction


class State(StrEnum):
    """Name where a contact is; it is in exactly one of these at any moment (DESIGN: the human clock)."""

    INTENDED = "intended"
    """Decided and on record, not yet acknowledged to the sender."""
    DEFERRED = "deferred"
    """Could not be carried out, or nobody knows since a kill; the sender will try again."""
    DELIVERED = "delivered"
    HELD = "held"
    FILED = "filed"
    """Out of the inbox; a person has still to look at it."""
    FILED_UNREAD = "filed_unread"
    """Out of the inbox, on a matter closed for good: the policy has nobody look at it (PHSO-22)."""
    LOOKED_AT = "looked_at"
    RETURNED = "returned"
    REFUSED = "refused"
    PASSED_BACK = "passed_back"
    """The next server refused it for good, and we said so."""
    UNCLEAR = "unclear"
    """Nobody knows what became of it; a person must look."""
    RINGING = "ringing"
    ANSWERED = "answered"
    MISSED = "missed"
    VOICEMAIL = "voicemail"
    AUTOMATED_LINE = "automated_line"
    OURS = "ours"
    """We called, wrote or visited, and somebody logged it by hand: it is nobody's contact with us."""
    TAKEN_BACK = "taken_back"
    """Logged by hand by mistake: it counts for nothing."""
    PAST = "past"
    """Brought in from mail or call logs of the past: it was never decided, and only levels and reports see it."""


class LetterState(StrEnum):
    """Name where a message of our own is."""

    QUEUED = "queued"
    SENDING = "sending"
    """Claimed by a node: from now on it may have left."""
    SENT = "sent"
    UNCLEAR = "unclear"
    """It may have left; a person decides, nobody repeats it."""
    FAILED = "failed"
    """It will not leave; a person has still to see that."""
    LOOKED_AT = "looked_at"
    """It failed, or nobody knows whether it left; a person has seen that."""


class FlagState(StrEnum):
    """Name what a person made of a flag."""

    OPEN = "open"
    DISMISSED = "dismissed"
    ACTED = "acted"


@dataclass(frozen=True, slots=True)
class Goal:
    """Hold what happens to a contact for one recipient, and whether it is done (`rules.decision.Target` on record)."""

    recipient: str
    outcome: Outcome
    to: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold a contact as it is on record: what was decided, what was done, where it is. No subject, no contents.

    `id` is given by the gateway and sorts by time. `key` tells repeats apart from news (DESIGN: never doubling).
    `whose` is who levels fall to (`party:12`, `email:x@example.org`), `counts` whether they count it. `counted_at` is
    set when it was let through, which is what limits count. `talk_s` is talk time by the provider's word,
    `reserved_s` what is kept free until that is known. `node` is the process that works on it.
    """

    id: str
    channel: Channel
    at: datetime
    whose: str
    state: State
    decided: Outcome
    carried: Outcome
    key: str | None = None
    party_id: int | None = None
    sender: str = ""
    assurance: Assurance = Assurance.CLAIMED
    nature: Nature = Nature.PERSON
    counts: bool = True
    counted_at: datetime | None = None
    size: int = 0
    words: int | None = None
    talk_s: int | None = None
    reserved_s: int | None = None
    reasons: tuple[Reason, ...] = ()
    targets: tuple[Goal, ...] = ()
    release_at: datetime | None = None
    look_by: datetime | None = None
    owner: str = ""
    looked_at: datetime | None = None
    looked_by: str = ""
    detail: str = ""
    node: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ByHand:
    """Hold what staff wrote down of a contact: who logged it, whom of `staff` it was with, minutes, a note (contents).

    `ours` tells that we contacted them. `key` is given by whoever logged it, so that logging it
    twice is one contact. Times are aware UTC.
    """

    contact_id: str
    logged_at: datetime
    logged_by: str
    staff: str = ""
    ours: bool = False
    minutes: int | None = None
    note: str = ""
    key: str | None = None
    taken_back_at: datetime | None = None
    taken_back_by: str = ""
    taken_back_why: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """Hold a message as it came: the reverse-path (`<>` for the null path) and the original bytes."""

    contact_id: str
    mail_from: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Holder:
    """Say that an identifier stands on a party; `identifier` is the one that did, an address or its domain.

    A shared one suggests a party and never restricts it (DESIGN: deciding).
    """

    party_id: int
    name: str
    shared: bool
    identifier: Identifier


@dataclass(frozen=True, slots=True)
class PartyFile:
    """Hold all that stands on a party and bears on a decision."""

    party: Party
    restrictions: tuple[Restriction, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    facts: Facts = NOTHING


@dataclass(frozen=True, slots=True)
class Letter:
    """Hold one message of our own to one recipient.

    `once` is the key under which it leaves at most once, None where repeats are meant. `message_id` is fixed before
    anything leaves. `next_at` is when it is due.
    """

    id: str
    kind: str
    mail_from: str
    rcpt: str
    message_id: str
    message: bytes
    next_at: datetime
    once: str | None = None
    contact_id: str | None = None
    state: LetterState = LetterState.QUEUED
    attempts: int = 0
    claimed_by: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Hold what we answered for a call, to be replayed byte for byte, and how far its callbacks have come (T2)."""

    sid: str
    contact_id: str
    document: str
    settled: bool = False
    last_sequence: int = -1


@dataclass(frozen=True, slots=True)
class Flag:
    """Hold that a level reached a threshold with this contact, for a person to act on or dismiss.

    Who dealt with it, `why` they dismissed it, or the `paper` of the incident that was noted of it. Until `wakes_at`
    the threshold raises no other flag of theirs.
    """

    id: str
    whose: str
    threshold: str
    at: datetime
    contact_id: str
    level: int
    state: FlagState = FlagState.OPEN
    settled_at: datetime | None = None
    settled_by: str = ""
    why: str = ""
    paper: str = ""
    wakes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Hold how often one thing went wrong on our side (THREATS S2)."""

    key: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """Hold what somebody did, in the chain of such: `hash` covers it and the hash before (THREATS W4)."""

    seq: int
    at: datetime
    who: str
    act: str
    about: str
    detail: Mapping[str, object] = field(default_factory=dict)
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Say whether the acts are as they were written: how many, the last hash, the first that is wrong or missing."""

    length: int
    head: str
    broken_at: int | None = None


@dataclass(frozen=True, slots=True)
class Recovered:
    """Say what a start found unfinished: letters that may have left, contacts that the sender will bring again."""

    letters: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
