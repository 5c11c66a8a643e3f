"""Let the first contacts in a window pass, and no more (PHSO-M10, SPSO-21.5, HO-4, MP-3)."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from rules.contact import Contact
from rules.decision import Finding, Note, Outcome
from rules.measures.measure import ByCall, ByEmail, Channels, Measure, channel_words, handled, let_through
from rules.policies import Policy
from rules.standing import Standing, Usage, UsageKind
from rules.windows import Mode, Per, Window, in_words


class VolumeLimit(Measure):
    """Let the first `count` contacts over all `channels` together pass in each window, from the restriction's start."""

    kind: ClassVar[str] = "volume_limit"
    sender_words: ClassVar[str] = "We take {count} {contacts} from you by {channels} {window}."
    staff_words: ClassVar[str] = (
        "The first contacts in each hour, day, week or month pass; the rest is filed, held or returned."
    )

    channels: Annotated[Channels, Field(description="Channels that are counted together.")]
    count: Annotated[int, Field(ge=1, le=1000, description="Contacts that pass in a window.")]
    per: Annotated[Per, Field(description="How long a window is.")]
    window: Annotated[Mode, Field(description="The office's calendar, or elapsed time.")] = Mode.CALENDAR
    email: Annotated[Literal["file", "return", "hold"], ByEmail] = "file"
    call: Annotated[Literal["automated_line", "voicemail"], ByCall] = "automated_line"

    def needs(self) -> tuple[Usage, ...]:
        """Ask when the `count`-th newest contact was let through."""
        return (self._usage,)

    @cached_property
    def _usage(self) -> Usage:
        return Usage(UsageKind.LET_THROUGH, self.channels, Window(self.per, self.window), self.count)

    @cached_property
    def _limit(self) -> str:
        return f"{self.count} by {channel_words(self.channels)} {self._usage.window.in_words()}"

    def check(self, contact: Contact, standing: Standing, policy: Policy, *, now: datetime) -> Finding | None:
        """Find the contact open while fewer than `count` were let through in the window, handled from then on."""
        if contact.channel not in self.channels:
            return None
        reached = standing.usage(self._usage, now, policy).reached_at
        if reached is None:
            return Finding(let_through(contact), f"Within the limit of {self._limit}")
        assert standing.restriction is not None  # decide sets it
        opens = min(self._usage.window.frees(reached, now, policy.zone), standing.restriction.ends)
        outcome = handled(contact, self.email, self.call)
        text = f"The limit of {self._limit} is used up; it opens again on {in_words(opens, policy.zone)}"
        words = f"{self._limit_words()} The next can reach us from {in_words(opens, policy.zone)}."
        note = Note(f"{standing.restriction.id}:{self.kind}:{opens:%Y%m%dT%H%M%S}", words)
        until = opens if outcome is Outcome.HOLD else None
        return Finding(outcome, text, until=until, note=note, sender_text=words)

    def _limit_words(self) -> str:
        return self.sender_words.format(
            count=self.count,
            contacts="contact" if self.count == 1 else "contacts",
            channels=channel_words(self.channels),
            window=self._usage.window.in_words(),
        )
