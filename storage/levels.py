"""Levels of contact: particulars kept beside each contact, and what contacts of a window add up to.

Promises that nothing is counted ahead: a level is read from the contacts themselves, so that a merge, a split, a
settled call or a deleted contact needs no recount. Windows are by when a contact came, both ends inclusive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
    update,
)

from rules.contact import Assurance, Channel, Nature
from rules.decision import Outcome
from rules.levels.counting import SUMMED, Sums, Tally
from rules.levels.kinds import Level
from rules.levels.particulars import Particulars
from rules.levels.staff_time import Taken
from rules.repeats import Likeness
from storage.contacts import entry_of
from storage.desk import Desk, Row
from storage.entries import Entry, State
from storage.schema import at_of_all, contacts
from storage.schema_levels import further_particulars, particulars
from storage.statements import FIRST, Statement, add_unless
from storage.times import stamp

NOBODY = "nobody"
"""Whose contact is that nobody can say whose it is."""
PLACE, MATTER = "place", "matter"
_c, _p, _f = contacts.c, particulars.c, further_particulars.c
_NOT_COME_ABOUT = (
    *(State.INTENDED, State.DEFERRED, State.PASSED_BACK, State.RINGING, State.MISSED),
    *(State.REFUSED, State.RETURNED, State.AUTOMATED_LINE),
)
_WRITTEN = (Channel.EMAIL, Channel.SMS, Channel.LETTER, Channel.WEB, Channel.ONLINE)
_THROUGH = (Outcome.DELIVER, Outcome.ROUTE, Outcome.CONNECT)
_NOT_THROUGH = (State.INTENDED, State.DEFERRED, State.PASSED_BACK, State.RINGING, State.MISSED)


def _text(value: str) -> ColumnElement[str]:
    """Write one of our own words as a literal."""
    return literal_column(f"'{value}'")


def _among(column: ColumnElement[str], values: Iterable[str]) -> ColumnElement[bool]:
    return column.in_([_text(value) for value in values])


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Count the rows of which something is true."""
    return _sum(case((condition, literal_column("1")), else_=literal_column("0")))


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), literal_column("0"))


def _where(condition: ColumnElement[bool], column: ColumnElement[Any]) -> ColumnElement[int]:
    """Add up a column of the rows of which something is true."""
    return _sum(case((condition, column), else_=literal_column("0")))


