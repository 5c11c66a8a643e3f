"""What reports count of the record: which files to read, what restrictions did to contacts, when people looked.

Promises that nobody's words or addresses come out of here: numbers, times, and names of outcomes alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, literal_column, select, union

from rules.contact import Assurance, Channel, Identifier, IdentifierKind
from rules.decision import Outcome
from storage.desk import Desk
from storage.entries import State
from storage.schema import adjustments, at_of_all, contacts, identifiers, papers, parties, restrictions
from storage.statements import Statement
from storage.times import moment, moment_or_none, stamp
from storage.words import OUTCOMES, read_reasons

_c, _i, _p = contacts.c, identifiers.c, papers.c
_NOT_THEIRS = (State.OURS, State.TAKEN_BACK)
_WAITS = frozenset({State.FILED, State.VOICEMAIL, State.UNCLEAR})
_IN_PERIOD = and_(
    at_of_all >= bindparam("since"),
    at_of_all < bindparam("until"),
    _c.state.not_in([literal_column(f"'{state.value}'") for state in _NOT_THEIRS]),
    _c.assurance != literal_column(f"'{Assurance.FAILED.value}'"),
)
# Grouped by the reasons as they are written: most contacts of a party have the same, and each text is read once.
_RESTRICTED = Statement(
    select(_c.channel, _c.decided, _c.carried, _c.reasons, func.count())
    .where(_IN_PERIOD, _c.party_id.is_not(None), _c.reasons != literal_column("'[]'"))
    .group_by(_c.channel, _c.decided, _c.carried, _c.reasons)
)
_LOOKS = Statement(select(_c.at, _c.look_by, _c.looked_at, _c.state).where(_IN_PERIOD, _c.look_by.is_not(None)))


@dataclass(frozen=True, slots=True)
class Restricted:
    """Hold how many contacts restrictions bore on: by channel, what was decided, and what was done (observe mode)."""

    channel: Channel
    decided: Outcome
    carried: Outcome
    count: int


@dataclass(frozen=True, slots=True)
class LookOwed:
    """Hold one contact that a person had to look at, with aware UTC times; `waits` tells that it still does now."""

    at: datetime
    look_by: datetime
    looked_at: datetime | None
    waits: bool


def files_with(desk: Desk, acts: Iterable[str]) -> tuple[int, ...]:
    """Number the parties on whose file one of these acts stands, or a restriction or adjustment that was imported."""
    written = select(_p.party_id).where(_p.act.in_(sorted(acts)))
    any_of = union(written, select(restrictions.c.party_id), select(adjustments.c.party_id)).subquery()
    open_files = parties.c.id.in_(select(any_of.c.party_id)), parties.c.merged_into.is_(None)
    return tuple(number for (number,) in desk.ask(select(parties.c.id).where(*open_files).order_by(parties.c.id)))


def identifiers_of_parties(desk: Desk) -> tuple[tuple[int, Identifier], ...]:
    """Give the numbers and handles that parties are known by, each with its party's number."""
    kinds = [IdentifierKind.PHONE.value, IdentifierKind.HANDLE.value]
    rows = desk.ask(select(_i.party_id, _i.kind, _i.value).where(_i.kind.in_(kinds)).order_by(_i.party_id, _i.value))
    return tuple((number, Identifier(IdentifierKind(kind), value)) for number, kind, value in rows)


def restricted_contacts(desk: Desk, since: datetime, until: datetime) -> tuple[Restricted, ...]:
    """Count the contacts from `since` up to `until` (aware UTC) on which a restriction of their party bore.

    Contacts that were let through under a restriction are among them; forged ones and those taken back are not.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    for channel, decided, carried, reasons, count in desk.rows(_RESTRICTED, _span(since, until)):
        if any(reason.restriction for reason in read_reasons(reasons)):
            found[channel, decided, carried] += count
    return tuple(
        Restricted(Channel(channel), OUTCOMES[decided], OUTCOMES[carried], count)
        for (channel, decided, carried), count in sorted(found.items())
    )


def looks_owed(desk: Desk, since: datetime, until: datetime) -> tuple[LookOwed, ...]:
    """List the contacts from `since` up to `until` (aware UTC) that a person had to look at."""
    rows = desk.rows(_LOOKS, _span(since, until))
    return tuple(
        LookOwed(moment(at), moment(look_by), moment_or_none(looked), State(state) in _WAITS)
        for at, look_by, looked, state in rows
    )


def _span(since: datetime, until: datetime) -> dict[str, int]:
    return {"since": stamp(since), "until": stamp(until)}
