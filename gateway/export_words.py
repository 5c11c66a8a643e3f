"""The words of a file of parties on its way out, as TOML and as CSV, so that `parley import` reads back what was meant.

Belongs here: quoting. Promises that no cell of the CSV is a formula to a spreadsheet (THREATS W3).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from gateway import import_csv
from rules import measures

BYTE_ORDER_MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for Windows text
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class OutRestriction:
    """Hold one restriction in the file's words; `starts` and `ends` are its first and last day."""

    reason: str
    ground: str
    approved_by: str
    notified: bool | str
    starts: date
    ends: date
    review_at: date | None
    measures: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class OutAdjustment:
    """Hold one adjustment in the file's words; `agreed` and `ends` are its first and last day."""

    need: str
    open: tuple[str, ...]
    agreed: date | None = None
    ends: date | None = None
    forms: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OutParty:
    """Hold one party in the file's words; `lists` are its identifiers under the names of the file's fields."""

    name: str
    kind: str
    lists: Mapping[str, tuple[str, ...]]
    restrictions: list[OutRestriction] = field(default_factory=list)
    adjustments: list[OutAdjustment] = field(default_factory=list)


def toml(parties: Iterable[OutParty]) -> str:
    """Write parties as TOML."""
    return "\n".join("\n".join(_party(one)) for one in parties)


def _party(party: OutParty) -> Iterator[str]:
    yield "[[party]]"
    yield from _fields({"name": party.name, "kind": party.kind} | {k: list(v) for k, v in party.lists.items() if v})
    for restriction in party.restrictions:
        yield "\n[[party.restriction]]"
        yield from _fields({name: getattr(restriction, name) for name in OutRestriction.__slots__})
    for one in party.adjustments:
        yield "\n[[party.adjustment]]"
        fields = {"need": one.need, "open": list(one.open), "agreed": one.agreed, "ends": one.ends}
        yield from _fields(fields | {"forms": list(one.forms) or None, "detail": one.detail or None})
    yield ""


def _fields(fields: Mapping[str, object]) -> Iterator[str]:
    return (f"{name} = {_value(value)}" for name, value in fields.items() if value is not None)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = (f"{_key(str(name))} = {_value(each)}" for name, each in value.items() if each is not None)
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    assert isinstance(value, str), value  # JSON has nothing else, and no measure has a fraction
    return _quoted(value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's; DEL is the one character that only TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


COLUMNS = (*import_csv.COLUMNS, *import_csv.MORE_COLUMNS)


def as_csv(parties: Iterable[OutParty]) -> str:
    """Write parties as CSV, one measure or one adjustment a row; begins with a byte order mark, for spreadsheets."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for party in parties:
        for row in _rows(party):
            writer.writerow({name: guarded(text) for name, text in row.items()})
    return BYTE_ORDER_MARK + out.getvalue()


def guarded(cell: str) -> str:
    """Give a cell that no spreadsheet runs; import takes the apostrophe off again, and one only."""
    return f"'{cell}" if import_csv.RUNS.match(cell) else cell


def _rows(party: OutParty) -> Iterator[dict[str, str]]:
    first = {"party": party.name, "kind": party.kind} | {name: _list(each) for name, each in party.lists.items()}
    rows = [*_restriction_rows(party), *map(_adjustment_row, party.adjustments)] or [{}]
    for number, row in enumerate(rows):
        yield (first if number == 0 else {"party": party.name}) | row


def _list(texts: tuple[str, ...]) -> str:
    plain = " ".join(texts)
    if import_csv.pieces(plain) == list(texts):
        return plain
    return json.dumps(texts, ensure_ascii=False)


def _restriction_rows(party: OutParty) -> Iterator[dict[str, str]]:
    for number, one in enumerate(party.restrictions, 1):
        terms = {
            "restriction": str(number),
            "reason": one.reason,
            "ground": one.ground,
            "approved_by": one.approved_by,
            "notified": one.notified if isinstance(one.notified, str) else "yes" if one.notified else "no",
            "starts": one.starts.isoformat(),
            "ends": one.ends.isoformat(),
            "review_at": one.review_at.isoformat() if one.review_at else "",
        }
        for measure in one.measures:
            yield terms | {"measure": str(measure["kind"]), "parameters": _parameters(measure)}


def _parameters(measure: Mapping[str, object]) -> str:
    """Write parameters as people do where they are read back the same, else as JSON."""
    data = {name: value for name, value in measure.items() if name != "kind"}
    plain = "; ".join(f"{name}={_plain(value)}" for name, value in data.items())
    try:
        read = import_csv.measure_of(str(measure["kind"]), plain)
        if measures.parse(read) == measures.parse(measure):
            return plain
    except ValueError:
        pass
    return json.dumps(data, ensure_ascii=False)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        words = list(map(str, value))
        return (" | " if any(" " in each for each in words) else " ").join(words)
    return str(value)


def _adjustment_row(one: OutAdjustment) -> dict[str, str]:
    return {
        "adjustment": one.need,
        "open": " ".join(one.open) or import_csv.NO_CHANNEL,
        "agreed": one.agreed.isoformat() if one.agreed else "",
        "adjustment_ends": one.ends.isoformat() if one.ends else "",
        "forms": " ".join(one.forms),
        "adjustment_detail": one.detail,
    }
