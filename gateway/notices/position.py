"""Where a party stands when the office writes to them, and what each kind of notice is about.

Belongs here: values that the caller reads from the file; all times are aware UTC, days are the office's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from rules.contact import Channel
from rules.facts import NOTHING
from rules.facts import Facts as FactsOnFile
from rules.measures import Measure
from rules.measures.conceal_staff import ConcealStaff
from rules.policies import Policy
from rules.standing import NOTHING_USED, Adjustment, Party, Restriction, Standing, Told, needs
from rules.windows import MICROSECOND


@dataclass(frozen=True, slots=True)
class Office:
    """Hold the office as people write to it: `address` is its own for mail (SPSO-28), `channels` those that it has.

    `domains` are those it takes mail for: an inbox there is a colleague's unless it is shared.
    """

    name: str
    address: str
    phone: str = ""
    post: str = ""
    channels: frozenset[Channel] = frozenset(Channel)
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AdvocateCopy:
    """Hold an advocate who might get copies; none is sent without the party's `consent`."""

    name: str
    address: str
    consent: bool = False


@dataclass(frozen=True)
class Position:
    """Hold all that a notice says beside its own matter.

    `restrictions` are those that stand once this notice is sent, told or not; the notice tells of them as of `at`, so
    an `at` to come tells of what is to come. `written` is the day of the letter, that of `at` unless given. `forms` are
    those that adjustments ask for (HO-3). `no_review` is why a restriction has no review, by its id (SPSO-23). `staff`
    are names and direct lines that must not appear where a measure conceals them (PHSO-M6). `facts` is what else is on
    file: whose authority to speak for the party has ended (PHSO-M13).
    """

    party: Party
    policy: Policy
    office: Office
    at: datetime
    written: date | None = None
    restrictions: tuple[Restriction, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    forms: tuple[str, ...] = ()
    advocates: tuple[AdvocateCopy, ...] = ()
    no_review: Mapping[str, str] = field(default_factory=dict)
    staff: frozenset[str] = frozenset()
    facts: FactsOnFile = NOTHING

    @cached_property
    def standing(self) -> Standing:
        """Give the standing as decisions see it at `at`: approved and told, with nothing used of any limit."""
        stand = tuple(replace(one, told=Told.YES, approved_by=one.approved_by or "-") for one in self.restrictions)
        used = dict.fromkeys(needs(stand, self.policy, now=self.at), NOTHING_USED)
        return Standing(self.party, stand, self.adjustments, used, facts=self.facts)

    @cached_property
    def in_force(self) -> tuple[Restriction, ...]:
        """Give the restrictions that bite at `at`."""
        return self.standing.in_force(self.at)

    @cached_property
    def ahead(self) -> tuple[Restriction, ...]:
        """Give the restrictions that begin later, the next first."""
        later = (one for one in self.standing.restrictions if one.starts > self.at)
        return tuple(sorted(later, key=lambda one: one.starts))

    @cached_property
    def bearing(self) -> tuple[tuple[Restriction, Measure], ...]:
        """Give the measures that bear on contact at `at`, each with its restriction."""
        return tuple((one, measure) for one in self.in_force for measure in one.bearing(self.at))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Give the measures that bear on contact at `at`."""
        return tuple(measure for _, measure in self.bearing)

    @cached_property
    def agreed(self) -> tuple[Adjustment, ...]:
        """Give the adjustments in force at `at`."""
        return tuple(one for one in self.adjustments if one.in_force(self.at))

    @cached_property
    def shared(self) -> ConcealStaff | None:
        """Give the measure that conceals names and direct lines, in force now or to come; None where none does."""
        concealing = (
            measure
            for one in self.standing.restrictions
            for measure in one.measures
            if isinstance(measure, ConcealStaff) and one.ends > self.at
        )
        return next(concealing, None)

    def day(self, moment: datetime) -> date:
        """Give the day of a moment, as the office's calendar has it."""
        return moment.astimezone(self.policy.zone).date()

    def last_day(self, ends: datetime) -> date:
        """Give the last day of what ends at the first moment after it."""
        return self.day(ends - MICROSECOND)


@dataclass(frozen=True, slots=True)
class WarningFacts:
    """Hold what a warning is about: what happened, what we ask for, its last day (None: counted from its sending)."""

    happened: str
    asked: str = ""
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class RestrictionFacts:
    """Hold the restriction that a notice tells of, as it stands once the notice is sent."""

    restriction: Restriction


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """Hold a restriction as changed, and why."""

    restriction: Restriction
    reason: str


@dataclass(frozen=True, slots=True)
class ExtensionFacts:
    """Hold a restriction with its new end, why, its end as it `was`, and the day of what happened (PHSO-16)."""

    restriction: Restriction
    reason: str
    was: datetime
    happened_on: date


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """Hold what a review decided, and why (SPSO-23); the restriction as it stands afterwards."""

    restriction: Restriction
    outcome: Literal["continue", "amend", "lift"]
    reason: str


@dataclass(frozen=True, slots=True)
class EndFacts:
    """Hold a restriction that is over; `lifted` is why where it ended before its day."""

    restriction: Restriction
    lifted: str = ""


@dataclass(frozen=True, slots=True)
class AppealFacts:
    """Hold what came of an appeal, and why (SPSO-22, HO-6); the restriction as it stands afterwards."""

    restriction: Restriction
    outcome: Literal["upheld", "varied", "dismissed"]
    reason: str


@dataclass(frozen=True, slots=True)
class ArrangementsFacts:
    """Hold nothing: the page says where the party stands."""


Facts = (
    ArrangementsFacts
    | WarningFacts
    | RestrictionFacts
    | ChangeFacts
    | ExtensionFacts
    | ReviewFacts
    | EndFacts
    | AppealFacts
)
