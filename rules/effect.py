"""What all measures on a party do together: whether any way to the office is left (PHSO-18).

Belongs here: the combined effect that approval is judged on, whatever its parts are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules.contact import Channel
from rules.standing import Adjustment, Restriction


def shut_channels(restrictions: Iterable[Restriction], adjustments: Iterable[Adjustment] = ()) -> frozenset[Channel]:
    """Name the channels by which nothing would reach a person or be read any more."""
    measures = [measure for restriction in restrictions for measure in restriction.measures]
    opened = frozenset().union(*(adjustment.open for adjustment in adjustments))
    return frozenset(
        channel for channel in Channel if channel not in opened and any(measure.shuts(channel) for measure in measures)
    )


def total_block(restrictions: Sequence[Restriction], adjustments: Iterable[Adjustment] = ()) -> bool:
    """Tell whether no channel is left: a total block, whatever its parts are called."""
    return shut_channels(restrictions, adjustments) == frozenset(Channel)
