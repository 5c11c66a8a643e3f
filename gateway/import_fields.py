"""Checks what a file says of parties and turns it into values of `rules`; every fault is kept with its line.

Belongs here: what each field may be. What is on record already is no concern of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from gateway.import_drafts import Draft, Fault, MeasureDraft, PartyDraft, RestrictionDraft
from rules import identity, measures
from rules.contact import Channel, Identifier
from rules.everybodys import everybodys
from rules.measures import Measure
from rules.policies import Policy
from rules.standing import FORMS, Adjustment, PartyKind, Restriction, Told
from rules.windows import local_midnight, months_after

_PARTY = ("name", "kind", "emails", "phones", "domains", "except", "handles", "shared", "restriction", "adjustment")
_RESTRICTION = ("reason", "ground", "approved_by", "notified", "starts", "ends", "review_at", "measures")
_ADJUSTMENT = ("need", "open", "agreed", "ends", "forms", "detail")
_EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
_DAY = timedelta(days=1)
_LONGEST = 4000

_WAYS: dict[str, tuple[Callable[[str], Identifier | None], str]] = {
    "emails": (identity.email, "a mail address; write it as r.example@example.org"),
    "phones": (identity.phone, "a phone number; write it without spaces, as +441632960001"),
    "domains": (identity.domain, "a mail domain; write it as example.org"),
    "handles": (identity.handle, "a social handle; write it as platform:name"),
    "except": (identity.email, "a mail address; write it as r.example@example.org"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """Hold one identifier as a file names it: where, whether it is shared, or excepted from the party's domain."""

    identifier: Identifier
    line: int
    shared: bool = False
    exception: bool = False


@dataclass(frozen=True, slots=True)
class ReadyRestriction:
    """Hold a checked restriction, which has no id yet."""

    line: int
    restriction: Restriction


@dataclass(frozen=True, slots=True)
class ReadyAdjustment:
    """Hold a checked adjustment."""

    line: int
    adjustment: Adjustment


