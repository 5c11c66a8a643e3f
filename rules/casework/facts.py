"""What decisions must know of a file beside restrictions and adjustments, from its views (PHSO-22, 24, 26, M13).

Belongs here: the one way from a shelf to `rules.facts`. What was ended stays in with its end: whoever asks about an
earlier moment is told what stood then.
"""

from __future__ import annotations

from rules.casework.advocates import AuthorityOnFile
from rules.casework.shelf import Shelf
from rules.facts import Closed, Facts, Span, Voice, Way
from rules.windows import end_of

MOST_HIGHLIGHTED = 5
"""Messages that went back with passages marked, with which new mail is compared: all that can be read in time."""


def facts_of(shelf: Shelf) -> Facts:
    """Give the facts of a file."""
    return Facts(
        shields=tuple(
            Way(own, instead, Span(one.since, one.until))
            for one in shelf.shields.values()
            for own, instead in one.ways().items()
        ),
        closed=tuple(Closed(one.reference, Span(one.closed_at, one.reopened_at)) for one in shelf.closed.values()),
        requests=tuple(Span(one.asked_at, one.closed_at) for one in shelf.requests.values()),
        voices=tuple(_voice(one, shelf) for one in shelf.authorities.values()),
        highlighted=tuple(shelf.highlighted)[-MOST_HIGHLIGHTED:],
    )


def _voice(one: AuthorityOnFile, shelf: Shelf) -> Voice:
    last = end_of(one.last_day, shelf.zone)
    until = last if one.ended_at is None else min(last, one.ended_at)
    return Voice(one.name, frozenset(map(str, one.identifiers)), Span(one.since, until), one.scope)
