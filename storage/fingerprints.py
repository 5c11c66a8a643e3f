"""What a party's contacts said, as fingerprints: which earlier ones are like a new one (PHSO-25).

Promises that of a message only numbers are kept, and that finding its like costs the same however much a party sent:
by the index, the newest few for each mark.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from sys import byteorder

from sqlalchemy import Select, bindparam, literal_column, select, union_all, update

from rules.repeats import BINS, Likeness, Print, Repeat
from storage.desk import Desk, Row
from storage.entries import State
from storage.schema import attached, contacts, fingerprints
from storage.statements import FIRST, Statement, add_unless
from storage.times import stamp
from storage.words import storable

NEWEST = 2
"""Contacts that are looked at for each mark."""

_f, _c, _a = fingerprints.c, contacts.c, attached.c
_MARKS = tuple(f"mark_{number}" for number in range(BINS))
_WORDS = "I"
assert array(_WORDS).itemsize == 4


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hold what is known of what a contact said: its words, what it repeats, what of it was not read, if anything."""

    words: int
    repeat: Repeat | None
    over: str


_PRINT = (_f.contact_id, _f.words, _f.exact, *(_f[mark] for mark in _MARKS), _f.sketch, _f.grain)


def _newest(column: str, value: str) -> Select[tuple[str, int, str, int, int, int, int, bytes, int]]:
    # A contact that went to somebody else since is nobody's repeat: hence the join.
    found = (
        select(*_PRINT)
        .join_from(fingerprints, contacts, _f.contact_id == _c.id)
        .where(_f.party_id == bindparam("party_id"), _f[column] == bindparam(value), _c.whose == bindparam("whose"))
        .order_by(_f.at.desc())
        .limit(bindparam("newest"))
        .offset(FIRST)
        .subquery()
    )
    return select(found)


_LIKE = Statement(union_all(*(_newest(mark, f"{mark}_is") for mark in _MARKS)))
_SAME = Statement(
    select(_f.contact_id)
    .join_from(fingerprints, contacts, _f.contact_id == _c.id)
    .where(
        _f.party_id == bindparam("party_id"),
        _f.exact == bindparam("exact"),
        _f.contact_id != bindparam("but_not"),
        _c.whose == bindparam("whose"),
    )
    .order_by(_f.at.desc())
    .limit(literal_column("1"))
    .offset(FIRST)
)
_WITH_FILE = Statement(
    select(_a.contact_id)
    .join_from(attached, contacts, _a.contact_id == _c.id)
    .where(_a.party_id == bindparam("party_id"), _a.digest == bindparam("digest"), _c.whose == bindparam("whose"))
    .order_by(_a.at.desc())
    .limit(literal_column("1"))
    .offset(FIRST)
)
_ADD = add_unless(fingerprints, "contact_id")
_ATTACH = add_unless(attached, "party_id", "digest", "contact_id")
_ONE = Statement(
    select(_f.words, _f.repeats, _f.how, _f.percent, _f.over).where(_f.contact_id == bindparam("contact_id"))
)


def like(desk: Desk, party_id: int, print_: Print, *, but_not: str = "") -> tuple[tuple[str, Print], ...]:
    """Give earlier contacts of a party that may be like one, by id: the newest with the same words, else some others.

    `but_not` is the id of the contact itself.
    """
    if not print_.exact:
        return ()
    key = {"party_id": party_id, "whose": _whose(party_id)}
    same = desk.row(_SAME, key | {"exact": print_.exact, "but_not": but_not})
    if same is not None:
        return ((same[0], print_),)
    if not print_.sketch:
        return ()
    marks = {f"{mark}_is": value for mark, value in zip(_MARKS, print_.marks, strict=True)}
    rows = {row[0]: row for row in desk.rows(_LIKE, {**key, "newest": NEWEST, **marks}) if row[0] != but_not}
    return tuple((number, _print(row)) for number, row in rows.items())


