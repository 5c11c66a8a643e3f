"""What a notice is about and where the party stands once it is told, read from the file (PHSO-20, SPSO-23, HO-5).

Belongs here: from a paper's id to facts and position. Pure: time comes in, and nothing is written or sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from gateway.notices.position import (
    AdvocateCopy,
    AppealFacts,
    ArrangementsFacts,
    ChangeFacts,
    EndFacts,
    ExtensionFacts,
    Facts,
    Office,
    Position,
    RestrictionFacts,
    ReviewFacts,
    WarningFacts,
)
from rules.casework.acts.agree_contract import AgreeContract
from rules.casework.acts.communicate_warning import CommunicateWarning
from rules.casework.acts.decide_appeal import DecideAppeal
from rules.casework.acts.extend_restriction import ExtendRestriction
from rules.casework.acts.lift_restriction import LiftRestriction
from rules.casework.acts.note_incident import NoteIncident
from rules.casework.acts.review_restriction import ReviewRestriction
from rules.casework.acts.send_notice import SendNotice, owing, told
from rules.casework.advocates import authorities
from rules.casework.facts import facts_of
from rules.casework.file import CaseFile
from rules.casework.notices import ARRANGEMENTS
from rules.casework.refused import Refused
from rules.casework.shelf import AdjustmentOnFile, RestrictionOnFile, RestrictionState, Shelf, shelf_of
from rules.contact import IdentifierKind
from rules.policies import Policy
from rules.standing import Adjustment, Restriction

_NEITHER = "There is nothing of this id on the file that a notice could tell of."
_WAY = "Name a warning, a restriction, or the paper of an extension, review, lifting, contract or decided appeal."


@dataclass(frozen=True)
class Matter:
    """Hold what a notice is to tell of on one file, drafted at `at` and looked at again at `now` (both aware UTC).

    What stands is asked of the file as it is at `now` and told as of `at`: a letter keeps its day, and is another one
    as soon as something that it speaks of has changed.
    """

    about: str
    file: CaseFile
    policy: Policy
    at: datetime
    now: datetime

    @cached_property
    def before(self) -> Shelf:
        """Give what the file says."""
        return shelf_of(self.file, self.policy)

    @cached_property
    def after(self) -> Shelf:
        """Give what the file says once the party is told."""
        shelf = shelf_of(self.file, self.policy)
        told(self.about, shelf, self.at, "")
        return shelf

    @cached_property
    def act(self) -> str:
        """Name the act that is done once the notice left; raises Refused for what was told before, or is over."""
        warning = self.before.warnings.get(self.about)
        if warning is not None:
            if warning.communicated is not None:
                raise Refused("The person was told of this warning before.")
            return CommunicateWarning.name
        owing(self.about, self.before, self.now)
        return SendNotice.name

    def facts(self) -> Facts:
        """Give the facts; raises Refused for what nobody is told of, or was told of before."""
        found = self._facts()
        _ = self.act
        return found

    def _facts(self) -> Facts:
        if self.about == ARRANGEMENTS:
            return ArrangementsFacts()
        warning = self.before.warnings.get(self.about)
        if warning is not None:
            return WarningFacts(warning.text)
        if self.about in self.before.restrictions:
            return self._of_restriction(self.before.restrictions[self.about])
        return self._of_paper()

    def _of_restriction(self, one: RestrictionOnFile) -> Facts:
        state = one.state(self.now)
        if state is RestrictionState.ENDED:
            return EndFacts(self._restriction(one.id))
        if state is RestrictionState.LIFTED:
            raise Refused("This restriction was lifted.", way="Name the paper that lifted it.")
        _ = self.act
        return RestrictionFacts(self._restriction(one.id))

    def _of_paper(self) -> Facts:
        paper = self.file.paper(self.about)
        match paper.act if paper is not None else None:
            case ExtendRestriction() as act:
                return self._extension(act)
            case ReviewRestriction() as act:
                return ReviewFacts(self._restriction(act.restriction), act.outcome, act.reason)
            case DecideAppeal() as act:
                restriction = self.before.appeals[act.appeal].restriction
                return AppealFacts(self._restriction(restriction), act.outcome, act.reason)
            case LiftRestriction() as act:
                return EndFacts(self._restriction(act.restriction), act.reason)
            case AgreeContract() as act:
                return ChangeFacts(self._restriction(act.restriction), "You agreed to the conditions")
            case _:
                raise Refused(_NEITHER, way=_WAY)

    def _extension(self, act: ExtendRestriction) -> ExtensionFacts:
        """Give an extension with the restriction's reason: what an incident says was written for staff."""
        was = self.before.restrictions[act.restriction]
        day = next(one.day for paper, one in self.file.of(NoteIncident) if paper.id == act.incident)
        assert day is not None  # judge fills it
        return ExtensionFacts(self._restriction(act.restriction), was.reason, was.ends, day)

    def _restriction(self, number: str) -> Restriction:
        one = self.after.restrictions[number]
        value = one.enforced()
        if value is None or one.told_at is None:
            raise Refused("The person was never told of this restriction.", way="Then there is nothing to take back.")
        return self._as_of(value)

    def _as_of(self, value: Restriction) -> Restriction:
        agreed = value.contract_agreed
        return value if agreed is None else replace(value, contract_agreed=min(agreed, self.at))

    def position(self, office: Office, staff: frozenset[str]) -> Position:
        """Give where the party stands once they are told; `staff` are names and lines that may have to be concealed."""
        stand = tuple(one for one in self.after.restrictions.values() if one.live(self.now) and one.told_at is not None)
        values = tuple(self._as_of(value) for one in stand if (value := one.enforced()) is not None)
        begins = next((value.starts for value in values if value.id == self.about), self.at)
        return Position(
            self.file.party,
            self.policy,
            office,
            max(self.at, begins),
            self.at.astimezone(self.policy.zone).date(),
            values,
            tuple(_standing(one) for one in self._adjustments()),
            tuple(dict.fromkeys(form for one in self._adjustments() for form in sorted(one.forms))),
            tuple(self._advocates()),
            {one.id: one.no_review for one in stand if one.no_review},
            staff | frozenset(_named(self.file, self.before)) - _titles(self.policy),
            facts_of(self.after),
        )

    def _adjustments(self) -> list[AdjustmentOnFile]:
        return [one for one in self.after.adjustments.values() if one.value().in_force(self.now)]

    def _advocates(self) -> Iterator[AdvocateCopy]:
        """Give the advocates who can be written to; a copy goes to those who speak for the party in everything."""
        for one in authorities(self.after, self.now):
            addresses = sorted(each.value for each in one.identifiers if each.kind is IdentifierKind.EMAIL)
            if addresses:
                yield AdvocateCopy(one.name, addresses[0], consent=bool(one.consent) and not one.scope.strip())


