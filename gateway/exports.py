"""Writes the parties on record with their restrictions and adjustments as a file that `parley import` takes.

Belongs here: what of the record goes into the file, and how what the file has no words for is rounded. Promises that
no adjustment is left out or made narrower (THREATS W10), and that no restriction lasts longer or begins sooner by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from gateway.export_words import OutAdjustment, OutParty, OutRestriction
from rules import identity, measures
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.file import Mark
from rules.casework.shelf import RestrictionState, Shelf, shelf_of
from rules.contact import Identifier, IdentifierKind
from rules.policies import Policy
from rules.standing import Adjustment, Party, Restriction, Told
from rules.windows import end_of, local_midnight
from storage.record import Record
from storage.transaction import Reader

EXPORT = "export"
_AT_ONCE = 500
_LONGEST = 4000  # as import has it
_LATEST = date(2199, 12, 31)  # as import has it
_DAY, _MOMENT = timedelta(days=1), timedelta(microseconds=1)
_TOLD: dict[Told, bool | str] = {Told.YES: True, Told.NO: False, Told.UNKNOWN: "unknown"}
_NOT_ON_RECORD = "not on record"
_WAITING = frozenset({RestrictionState.DRAFT, RestrictionState.AWAITING_APPROVAL})


@dataclass(slots=True)
class Exported:
    """Hold the parties as they go into a file, and sentences on what the file cannot say as the record does."""

    parties: list[OutParty] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Count what goes out, for the record of acts."""
        return {
            "parties": len(self.parties),
            "restrictions": sum(len(one.restrictions) for one in self.parties),
            "adjustments": sum(len(one.adjustments) for one in self.parties),
        }


def taken_out(record: Record, policy: Policy, by: Actor, *, now: datetime, form: str) -> Exported:
    """Gather all parties as they stand at `now` (aware UTC); that somebody took them out is an act (THREATS W4).

    Raises Refused to those whom the policy does not let (SPSO-68), PaperUnreadable rather than leave out what is on
    a file that cannot be read (THREATS W10).
    """
    allowed(EXPORT, policy, by)
    exported: Exported = record.read_now(partial(_gather, policy, now))
    record.write_now(lambda tx: tx.act(by.name, EXPORT, form, exported.counts))
    return exported


def _gather(policy: Policy, now: datetime, reader: Reader) -> Exported:
    leaving = _Leaving(policy, now)
    for party in _all(reader):
        leaving.party(reader, party)
    return leaving.exported


def _all(reader: Reader) -> Iterator[Party]:
    after = 0
    while found := reader.parties(after=after, limit=_AT_ONCE):
        yield from found
        after = found[-1].id


