"""What decisions must know of a file beside restrictions and adjustments, gathered from its views (PHSO-22, 24, 26).

Belongs here: the one way from a shelf to `rules.facts`. What was ended stays in with its end: whoever asks about an
earlier moment is told what stood then.
"""

from __future__ import annotations

from rules.casework.shelf import Shelf
from rules.facts import Closed, Facts, Span, Way


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
    )