def addresses(file: CaseFile) -> tuple[str, ...]:
    """Give the party's own mail addresses, the one last confirmed first; what others share is nobody's letter box."""
    own = [
        mark
        for mark in file.marks
        if mark.identifier.kind is IdentifierKind.EMAIL and not mark.shared and not mark.exception
    ]
    known = [(mark.confirmed or mark.established, mark.identifier.value) for mark in own]
    ranked = sorted(known, key=lambda one: (one[0] is None, -one[0].timestamp() if one[0] else 0.0, one[1]))
    return tuple(value for _, value in ranked)


def _standing(one: AdjustmentOnFile) -> Adjustment:
    """Give an adjustment as standing since ever: one agreed after the draft makes it another letter."""
    return replace(one.value(), agreed=None)


def _titles(policy: Policy) -> frozenset[str]:
    return frozenset({*policy.roles, *policy.roles.values(), ""})


def _named(file: CaseFile, shelf: Shelf) -> Iterator[str]:
    """Name the colleagues whom the file knows: whoever wrote on it, owns a restriction of it, or is shielded."""
    yield from (paper.by for paper in file.papers)
    yield from (one.owner for one in shelf.restrictions.values())
    for shield in shelf.shields.values():
        yield from (shield.colleague, shield.inbox, shield.phone)