_CHANNELS = {channel.value: channel for channel in Channel}
_CALL = _c.channel == _text(Channel.CALL.value)
_TALK = func.coalesce(_c.talk_s, literal_column("0"))
_cut_off = and_(_CALL, _among(_c.state, (State.ANSWERED, State.PAST)), _c.talk_s < bindparam("cut_s"))
_came_about = and_(~_among(_c.state, _NOT_COME_ABOUT), ~func.coalesce(_cut_off, false()))
_unanswered = and_(
    _CALL,
    _among(_c.carried, (Outcome.CONNECT, Outcome.ROUTE)),
    _among(_c.state, (State.MISSED, State.VOICEMAIL, State.LOOKED_AT, State.PAST)),
    literal_column("0") == _TALK,
)
_handled = and_(_came_about, _p.minutes.is_(None))
_let_through = and_(_among(_c.carried, _THROUGH), ~_among(_c.state, _NOT_THROUGH), ~_unanswered)
_ADDED: Mapping[str, ColumnElement[int]] = {
    "attempts": func.count(),
    "contacts": _times(_came_about),
    "unanswered": _times(_unanswered),
    "let_through": _times(_let_through),
    "talk_s": _sum(_TALK),
    "words": _sum(_c.words),
    "pages": _sum(_p.pages),
    "files_not_counted": _sum(_p.files_not_counted),
    "exact_repeats": _times(_p.repeats == _text(Likeness.COPY.value)),
    "near_repeats": _times(_p.repeats == _text(Likeness.NEAR_COPY.value)),
    "only_cc": _times(_p.only_cc == true()),
    "out_of_hours": _times(_p.out_of_hours == true()),
    "claimed": _times(_c.assurance == _text(Assurance.CLAIMED.value)),
    "handled": _times(_handled),
    "handled_words": _where(_handled, _c.words),
    "handled_talk_s": _where(_handled, _TALK),
    "unread": _times(and_(_handled, _c.words.is_(None), _among(_c.channel, _WRITTEN))),
    "corrected": _sum(_p.minutes),
}
_COUNTED = tuple(name for name in SUMMED if name in _ADDED)
_counts = _c.counts == literal_column("true")
_forged = and_(
    _c.counts == literal_column("false"),
    _c.assurance == _text(Assurance.FAILED.value),
    ~_among(_c.state, (State.OURS, State.TAKEN_BACK)),
)
_nothing: ColumnElement[int] = literal_column("0")
_ADDS: Mapping[Level, ColumnElement[bool]] = {
    Level.CONTACTS: and_(_counts, _came_about),
    Level.ATTEMPTS: _counts,
    Level.UNANSWERED: and_(_counts, _unanswered),
    Level.LET_THROUGH: and_(_counts, _let_through),
    Level.TALK_MINUTES: and_(_counts, _nothing < _TALK),
    Level.WORDS: and_(_counts, _c.words > _nothing),
    Level.PAGES: and_(_counts, _p.pages > _nothing),
    Level.FILES_NOT_COUNTED: and_(_counts, _p.files_not_counted > _nothing),
    Level.EXACT_REPEATS: and_(_counts, _p.repeats == _text(Likeness.COPY.value)),
    Level.NEAR_REPEATS: and_(_counts, _p.repeats == _text(Likeness.NEAR_COPY.value)),
    Level.STAFF_ADDRESSED: and_(_counts, _p.place.is_not(None)),
    Level.ONLY_CC: and_(_counts, _p.only_cc == true()),
    Level.OUT_OF_HOURS: and_(_counts, _p.out_of_hours == true()),
    Level.MATTERS: and_(_counts, _p.matter.is_not(None)),
    Level.STAFF_MINUTES: and_(_counts, or_(_handled, _p.minutes > _nothing)),
    Level.CLAIMED: and_(_counts, _c.assurance == _text(Assurance.CLAIMED.value)),
    Level.FAILED: _forged,
}
"""Which contacts add to a level, by the conditions by which they are added up."""
_BESIDE = contacts.outerjoin(particulars, _p.contact_id == _c.id)
_within = and_(_c.at >= bindparam("since"), _c.at <= bindparam("until"))
_theirs = and_(_c.whose == bindparam("whose"), _among(_c.channel, Channel))
_on_case = or_(
    _p.matter == bindparam("matter"),
    select(_f.which)
    .where(_f.contact_id == _c.id, _f.what == _text(MATTER), _f.which == bindparam("matter"))
    .correlate(contacts)
    .exists(),
)


def _counted(*more: ColumnElement[bool]) -> Statement:
    sums = [_ADDED[name] for name in _COUNTED]
    return Statement(
        select(_c.channel, *sums)
        .select_from(_BESIDE)
        .where(_theirs, _c.counts == literal_column("true"), _within, *more)
        .group_by(_c.channel)
    )


def _not_counted(*more: ColumnElement[bool]) -> Statement:
    failed = _c.assurance == _text(Assurance.FAILED.value)
    return Statement(
        select(_c.channel, _times(failed), _times(~failed))
        .select_from(_BESIDE)
        .where(_theirs, _c.counts == literal_column("false"), _within, *more)
        .where(~_among(_c.state, (State.OURS, State.TAKEN_BACK)))
        .group_by(_c.channel)
    )


def _apart(*more: ColumnElement[bool]) -> Statement:
    def mine(query: Select[Any]) -> Select[Any]:
        return query.where(_theirs, _c.counts == literal_column("true"), _within, *more)

    return Statement(
        union(
            *(
                mine(select(_c.channel, _text(what), column).select_from(_BESIDE).where(column.is_not(None)))
                for what, column in ((PLACE, _p.place), (MATTER, _p.matter))
            ),
            mine(
                select(_c.channel, _f.what, _f.which).select_from(
                    _BESIDE.join(further_particulars, _f.contact_id == _c.id)
                )
            ),
        )
    )


