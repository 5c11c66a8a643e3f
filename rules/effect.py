"""What all measures on a party do together: whether any way to the office is left (PHSO-18).

Belongs here: the combined effect that approval is judged on, whatever its parts are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules.contact import Channel
from rules.standing import Adjustment, Restriction

_WAYS_IN = frozenset(Channel) - {Channel.ONLINE}


def shut_channels(restrictions: Iterable[Restriction], adjustments: Iterable[Adjustment] = ()) -> frozenset[Channel]:
    """Name the channels by which nothing would reach a person or be read any more.

    It is judged by the worst that may be: as if no contract were agreed and every advocate had authority.
    """
    measures = [measure for restriction in restrictions for measure in restriction.measures]
    opened = frozenset().union(*(adjustment.open for adjustment in adjustments))
    return frozenset(
        channel for channel in Channel if channel not in opened and any(measure.shuts(channel) for measure in measures)
    )


def total_block(restrictions: Sequence[Restriction], adjustments: Iterable[Adjustment] = ()) -> bool:
    """Tell whether no channel is left: a total block, whatever its parts are called.

    What people write elsewhere online is no way to the office: left open alone, it leaves nothing open.
    """
    return shut_channels(restrictions, adjustments) >= _WAYS_IN


def as_a_block(restriction: Restriction) -> tuple[str, ...]:
    """Name the kinds of its measures that need the approval of a total block by themselves (PHSO-18, MP-7).

    No adjustment changes that: what they stop is work, not a channel.
    """
    return tuple(measure.kind for measure in restriction.measures if measure.needs_block_approval)
