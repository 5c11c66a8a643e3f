"""Limit the minutes of talk in a window (PHSO-M10, SPSO-21.5)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from rules.contact import Channel, Contact
from rules.decision import Finding, Outcome
from rules.measures.measure import ByCall, Measure
from rules.policies import Policy
from rules.standing import Standing, Usage, UsageKind
from rules.windows import Mode, Per, Window


class TalkTimeLimit(Measure):
    """Connect a call for what is left of `minutes` in the window; not at all below the policy's least call."""

    kind: ClassVar[str] = "talk_time_limit"
    sender_words: ClassVar[str] = "The time we agreed for calls {window} is used up."
    staff_words: ClassVar[str] = "Calls connect for the minutes that are left in the hour, day, week or month."

    minutes: Annotated[int, Field(ge=1, le=10_000, description="Minutes of talk in a window.")]
    per: Annotated[Per, Field(description="How long a window is.")]
    window: Annotated[Mode, Field(description="The office's calendar, or elapsed time.")] = Mode.CALENDAR
    call: Annotated[Literal["automated_line", "voicemail"], ByCall] = "automated_line"

    def needs(self) -> tuple[Usage, ...]:
        """Ask how many seconds of talk were used or are reserved."""
        return (self._usage,)

    @cached_property
    def _usage(self) -> Usage:
        return Usage(UsageKind.TALK_SECONDS, frozenset({Channel.CALL}), Window(self.per, self.window))

    @cached_property
    def _limit(self) -> str:
        return f"{self.minutes} minute{'' if self.minutes == 1 else 's'} of talk {self._usage.window.in_words()}"

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the call open with the time left as its limit, or handled where too little is left."""
        if contact.channel is not Channel.CALL:
            return None
        left = self.minutes * 60 - standing.usage(self._usage, now, policy).seconds
        if left < policy.least_call_s:
            words = self.sender_words.format(window=self._usage.window.in_words())
            return Finding(Outcome(self.call), f"The limit of {self._limit} is used up", sender_text=words)
        text = f"{left // 60} min {left % 60} s are left of {self._limit}"
        return Finding(Outcome.CONNECT, text, time_limit_s=left)