@dataclass(frozen=True, slots=True)
class ReadyParty:
    """Hold a checked party with all that stands under it."""

    line: int
    name: str
    kind: PartyKind
    known: tuple[Known, ...]
    restrictions: tuple[ReadyRestriction, ...]
    adjustments: tuple[ReadyAdjustment, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Say what a file is held to: the policy, the office's own mail domains, the time.

    `trial` takes restrictions as approved and told, and without days as always in force (`parley replay`).
    """

    policy: Policy
    now: datetime
    own_domains: frozenset[str] = frozenset()
    trial: bool = False


@dataclass(slots=True)
class _Fields:
    """Read the fields of one table; what is wrong with one is noted, and something harmless given for it."""

    draft: Draft
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, key: str, text: str) -> None:
        self.faults.append(Fault(self.draft.at(key), text))

    def only(self, names: Iterable[str], what: str) -> None:
        for key in self.draft.fields:
            if key not in names:
                self.wrong(key, f"{what} has no {key!r}; it has {', '.join(names)}.")

    def text(self, key: str, *, cure: str | None = None, lines: bool = False) -> str:
        """Read words; `cure` tells what is missing where they must be there."""
        value = self.draft.fields.get(key, "")
        if not isinstance(value, str):
            self.wrong(key, f"{key} is {_short(value)}, but must be words in quotes.")
            return ""
        value = value.strip() if lines else " ".join(value.split())
        if not value and cure is not None:
            self.wrong(key, f"{key} is missing; {cure}.")
        if len(value) > _LONGEST or not (value if not lines else "".join(value.split())).replace(" ", "").isprintable():
            self.wrong(key, f"{key} is too long or has characters that cannot be printed.")
        return value

    def texts(self, key: str) -> list[str]:
        value = self.draft.fields.get(key, [])
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return [str(each) for each in value]
        self.wrong(key, f'{key} is {_short(value)}, but must be a list of texts, as ["..."].')
        return []

    def day(self, key: str, *, cure: str | None = None) -> date | None:
        """Read a day of the office; None where there is none."""
        value = self.draft.fields.get(key)
        if isinstance(value, str) and value:
            try:
                value = date.fromisoformat(value)
            except ValueError:
                self.wrong(key, f"{key} is {_short(value)}, which is no day; write it as 2026-03-04.")
                return None
        if value is None or value == "":
            if cure is not None:
                self.wrong(key, f"{key} is missing; {cure}.")
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.wrong(key, f"{key} is {_short(value)}, but must be a day; write it as 2026-03-04.")
            return None
        if not _EVER[0].date() < value < _EVER[1].date():
            self.wrong(key, f"{key} is {value}, which no calendar of an office reaches.")
            return None
        return value


def check(drafts: Iterable[PartyDraft], terms: Terms, faults: list[Fault]) -> list[ReadyParty]:
    """Check all parties of a file; those that are whole come out, what is wrong goes to `faults`."""
    ready: list[ReadyParty] = []
    named: dict[str, int] = {}
    held: dict[Identifier, tuple[ReadyParty, Known]] = {}
    for draft in drafts:
        found: list[Fault] = []
        party = _party(draft, terms, found)
        if party.name and named.setdefault(party.name, party.line) != party.line:
            text = f"{party.name} stands on line {named[party.name]} already; put all of a party under one [[party]]."
            found.append(Fault(party.line, text))
        found += _held_twice(party, held)
        faults += found
        if not found:
            ready.append(party)
    return ready


def _held_twice(party: ReadyParty, held: dict[Identifier, tuple[ReadyParty, Known]]) -> list[Fault]:
    """Find identifiers that another party of the file has and that are not marked shared on both (THREATS I6)."""
    found = []
    for known in party.known:
        if known.exception:
            continue
        other, theirs = held.setdefault(known.identifier, (party, known))
        if other is not party and not (known.shared and theirs.shared):
            text = (
                f"{known.identifier.value} stands on {other.name} (line {theirs.line}) as well; where both use it, "
                "name it under shared on both, else take it off one."
            )
            found.append(Fault(known.line, text))
    return found


def _party(draft: PartyDraft, terms: Terms, faults: list[Fault]) -> ReadyParty:
    fields = _Fields(draft.table, faults)
    fields.only(_PARTY, "a party")
    name = fields.text("name", cure="say what the office calls the party")
    kind = fields.text("kind") or PartyKind.PERSON.value
    if kind not in list(PartyKind):
        fields.wrong("kind", f"kind is {kind!r}, but must be {_either(PartyKind)}.")
        kind = PartyKind.PERSON.value
    return ReadyParty(
        draft.table.line,
        name,
        PartyKind(kind),
        _known(fields, terms),
        tuple(_restriction(each, terms, faults) for each in draft.restrictions),
        tuple(_adjustment(each, terms, faults) for each in draft.adjustments),
    )


def _known(fields: _Fields, terms: Terms) -> tuple[Known, ...]:
    """Read all identifiers of a party."""
    found: dict[Identifier, Known] = {}
    for key, (read, what) in _WAYS.items():
        for text in fields.texts(key):
            identifier = read(text)
            if identifier is None:
                fields.wrong(key, f"{key}: {text!r} is not {what}.")
            elif _guarded(fields, key, identifier, terms):
                known = Known(identifier, fields.draft.at(key), exception=key == "except")
                if found.setdefault(identifier, known).exception is not known.exception:
                    fields.wrong(key, f"except: {identifier.value} is named as the party's own as well.")
    _check_exceptions(fields, found)
    for text in fields.texts("shared"):
        identifier = identity.anything(text) or identity.domain(text)
        if identifier is None or identifier not in found or found[identifier].exception:
            fields.wrong("shared", f"shared: {text!r} is none of this party's addresses, numbers, domains and handles.")
        else:
            found[identifier] = replace(found[identifier], shared=True)
    return tuple(found.values())


def _guarded(fields: _Fields, key: str, identifier: Identifier, terms: Terms) -> bool:
    """Refuse what would shut out the office itself, or half the town (THREATS I7)."""
    why = everybodys(identifier, terms.policy, terms.own_domains)
    if why:
        fields.wrong(key, f"{key}: {why}")
    return not why


def _check_exceptions(fields: _Fields, found: Mapping[Identifier, Known]) -> None:
    for known in found.values():
        if known.exception and identity.domain_of(known.identifier) not in found:
            text = f"except: {known.identifier.value} is in none of this party's domains, so nothing is to be excepted."
            fields.wrong("except", text)


def _restriction(draft: RestrictionDraft, terms: Terms, faults: list[Fault]) -> ReadyRestriction:
    fields = _Fields(draft.table, faults)
    fields.only(_RESTRICTION, "a restriction")
    needed = not terms.trial
    starts, ends = _span(fields, terms)
    told = _told(fields, terms)
    restriction = Restriction(
        id="",
        measures=_measures(draft.measures, faults),
        starts=starts,
        ends=ends,
        reason=fields.text("reason", cure="say what happened" if needed else None, lines=True),
        ground=_ground(fields, terms),
        approved_by=fields.text("approved_by", cure="say who approved it" if needed else None),
        told=told,
        review_at=_review(fields, terms, told, ends),
    )
    if terms.trial:
        restriction = replace(restriction, approved_by=restriction.approved_by or "trial", told=Told.YES)
    return ReadyRestriction(draft.table.line, restriction)


def _measures(drafts: Iterable[MeasureDraft], faults: list[Fault]) -> tuple[Measure, ...]:
    found: dict[Measure, int] = {}
    for draft in drafts:
        try:
            if not isinstance(draft.data, dict):
                raise ValueError(f"a measure is {_short(draft.data)}; write it as {{ kind = ..., ... }}")
            measure = measures.parse(draft.data)
        except ValueError as refused:
            faults.append(Fault(draft.line, f"{refused}."))
            continue
        if measure in found:
            text = f"The same {measure.kind} stands on line {found[measure]} already; take one of them out."
            faults.append(Fault(draft.line, text))
        found.setdefault(measure, draft.line)
    return tuple(found)


def _span(fields: _Fields, terms: Terms) -> tuple[datetime, datetime]:
    """Read from when to when it is in force: the first moment of one day, the last of the other (DESIGN)."""
    needed = not terms.trial
    first = fields.day("starts", cure="say the first day on which it is in force" if needed else None)
    last = fields.day("ends", cure="say the last day on which it is in force" if needed else None)
    if first and last and last < first:
        fields.wrong(
            "ends", f"ends is {last}, before starts, which is {first}; a restriction ends on or after its first day."
        )
    zone = terms.policy.zone
    return (
        local_midnight(first, zone) if first else _EVER[0],
        local_midnight(last + _DAY, zone) if last else _EVER[1],
    )


def _told(fields: _Fields, terms: Terms) -> Told:
    """Read whether the party was told; nobody may leave that open by saying nothing (PHSO-20)."""
    value = fields.draft.fields.get("notified")
    known = {True: Told.YES, False: Told.NO, "unknown": Told.UNKNOWN}
    if value is None or value == "":
        if not terms.trial:
            fields.wrong("notified", 'notified is missing; say true, false or "unknown": was the party told of it?')
        return Told.YES
    if not isinstance(value, bool | str) or value not in known:
        fields.wrong("notified", f'notified is {_short(value)}, but must be true, false or "unknown".')
        return Told.NO
    return known[value]


def _ground(fields: _Fields, terms: Terms) -> str:
    grounds = terms.policy.grounds
    ground = fields.text("ground", cure=None if terms.trial else f"the policy's grounds are {', '.join(grounds)}")
    if ground and ground not in grounds:
        fields.wrong("ground", f"ground is {ground!r}, but the grounds of the policy are {', '.join(grounds)}.")
    return ground


def _review(fields: _Fields, terms: Terms, told: Told, ends: datetime) -> datetime | None:
    """Give when it is reviewed: soon, where nobody knows whether the party was told of it.

    Where the file names no day, as long after this one as the policy reviews, or as its restrictions last: what is
    brought in is looked at again, too (SPSO-23).
    """
    policy = terms.policy
    day = fields.day("review_at")
    asked = local_midnight(day, policy.zone) if day else None
    if asked is None and not terms.trial:
        months = policy.review.every_months or policy.durations.restriction_months
        asked = min(local_midnight(months_after(terms.now.astimezone(policy.zone).date(), months), policy.zone), ends)
    if told is not Told.UNKNOWN:
        return asked
    latest = min(terms.now + policy.review_unknown, ends)
    return min(asked, latest) if asked else latest


def _adjustment(draft: Draft, terms: Terms, faults: list[Fault]) -> ReadyAdjustment:
    fields = _Fields(draft, faults)
    fields.only(_ADJUSTMENT, "an adjustment")
    need = fields.text("need", cure="say what the party needs", lines=True)
    opened = fields.texts("open")
    if not opened and "open" not in draft.fields:
        fields.wrong("open", f"open is missing; name the channels that stay open, of {', '.join(Channel)}.")
    for text in opened:
        if text not in list(Channel):
            fields.wrong("open", f"open: {text!r} is no channel; the channels are {', '.join(Channel)}.")
    forms = fields.texts("forms")
    for text in forms:
        if text not in FORMS:
            fields.wrong("forms", f"forms: {text!r} is no form; the forms are {', '.join(FORMS)}.")
    agreed, ends = fields.day("agreed"), fields.day("ends")
    if agreed and ends and ends < agreed:
        fields.wrong("ends", f"ends is {ends}, before agreed, which is {agreed}.")
    zone = terms.policy.zone
    adjustment = Adjustment(
        need,
        frozenset(Channel(text) for text in opened if text in list(Channel)),
        local_midnight(agreed, zone) if agreed else None,
        local_midnight(ends + _DAY, zone) if ends else None,
        tuple(dict.fromkeys(text for text in forms if text in FORMS)),
        fields.text("detail", lines=True),
    )
    return ReadyAdjustment(draft.line, adjustment)


def _either(names: Iterable[str]) -> str:
    words = list(map(str, names))
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _short(value: object) -> str:
    text = value.isoformat() if isinstance(value, date | time) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
