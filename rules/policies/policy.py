"""One office's rules as a frozen value, as decisions and casework ask it.

Belongs here: the policy and its questions; its reading from a file is `file`. Promises to be cheap to ask: every
contact is decided by it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from rules.contact import WAYS_IN, Channel
from rules.policies.contact_time import OfficeHours, StaffTime
from rules.policies.gates import Gate, GateRow, together
from rules.policies.overdue import Overdue
from rules.policies.parts import (
    Appeal,
    Approval,
    Callers,
    Durations,
    DutyManager,
    Evidence,
    Guard,
    Replies,
    Retention,
    Review,
)
from rules.policies.phone import Phone
from rules.policies.safeguarding import Safeguards
from rules.policies.texting import Texting
from rules.policies.texts import Texts
from rules.policies.thresholds import Threshold
from rules.standing import PartyKind

_ANYONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Policy:
    """Hold one office's rules; times of day are in `zone`, `least_call_s` and `counted_call_s` in seconds.

    `roles` are the office's roles with their titles; `rights` the acts that not everybody may do. `appeal` is None
    where decisions are final (PHSO-21). `exceptions` is who approves a restriction though no warning stands (PHSO-9).
    `closed_unread` tells whether mail on a closed matter is filed unread (PHSO-22). `ways_in` are the channels by which
    the installation is reached: its settings say so, and no policy's file (PHSO-18).
    """

    name: str
    title: str
    zone: ZoneInfo
    least_call_s: int
    counted_call_s: int
    region: str
    look_by_working_days: int
    answer_working_days: int
    request_working_days: int
    review_unknown: timedelta
    identifier_stale: timedelta
    answer_claimed: bool
    always_open: frozenset[str]
    grounds: Mapping[str, str]
    clauses: Mapping[str, str]
    approval: Approval
    callers: Callers
    phone: Phone
    thresholds: tuple[Threshold, ...]
    flag_sleep: timedelta
    texts: Texts
    roles: Mapping[str, str]
    rights: Mapping[str, frozenset[str]]
    measures: frozenset[str]
    durations: Durations
    four_eyes: bool
    gates: tuple[GateRow, ...]
    exceptions: Gate
    appeal: Appeal | None
    review: Review
    no_warning_grounds: frozenset[str]
    evidence: Evidence
    guard: Guard
    duty_manager: DutyManager
    closed_unread: bool
    retention: Retention
    safeguards: Safeguards
    replies: Replies
    texting: Texting
    office_hours: OfficeHours
    staff_time: StaffTime
    overdue: Overdue
    ways_in: frozenset[Channel] = WAYS_IN

    def with_changes(self, **changes: Any) -> Policy:  # noqa: ANN401  # fields of this class
        """Give the policy with some of its fields changed by the installation's settings."""
        return replace(self, **changes)

    def threshold(self, name: str) -> Threshold | None:
        """Give the threshold of a name; None where the policy has it not, or no more."""
        return next((one for one in self.thresholds if one.name == name), None)

    @cached_property
    def counted_by_channels(self) -> Mapping[frozenset[Channel], tuple[Threshold, ...]]:
        """Give the thresholds on a count of contacts, by the channels that they count over."""
        counted = [threshold for threshold in self.thresholds if threshold.counted]
        sets = dict.fromkeys(threshold.channels for threshold in counted)
        return {channels: tuple(one for one in counted if one.channels == channels) for channels in sets}

    @cached_property
    def summed(self) -> tuple[Threshold, ...]:
        """Give the thresholds on what is added up, or told apart, over contacts: a moment after each contact."""
        return tuple(threshold for threshold in self.thresholds if not threshold.counted)

    @cached_property
    def summed_channels(self) -> frozenset[Channel]:
        """Give the channels whose contacts add to such a level."""
        return frozenset(channel for threshold in self.summed for channel in threshold.channels)

    def clause(self, topic: str) -> str:
        """Name the clause that a measure, an act or another topic rests on; empty where the policy names none."""
        return self.clauses.get(topic, "")

    def may(self, act: str) -> frozenset[str]:
        """Give the roles that may do an act; empty: anyone who works there."""
        return self.rights.get(act, _ANYONE)

    def gate(self, kinds: Collection[str], party_kind: PartyKind, total_block: bool, ground: str = "") -> Gate | None:
        """Give the approval that a restriction needs: of such measures, on such a party, with this effect and ground.

        `total_block` is the combined effect of all that is then on the party. None: no approval is needed (PHSO-8).
        """
        return together(row for row in self.gates if row.stands(kinds, party_kind, total_block, ground))