_COUNT, _COUNT_CASE = _counted(), _counted(_on_case)
_REST, _REST_CASE = _not_counted(), _not_counted(_on_case)
_APART, _APART_CASE = _apart(), _apart(_on_case)
# Their whose is no plain column here, or SQLite would look through all that was ever nobody's.
_of_nobody = and_(
    (_c.whose + literal_column("''")) == _text(NOBODY),
    _c.nature == _text(Nature.PERSON.value),
    _c.assurance != _text(Assurance.FAILED.value),
    ~_among(_c.state, (State.OURS, State.TAKEN_BACK)),
)
_OFFICE = Statement(
    select(_c.whose, _c.channel, *(_ADDED[name] for name in Taken._fields[2:]))
    .select_from(_BESIDE)
    .where(at_of_all >= bindparam("since"), at_of_all <= bindparam("until"))
    .where(or_(_c.counts == literal_column("true"), _of_nobody))
    .group_by(_c.whose, _c.channel)
)
_SPOKEN = Statement(
    select(func.count()).where(
        _theirs,
        _c.counts == literal_column("false"),
        _within,
        _c.sender == bindparam("sender"),
        _c.reasons.like(bindparam("said")),
    )
)
_ADD = add_unless(particulars, "contact_id")
_ADD_FURTHER = add_unless(further_particulars, "contact_id", "what", "which")
_CORRECT = Statement(
    update(particulars).where(_p.contact_id == bindparam("contact")).values(minutes=bindparam("minutes"))
)
_COUNT_PAGES = Statement(
    update(particulars)
    .where(_p.contact_id == bindparam("contact"))
    .values(pages=bindparam("pages"), files_not_counted=bindparam("files_not_counted"))
)
_KNOWN = Statement(
    select(
        *(_p.place, _p.matter, _p.repeats, _p.only_cc, _p.out_of_hours, _p.pages, _p.minutes, _p.files_not_counted)
    ).where(_p.contact_id == bindparam("contact"))
)
_FURTHER = Statement(select(_f.what, _f.which).where(_f.contact_id == bindparam("contact")).order_by(_f.what, _f.which))


def keep_particulars(desk: Desk, contact_id: str, known: Particulars) -> bool:
    """Keep what levels need to know of a contact on record; False, and nothing done, where that was kept before."""
    values = {
        "contact_id": contact_id,
        "place": known.places[0] if known.places else None,
        "matter": known.matters[0] if known.matters else None,
        "repeats": known.repeat.value if known.repeat else "",
        "only_cc": known.only_cc,
        "out_of_hours": known.out_of_hours,
        "pages": known.pages,
        "minutes": known.minutes,
        "files_not_counted": known.files_not_counted,
    }
    if desk.run(_ADD, values) != 1:
        return False
    for what, numbers in ((PLACE, known.places[1:]), (MATTER, known.matters[1:])):
        _add_further(desk, contact_id, what, numbers)
    return True


def add_places(desk: Desk, contact_id: str, places: Iterable[int]) -> None:
    """Add places of ours that a contact reached afterwards, in another transaction of its sender's server."""
    _add_further(desk, contact_id, PLACE, places)


def _add_further(desk: Desk, contact_id: str, what: str, numbers: Iterable[int]) -> None:
    for number in numbers:
        desk.run(_ADD_FURTHER, {"contact_id": contact_id, "what": what, "which": number})


def particulars_on(desk: Desk, contact_id: str) -> Particulars | None:
    """Give what is kept of a contact for levels; None where nothing is."""
    row = desk.row(_KNOWN, {"contact": contact_id})
    if row is None:
        return None
    place, matter, repeats, only_cc, out_of_hours, pages, minutes, files_not_counted = row
    more = desk.rows(_FURTHER, {"contact": contact_id})
    places, matters = (tuple(which for what, which in more if what == named) for named in (PLACE, MATTER))
    return Particulars(
        places=(() if place is None else (place,)) + tuple(one for one in places if one != place),
        matters=(() if matter is None else (matter,)) + tuple(one for one in matters if one != matter),
        repeat=Likeness(repeats) if repeats else None,
        only_cc=bool(only_cc),
        out_of_hours=bool(out_of_hours),
        pages=pages,
        minutes=minutes,
        files_not_counted=files_not_counted,
    )


