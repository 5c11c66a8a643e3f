"""Clocks that the law or the policy sets for an answer, whatever is restricted: by when, and stopped how.

Belongs here: the last day of each, from the day of receipt and what we asked back. They count from when a request came
in, on whatever channel; a person says how it was answered, and no clock restricts or releases anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.casework.refused import Refused
from rules.casework.waiting import Waiting
from rules.clarification import Asked, Clarification
from rules.policies import Policy
from rules.safeguards.kinds import TOPICS, Kind
from rules.waiting_for import WaitingFor
from rules.windows import end_of, months_after
from rules.workdays import ANY_PART, is_working_day, working_day_after

_ANSWER_DAYS, _MOST_DAYS = 20, 40
"""With the longer time: of environmental information (EIR regulation 7), and where the public interest is weighed, for
which the law says a reasonable time (FOIA s.10(3)) and the regulator no more than 20 further working days.
"""
_ACKNOWLEDGE_DAYS = 30
_LOOK_AGAIN_MONTHS = 1
"""After so long without their answer a person reminds them, or closes the request; the law names no time."""


class ClockKind(StrEnum):
    """Name what is asked for, by which law it has its time."""

    OWN_DATA = "own_data"
    """One's own data, its correction or erasure: one month, two more where it is complex (UK GDPR 12(3))."""
    INFORMATION = "information"
    """Information that a public body holds: 20 working days (FOIA s.10, FOISA s.10).

    No more than 20 further ones to weigh the public interest, which Scotland's law does not have.
    """
    ENVIRONMENTAL = "environmental"
    """Environmental information: 20 working days, 40 where it is complex (EIR regulations 5(2) and 7)."""
    DATA_COMPLAINT = "data_complaint"
    """A complaint on data protection is acknowledged within 30 days that begin with its receipt (DPA 2018 s.164A)."""
    APPEAL = "appeal"
    """An appeal against a restriction: within the working days in which the policy has us answer (SPSO-22, HO-6)."""

    def extendable(self, region: str) -> bool:
        """Tell whether its law has a longer time in a part of the United Kingdom."""
        if self is ClockKind.INFORMATION:
            return region != _SCOTLAND
        return self in (ClockKind.OWN_DATA, ClockKind.ENVIRONMENTAL)

    def rests_for(self, asked: Asked) -> bool:
        """Tell whether its time rests while somebody answers what we ask of them."""
        if asked is Asked.IDENTITY:
            return self is ClockKind.OWN_DATA
        return self in (ClockKind.OWN_DATA, ClockKind.INFORMATION, ClockKind.ENVIRONMENTAL)

    def begins_anew(self, asked: Asked) -> bool:
        """Tell whether their answer begins its time anew; else it goes on where it was (see rules.clarification)."""
        return self is not ClockKind.OWN_DATA or asked is Asked.IDENTITY

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
    """We asked what is meant, or who it is, and wait no longer; an answer starts a clock of its own."""
    ALREADY_RUNNING = "already_running"
    """The same request again: another clock runs for it."""


