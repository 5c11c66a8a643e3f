"""Clocks that the law or the policy sets for an answer, whatever is restricted: by when, and stopped how.

Belongs here: the last day of each, from the day of receipt alone. They count from when a request came in, on whatever
channel; a person says how it was answered, and no clock restricts or releases anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from rules.casework.refused import Refused
from rules.casework.waiting import Waiting
from rules.policies import Policy
from rules.safeguards.kinds import TOPICS, Kind
from rules.waiting_for import WaitingFor
from rules.windows import end_of, months_after
from rules.workdays import ANY_PART, is_working_day, working_day_after

_ANSWER_DAYS, _ENVIRONMENTAL_MOST = 20, 40
_ACKNOWLEDGE_DAYS = 30


class ClockKind(StrEnum):
    """Name what is asked for, by which law it has its time."""

    OWN_DATA = "own_data"
    """One's own data, its correction or erasure: one month, two more where it is complex (UK GDPR 12(3))."""
    INFORMATION = "information"
    """Information that a public body holds: 20 working days (FOIA s.10, FOISA s.10)."""
    ENVIRONMENTAL = "environmental"
    """Environmental information: 20 working days, 40 where it is complex (EIR regulations 5(2) and 7)."""
    DATA_COMPLAINT = "data_complaint"
    """A complaint on data protection is acknowledged within 30 days that begin with its receipt (DPA 2018 s.164A)."""
    APPEAL = "appeal"
    """An appeal against a restriction: within the working days in which the policy has us answer (SPSO-22, HO-6)."""

    @property
    def extendable(self) -> bool:
        """Tell whether its law has a longer time for what is complex."""
        return self in (ClockKind.OWN_DATA, ClockKind.ENVIRONMENTAL)

    @property
    def waits(self) -> WaitingFor:
        """Name it as it waits for a person."""
        return WaitingFor.WRITTEN_APPEAL if self is ClockKind.APPEAL else WaitingFor(self.value)


class Stopped(StrEnum):
    """Name how a clock was stopped."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """As the law allows, and the person was told so."""
    NO_REQUEST = "no_request"
    """The words were met, and it asks for nothing of the kind."""
    WITHDRAWN = "withdrawn"
    ASKED_BACK = "asked_back"
    """We asked what is meant, or who it is; their answer starts a clock of its own."""
    ALREADY_RUNNING = "already_running"
    """The same request again: another clock runs for it."""


@dataclass(frozen=True, slots=True)
class LegalClock:
    """Hold one clock of one contact; times are aware UTC, `started_by` is empty where the words were met.

    `why` is what staff said when they started it. `how` says how it was stopped, in their words.
    """

    contact: str
    kind: ClockKind
    received: datetime
    started_at: datetime
    started_by: str = ""
    why: str = ""
    extended_at: datetime | None = None
    extended_by: str = ""
    extended_why: str = ""
    stopped_at: datetime | None = None
    stopped_by: str = ""
    stopped: Stopped | None = None
    how: str = ""

    def last_day(self, policy: Policy) -> date:
        """Give the last day of its time, a day of the office."""
        received = self.received.astimezone(policy.zone).date()
        return last_day(self.kind, received, policy, extended=self.extended_at is not None)

    def due(self, policy: Policy) -> datetime:
        """Give the first moment after its last day, aware UTC."""
        return end_of(self.last_day(policy), policy.zone)

    def extend(self, by: str, why: str, policy: Policy, now: datetime) -> LegalClock:
        """Give it with the longer time of its law; raises Refused where that has none, or comes too late."""
        if self.stopped_at is not None:
            raise Refused("This clock was stopped.", way="Start another for a new request.")
        if not self.kind.extendable or self.extended_at is not None:
            raise Refused("Its law has no longer time.", way="Answer it, or stop it with how it was answered.")
        if self.due(policy) <= now:
            raise Refused(
                "The person is told of a longer time before the first one is over, and it is over.",
                way="Answer it as soon as you can.",
            )
        return replace(self, extended_at=now, extended_by=by, extended_why=why)

    def stop(self, as_: Stopped, by: str, how: str, now: datetime) -> LegalClock:
        """Give it stopped; raises Refused where it was stopped before."""
        if self.stopped_at is not None:
            raise Refused("This clock was stopped before.", way="Start another for a new request.")
        return replace(self, stopped_at=now, stopped_by=by, stopped=as_, how=how)

    def waiting(self, policy: Policy) -> Waiting:
        """Give it as it waits for a person; it names the contact."""
        return Waiting(self.kind.waits, self.contact, self.received, self.due(policy))


def last_day(kind: ClockKind, received: date, policy: Policy, *, extended: bool = False) -> date:
    """Give the last day of a clock's time for what was received on a day of the office; both are days of the office."""
    if kind is ClockKind.OWN_DATA:
        return _month(received, 3 if extended else 1, policy.region)
    if kind is ClockKind.DATA_COMPLAINT:
        return received + timedelta(days=_ACKNOWLEDGE_DAYS - 1)
    if kind is ClockKind.APPEAL:
        return working_day_after(received, policy.answer_working_days, policy.region)
    longer = extended and kind is ClockKind.ENVIRONMENTAL
    return working_day_after(received, _ENVIRONMENTAL_MOST if longer else _ANSWER_DAYS, _whose_holidays(policy.region))


def _month(received: date, months: int, region: str) -> date:
    """Give the same day so many months on, else the month's last; from a day off, the next working day (UK GDPR 12(3)).

    The regulator counts from the day of receipt itself, whatever day it was.
    """
    day = months_after(received, months)
    return day if is_working_day(day, region) else working_day_after(day, 1, region)


def _whose_holidays(region: str) -> str:
    """Name the calendar: Scotland's law looks at Scotland alone (FOISA s.73), the other at any part (FOIA s.10(6))."""
    return region if region == "scotland" else ANY_PART


_KINDS = {
    TOPICS[Kind.LEGAL_CLOCK, "own_data"]: ClockKind.OWN_DATA,
    TOPICS[Kind.LEGAL_CLOCK, "information"]: ClockKind.INFORMATION,
    TOPICS[Kind.LEGAL_CLOCK, "data_complaint"]: ClockKind.DATA_COMPLAINT,
    TOPICS[Kind.APPEAL, "restriction"]: ClockKind.APPEAL,
}


def started_by_words(safeguards: Iterable[str], policy: Policy) -> tuple[ClockKind, ...]:
    """Name the clocks that what was recognised in a contact starts; no appeal's where decisions are final (PHSO-21)."""
    found = (_KINDS[one] for one in safeguards if one in _KINDS)
    return tuple(one for one in dict.fromkeys(found) if one is not ClockKind.APPEAL or policy.appeal is not None)
