"""The page `Today` as PDF: one sheet for the wall behind the counter, in black and white (SPSO-70).

Belongs here: setting the brief as a table. It says what the brief says and no more; a small office gets it on one page.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from adapters.mail.own_mail import clean_line
from adapters.pdf.letter import Look, Part, Press, PrintedLetter, pages
from gateway.brief import Brief, MayBe, Person, Row
from gateway.brief_words import HOW_TO, channels
from gateway.human_clock import in_a_sentence
from rules.policies import Policy
from rules.windows import in_words
from rules.workdays import in_words as day_in_words

_SIZES = (11, 10, 9)
"""Points, the largest that fits one page; what needs more pages is set in the middle one."""
_HEAD = ("Who", "What to do", "You can say")
_ONCE = "It is right at this moment only: print it again every day, and destroy the old one."


def printed_brief(found: Brief, office: str, policy: Policy) -> bytes:
    """Give the brief as PDF/UA; raises Unprintable with a sentence where our fonts have no sign for a name."""
    parts = tuple(_parts(found, policy))
    tried = {}
    for size in _SIZES:
        look = Look(size=size, airy=False)
        tried[size] = _press().print(
            PrintedLetter(f"Today: {clean_line(office)}", clean_line(office), "en-GB", found.at, parts, look)
        )
        if pages(tried[size]) == 1:
            return tried[size]
    return tried[_SIZES[1]]


def _parts(found: Brief, policy: Policy) -> Iterator[Part]:
    yield Part("paragraph", (f"As of {in_words(found.at, policy.zone)}. {_ONCE}",))
    if found.overdue is not None:
        yield Part("paragraph", (in_a_sentence(found.overdue),))
    yield Part("list", HOW_TO)
    if found.people:
        yield Part("table", _HEAD, tuple(_line(one) for one in found.people))
    for number in found.unreadable:
        yield Part("paragraph", (f"Party {number}: the file cannot be read. Ask a manager before you deal with them.",))
    if not found.people and not found.unreadable:
        yield Part("paragraph", ("Nothing is in force on anybody here.",))
    if found.may_be:
        yield Part("heading", ("Shared, so nobody is restricted by them",))
        yield Part("list", tuple(map(_may_be, found.may_be)))


def _line(person: Person) -> tuple[str, str, str]:
    known = (f"party {person.party}", *person.known_by)
    todo = [
        *(f"AGREED: {text}" for text in person.agreed),
        *map(_row, person.rows),
        *(f"Speaks for them: {name}." for name in person.speakers),
        *(f"Never to {own}: {instead} takes over." for own, instead in person.instead),
    ]
    if person.until is not None:
        todo.append(f"Until {day_in_words(person.until)}.")
    return _cell([person.name, *known]), _cell(todo), _cell(person.say)


def _row(row: Row) -> str:
    to = f": {row.to}" if row.to else ""
    return " ".join((f"{channels(row.channels).upper()}: {row.does}{to}.", *map(_sentence, (*row.when, *row.why))))


def _sentence(text: str) -> str:
    """Begin and end what stands in a line of its own elsewhere, so that it can stand among others."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _may_be(one: MayBe) -> str:
    return clean_line(f"{one.identifier}: may be {' or '.join(one.names)}")


def _cell(lines: list[str] | tuple[str, ...]) -> str:
    return "\n".join(clean_line(line) for line in lines)


@cache
def _press() -> Press:
    return Press()
