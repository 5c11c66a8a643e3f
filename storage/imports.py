"""Imports: contacts of the past that were brought in together, and can be taken back together.

Belongs here: which imports there are, and what is changed of a contact that two logs tell of. Promises that nothing
but a contact of the past is ever changed or taken back by an import.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, select, update

from rules.repeats import Repeat
from storage.desk import Desk, Row
from storage.entries import Entry, FlagState, State
from storage.retention import forget_contacts
from storage.schema import contacts, fingerprints, flags, identifiers, imports, in_state, mailbox_messages, mailboxes
from storage.schema_levels import particulars
from storage.statements import FIRST, Statement, add
from storage.times import moment, moment_or_none, stamp
from storage.words import storable

_i, _c, _m, _f, _fl = imports.c, contacts.c, mailbox_messages.c, fingerprints.c, flags.c
_FIELDS = (_i.id, _i.asked, _i.begun_at, _i.begun_by, _i.ended_at, _i.undone_at)
_PAST = in_state(_c.state, State.PAST)
_ADD = add(imports)
_ONE = Statement(select(*_FIELDS).where(_i.id == bindparam("id")))
_BROKEN_OFF = Statement(
    select(*_FIELDS)
    .where(_i.asked == bindparam("asked"), _i.ended_at.is_(None), _i.undone_at.is_(None))
    .order_by(_i.begun_at.desc())
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_END = Statement(update(imports).where(_i.id == bindparam("import_id")).values(ended_at=bindparam("ended_at")))
_UNDONE = Statement(update(imports).where(_i.id == bindparam("import_id")).values(undone_at=bindparam("undone_at")))
_BROUGHT = Statement(
    select(_c.id)
    .where(_c.node == bindparam("import_id"), _PAST, _c.id > bindparam("after"))
    .order_by(_c.id)
    .limit(bindparam("limit"))
    .offset(FIRST)
)
_PARTIES = Statement(
    select(_c.party_id).where(_c.node == bindparam("import_id"), _PAST, _c.party_id.is_not(None)).distinct()
)
_BETTER = Statement(
    update(contacts)
    .where(_c.id == bindparam("contact"), _PAST)
    .values(at=bindparam("at"), updated_at=bindparam("updated_at"), talk_s=bindparam("talk_s"))
)
_BETTER_PRINT = Statement(update(fingerprints).where(_f.contact_id == bindparam("contact")).values(at=bindparam("at")))
_BETTER_HOURS = Statement(
    update(particulars)
    .where(particulars.c.contact_id == bindparam("contact"))
    .values(out_of_hours=bindparam("out_of_hours"))
)
_LEVEL_REPEAT = Statement(
    update(particulars).where(particulars.c.contact_id == bindparam("contact")).values(repeats=bindparam("repeats"))
)
_REPEAT = Statement(
    update(fingerprints)
    .where(_f.contact_id == bindparam("contact"))
    .values(repeats=bindparam("repeats"), how=bindparam("how"), percent=bindparam("percent"))
)
_WATCHED = Statement(
    select(_m.contact_id)
    .where(_m.digest == bindparam("digest"), _m.mailbox.in_(select(mailboxes.c.name)))
    .limit(bindparam("limit"))
    .offset(FIRST)
)


@dataclass(frozen=True, slots=True)
class Import:
    """Hold one import: by whom it was begun and when, when it ended or was taken back; times are aware UTC.

    `asked` is a digest of what was asked for: with neither end nor undoing, it broke off and can be gone on with.
    """

    id: str
    asked: str
    begun_at: datetime
    begun_by: str
    ended_at: datetime | None = None
    undone_at: datetime | None = None


def begin_import(desk: Desk, one: Import) -> None:
    """Put on record that an import begins."""
    desk.run(
        _ADD,
        {
            "id": one.id,
            "asked": one.asked,
            "begun_at": stamp(one.begun_at),
            "begun_by": storable(one.begun_by),
            "ended_at": stamp(one.ended_at),
            "undone_at": stamp(one.undone_at),
        },
    )


def import_named(desk: Desk, number: str) -> Import | None:
    """Give one import."""
    row = desk.row(_ONE, {"id": number})
    return _import(row) if row else None


def import_broken_off(desk: Desk, asked: str) -> Import | None:
    """Give the newest import of the same that neither ended nor was taken back."""
    row = desk.row(_BROKEN_OFF, {"asked": asked, "limit": 1})
    return _import(row) if row else None


@dataclass(frozen=True, slots=True)
class Known:
    """Hold what is on record under a key: by which import, when it was (aware UTC), how long was talked.

    `run` is None where it is no contact of the past.
    """

    run: str | None
    at: datetime
    talk_s: int | None


def known_by(desk: Desk, keys: Collection[str]) -> dict[str, Known]:
    """Give what is on record under these keys: many at once, as nearly all of a log may be known."""
    fields = select(_c.key, _c.state, _c.node, _c.at, _c.talk_s)
    return {
        key: Known(node if state == State.PAST.value else None, moment(at), talk_s)
        for key, state, node, at, talk_s in desk.ask(fields.where(_c.key.in_(sorted(set(keys)))))
    }


def all_imports(desk: Desk) -> tuple[tuple[Import, int], ...]:
    """List imports, the newest first, each with how many of its contacts are on record."""
    rows = desk.ask(select(_c.node, func.count()).where(_PAST).group_by(_c.node))
    counts = {str(node): int(count) for node, count in rows}
    rows = desk.ask(select(*_FIELDS).order_by(_i.begun_at.desc(), _i.id.desc()))
    return tuple((_import(row), counts.get(row[0], 0)) for row in rows)


def end_import(desk: Desk, number: str, at: datetime) -> None:
    """Put on record that all of an import is there."""
    desk.run(_END, {"import_id": number, "ended_at": stamp(at)})


def parties_repeating_nothing(desk: Desk) -> tuple[int, ...]:
    """Name the parties of whom a contact of the past repeats one that is on record no more."""
    other = contacts.alias()
    gone = ~select(other.c.id).where(other.c.id == _f.repeats).exists()
    query = select(_c.party_id).join_from(fingerprints, contacts, _f.contact_id == _c.id)
    rows = desk.ask(query.where(_PAST, _f.repeats != "", _c.party_id.is_not(None), gone).distinct())
    return tuple(sorted(int(row[0]) for row in rows))


def undo_import(desk: Desk, number: str, at: datetime) -> None:
    """Put on record that an import is taken back."""
    desk.run(_UNDONE, {"import_id": number, "undone_at": stamp(at)})


def brought_in(desk: Desk, number: str, after: str, limit: int) -> tuple[str, ...]:
    """Name contacts of an import that are on record, from behind `after` on, `limit` at most."""
    return tuple(row[0] for row in desk.rows(_BROUGHT, {"import_id": number, "after": after, "limit": limit}))


def parties_brought(desk: Desk, number: str) -> tuple[int, ...]:
    """Name the parties that contacts of an import are of."""
    return tuple(sorted(int(row[0]) for row in desk.rows(_PARTIES, {"import_id": number})))


def flagged_by(desk: Desk, numbers: Collection[str]) -> tuple[str, ...]:
    """Name those of whom a flag is open, among those whose contacts these are."""
    whose = select(_c.whose).where(_c.id.in_(sorted(numbers)))
    rows = desk.ask(select(_fl.whose).where(_fl.state == FlagState.OPEN.value, _fl.whose.in_(whose)).distinct())
    return tuple(sorted(row[0] for row in rows))


def take_out(desk: Desk, numbers: Collection[str]) -> int:
    """Delete contacts of the past with all that refers to them; gives how many, other contacts stay."""
    still = [row[0] for row in desk.ask(select(_c.id).where(_c.id.in_(sorted(numbers)), _PAST))]
    if still:
        forget_contacts(desk, still)
    return len(still)


def better_known(desk: Desk, entry: Entry, at: datetime, talk_s: int | None, *, out_of_hours: bool) -> None:
    """Put right what a contact of the past says of its time, or how long was talked: another log knows better."""
    values = {"contact": entry.id, "at": stamp(at)}
    desk.run(_BETTER, values | {"updated_at": stamp(at), "talk_s": talk_s})
    desk.run(_BETTER_PRINT, values)
    desk.run(_BETTER_HOURS, {"contact": entry.id, "out_of_hours": out_of_hours})


def repeats_now(desk: Desk, contact_id: str, repeat: Repeat | None) -> None:
    """Put on record what a contact of the past repeats, as more of what came before it is known."""
    values = {"repeats": repeat.of, "how": repeat.how.value, "percent": repeat.percent} if repeat else _NOTHING
    desk.run(_REPEAT, {"contact": contact_id, **values})
    desk.run(_LEVEL_REPEAT, {"contact": contact_id, "repeats": values["how"]})


_NOTHING: dict[str, object] = {"repeats": "", "how": "", "percent": 0}


def watched_before(desk: Desk, digest: str) -> bool:
    """Tell whether a message with these contents came into a watched mailbox, and so is or was a contact."""
    return desk.row(_WATCHED, {"digest": digest, "limit": 1}) is not None


def addresses_of_parties(desk: Desk) -> frozenset[str]:
    """Give the mail addresses and domains that parties are known by."""
    mail = identifiers.c.kind.in_(["email", "domain"])
    return frozenset(str(value) for (value,) in desk.ask(select(identifiers.c.value).where(mail).distinct()))


def watched_since(desk: Desk) -> datetime | None:
    """Give when the first watch over a mailbox began; None where none was ever watched."""
    ((first,),) = desk.ask(select(func.min(mailboxes.c.since)))
    return moment_or_none(first)


def first_live_call(desk: Desk) -> datetime | None:
    """Give when the first call came that a door of ours answered; None where there was none."""
    live = (_c.channel == literal_column("'call'")) & ~_PAST
    ((first,),) = desk.ask(select(func.min(_c.at)).where(live))
    return moment_or_none(first)


def _import(row: Row) -> Import:
    number, asked, begun_at, begun_by, ended_at, undone_at = row
    return Import(number, asked, moment(begun_at), begun_by, moment_or_none(ended_at), moment_or_none(undone_at))
