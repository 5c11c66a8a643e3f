"""The brief: who may contact us, when, with whom, what to say, and no more than that (SPSO-68, SPSO-70).

Belongs here: reading it from what is enforced now, by `rules.decide` itself, never a second opinion. Nobody's reasons,
evidence or history is in it, and of an adjustment what to do and not why. A shared address is a "may be ..." (I6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gateway.alerts.desk import in_sentences
from gateway.brief_words import DOES, HOW_TO, agreed, said, speaks
from gateway.casework.outline import sees_history
from gateway.casework.overview import FilesRead
from gateway.human_clock import Figure, all_that_waits, figure, figure_object
from gateway.notices.measure_words import dialled
from gateway.notices.phrases import Phrases, shipped
from gateway.notices.position import Office, Position
from gateway.notices.ways import A_MOBILE, State, Way, way
from gateway.notices.ways_table import when_in_words
from gateway.standing import standing_of_party
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.identifiers import words as identifier_words
from rules.contact import Assurance, Channel, Contact, Identifier, IdentifierKind
from rules.decide import decide
from rules.decision import Decision, Outcome
from rules.facts import place
from rules.measures.block import Block
from rules.measures.named_contact import NamedContact
from rules.policies import Policy
from rules.standing import Standing
from storage.record import Record
from storage.transaction import Reader, Transaction

BRIEF = "brief"
_BY_DOOR = (Channel.EMAIL, Channel.SMS, Channel.CALL)
_SHUT = (State.CLOSED, State.SENT_BACK)
_PROBE = "anybody@brief.invalid"
_NOBODY = Identifier(IdentifierKind.HANDLE, "brief:probe")


@dataclass(frozen=True, slots=True)
class Asked:
    """Say what part of the brief is wanted: for one channel, line or inbox, or what goes to one named contact.

    `name` is part of a party's name. Empty fields ask for everything.
    """

    channel: Channel | None = None
    line: str = ""
    inbox: str = ""
    named: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Say of channels what to do now: `does` in words, `when` they are open, `to` whom it goes, `why` in sentences."""

    channels: tuple[Channel, ...]
    does: str
    open: bool
    when: tuple[str, ...] = ()
    to: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Hold what those at the phones need of one party; a channel without a row is open as to everybody.

    `say` is what may be said to them, once they have said who they are. `agreed` is what staff must honour, `speakers`
    who may speak for them, `instead` lines and inboxes that they must not reach, each with that of who takes over.
    """

    party: int
    name: str
    known_by: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    say: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    instead: tuple[tuple[str, str], ...] = ()
    until: date | None = None


@dataclass(frozen=True, slots=True)
class MayBe:
    """Hold an address or number that several people use: it suggests who it may be, and restricts nobody."""

    identifier: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """Hold the brief of a moment, aware UTC; `unreadable` are parties whose file nobody can read.

    `alerts` are those that wait for somebody, in sentences that name no person; for whoever may read them. `overdue` is
    the figure of what waits for a person, with the whole brief and for whoever may read files.
    """

    at: datetime
    people: tuple[Person, ...]
    may_be: tuple[MayBe, ...] = ()
    unreadable: tuple[int, ...] = ()
    alerts: tuple[str, ...] = ()
    overdue: Figure | None = None


@dataclass(frozen=True, slots=True)
class Briefing:
    """Give the brief of one installation to those who may have it. Its methods wait; not for event loops."""

    record: Record
    policy: Policy
    office: Office
    phrases: Phrases = field(default_factory=shipped)
    files: FilesRead = field(default_factory=FilesRead)

    def read(self, by: Actor, asked: Asked, now: datetime) -> Brief:
        """Give the brief; that somebody read it is put on record once a day (THREATS W4). Raises Refused."""
        allowed(BRIEF, self.policy, by)
        found = self.record.read_now(lambda reader: self.of(reader, asked, now))
        day = f"{BRIEF}:{now.astimezone(self.policy.zone).date()}"
        if not self.record.read_now(lambda reader: _has_read(reader, day, by)):
            self.record.write_now(lambda tx: _note(tx, day, by))
        counted = self._figure(now) if asked == Asked() and sees_history(self.policy, by) else None
        return replace(found, alerts=in_sentences(self.record, self.policy, by), overdue=counted)

    def _figure(self, now: datetime) -> Figure:
        things = self.record.read_now(lambda reader: all_that_waits(reader, self.policy, now, self.files))
        return figure(things, now)

    def of(self, reader: Reader, asked: Asked, now: datetime) -> Brief:
        """Draw it up from the record as it is at `now` (aware UTC)."""
        people: list[Person] = []
        unreadable: list[int] = []
        shared = _shared(reader)
        names: dict[int, str] = {}
        for number in reader.concerned(now):
            try:
                person = self._person(reader, number, shared, asked, now)
            except ValueError:  # a measure that nobody can read: whoever contacts us is put before a person
                unreadable.append(number)
                continue
            if person is not None and _bears(person):
                names[number] = person.name
                if asked.name.casefold() in person.name.casefold():
                    people.append(person)
        may_be = (
            MayBe(_known_by(identifier), tuple(sorted({names[one] for one in numbers if one in names})))
            for identifier, numbers in shared.items()
            if _fits(identifier, asked)
        )
        people.sort(key=lambda one: (one.name.casefold(), one.party))
        return Brief(now, tuple(people), tuple(one for one in may_be if one.names), tuple(unreadable))

    def _person(
        self, reader: Reader, number: int, shared: dict[Identifier, list[int]], asked: Asked, now: datetime
    ) -> Person | None:
        file = reader.party_file(number)
        if file is None:
            return None
        own = sorted(one for one in file.party.identifiers if number not in shared.get(one, ()))
        standing = standing_of_party(reader, number, self._probe(Channel.CALL, own, asked, now), self.policy, now=now)
        if asked.named and not self._is_named(standing, asked.named, now):
            return None
        position = self._position(standing, now)
        found = [row for channel in _wanted(asked) if (row := self._row(channel, standing, position, own, asked))]
        kinds = {kind for _, bearing in found for kind in bearing}
        facts = standing.facts
        return Person(
            number,
            file.party.name,
            tuple(_known_by(one) for one in own if _fits(one, asked)),
            _merged(row for row, _ in found),
            tuple(said(position, self.phrases, kinds)),
            tuple(agreed(position.agreed, self.phrases)),
            tuple(speaks(one) for one in facts.voices if one.span.holds(now)),
            tuple((dialled(way.own), dialled(way.instead)) for way in facts.shields if way.span.holds(now)),
            max((position.last_day(one.ends) for one in position.in_force), default=None),
        )

    def _position(self, standing: Standing, now: datetime) -> Position:
        assert standing.party is not None  # a party's own standing
        return Position(
            standing.party,
            self.policy,
            self.office,
            now,
            restrictions=standing.in_force(now),
            adjustments=standing.adjustments,
            facts=standing.facts,
        )

    def _row(
        self, channel: Channel, standing: Standing, position: Position, own: list[Identifier], asked: Asked
    ) -> tuple[Row, frozenset[str]] | None:
        """Say what to do about one channel now, and by which kinds of measure; None where nothing bears on it."""
        contact = self._probe(channel, own, asked, position.at)
        decision = decide(contact, standing, self.policy, now=position.at)
        reasons = [one for one in decision.reasons if one.measure]
        kept_open = any(one.measure == "adjustment" for one in reasons) or any(
            channel in one.open for one in position.agreed
        )
        if not reasons and not kept_open:
            return None
        general = way(channel, position)
        if kept_open:  # what an adjustment outranks is nothing that anybody does, or says
            reasons = [one for one in reasons if decision.outcome is Outcome.ROUTE and one.measure != "adjustment"]
        # Of a block each channel's reason says no more than what is done with it: alike, they stand in one row.
        why = dict.fromkeys(f"{one.text.rstrip('.')}." for one in reasons if one.measure != Block.kind)
        row = Row(
            (channel,),
            _does(channel, decision, general, kept_open=kept_open),
            decision.outcome.lets_through and general.state not in _SHUT,
            _when(general, self.phrases),
            _to(decision),
            tuple(why),
        )
        return row, frozenset(one.measure for one in reasons)

    def _probe(self, channel: Channel, own: list[Identifier], asked: Asked, now: datetime) -> Contact:
        """Give a plain contact of the party's own, to the line or inbox that is asked about."""
        sender = A_MOBILE if channel is Channel.SMS else own[0] if own else _NOBODY
        mail = asked.inbox or _PROBE
        to = {Channel.CALL: asked.line or self.office.phone, Channel.EMAIL: mail, Channel.SMS: mail}.get(channel, "")
        return Contact(
            "brief",
            channel,
            now,
            sender,
            candidates=(sender,),
            assurance=Assurance.VERIFIED,
            recipients=(to,) if to and (asked.line or asked.inbox or to not in self.policy.always_open) else (),
        )

    def _is_named(self, standing: Standing, wanted: str, now: datetime) -> bool:
        """Tell whether somebody is the named contact of a party, or deputises for them."""
        at = place(wanted)
        named = (
            measure
            for one in standing.in_force(now)
            for measure in one.bearing(now)
            if isinstance(measure, NamedContact)
        )
        ways = (each for one in named for each in (one.inbox, one.phone, one.deputy) if each)
        return any(place(each) == at for each in ways)


