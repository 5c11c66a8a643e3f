"""Reads parties and restrictions from a spreadsheet saved as CSV: one measure a row, rows of one name are one party.

Belongs here: cells and separators. What the fields mean is checked elsewhere. Never raises on what a file holds.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from gateway.import_drafts import Draft, Drafted, Fault, MeasureDraft, PartyDraft, RestrictionDraft
from rules.measures import KINDS

COLUMNS = (
    *("party", "kind", "emails", "phones", "measure", "parameters"),
    *("reason", "ground", "approved_by", "starts", "ends", "notified"),
)
MORE_COLUMNS = (
    *("domains", "except", "handles", "shared", "review_at"),
    *("adjustment", "open", "agreed", "adjustment_ends", "forms", "adjustment_detail", "restriction"),
)
NO_CHANNEL = "none"
"""What stands under `open` where an adjustment opens no channel: an empty cell may be one that was forgotten."""
_NEEDED = frozenset(COLUMNS) - {"kind", "emails", "phones", "parameters"}
_LISTS = ("emails", "phones", "domains", "except", "handles", "shared")
_SAME = ("reason", "ground", "approved_by", "starts", "ends", "notified", "review_at")
_DAYS = ("starts", "ends", "review_at", "agreed", "adjustment_ends")
_OF_ADJUSTMENTS = ("adjustment", "open", "agreed", "adjustment_ends", "forms", "adjustment_detail")
_BREAKS = re.compile(r"[\s,;]+")
_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
RUNS = re.compile("'*[+=@\uff0b\uff1d\uff20\uff0d-]")
"""How a cell begins that a spreadsheet would run, or that is told by an apostrophe to be none (THREATS W3)."""
_TOLD = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False, "unknown": "unknown"}
_BRITISH_NOTE = "Dates like 04/03/2026 were read as day/month/year."


@dataclass(slots=True)
class _Row:
    """Hold one row by the names of its columns, and the line that it begins on."""

    line: int
    cells: dict[str, str]

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(slots=True)
class _Gathered:
    """Hold the rows of one party as they come together."""

    line: int
    fields: dict[str, object]
    lines: dict[str, int] = field(default_factory=dict)
    restrictions: dict[tuple[str, ...], tuple[Draft, list[MeasureDraft]]] = field(default_factory=dict)
    adjustments: list[Draft] = field(default_factory=list)


class _Refused(Exception):
    """Say that the file cannot be read any further."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.fault = Fault(line, text)


def read(text: str) -> Drafted:
    """Read the text of a CSV file; its separator is the comma, semicolon or tab that its first line has."""
    faults: list[Fault] = []
    notes: list[str] = []
    parties: dict[str, _Gathered] = {}
    try:
        for row in _rows(text):
            _dates(row, notes)
            _gather(row, parties, faults)
    except _Refused as refused:
        faults.append(refused.fault)
    if not parties and not faults:
        faults.append(Fault(0, "There is no party in it."))
    return Drafted(tuple(map(_party, parties.values())), tuple(faults), tuple(notes))


def _rows(text: str) -> Iterator[_Row]:
    lines = _lines(text)
    number, header = next(lines, (1, []))
    names = [_column(cell) for cell in header]
    _check_header(names, number)
    for line, cells in lines:
        if not any(cells):
            continue
        if any(cells[len(names) :]):
            raise _Refused(
                line, f"It has {len(cells)} cells under {len(names)} columns; put a cell with a separator in quotes."
            )
        yield _Row(line, dict(zip(names, cells, strict=False)))


def _column(cell: str) -> str:
    return "_".join(cell.lower().split())


def _check_header(names: list[str], line: int) -> None:
    known = (*COLUMNS, *MORE_COLUMNS)
    if not set(names) & set(known):
        raise _Refused(line, f"The first line must name the columns: {', '.join(COLUMNS)}.")
    strange = [name for name in names if name and name not in known]
    if strange:
        raise _Refused(line, f"There is no column {strange[0]!r}; the columns are {', '.join(known)}.")
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise _Refused(line, f"The column {twice[0]!r} is there twice.")
    missing = [name for name in COLUMNS if name in _NEEDED and name not in names]
    if missing:
        raise _Refused(line, f"The column {missing[0]!r} is missing; the columns are {', '.join(COLUMNS)}.")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give each row's cells with the line that it begins on."""
    told = re.match(r"sep=(.)\r?\n", text)
    first = text.partition("\n")[0]
    separator = told[1] if told else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text[told.end() :] if told else text, newline=""), delimiter=separator, strict=True)
    before = 1 if told else 0
    line = before + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise _Refused(line, f"The row that begins here cannot be read as CSV: {fault}.") from None
        yield line, [_unguarded(cell.strip()) for cell in cells]
        line = before + reader.line_num + 1


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and RUNS.match(cell) else cell


