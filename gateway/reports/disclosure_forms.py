"""The forms in which a disclosure is given: plain text, plain data, HTML and PDF, each with the same words.

Belongs here: writing them. Nothing that anybody typed is markup in any of them (THREATS W1).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from adapters.mail.own_mail import clean_line
from adapters.pdf.letter import Part, Press, PrintedLetter
from gateway.casework.outline import said
from gateway.reports.disclosing import Disclosure, Told
from rules.windows import in_words

TITLE = "What we have decided about you"
TOLD = "Decisions, letters, refusals and looks"
NOT_TOLD = "What could not be told"
NOTHING = "There is nothing of that kind on record."
_ALL_TOLD = "Nothing was left out."
_WIDTH = 78


def introduction(found: Disclosure, zone: ZoneInfo) -> tuple[str, ...]:
    """Say what this is, and what it does not hold."""
    more = (
        (f"There were more contacts than these: the latest {len(found.told)} entries are here.",) if found.more else ()
    )
    return (
        f"This is what our record holds of decisions, letters, refusals and looks about {found.party}, as of "
        f"{in_words(found.at, zone)}, the oldest first.",
        f"How often colleagues have opened your file: {found.read}. What you wrote to us is not repeated here.",
        *more,
    )


def left_out(found: Disclosure) -> tuple[str, ...]:
    """Say what is not told, with how often on which ground."""
    return tuple(f"{ground.words} ({count})" for ground, count in found.left_out) or (_ALL_TOLD,)


def as_data(found: Disclosure, zone: ZoneInfo) -> dict[str, Any]:
    """Give it in plain data."""
    return {
        "party": found.number,
        "name": found.party,
        "at": said(found.at, zone),
        "told": [{"at": said(one.at, zone), "what": one.what, "words": list(one.words)} for one in found.told],
        "left_out": [
            {"ground": ground.value, "words": ground.words, "count": count} for ground, count in found.left_out
        ],
        "file_opened": found.read,
        "more": found.more,
    }


def as_text(found: Disclosure, zone: ZoneInfo) -> Iterator[str]:
    """Give it line by line, for 80 columns; what people wrote in it is not escaped yet."""
    yield TITLE
    for paragraph in introduction(found, zone):
        yield from ("", *_wrapped(paragraph))
    if not found.told:
        yield from ("", NOTHING)
    for one in found.told:
        yield from ("", in_words(one.at, zone), *_wrapped(one.what, "  "))
        for words in one.words:
            for line in words.splitlines():
                yield from _wrapped(line, "    ") or [""]
    yield from ("", NOT_TOLD)
    for line in left_out(found):
        yield from _wrapped(line, "  ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def as_page(found: Disclosure, office: str, zone: ZoneInfo) -> str:
    """Give it as one page of HTML."""
    from gateway.reports.page import rendered  # templates are loaded for those who want a page

    lines = [(in_words(one.at, zone), one) for one in found.told]
    return rendered(
        "disclosure.html",
        title=TITLE,
        office=office,
        introduction=introduction(found, zone),
        lines=lines,
        nothing=NOTHING,
        told=TOLD,
        not_told=NOT_TOLD,
        left_out=left_out(found),
    )


def as_pdf(found: Disclosure, office: str, zone: ZoneInfo) -> bytes:
    """Give it as PDF/UA; raises Unprintable with a sentence where our fonts have no sign for something in it."""
    parts = [Part("paragraph", (paragraph,)) for paragraph in introduction(found, zone)]
    parts.append(Part("heading", (TOLD,), level=1))
    if not found.told:
        parts.append(Part("paragraph", (NOTHING,)))
    for one in found.told:
        parts += [
            Part("heading", (in_words(one.at, zone),), level=2),
            *(Part("paragraph", (text,)) for text in _told(one)),
        ]
    parts += [Part("heading", (NOT_TOLD,), level=1), Part("list", left_out(found))]
    return _press().print(PrintedLetter(TITLE, clean_line(office), "en-GB", found.at, tuple(parts)))


def _told(one: Told) -> Iterator[str]:
    for words in (one.what, *one.words):
        yield from (line for each in words.splitlines() if (line := clean_line(each)))


@cache
def _press() -> Press:
    return Press()
