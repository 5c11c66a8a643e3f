"""What a party's file says: warnings, restrictions, adjustments and appeals, as its papers left them (PHSO-3).

Belongs here: the views and the one walk over the papers that makes them; what each act means is said by the act. What
is in force follows from the papers and the clock, whether or not any job ran (THREATS W8).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.casework.advocates import AuthorityOnFile
from rules.casework.closed_cases import ClosedCase
from rules.casework.debriefs import DebriefOnFile
from rules.casework.evidence import SealedEvidence
from rules.casework.file import CaseFile, Paper
from rules.casework.owed import LetterOnFile, PageOnFile
from rules.casework.requests import RequestOnFile
from rules.casework.shields import ShieldOnFile
from rules.contact import WAYS_IN, Channel
from rules.measures import Measure
from rules.policies import Policy
from rules.standing import Adjustment, Restriction, Told
from rules.windows import end_of, local_midnight
from rules.workdays import look_by


class Stage(StrEnum):
    """Name how far an office has gone with a party (PHSO-3); derived, never typed in."""

    NONE = "none"
    ASK = "ask"
    WARN = "warn"
    MANAGE = "manage"


class RestrictionState(StrEnum):
    """Name where a restriction is."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    DECLINED = "declined"
    AWAITING_NOTICE = "awaiting_notice"
    AHEAD = "ahead"
    """Approved and told; its first day is still to come."""
    IN_FORCE = "in_force"
    ENDED = "ended"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class WarningOnFile:
    """Hold one warning: `communicated` and `last_day` are days of the office, None until the party was told."""

    id: str
    incidents: tuple[str, ...]
    text: str
    by: str
    communicated: date | None = None
    last_day: date | None = None

    def stands(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether it is in force at `now` (aware UTC): from the day it was communicated to its last day."""
        if self.communicated is None or self.last_day is None:
            return False
        return local_midnight(self.communicated, zone) <= now < end_of(self.last_day, zone)


@dataclass(frozen=True, slots=True)
class Approval:
    """Hold who approved and in which role; `fallback` is why somebody stood in, `as_block` that it was as a block."""

    by: str
    role: str
    at: datetime
    fallback: str = ""
    as_block: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Hold new terms, which stand once the party was told of them; None leaves a term as it was.

    `agreed` is when the contract among them was agreed, where they are terms that stood before. `on_appeal` tells
    whether they were decided on an appeal.
    """

    measures: tuple[Measure, ...] | None = None
    ends: datetime | None = None
    approval: Approval | None = None
    agreed: datetime | None = None
    on_appeal: bool = False

    def replaces(self, other: Change) -> bool:
        """Tell whether it is about the same terms as another."""
        return (self.measures is None) == (other.measures is None)


@dataclass(frozen=True, slots=True)
class RestrictionOnFile:
    """Hold one restriction with its life so far; times are aware UTC, `ends` the first moment after its last day.

    `approved_since` is when it was first approved, where a change has an approval of its own. `told_at` is when its
    notice left, or when the reason for sending none (`no_notice`) was put on record. `untold`
    are changes that the party was not told of yet, by the id of their paper, in the order in which they were decided;
    `told_changes` those that they were told of, each with the terms before it; `given_way` those whose place a later
    one took before anybody was told. `decided_by` are those who had a part in making it.
    """

    id: str
    measures: tuple[Measure, ...]
    ground: str
    reason: str
    starts: datetime
    ends: datetime
    drafted_by: str
    owner: str = ""
    incidents: tuple[str, ...] = ()
    review_at: datetime | None = None
    no_review: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    exception: str = ""
    approval: Approval | None = None
    approved_since: datetime | None = None
    declined: str = ""
    told_at: datetime | None = None
    no_notice: str = ""
    came_back: bool = False
    lifted_at: datetime | None = None
    untold: tuple[tuple[str, Change], ...] = ()
    told_changes: tuple[tuple[str, Change, Change], ...] = ()
    given_way: tuple[str, ...] = ()
    decided_by: frozenset[str] = frozenset()
    contract_agreed: datetime | None = None
    imported: bool = False

    def state(self, now: datetime) -> RestrictionState:
        """Say where it is at `now` (aware UTC)."""
        if self.declined:
            return RestrictionState.DECLINED
        if self.lifted_at is not None and self.lifted_at <= now:
            return RestrictionState.LIFTED
        if self.ends <= now:
            return RestrictionState.ENDED
        if self.approval is None:
            return RestrictionState.AWAITING_APPROVAL if self.proposed_by else RestrictionState.DRAFT
        if self.told_at is None:
            return RestrictionState.AWAITING_NOTICE
        return RestrictionState.AHEAD if self.begins > now else RestrictionState.IN_FORCE

    @property
    def begins(self) -> datetime:
        """Give the moment from which it can bite: its first day, its approval and its notice, whichever came last."""
        moments = [self.starts]
        if self.approval is not None and not self.imported:
            moments.append(self.approved_since or self.approval.at)
        if self.told_at is not None and not self.imported:
            moments.append(self.told_at)
        return max(moments)

    @property
    def stops(self) -> datetime:
        """Give the moment from which it can bite no more."""
        return self.ends if self.lifted_at is None else min(self.ends, self.lifted_at)

    @property
    def known(self) -> bool:
        """Tell whether the party knows of it: they were told, and not kept from it for a reason on record."""
        return self.told_at is not None and not self.no_notice

    def live(self, now: datetime) -> bool:
        """Tell whether it is approved and not over: what is or may come into force."""
        return self.approval is not None and not self.declined and self.stops > now

    def enforced(self) -> Restriction | None:
        """Give it as decisions are made by; None where it is not approved, or over before it began."""
        if self.approval is None or self.declined or self.stops <= self.begins:
            return None
        return Restriction(
            id=self.id,
            measures=self.measures,
            starts=self.begins,
            ends=self.stops,
            reason=self.reason,
            ground=self.ground,
            approved_by=self.approval.by,
            told=Told.YES if self.told_at is not None else Told.NO,
            review_at=self.review_at,
            contract_agreed=self.contract_agreed,
        )


@dataclass(frozen=True, slots=True)
class AdjustmentOnFile:
    """Hold one adjustment: `open` channels reach a person, `forms` are forms of what we write (HO-3)."""

    id: str
    need: str
    open: frozenset[Channel]
    forms: tuple[str, ...] = ()
    agreed: datetime | None = None
    ends: datetime | None = None
    imported: bool = False
    detail: str = ""

    def value(self) -> Adjustment:
        """Give it as decisions are made by."""
        return Adjustment(self.need, self.open, self.agreed, self.ends, self.forms, self.detail)


@dataclass(frozen=True, slots=True)
class AppealOnFile:
    """Hold one appeal: `decided` is empty while it is open."""

    id: str
    restriction: str
    grounds: str
    received: date
    decided: str = ""


@dataclass(slots=True)
class Shelf:
    """Hold what the papers say; filled by one walk over them and only read afterwards."""

    zone: ZoneInfo
    warnings: dict[str, WarningOnFile] = field(default_factory=dict)
    restrictions: dict[str, RestrictionOnFile] = field(default_factory=dict)
    adjustments: dict[str, AdjustmentOnFile] = field(default_factory=dict)
    appeals: dict[str, AppealOnFile] = field(default_factory=dict)
    requests: dict[str, RequestOnFile] = field(default_factory=dict)
    evidence: dict[str, SealedEvidence] = field(default_factory=dict)
    shields: dict[str, ShieldOnFile] = field(default_factory=dict)
    authorities: dict[str, AuthorityOnFile] = field(default_factory=dict)
    closed: dict[str, ClosedCase] = field(default_factory=dict)
    debriefs: dict[tuple[str, str], DebriefOnFile] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    """Contacts that somebody stopped reading, each with the manager to whom it went (SPSO-59)."""
    highlighted: dict[str, str] = field(default_factory=dict)
    """Messages that went back with passages marked, the oldest first, each with the paper that says so (PHSO-M3)."""
    letters: dict[str, LetterOnFile] = field(default_factory=dict)
    """Letters on decisions that stand without them, and on ends that were told, by what they are about."""
    page: PageOnFile | None = None
    opened: datetime | None = None
    """When the first identifier was put on the file: what was over by then is history that was brought in."""
    asked: bool = False
    written: dict[str, datetime] = field(default_factory=dict)
    """When each paper was written, by its id."""
    ways_in: frozenset[Channel] = WAYS_IN

    def change(self, number: str, **fields: object) -> None:
        """Change what is known of a restriction."""
        self.restrictions[number] = replace(self.restrictions[number], **fields)  # type: ignore[arg-type]

    def decide(self, restriction: str, paper: str, change: Change) -> None:
        """Put down a change that stands once the party is told of it; older ones of the same terms give way to it."""
        self.give_way(restriction, change, self.restrictions[restriction].untold)
        self.change(restriction, untold=(*self.restrictions[restriction].untold, (paper, change)))

    def give_way(self, restriction: str, change: Change, earlier: tuple[tuple[str, Change], ...]) -> None:
        """Have earlier changes of which the party was not told give way to a later one of the same terms."""
        found = self.restrictions[restriction]
        older = tuple(number for number, each in earlier if change.replaces(each))
        untold = tuple(each for each in found.untold if each[0] not in older)
        self.change(restriction, untold=untold, given_way=(*found.given_way, *older))

    def owe(self, paper: Paper, restriction: str) -> None:
        """Put down that a decision on a restriction is owed a letter, where the party knows of the restriction."""
        if self.restrictions[restriction].known:
            self.letters[paper.id] = LetterOnFile(paper.id, restriction, paper.at, paper.by)

    def standing_warnings(self, now: datetime) -> tuple[WarningOnFile, ...]:
        """Give the warnings in force at `now` (aware UTC)."""
        return tuple(one for one in self.warnings.values() if one.stands(now, self.zone))

    def live(self, now: datetime) -> tuple[RestrictionOnFile, ...]:
        """Give the restrictions that are approved and not over."""
        return tuple(one for one in self.restrictions.values() if one.live(now))

    def in_force(self, now: datetime) -> tuple[RestrictionOnFile, ...]:
        """Give the restrictions that bite at `now`."""
        return tuple(one for one in self.restrictions.values() if one.state(now) is RestrictionState.IN_FORCE)

    def open_appeals(self) -> Iterator[AppealOnFile]:
        """Give the appeals that nobody has decided."""
        return (one for one in self.appeals.values() if not one.decided)

    def stage(self, now: datetime) -> Stage:
        """Say how far the office has gone: manage while a restriction is in force, warn while a warning stands."""
        if self.in_force(now):
            return Stage.MANAGE
        if self.standing_warnings(now):
            return Stage.WARN
        return Stage.ASK if self.asked else Stage.NONE


def shelf_of(file: CaseFile, policy: Policy) -> Shelf:
    """Read a file: what was imported first, then paper by paper."""
    opened = min((mark.established for mark in file.marks if mark.established is not None), default=None)
    shelf = Shelf(policy.zone, opened=opened, ways_in=policy.ways_in)
    for one in file.imported:
        shelf.restrictions[one.id] = _imported(one, policy)
    for name, adjustment in file.imported_adjustments:
        shelf.adjustments[name] = AdjustmentOnFile(
            name,
            adjustment.need,
            adjustment.open,
            adjustment.forms,
            adjustment.agreed,
            adjustment.ends,
            imported=True,
            detail=adjustment.detail,
        )
    for paper in file.papers:
        shelf.written[paper.id] = paper.at
        paper.act.enter(paper, shelf)
    return shelf


def _imported(one: Restriction, policy: Policy) -> RestrictionOnFile:
    interim = bool(one.measures) and all(measure.at_once for measure in one.measures)
    lapses = look_by(one.starts, policy.durations.interim_working_days, policy.zone, policy.region)
    return RestrictionOnFile(
        id=one.id,
        measures=one.measures,
        ground=one.ground,
        reason=one.reason,
        starts=one.starts,
        ends=min(one.ends, lapses) if interim else one.ends,  # nobody's decision, whatever end was written (PHSO-2)
        drafted_by="",
        review_at=one.review_at,
        owner=one.approved_by,
        proposed_by=one.approved_by,
        approval=Approval(one.approved_by, "", one.starts) if one.approved_by else None,
        told_at=one.starts if one.told is not Told.NO else None,
        decided_by=frozenset({one.approved_by} - {""}),
        contract_agreed=one.contract_agreed,
        imported=True,
    )