def _dates(row: _Row, notes: list[str]) -> None:
    """Write days as spreadsheets in the United Kingdom save them as ISO 8601 has them."""
    for name in _DAYS:
        found = _BRITISH.fullmatch(row.get(name))
        if found is None:
            continue
        try:
            row.cells[name] = date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        except ValueError:
            continue
        if _BRITISH_NOTE not in notes:
            notes.append(_BRITISH_NOTE)


def _gather(row: _Row, parties: dict[str, _Gathered], faults: list[Fault]) -> None:
    name = " ".join(row.get("party").split())
    if not name:
        faults.append(Fault(row.line, "party is missing; each row names the party that it is about."))
        return
    known = parties.setdefault(name, _Gathered(row.line, {"name": name}))
    kind = row.get("kind").lower()
    if kind and known.fields.setdefault("kind", kind) != kind:
        faults.append(
            Fault(row.line, f"kind is {kind!r} here, but {known.fields['kind']!r} in an earlier row of {name}.")
        )
    for key in _LISTS:
        _add_list(known, key, row)
    if row.get("measure") or row.get("parameters") or any(row.get(key) for key in _SAME):
        _add_measure(known, row, faults)
    if any(row.get(key) for key in _OF_ADJUSTMENTS):
        known.adjustments.append(_adjustment(row))


def _add_list(known: _Gathered, key: str, row: _Row) -> None:
    """Take what a row adds to what earlier rows of the party named."""
    named = pieces(row.get(key))
    if not named:
        return
    known.lines.setdefault(key, row.line)
    known.fields[key] = list(dict.fromkeys([*_texts(known.fields.get(key)), *named]))


def pieces(cell: str) -> list[str]:
    """Take a list in a cell apart; one that has a separator in a piece of it is a list of JSON."""
    if cell.startswith('["'):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(each, str) for each in found):
            return found
    return [piece for piece in _BREAKS.split(cell) if piece]


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _add_measure(known: _Gathered, row: _Row, faults: list[Fault]) -> None:
    """Add a row's measure to the restriction of the rows that have all the rest in common with it."""
    key = tuple(row.get(each) for each in (*_SAME, "restriction"))
    if key not in known.restrictions:
        fields: dict[str, object] = {each: row.get(each) for each in _SAME if row.get(each)}
        if "notified" in fields:
            told = row.get("notified")
            fields["notified"] = _TOLD.get(told.lower(), told)
        known.restrictions[key] = (Draft(row.line, fields), [])
    if not row.get("measure"):
        faults.append(Fault(row.line, "measure is missing; a row with a restriction names one."))
        return
    try:
        measure = measure_of(row.get("measure").lower(), row.get("parameters"))
        known.restrictions[key][1].append(MeasureDraft(row.line, measure))
    except ValueError as refused:
        faults.append(Fault(row.line, f"parameters: {refused}."))


def measure_of(kind: str, parameters: str) -> dict[str, object]:
    """Read `name=value` pairs by what the measure's own schema says of each, or an object of JSON; else ValueError."""
    if parameters.startswith("{"):
        return {"kind": kind} | _object(parameters)
    schema = _schema(kind)
    data: dict[str, object] = {"kind": kind}
    for pair in filter(None, (piece.strip() for piece in parameters.split(";"))):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not name:
            raise ValueError(f"{pair!r} is not name=value; write it as count=1;per=week")
        if name in data:
            raise ValueError(f"{name} cannot be given here" if name == "kind" else f"{name} is given twice")
        data[name] = _typed(value, schema.get(name, {}).get("type"))
    return data


def _object(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("what begins with { is JSON, and this is none") from None
    if "kind" in found:
        raise ValueError("kind cannot be given here")
    return {str(name): value for name, value in found.items()}


@lru_cache
def _schema(kind: str) -> Mapping[str, Mapping[str, object]]:
    """Give what each parameter of a measure may be; an unknown kind is found out later."""
    found: Mapping[str, Mapping[str, object]] = {}
    if kind in KINDS:
        found = KINDS[kind].model_json_schema(by_alias=True)["properties"]
    return found


def _typed(value: str, kind: object) -> object:
    if kind == "array":
        return [piece for piece in _BREAKS.split(value) if piece]
    return int(value) if kind == "integer" and re.fullmatch(r"-?[0-9]{1,9}", value) else value


def _adjustment(row: _Row) -> Draft:
    opened = pieces(row.get("open").lower())
    fields: dict[str, object] = {
        "need": row.get("adjustment"),
        "open": [] if opened == [NO_CHANNEL] else opened or None,
        "agreed": row.get("agreed"),
        "ends": row.get("adjustment_ends"),
        "forms": pieces(row.get("forms").lower()) or None,
        "detail": row.get("adjustment_detail"),
    }
    return Draft(row.line, {key: value for key, value in fields.items() if value not in (None, "")})


def _party(known: _Gathered) -> PartyDraft:
    restrictions = tuple(RestrictionDraft(draft, tuple(found)) for draft, found in known.restrictions.values())
    return PartyDraft(Draft(known.line, known.fields, known.lines), restrictions, tuple(known.adjustments))
