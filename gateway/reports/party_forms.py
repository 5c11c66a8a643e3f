"""The forms of a party's report: plain text, plain data, CSV, HTML with charts, and PDF for who decides.

Belongs here: writing them, every figure of a chart in a table too. Nothing that anybody typed is markup (THREATS W1).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from adapters.mail.own_mail import clean_line
from adapters.pdf.letter import Part, Press, PrintedLetter
from gateway.casework.outline import said
from gateway.reports.charts import LEFT, RIGHT, WIDTH, drawing
from gateway.reports.forms import CsvLine, csv_of
from gateway.reports.page import rendered
from gateway.reports.party_report import Band, PartyReport, Series
from rules.windows import MICROSECOND, in_words
from rules.workdays import in_words as day_in_words

KEY = (
    "Bars are weeks from Monday to Sunday. Dashed lines are thresholds of the policy: one in any seven days can "
    "be reached across two of these weeks, and a triangle beneath the bars marks when staff were told. Numbered boxes "
    "above the bars are restrictions in force."
)
RESTRICTED, HAPPENED, OURS = "Restrictions of this time", "What happened", "Our own part, last 30 days"
NO_FIGURES = "Nothing came in this time."
NO_GROUND = "Figures are for people to weigh; a level by itself restricts nobody."


def title(found: PartyReport) -> str:
    """Name the report."""
    return f"Contact of {found.party}"


def introduction(found: PartyReport, zone: ZoneInfo) -> tuple[str, ...]:
    """Say of what and of when it is."""
    days = f"From {day_in_words(found.period.first)} to {day_in_words(found.period.last)}"
    return (f"{days}, drawn up on {in_words(found.at, zone)}. Stage: {found.stage}.", KEY, NO_GROUND)


def ours(found: PartyReport) -> tuple[tuple[str, int], ...]:
    """Give our own part in the last 30 days (SPSO-14)."""
    part = found.ours
    return (
        ("Looks that are overdue", part.overdue_looks),
        ("Calls that nobody answered", part.missed_calls),
        ("Contacts by a channel that was to stay open, and did not get through", part.adjustments_broken),
        ("Letters that we owe", part.letters_owed),
        ("Of these late", part.letters_late),
    )


def as_data(found: PartyReport, zone: ZoneInfo) -> dict[str, Any]:
    """Give it in plain data."""
    return {
        "party": found.number,
        "name": found.party,
        "first": found.period.first.isoformat(),
        "last": found.period.last.isoformat(),
        "at": said(found.at, zone),
        "stage": found.stage,
        "weeks": [week.isoformat() for week in found.weeks],
        "series": [
            {
                "title": one.title,
                "values": list(one.values),
                "thresholds": [{"at_least": line.at_least, "words": line.words} for line in one.lines],
            }
            for one in found.series
        ],
        "restrictions": [
            {"number": one.number, "from": said(one.begins, zone), "to": said(one.ends, zone), "words": one.words}
            for one in found.bands
        ],
        "happened": [{"at": said(at, zone), "words": words} for at, words in found.happened],
        "ours": dict(ours(found)),
    }


def as_csv(found: PartyReport, zone: ZoneInfo) -> str:
    """Write it as CSV, a line for each figure; begins with a byte order mark, for spreadsheets."""
    return csv_of(_csv_lines(title(found), as_data(found, zone)))


def _csv_lines(name: str, data: dict[str, Any]) -> Iterator[CsvLine]:
    yield name, "from", "day", data["first"]
    yield name, "to", "day", data["last"]
    yield name, "drawn up", "at", data["at"]
    yield name, "stage", "stage", data["stage"]
    for one in data["series"]:
        for line in one["thresholds"]:
            yield one["title"], "threshold", line["words"], str(line["at_least"])
        for week, value in zip(data["weeks"], one["values"], strict=True):
            yield one["title"], week, "value", str(value)
    for one in data["restrictions"]:
        for column in ("words", "from", "to"):
            yield RESTRICTED, str(one["number"]), column, one[column]
    for one in data["happened"]:
        yield HAPPENED, one["at"], "words", one["words"]
    for words, count in data["ours"].items():
        yield OURS, words, "number", str(count)


def figures(found: PartyReport) -> tuple[tuple[str, ...], ...]:
    """Give the rows of the table of weeks; weeks in which nothing came are left out."""
    rows = zip(found.weeks, *(one.values for one in found.series), strict=True)
    return tuple((_short(week), *(f"{each:g}" for each in values)) for week, *values in rows if any(values))


def _short(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def head(found: PartyReport) -> tuple[str, ...]:
    """Give the head of the table of weeks."""
    return ("Week of", *(_column(one) for one in found.series))


def _column(one: Series) -> str:
    return one.title.removesuffix(", each week").removesuffix(", an estimate, and no ground by itself")


def in_force(one: Band, zone: ZoneInfo) -> str:
    """Say one restriction of the chart."""
    first, last = one.begins.astimezone(zone).date(), (one.ends - MICROSECOND).astimezone(zone).date()
    return f"{one.number}: {one.words}, {_short(first)} to {_short(last)}"


def as_text(found: PartyReport, zone: ZoneInfo) -> Iterator[str]:
    """Give all but the table of weeks, line by line; what people wrote in it is not escaped yet."""
    yield title(found)
    yield introduction(found, zone)[0]
    for heading, lines in (
        (RESTRICTED, [in_force(one, zone) for one in found.bands]),
        (HAPPENED, [f"{in_words(at, zone)}: {words}" for at, words in found.happened]),
        (OURS, [f"{words}: {count}" for words, count in ours(found)]),
    ):
        yield from ("", heading, *(f"  {line}" for line in lines or ["Nothing."]))


def chart(found: PartyReport, one: Series, zone: ZoneInfo) -> str:
    """Draw one series as SVG."""
    return rendered("chart.svg", one=drawing(one, found, zone), width=WIDTH, left=LEFT, right=RIGHT)


def as_page(found: PartyReport, office: str, zone: ZoneInfo) -> str:
    """Give it as one page of HTML."""
    return rendered(
        "party.html",
        title=title(found),
        office=office,
        introduction=introduction(found, zone),
        charts=[(one.title, chart(found, one, zone)) for one in found.series],
        head=head(found),
        rows=figures(found),
        no_figures=NO_FIGURES,
        bands=[in_force(one, zone) for one in found.bands],
        happened=[(in_words(at, zone), words) for at, words in found.happened],
        ours=ours(found),
    )


def as_pdf(found: PartyReport, office: str, zone: ZoneInfo) -> bytes:
    """Give it as PDF/UA; raises Unprintable with a sentence where our fonts have no sign for something in it."""
    letter = PrintedLetter(clean_line(title(found)), clean_line(office), "en-GB", found.at, tuple(_parts(found, zone)))
    return _press().print(letter)


def _parts(found: PartyReport, zone: ZoneInfo) -> Iterator[Part]:
    for paragraph in introduction(found, zone):
        yield Part("paragraph", (clean_line(paragraph),))
    for one in found.series:
        yield Part("heading", (one.title,))
        yield Part("drawing", (f"{one.title}. {drawing(one, found, zone).says}",), drawing=chart(found, one, zone))
    lists = (
        (RESTRICTED, [in_force(one, zone) for one in found.bands]),
        (HAPPENED, [f"{in_words(at, zone)}: {words}" for at, words in found.happened]),
        (OURS, [f"{words}: {count}" for words, count in ours(found)]),
    )
    for heading, lines in lists:
        yield Part("heading", (heading,))
        yield Part("list", tuple(map(clean_line, lines)) or ("Nothing.",))
    yield Part("heading", ("The figures",))
    rows = figures(found)
    yield Part("table", head(found), rows) if rows else Part("paragraph", (NO_FIGURES,))


@cache
def _press() -> Press:
    return Press()
