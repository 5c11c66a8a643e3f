"""What a door for calls hears and is told to answer.

Belongs here: the values between any provider's words and the gateway. They are frozen, hold no clock, and keep the
provider's own payload in `raw`; numbers and payloads stay out of their repr, so that no log shows them by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from rules.answers import Answer
from rules.contact import Caller
from rules.decision import Outcome


class DialStatus(StrEnum):
    """Say how the attempt to connect a caller ended; a word that we do not know is UNKNOWN."""

    COMPLETED = "completed"
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"
    UNKNOWN = "unknown"

    @property
    def answered(self) -> bool:
        """Tell whether the office picked up."""
        return self in (DialStatus.COMPLETED, DialStatus.ANSWERED)


class CallStatus(StrEnum):
    """Say how far a call, or the leg that we dialled for it, has come; a word that we do not know is UNKNOWN."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        """Tell whether nothing can follow it; what arrives later is late (THREATS T2)."""
        return self in _FINAL


_FINAL = frozenset(
    {CallStatus.COMPLETED, CallStatus.BUSY, CallStatus.NO_ANSWER, CallStatus.FAILED, CallStatus.CANCELED}
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Say where in a call its caller is; the provider gives it back with the address that it asks for what follows.

    `language` is the one in which we speak, `round` counts how often a menu or a wait came; `person` tells that the
    menu leads to a person, `limited` that the call has a time limit, `danger` that the duty number was rung, `waits`
    that the caller may wait while the line is engaged, `told` that they were told that the call ends in `warns_s`.
    """

    language: str = ""
    round: int = 1
    person: bool = False
    limited: bool = False
    danger: bool = False
    waits: bool = False
    warns_s: int = 0
    told: bool = False


HERE = Turn()
"""The beginning of a call, about which nothing need be known."""


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """Hold a call that waits for an answer.

    `number` is in E.164, "" unless `caller` is a number; `to` is the office's line as the provider writes it;
    `attestation` is what the network says of the number's truth, "" where it says nothing (THREATS T5). `keyed` tells
    that the caller typed the number on the keys: a claim like any other.
    """

    sid: str
    account: str
    caller: Caller
    number: str = field(repr=False)
    to: str
    attestation: str = ""
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """Hold the keys that a caller pressed, for `turn`; what a stranger typed stays out of the repr."""

    call: IncomingCall
    keys: str = field(repr=False)
    turn: Turn = HERE


@dataclass(frozen=True, slots=True)
class DialEnded:
    """Hold how the connection to the office ended: `duration_s` is talk time in seconds, None where nobody answered."""

    sid: str
    leg_sid: str
    status: DialStatus
    duration_s: int | None
    raw: Mapping[str, str] = field(repr=False)
    turn: Turn = HERE


@dataclass(frozen=True, slots=True)
class CallProgress:
    """Hold one report on a call, in whatever order reports arrive.

    `parent_sid` is the call for which leg `sid` was dialled, "" where `sid` is the caller's own call. `sequence` counts
    the reports on one `sid`, None where the provider gives none; with `status` it tells late and repeated reports.
    """

    sid: str
    status: CallStatus
    duration_s: int | None
    sequence: int | None
    raw: Mapping[str, str] = field(repr=False)
    parent_sid: str = ""
    turn: Turn = HERE

    @property
    def call_sid(self) -> str:
        """Give the caller's own call, whichever leg the report is about."""
        return self.parent_sid or self.sid


@dataclass(frozen=True, slots=True)
class Recording:
    """Hold a message that a caller left; `url` is as claimed, to be fetched only from the provider's hosts (T8)."""

    sid: str
    recording_sid: str
    url: str
    duration_s: int | None
    turn: Turn = HERE


@dataclass(frozen=True, slots=True)
class Spoken:
    """Hold words of the office: `say` in `language`, or a recording at the address `play`, which is preferred."""

    say: str = ""
    play: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """Hold what is heard while keys may be pressed; without one, the call goes on by itself after `wait_s` seconds.

    `number` asks for a whole number, ended by the hash key, instead of one key.
    """

    heard: tuple[Spoken, ...]
    turn: Turn = HERE
    wait_s: int = 5
    number: bool = False


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """Hold what happens to a call; `menu` comes before it, and it follows where no key is pressed.

    `dial` is a number or `sip:` address of the office's own, never one that the caller supplied (THREATS T3);
    `time_limit_s` is in seconds, None for no limit; `say` and `language` are the office's words, `play` a URL from its
    configuration, which is preferred to `say`. `shown` is the number that the rung phone displays, "" for the caller's:
    give the line that was called where the caller has no number, for some carriers reject a call that shows none.
    `before` is heard before all that, `ending` after a message that was not left; `reported` tells whether we must hear
    of the leg that is dialled. `meets` is the name of a conference to go on in, instead of `dial`.
    """

    outcome: Outcome
    dial: str = ""
    time_limit_s: int | None = None
    say: str = ""
    play: str = ""
    language: str = ""
    shown: str = ""
    menu: Menu | None = None
    turn: Turn = HERE
    before: tuple[Spoken, ...] = ()
    meets: str = ""
    ending: Spoken | None = None
    reported: bool = True


class Provider(Protocol):
    """Name what we ask of the provider about a call under way; nothing of it is needed for a call to end in time."""

    async def change_call(self, sid: str, document: str) -> Answer:
        """Have a call, or the leg that was dialled for it, go on with another document."""
        ...
