"""What all measures on a party do together: whether any way to the office is left (PHSO-18).

Belongs here: the combined effect that approval is judged on, whatever its parts are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules.contact import WAYS_IN, Channel
from rules.standing import Adjustment, Restriction


def shut_channels(restrictions: Iterable[Restriction], adjustments: Iterable[Adjustment] = ()) -> frozenset[Channel]:
    """Name the channels by which nothing would reach a person or be read any more.

    It is judged by the worst that may be: as if no contract were agreed and every advocate had authority.
    """
    measures = [measure for restriction in restrictions for measure in restriction.measures]
    opened = frozenset().union(*(adjustment.open for adjustment in adjustments))
    return frozenset(
        channel for channel in Channel if channel not in opened and any(measure.shuts(channel) for measure in measures)
    )


def total_block(
    restrictions: Sequence[Restriction], adjustments: Iterable[Adjustment] = (), ways: frozenset[Channel] = WAYS_IN
) -> bool:
    """Tell whether no channel is left: a total block, whatever its parts are called.

    `ways` are those by which the office is reached, beside what was agreed with the person. What people write elsewhere
    online is none: left open alone, it leaves nothing open.
    """
    opened = tuple(adjustments)
    agreed = frozenset[Channel]().union(*(adjustment.open for adjustment in opened))
    return shut_channels(restrictions, opened) >= (ways | agreed) - {Channel.ONLINE}


def as_a_block(restriction: Restriction) -> tuple[str, ...]:
    """Name the kinds of its measures that need the approval of a total block by themselves (PHSO-18, MP-7).

    No adjustment changes that: what they stop is work, not a channel.
    """
    return tuple(measure.kind for measure in restriction.measures if measure.needs_block_approval)
