"""What a door for calls hears and is told to answer.

Belongs here: the values between any provider's words and the gateway. They are frozen, hold no clock, and keep the
provider's own payload in `raw`; numbers and payloads stay out of their repr, so that no log shows them by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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
class IncomingCall:
    """Hold a call that waits for an answer.

    `number` is in E.164, "" unless `caller` is a number; `to` is the office's line as the provider writes it;
    `attestation` is what the network says of the number's truth, "" where it says nothing (THREATS T5).
    """

    sid: str
    account: str
    caller: Caller
    number: str = field(repr=False)
    to: str
    attestation: str = ""


@dataclass(frozen=True, slots=True)
class DialEnded:
    """Hold how the connection to the office ended: `duration_s` is talk time in seconds, None where nobody answered."""

    sid: str
    leg_sid: str
    status: DialStatus
    duration_s: int | None
    raw: Mapping[str, str] = field(repr=False)


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


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """Hold what happens to a call.

    `dial` is a number or `sip:` address of the office's own, never one that the caller supplied (THREATS T3);
    `time_limit_s` is in seconds, None for no limit; `say` and `language` are the office's words, `play` a URL from its
    configuration, which is preferred to `say`. `shown` is the number that the rung phone displays, "" for the caller's:
    give the line that was called where the caller has no number, for some carriers reject a call that shows none.
    """

    outcome: Outcome
    dial: str = ""
    time_limit_s: int | None = None
    say: str = ""
    play: str = ""
    language: str = ""
    shown: str = ""
