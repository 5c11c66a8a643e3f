"""What we ask back of somebody whose request has a time by law, and their answer: the time rests in between.

Belongs here: one question with its answer. What is meant: for a request to see one's own data the days of waiting do
not count, for information that a public body holds the answer begins the time anew. Who it is: it begins anew too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class Asked(StrEnum):
    """Name what we ask back."""

    MEANING = "meaning"
    """What is meant, where we need it to find what is asked for (UK GDPR 12A, FOIA s.1(3), EIR regulation 9(4))."""
    IDENTITY = "identity"
    """Who it is, where we doubt it with reason (UK GDPR 12(6), 12A)."""

    @property
    def words(self) -> str:
        """Say it in words for staff."""
        return "what is meant" if self is Asked.MEANING else "who it is"


@dataclass(frozen=True, slots=True)
class Clarification:
    """Hold one question of ours with its answer; times are aware UTC, `answered_at` is when the answer reached us.

    `words` say what we asked, `answer` how it was answered; `asked_by` and `answered_by` are who put it on record.
    """

    asked_for: Asked
    asked_at: datetime
    asked_by: str
    words: str
    answered_at: datetime | None = None
    answered_by: str = ""
    answer: str = ""

    def asked_day(self, zone: ZoneInfo) -> date:
        """Give the day of the office on which we asked."""
        return self.asked_at.astimezone(zone).date()

    def days(self, zone: ZoneInfo) -> int:
        """Count the days from our question to the answer; none while there is no answer.

        The law leaves out both of those days; one is counted here, so that what is in time here is in time by the law.
        """
        if self.answered_at is None:
            return 0
        return (self.answered_at.astimezone(zone).date() - self.asked_day(zone)).days

    def answered(self, at: datetime, by: str, answer: str) -> Clarification:
        """Give it with its answer."""
        return replace(self, answered_at=at, answered_by=by, answer=answer)