def with_file(desk: Desk, party_id: int, digests: Iterable[str]) -> str | None:
    """Name the newest contact of a party that brought one of these files; None where none did."""
    for digest in digests:
        row = desk.row(_WITH_FILE, {"party_id": party_id, "whose": _whose(party_id), "digest": digest})
        if row is not None:
            return str(row[0])
    return None


def keep_fingerprint(
    desk: Desk,
    contact_id: str,
    party_id: int,
    at: datetime,
    print_: Print,
    *,
    files: Iterable[str] = (),
    over: str = "",
    repeat: Repeat | None = None,
) -> None:
    """Put on record what a contact said and what it repeats; RecordRefused where the contact is not on record."""
    values = {
        "contact_id": contact_id,
        "party_id": party_id,
        "at": stamp(at),
        "words": print_.words,
        "exact": print_.exact,
        "sketch": _octets(print_.sketch),
        "grain": print_.grain,
        "over": storable(over),
        "repeats": repeat.of if repeat else "",
        "how": repeat.how.value if repeat else "",
        "percent": repeat.percent if repeat else 0,
    }
    desk.run(_ADD, values | dict(zip(_MARKS, print_.marks, strict=True)))
    for digest in files:
        key = {"party_id": party_id, "digest": digest, "contact_id": contact_id, "at": stamp(at)}
        desk.run(_ATTACH, key)


def fingerprint(desk: Desk, contact_id: str) -> Fingerprint | None:
    """Give what is known of what a contact said; None where it was not read."""
    row = desk.row(_ONE, {"contact_id": contact_id})
    if row is None:
        return None
    words, of, how, percent, over = row
    return Fingerprint(words, Repeat(of, Likeness(how), percent) if of else None, over)


def prints_of(desk: Desk, party_id: int) -> tuple[tuple[str, bool, Print, tuple[str, ...], Repeat | None], ...]:
    """List what a party's contacts said, the oldest first: id, whether of the past, print, files, what it repeats."""
    of_party = (_f.party_id == party_id) & (_c.whose == _whose(party_id))
    files: dict[str, list[str]] = {}
    for contact_id, digest in desk.ask(select(_a.contact_id, _a.digest).where(_a.party_id == party_id)):
        files.setdefault(contact_id, []).append(digest)
    rows = desk.ask(
        select(*_PRINT, _c.state, _f.repeats, _f.how, _f.percent)
        .join_from(fingerprints, contacts, _f.contact_id == _c.id)
        .where(of_party)
        .order_by(_f.at, _c.key, _c.id)
    )
    found = []
    for *printed, state, of, how, percent in rows:
        repeat = Repeat(of, Likeness(how), percent) if of else None
        brought = tuple(sorted(files.get(printed[0], ())))
        found.append((str(printed[0]), state == State.PAST.value, _print(tuple(printed)), brought, repeat))
    return tuple(found)


def fingerprints_follow(desk: Desk, old: int, new: int) -> None:
    """Look for the contacts of one party that are another's now under that one: parties were merged, or split."""
    theirs = select(_c.id).where(_c.whose == _whose(new))
    for table in (fingerprints, attached):
        desk.ask(update(table).where(table.c.party_id == old, table.c.contact_id.in_(theirs)).values(party_id=new))


def _whose(party_id: int) -> str:
    return f"party:{party_id}"


def _print(row: Row) -> Print:
    _, words, exact, *marks, sketch, grain = row
    return Print(words, exact, tuple(marks), _numbers(bytes(sketch)), grain)


def _octets(numbers: Iterable[int]) -> bytes:
    written = array(_WORDS, numbers)
    if byteorder == "little":
        written.byteswap()
    return written.tobytes()


def _numbers(octets: bytes) -> tuple[int, ...]:
    read = array(_WORDS, octets)
    if byteorder == "little":
        read.byteswap()
    return tuple(read)