def count_pages(desk: Desk, contact_id: str, pages: int, files_not_counted: int) -> bool:
    """Put on record how many pages a contact brought; False where there is no such contact any more.

    What is said again stands instead of what was said before: to count once more changes nothing.
    """
    values = {"contact": contact_id, "pages": pages, "files_not_counted": files_not_counted}
    return desk.run(_COUNT_PAGES, values) == 1


def correct_minutes(desk: Desk, contact_id: str, minutes: int | None) -> None:
    """Put what staff say that a contact took in the place of an estimate; None takes that back."""
    keep_particulars(desk, contact_id, Particulars())
    desk.run(_CORRECT, {"contact": contact_id, "minutes": minutes})


def tally(desk: Desk, whose: str, since: datetime, until: datetime, *, cut_s: int, matter: int | None = None) -> Tally:
    """Add up the contacts of `whose` (`party:12`, `email:x@example.org`) from `since` to `until`.

    A call of less than `cut_s` seconds of talk is one that was cut off. `matter` leaves those alone that are on it.
    """
    values: dict[str, Any] = {"whose": whose, "since": stamp(since), "until": stamp(until)}
    statements = (_COUNT, _REST, _APART) if matter is None else (_COUNT_CASE, _REST_CASE, _APART_CASE)
    if matter is not None:
        values["matter"] = matter
    count, rest, apart = statements
    found = {Channel(row[0]): _sums(row[1:]) for row in desk.rows(count, {**values, "cut_s": cut_s})}
    for channel, failed, uncounted in desk.rows(rest, values):
        known = Channel(channel)
        found[known] = found.get(known, Sums()) + Sums(failed=int(failed), uncounted=int(uncounted))
    pairs = [(what, (Channel(channel), which)) for channel, what, which in desk.rows(apart, values)]
    places, matters = ({pair for what, pair in pairs if what == named} for named in (PLACE, MATTER))
    return Tally(found, places, matters)


def made_of(
    desk: Desk,
    whose: str,
    level: Level,
    channels: Iterable[Channel],
    since: datetime,
    until: datetime,
    *,
    cut_s: int,
    limit: int,
) -> tuple[Entry, ...]:
    """List the contacts of `whose` by these channels that add to a level from `since` to `until`, the newest first.

    As `tally` adds them up, both ends inclusive; `limit` at most.
    """
    values = {"whose": whose, "since": stamp(since), "until": stamp(until), "cut_s": cut_s, "limit": limit}
    return tuple(entry_of(row) for row in desk.rows(_adding(level, frozenset(channels)), values))


@lru_cache(maxsize=256)
def _adding(level: Level, channels: frozenset[Channel]) -> Statement:
    return Statement(
        select(contacts)
        .select_from(_BESIDE)
        .where(_c.whose == bindparam("whose"), _among(_c.channel, sorted(channels)), _within, _ADDS[level])
        .order_by(_c.at.desc(), _c.id.desc())
        .limit(bindparam("limit"))
        .offset(FIRST)
    )


def tally_office(desk: Desk, since: datetime, until: datetime, *, cut_s: int) -> list[Taken]:
    """Add up attempts, contacts, talk and what time is estimated by of each sender and channel in a window.

    Under `nobody` stands what people sent of whom nobody knows who they are: it takes time and falls to no party.
    """
    values = {"since": stamp(since), "until": stamp(until), "cut_s": cut_s}
    return [Taken(whose, _CHANNELS[channel], *sums) for whose, channel, *sums in desk.rows(_OFFICE, values)]


def spoken_for(desk: Desk, whose: str, sender: str, since: datetime, until: datetime) -> int:
    """Count what came of an advocate (`sender`) as such: shown beside the levels of the party, counted in none."""
    values = {"whose": whose, "sender": sender, "since": stamp(since), "until": stamp(until)}
    return int(desk.rows(_SPOKEN, {**values, "said": '%["", "advocate", %'})[0][0])


def _sums(row: Row) -> Sums:
    return Sums(**{name: int(value) for name, value in zip(_COUNTED, row, strict=True)})