@dataclass(slots=True)
class _Leaving:
    """Put parties into the file's words one by one."""

    policy: Policy
    now: datetime
    exported: Exported = field(default_factory=Exported)
    names: set[str] = field(default_factory=set)

    def party(self, reader: Reader, party: Party) -> None:
        """Put one party with all that stands under it into the file."""
        standing, file = reader.party_file(party.id), reader.case_file(party.id)
        assert standing is not None and file is not None  # it was listed in this transaction
        shelf = shelf_of(file, self.policy)
        name = self._name(party)
        out = OutParty(name, party.kind.value, self._identifiers(file.marks, name))
        for restriction in standing.restrictions:
            self._restriction(out, restriction, shelf)
        out.adjustments.extend(map(self._adjustment, standing.adjustments))
        drafts = sum(one.state(self.now) in _WAITING for one in shelf.restrictions.values())
        if drafts:
            self._note(f"{name}: what waits for approval or is a draft is not in it ({drafts}).")
        self.exported.parties.append(out)

    def _note(self, text: str) -> None:
        self.exported.notes.append(text)

    def _name(self, party: Party) -> str:
        """Give the name that tells the party apart in the file; two of one name would be one party there."""
        name = self._text(party.name) or f"Party {party.id}"
        if name in self.names:
            plain, name = name, f"{name} (party {party.id})"
            self._note(f"{plain} is the name of several; party {party.id} is written as {name}.")
        self.names.add(name)
        return name

    def _identifiers(self, marks: tuple[Mark, ...], name: str) -> dict[str, tuple[str, ...]]:
        """Give the identifiers under the names of the file's fields."""
        lists: dict[str, list[str]] = {each: [] for each in (*_FIELDS.values(), "except", "shared")}
        for mark in marks:
            text = written(mark.identifier)
            if text is None:
                text = mark.identifier.value
                self._note(f"{name}: {text!r} cannot be written so that it is read as it is on record.")
            lists["except" if mark.exception else _FIELDS[mark.identifier.kind]].append(text)
            if mark.shared and not mark.exception:
                lists["shared"].append(text)
        return {each: tuple(found) for each, found in lists.items()}

    def _restriction(self, out: OutParty, one: Restriction, shelf: Shelf) -> None:
        if one.ends <= one.starts:
            return  # it was over before it began, and never restricted anybody
        starts, ends = self._first_day(one.starts), self._last_day(one.ends)
        if ends < starts or not one.approved_by:
            why = "it is over within a day, and the file knows days only" if one.approved_by else "nobody approved it"
            self._note(f"{out.name}: restriction {one.id} is left out: {why}.")
            return
        if one.ends < _LATEST_MOMENT and end_of(ends, self.policy.zone) < one.ends:
            self._note(f"{out.name}: restriction {one.id} ends in the middle of a day; in the file it ends before it.")
        if one.ground not in self.policy.grounds:
            self._note(f"{out.name}: the ground {one.ground!r} of restriction {one.id} is none of the policy's.")
        bearing = tuple(dict.fromkeys(one.bearing(self.now)))
        if len(bearing) < len(set(one.measures)):
            self._note(f"{out.name}: of restriction {one.id} only its contract is in the file, as that was agreed.")
        out.restrictions.append(
            OutRestriction(
                reason=self._text(one.reason, lines=True) or _NOT_ON_RECORD,
                ground=one.ground,
                approved_by=self._approver(one, shelf),
                notified=_TOLD[one.told],
                starts=starts,
                ends=ends,
                review_at=self._day(one.review_at) if one.review_at else None,
                measures=tuple(measures.dump(each) for each in bearing),
            )
        )

    def _approver(self, one: Restriction, shelf: Shelf) -> str:
        """Name who approved it: the office they hold where import asks for that, as it knows nobody's roles."""
        name = self._text(one.approved_by)
        approvers = {each.casefold() for each in self.policy.approval.total_block}
        found = shelf.restrictions.get(one.id)
        if not approvers or name.casefold() in approvers or found is None or found.approval is None:
            return name
        title = self.policy.roles.get(found.approval.role, "")
        return title if title.casefold() in approvers else name

    def _adjustment(self, one: Adjustment) -> OutAdjustment:
        need, detail = self._text(one.need, lines=True) or _NOT_ON_RECORD, self._text(one.detail, lines=True)
        agreed = self._day(one.agreed) if one.agreed else None
        ends = min(self._day(one.ends - _MOMENT), _LATEST) if one.ends else None
        if agreed and ends:
            ends = max(agreed, ends)
        return OutAdjustment(need, tuple(sorted(one.open)), agreed, ends, one.forms, detail)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.policy.zone).date()

    def _first_day(self, starts: datetime) -> date:
        """Give the day on which it began; one still to come in the middle of a day begins on the next."""
        day = self._day(starts)
        return day + _DAY if starts > self.now and local_midnight(day, self.policy.zone) < starts else day

    def _last_day(self, ends: datetime) -> date:
        """Give the day on which it ended; one still to come in the middle of a day ends on the day before."""
        day = self._day(ends - _MOMENT)
        over = end_of(day, self.policy.zone)
        return min(_LATEST, day - _DAY if over > max(ends, self.now) else day)

    def _text(self, text: str, *, lines: bool = False) -> str:
        """Give words as import takes them: printable, and not longer than it reads."""
        text = re.sub(r"\r\n?", "\n", text).strip() if lines else " ".join(text.split())
        text = "".join(each if each.isprintable() or each.isspace() else "\ufffd" for each in text)
        if len(text) > _LONGEST:
            self._note(f"A text of {len(text)} characters was cut to {_LONGEST}.")
        return text[:_LONGEST].rstrip()


_LATEST_MOMENT = datetime.fromisoformat("2199-12-31T00:00:00+00:00")
_FIELDS = {
    IdentifierKind.EMAIL: "emails",
    IdentifierKind.PHONE: "phones",
    IdentifierKind.DOMAIN: "domains",
    IdentifierKind.HANDLE: "handles",
}
_READERS: dict[IdentifierKind, Callable[[str], Identifier | None]] = {
    IdentifierKind.EMAIL: identity.email,
    IdentifierKind.PHONE: identity.phone,
    IdentifierKind.DOMAIN: identity.domain,
    IdentifierKind.HANDLE: identity.handle,
}


def written(identifier: Identifier) -> str | None:
    """Write an identifier so that it is read back as the same; None where no way of writing it is."""
    local, at, host = identifier.value.rpartition("@")
    quoted = re.sub(r'(["\\])', r"\\\1", local)
    tries = (identifier.value, f'"{quoted}"{at}{host}')
    return next((text for text in tries if _READERS[identifier.kind](text) == identifier), None)
