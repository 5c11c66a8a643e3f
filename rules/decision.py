"""What happens to a contact, and why: outcomes in their order, findings, reasons, the decision.

Belongs here: the answer's vocabulary, not the thinking that leads to it (`rules.decide`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Outcome(StrEnum):
    """Name what can happen to a contact.

    `strictness` ranks the outcome among those of its channel: the higher, the stricter. `lets_through` tells whether
    a contact with this outcome counts towards limits.
    """

    DELIVER = "deliver"
    CONNECT = "connect"
    ROUTE = "route"
    HOLD = "hold"
    FILE = "file"
    RETURN = "return"
    VOICEMAIL = "voicemail"
    AUTOMATED_LINE = "automated_line"
    REFUSE = "refuse"

    strictness: int
    lets_through: bool


_STRICTNESS = {
    Outcome.DELIVER: 0,
    Outcome.CONNECT: 0,
    Outcome.ROUTE: 1,
    Outcome.HOLD: 2,
    Outcome.VOICEMAIL: 2,
    Outcome.FILE: 3,
    Outcome.AUTOMATED_LINE: 3,
    Outcome.RETURN: 4,
    Outcome.REFUSE: 5,
}
for _outcome, _rank in _STRICTNESS.items():  # once, here: as properties they took a sixth of every decision
    _outcome.strictness, _outcome.lets_through = _rank, _rank < 2


@dataclass(frozen=True, slots=True)
class Reason:
    """Say why, for staff: which restriction and measure (empty where none), the policy's clause, one sentence."""

    restriction: str
    measure: str
    clause: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Say once to a sender, in neutral words, what happened; `once` is the key under which it is said once."""

    once: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold what one measure found on one contact.

    An open finding (`outcome` deliver or connect) explains why the measure let it through. `to` is where routed mail
    or calls go; `open_recipients` are inboxes to which the finding does not apply. `until` is when a hold is released,
    aware UTC. `time_limit_s` caps a call, in seconds.
    """

    outcome: Outcome
    text: str
    to: str | None = None
    open_recipients: frozenset[str] = frozenset()
    until: datetime | None = None
    time_limit_s: int | None = None
    respond_by: date | None = None
    note: Note | None = None
    sender_text: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Say what happens for one recipient: the outcome, and the inbox or number it goes to."""

    recipient: str
    outcome: Outcome
    to: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Hold the outcome of a contact, its obligations and every reason.

    `outcome` is what was decided, `carried` what is done about it: they differ in observe mode only. `targets` has one
    entry per recipient, of what is carried out. `release_at` (aware UTC) goes with hold; `time_limit_s` with connect
    and route of calls; `limited` tells that a limit or anything a party would notice is involved, so that the intent
    must be on record before the act. `counts` tells whether the contact counts towards limits. `safeguards` is what was
    recognised in it that must reach a person, as the contact has it.
    """

    outcome: Outcome
    carried: Outcome
    reasons: tuple[Reason, ...]
    targets: tuple[Target, ...] = ()
    party: int | None = None
    party_name: str | None = None
    time_limit_s: int | None = None
    release_at: datetime | None = None
    respond_by: date | None = None
    note: Note | None = None
    sender_text: str = ""
    limited: bool = False
    counts: bool = True
    marks: tuple[str, ...] = field(default=())
    safeguards: tuple[str, ...] = ()
