"""Finding on a file what an act is about, in a state in which the act makes sense.

Belongs here: the sentences for what is not there, or no longer what it was.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionOnFile, RestrictionState, Shelf


def on_file(number: str, shelf: Shelf, now: datetime, *states: RestrictionState) -> RestrictionOnFile:
    """Give a restriction that is in one of these states; raises Refused for any other, and for none."""
    found = shelf.restrictions.get(number)
    if found is None:
        raise Refused(f"There is no restriction {number} on this file.")
    state = found.state(now)
    if state not in states:
        wanted = " or ".join(one.value.replace("_", " ") for one in states)
        raise Refused(f"This restriction is {state.value.replace('_', ' ')}; this is done to one that is {wanted}.")
    return found


def last_day(ends: datetime, zone: ZoneInfo) -> date:
    """Give the last day of the office before `ends` (aware UTC)."""
    return (ends - timedelta(microseconds=1)).astimezone(zone).date()
