"""All that is known of a sender at a moment: the party, restrictions, adjustments, usage.

Belongs here: values that storage loads and measures read. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from rules.contact import Channel, Identifier
from rules.facts import NOTHING, Facts
from rules.windows import Window

if TYPE_CHECKING:
    from rules.measures import Measure
    from rules.policies import Policy


class PartyKind(StrEnum):
    """Name what a party is (PHSO-19: professionals and organisations have their own gate)."""

    PERSON = "person"
    PROFESSIONAL = "professional"
    ORGANISATION = "organisation"


class Told(StrEnum):
    """Say whether the party has been told of a restriction (PHSO-20)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Restriction:
    """Hold measures on a party with their ground and dates; in force from `starts` up to, not including, `ends`.

    `contract_agreed` is when the party agreed to the behaviour contract among its measures, aware UTC.
    """

    id: str
    measures: tuple[Measure, ...]
    starts: datetime
    ends: datetime
    reason: str = ""
    ground: str = ""
    approved_by: str = ""
    told: Told = Told.YES
    review_at: datetime | None = None
    contract_agreed: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Tell whether it bites at `now` by the clock, approved and told; no job has to have run (THREATS W8).

        Measures that bite at once wait for neither (PHSO-2: interim protection).
        """
        if not self.starts <= now < self.ends:
            return False
        return (bool(self.approved_by) and self.told is not Told.NO) or self._at_once()

    def _at_once(self) -> bool:
        return bool(self.measures) and all(measure.at_once for measure in self.measures)

    def bearing(self, now: datetime) -> tuple[Measure, ...]:
        """Give the measures that bear on contact at `now`: from when the party agreed a contract, that alone (PHSO-M4).

        Where nothing among the measures is a contract, agreeing changes nothing.
        """
        if self.contract_agreed is None or now < self.contract_agreed:
            return self.measures
        return tuple(measure for measure in self.measures if measure.is_contract) or self.measures


FORMS = ("large_print", "coloured", "easy_read", "translated", "plain_text", "call_warning", "person_on_line")
"""The forms that an adjustment may ask for (HO-3), by their names in files, on the record and in the API."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Hold a reasonable adjustment: channels that stay open whatever is restricted (PHSO-23, Equality Act 2010).

    `forms` are forms of what we write and say, of FORMS; `detail` says more: a support worker, a colour, a language.
    """

    need: str
    open: frozenset[Channel]
    agreed: datetime | None = None
    ends: datetime | None = None
    forms: tuple[str, ...] = ()
    detail: str = ""

    def in_force(self, now: datetime) -> bool:
        """Tell whether it is agreed and has not ended."""
        return (self.agreed is None or self.agreed <= now) and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True)
class Party:
    """Hold who contacts the office; `id` is the record's number for it."""

    id: int
    name: str
    kind: PartyKind = PartyKind.PERSON
    identifiers: frozenset[Identifier] = frozenset()


class UsageKind(StrEnum):
    """Name what a limit is measured in."""

    LET_THROUGH = "let_through"
    TALK_SECONDS = "talk_seconds"


@dataclass(frozen=True, slots=True)
class Usage:
    """Say what a measure must know of a window: contacts let through (is the `count`-th newest in?), or talk time."""

    kind: UsageKind
    channels: frozenset[Channel]
    window: Window
    count: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """Hold one question to the record: a usage counted from `since`, inclusive, aware UTC, up to now."""

    usage: Usage
    since: datetime


@dataclass(frozen=True, slots=True)
class Used:
    """Hold the record's answer to a need.

    `reached_at` is the time of the `count`-th newest contact let through since then, None where there were fewer;
    `seconds` is talk time, settled and reserved together; `frees_at` is when the oldest of it was counted.
    """

    reached_at: datetime | None = None
    seconds: int = 0
    frees_at: datetime | None = None


NOTHING_USED = Used()


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold what is known of the sender when a contact is decided.

    `party` is None for someone unknown. `perhaps` names parties that share the identifier: it suggests, and never
    restricts. `restricted_candidates` tells, for an uncertain identity, whether any candidate is under a restriction
    in force. `away` are inboxes whose colleague is away. `facts` is what else is on file, `answers` how many contacts
    since our newest open request were taken for its answer. `restriction` is the one being asked, set by `decide`.
    `speaks_for` names the parties for whom the sender may speak now, as their advocate (PHSO-M13).
    """

    party: Party | None = None
    restrictions: tuple[Restriction, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    used: Mapping[Need, Used] = field(default_factory=dict)
    perhaps: tuple[str, ...] = ()
    restricted_candidates: bool = False
    away: frozenset[str] = frozenset()
    facts: Facts = NOTHING
    answers: int = 0
    restriction: Restriction | None = None
    speaks_for: tuple[str, ...] = ()

    def in_force(self, now: datetime) -> tuple[Restriction, ...]:
        """Give the restrictions that bite at `now` by the clock."""
        return tuple(restriction for restriction in self.restrictions if restriction.in_force(now))

    def under(self, restriction: Restriction) -> Standing:
        """Give the standing as the measures of one restriction are asked about it."""
        # Every decision comes by here: by hand, as dataclasses.replace takes three times as long.
        return Standing(
            self.party,
            self.restrictions,
            self.adjustments,
            self.used,
            self.perhaps,
            self.restricted_candidates,
            self.away,
            self.facts,
            self.answers,
            restriction,
        )

    def usage(self, usage: Usage, now: datetime, policy: Policy) -> Used:
        """Give the record's answer for the restriction asked; a need without one is a KeyError, never nothing used."""
        assert self.restriction is not None  # decide sets it
        return self.used[_need(usage, self.restriction, now, policy)]


def needs(restrictions: Iterable[Restriction], policy: Policy, *, now: datetime) -> tuple[Need, ...]:
    """Name everything that the measures in force must know of the record at `now`."""
    return tuple(
        dict.fromkeys(
            _need(usage, restriction, now, policy)
            for restriction in restrictions
            if restriction.in_force(now)
            for measure in restriction.bearing(now)
            for usage in measure.needs()
        )
    )


def _need(usage: Usage, restriction: Restriction, now: datetime, policy: Policy) -> Need:
    return Need(usage, max(restriction.starts, usage.window.since(now, policy.zone)))


UNKNOWN = Standing()