@dataclass(frozen=True, slots=True)
class LegalClock:
    """Hold one clock of one contact; times are aware UTC, `started_by` is empty where the words were met.

    `why` is what staff said when they started it. `how` says how it was stopped, in their words. `questions` are what
    we asked back, the oldest first: while the last of them has no answer, the clock rests.
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
    questions: tuple[Clarification, ...] = ()

    @property
    def open_question(self) -> Clarification | None:
        """Give what we asked and nobody has answered: the clock rests, or rested when it was stopped."""
        return self.questions[-1] if self.questions and self.questions[-1].answered_at is None else None

    @property
    def rests(self) -> bool:
        """Tell whether it runs and its time does not count, as we wait for an answer."""
        return self.stopped_at is None and self.open_question is not None

    def begins(self, zone: ZoneInfo) -> date:
        """Give the day of the office from which its time is counted: of receipt, or of an answer that began it anew."""
        anew = (one.answered_at for one in self.questions if self.kind.begins_anew(one.asked_for))
        return max([self.received, *(at for at in anew if at is not None)]).astimezone(zone).date()

    def days_waited(self, zone: ZoneInfo) -> int:
        """Count the days that do not count towards its time: from each question to its answer."""
        begins = self.begins(zone)
        return sum(
            one.days(zone)
            for one in self.questions
            if not self.kind.begins_anew(one.asked_for) and one.asked_day(zone) >= begins
        )

    def last_day(self, policy: Policy) -> date | None:
        """Give the last day of its time, a day of the office; None while nobody can tell, as it rests."""
        if self.open_question is not None:
            return None
        return self._last_day(policy)

    def _last_day(self, policy: Policy) -> date:
        extended, waited = self.extended_at is not None, self.days_waited(policy.zone)
        return last_day(self.kind, self.begins(policy.zone), policy, extended=extended, waited=waited)

    def due(self, policy: Policy) -> datetime:
        """Give the first moment after its last day, aware UTC; while it rests, that by which somebody looks again."""
        if self.open_question is not None:
            return end_of(months_after(self.open_question.asked_day(policy.zone), _LOOK_AGAIN_MONTHS), policy.zone)
        return end_of(self._last_day(policy), policy.zone)

    def ask(self, question: Clarification, policy: Policy, now: datetime) -> LegalClock:
        """Give it at rest from a question of ours on; raises Refused where its law does not let it rest for that."""
        self._must_run()
        if self.open_question is not None:
            raise Refused("It rests: we wait for an answer.", way="Note the answer first: parley clocks resume")
        if not self.kind.rests_for(question.asked_for):
            raise Refused(
                f"The time for {self.kind.waits.words} does not rest while we ask {question.asked_for.words}.",
                way="Answer it within its time.",
            )
        if self.extended_at is not None and self.kind.begins_anew(question.asked_for):
            raise Refused(
                "It was made longer, and the answer would begin it anew.",
                way="Answer it within the longer time, or stop it as asked_back; their answer starts another.",
            )
        self._asked_in_time(question, policy, now)
        return replace(self, questions=(*self.questions, question))

    def _asked_in_time(self, question: Clarification, policy: Policy, now: datetime) -> None:
        before = max([self.received, *(one.answered_at for one in self.questions if one.answered_at is not None)])
        if not before.astimezone(policy.zone).date() <= question.asked_day(policy.zone) or question.asked_at > now:
            raise Refused(
                "It was asked before the request or the last answer came, or in the future.",
                way="Write the day on which we asked.",
            )
        if self.due(policy) <= question.asked_at:
            raise Refused(
                "Its time is over, and a question does not bring it back.", way="Answer it as soon as you can."
            )

    def answered(self, at: datetime, by: str, answer: str, policy: Policy, now: datetime) -> LegalClock:
        """Give it going on, or begun anew, from their answer that reached us at `at` (aware UTC).

        Raises Refused where it does not rest, or the day cannot be.
        """
        self._must_run()
        question = self.open_question
        if question is None:
            raise Refused("It does not rest: nothing that we asked is open.", way="Look at it: parley clocks list")
        if at > now or at.astimezone(policy.zone).date() < question.asked_day(policy.zone):
            raise Refused(
                "It was answered before we asked, or in the future.",
                way="Write the day on which the answer reached us.",
            )
        return replace(self, questions=(*self.questions[:-1], question.answered(at, by, answer)))

    def _must_run(self) -> None:
        if self.stopped_at is not None:
            raise Refused("This clock was stopped.", way="Start another for a new request.")

    def extend(self, by: str, why: str, policy: Policy, now: datetime) -> LegalClock:
        """Give it with the longer time of its law; raises Refused where that has none, or comes too late."""
        self._must_run()
        if not self.kind.extendable(policy.region) or self.extended_at is not None:
            raise Refused("Its law has no longer time.", way="Answer it, or stop it with how it was answered.")
        if self.open_question is not None:  # the time for telling them of it rests too
            raise Refused("It rests: we wait for an answer.", way="Make it longer once the answer came.")
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
        """Give it as it waits for a person, or for the answer to what we asked; it names the contact."""
        if self.open_question is not None:
            return Waiting(WaitingFor.CLARIFICATION, self.contact, self.open_question.asked_at, self.due(policy))
        return Waiting(self.kind.waits, self.contact, self.received, self.due(policy))


def last_day(kind: ClockKind, received: date, policy: Policy, *, extended: bool = False, waited: int = 0) -> date:
    """Give the last day of a clock's time for what was received on a day of the office; both are days of the office.

    `waited` are days of the calendar that do not count, for one's own data.
    """
    if kind is ClockKind.OWN_DATA:
        return _months(received, 3 if extended else 1, waited, policy.region)
    if kind is ClockKind.DATA_COMPLAINT:
        return received + timedelta(days=_ACKNOWLEDGE_DAYS - 1)
    if kind is ClockKind.APPEAL:
        return working_day_after(received, policy.answer_working_days, policy.region)
    longer = extended and kind.extendable(policy.region)
    return working_day_after(received, _MOST_DAYS if longer else _ANSWER_DAYS, _whose_holidays(policy.region))


def _months(received: date, months: int, waited: int, region: str) -> date:
    """Give the same day so many months on, else the month's last; from a day off, the next working day (UK GDPR 12A).

    The regulator counts from the day of receipt itself, whatever day it was.
    """
    day = months_after(received, months) + timedelta(days=waited)
    return day if is_working_day(day, region) else working_day_after(day, 1, region)


def _whose_holidays(region: str) -> str:
    """Name the calendar: Scotland's law looks at Scotland alone (FOISA s.73), the other at any part (FOIA s.10(6))."""
    return region if region == _SCOTLAND else ANY_PART


_SCOTLAND = "scotland"
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
