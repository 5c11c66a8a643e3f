"""The forms of a report that programs and spreadsheets read: plain data and CSV.

Belongs here: writing; what is hidden stays hidden in every form. Promises that no cell of the CSV is a formula to a
spreadsheet (THREATS W3).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from gateway.casework.outline import said
from gateway.export_words import BYTE_ORDER_MARK, guarded
from gateway.reports.table import Cell, Median, Report, Table

HEAD = ("table", "row", "column", "value")
WHOLE = "all"
CsvLine = tuple[str, str, str, str]


def as_data(report: Report, zone: ZoneInfo) -> dict[str, Any]:
    """Give a report in plain data: a number where there is one, else the words that stand in its place."""
    return {
        "title": report.title,
        "first": report.period.first.isoformat(),
        "last": report.period.last.isoformat(),
        "counted_until": said(report.until, zone),
        "published": report.published,
        "notes": [*report.notes, *report.inside],
        "tables": [_table(one) for one in report.tables],
    }


def _table(table: Table) -> dict[str, Any]:
    names = [name for name, _ in table.columns]
    rows = [
        {
            "name": row.name or "other",
            "label": row.label,
            "values": dict(zip(names, map(_plain, row.cells), strict=True)),
        }
        for row in table.rows
    ]
    whole = dict(zip(names, map(_plain, table.whole), strict=True)) if table.whole is not None else None
    return {
        "name": table.name,
        "title": table.title,
        "columns": dict(table.columns),
        "rows": rows,
        "all": whole,
        "adds_up": table.adds.value == "up",
        "note": table.note,
    }


def _plain(cell: Cell) -> int | float | str:
    if isinstance(cell, Median):
        return round(cell.hours, 2)
    return cell if isinstance(cell, int) else cell.value


def as_csv(report: Report) -> str:
    """Write a report as CSV, a line for each cell; begins with a byte order mark, for spreadsheets."""
    return csv_of(_lines(report))


def csv_of(lines: Iterable[CsvLine]) -> str:
    """Write lines of a CSV beneath `HEAD`, each cell in quotes and no formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(HEAD)
    for line in lines:
        writer.writerow(map(guarded, line))
    return BYTE_ORDER_MARK + out.getvalue()


def _lines(report: Report) -> Iterator[CsvLine]:
    yield report.title, "from", "day", report.period.first.isoformat()
    yield report.title, "to", "day", report.period.last.isoformat()
    for table in report.tables:
        rows = [(row.label, row.cells) for row in table.rows]
        if table.whole is not None:
            rows.append((WHOLE, table.whole))
        for label, cells in rows:
            for (_, column), cell in zip(table.columns, cells, strict=True):
                yield table.title, label, column, str(_plain(cell))
    for number, note in enumerate((*report.notes, *report.inside), 1):
        yield "Notes", str(number), "note", note
