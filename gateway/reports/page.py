"""Reports as one HTML file with its style inside and no script: charts drawn by us, each with its table beneath.

Belongs here: rendering. Promises that nothing a person or a party chose is markup (THREATS W1), and that every chart
can be read without colours, and without the chart.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment

from gateway.markup import templates_in
from gateway.reports.table import Adds, Report, Table
from rules.windows import in_words
from rules.workdays import in_words as day_in_words

HERE = Path(__file__).parent / "templates"
_BAR = 320
"""The width of the longest bar, in the units of the drawing."""


def restrictions_page(report: Report, office: str, zone: ZoneInfo) -> str:
    """Give the report as one page of HTML."""
    return rendered("restrictions.html", report=report, office=office, until=in_words(report.until, zone))


def rendered(template: str, **given: Any) -> str:  # noqa: ANN401  # whatever its template shows
    """Render one of the templates of reports."""
    style = (HERE / "report.css").read_text("utf-8")
    return _templates().get_template(template).render(style=style, **given)


def bars(table: Table) -> list[tuple[str, int, float]]:
    """Give what a chart of a table draws of its first column: label, number, and how long its bar is.

    Nothing where the rows make up no whole. What is hidden has no bar, and is in the table alone.
    """
    if table.adds is Adds.NOT:
        return []
    found = [(row.label, cell) for row in table.rows if isinstance(cell := row.cells[0], int) and cell]
    most = max((cell for _, cell in found), default=1)
    return [(label, cell, _BAR * cell / most) for label, cell in found]


@cache
def _templates() -> Environment:
    return templates_in(HERE, day=day_in_words, bars=bars)