def as_data(found: Brief, zone: ZoneInfo) -> dict[str, object]:
    """Give a brief in plain data, times in the office's zone."""
    return {
        "at": found.at.astimezone(zone).isoformat(),
        "how_to": list(HOW_TO),
        "people": [_plain(one) for one in found.people],
        "may_be": [{"identifier": one.identifier, "names": list(one.names)} for one in found.may_be],
        "unreadable": list(found.unreadable),
        "alerts": list(found.alerts),
        "overdue": figure_object(found.overdue, zone) if found.overdue is not None else None,
    }


def _plain(one: Person) -> dict[str, object]:
    return {
        "party": one.party,
        "name": one.name,
        "known_by": list(one.known_by),
        "rows": [
            {
                "channels": [each.value for each in row.channels],
                "does": row.does,
                "open": row.open,
                "when": list(row.when),
                "to": row.to,
                "why": list(row.why),
            }
            for row in one.rows
        ],
        "say": list(one.say),
        "agreed": list(one.agreed),
        "speakers": list(one.speakers),
        "instead": [{"own": own, "to": to} for own, to in one.instead],
        "until": one.until.isoformat() if one.until is not None else None,
    }


def _merged(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Say once what is the same of several channels."""
    found: dict[Row, tuple[Channel, ...]] = {}
    for row in rows:
        alike = replace(row, channels=())
        found[alike] = (*found.get(alike, ()), *row.channels)
    return tuple(replace(row, channels=channels) for row, channels in found.items())


def _shared(reader: Reader) -> dict[Identifier, list[int]]:
    found: dict[Identifier, list[int]] = {}
    for identifier, party in reader.shared_identifiers():
        found.setdefault(identifier, []).append(party)
    return found


def _wanted(asked: Asked) -> Iterator[Channel]:
    if asked.channel is not None:
        yield asked.channel
        return
    for channel in Channel:
        by_line = asked.line and channel is not Channel.CALL
        by_inbox = asked.inbox and channel is not Channel.EMAIL
        if asked.line and asked.inbox:
            by_line = by_inbox = channel not in (Channel.CALL, Channel.EMAIL)
        if not by_line and not by_inbox:
            yield channel


def _fits(identifier: Identifier, asked: Asked) -> bool:
    """Tell whether an identifier is of use to who asks: no address to who answers a line, no number to an inbox."""
    channels = set(_wanted(asked))
    if identifier.kind is IdentifierKind.PHONE:
        return bool(channels & {Channel.CALL, Channel.SMS})
    if identifier.kind in (IdentifierKind.EMAIL, IdentifierKind.DOMAIN):
        return Channel.EMAIL in channels
    return Channel.ONLINE in channels


def _bears(person: Person) -> bool:
    return bool(person.rows or person.agreed or person.speakers or person.instead)


def _does(channel: Channel, decision: Decision, general: Way, *, kept_open: bool) -> str:
    if channel in _BY_DOOR:
        if kept_open and decision.outcome.lets_through:
            return DOES["kept_open"]
        return DOES[decision.outcome.value]
    if kept_open:
        return DOES["kept_open"]
    return DOES[f"by_hand_{general.state.value}"]


def _when(general: Way, phrases: Phrases) -> tuple[str, ...]:
    if general.state in (*_SHUT, State.RECORDED) and general.hours is None:
        return ()
    return tuple(when_in_words(general, phrases))


def _to(decision: Decision) -> str:
    """Say where contact goes that is routed; empty where it goes where it was sent."""
    target = decision.targets[0] if decision.targets else None
    if target is None:
        return ""
    return dialled(target.to) if decision.outcome is Outcome.ROUTE and target.to != target.recipient else ""


def _known_by(identifier: Identifier) -> str:
    return dialled(identifier.value) if identifier.kind is IdentifierKind.PHONE else identifier_words(identifier)


def _has_read(reader: Reader, day: str, by: Actor) -> bool:
    return any(one.who == by.name and one.act == BRIEF for one in reader.acts_about(day))


def _note(tx: Transaction, day: str, by: Actor) -> None:
    tx.act(by.name, BRIEF, day)
