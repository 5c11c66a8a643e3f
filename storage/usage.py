"""How much contact there was: for limits what was let through, for levels what was tried.

Promises that a long history costs no more than a short one: the n-th newest is fetched by index, nothing is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, select

from rules.contact import Channel
from rules.standing import Need, UsageKind, Used
from storage.desk import Desk
from storage.schema import contacts
from storage.statements import Statement, Values
from storage.times import Moments, moment_or_none, stamp

_c = contacts.c
_LATEST = 2**62
_SECONDS = func.coalesce(_c.talk_s, _c.reserved_s, literal_column("0"))

_LET_THROUGH = Statement(
    select(_c.counted_at)
    .where(
        _c.party_id == bindparam("party_id"),
        _c.channel == bindparam("channel"),
        _c.counted_at >= bindparam("since"),
        _c.counted_at <= bindparam("until"),
    )
    .order_by(_c.counted_at.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_TALKED = Statement(
    select(func.sum(_SECONDS), func.min(_c.counted_at)).where(
        _c.party_id == bindparam("party_id"),
        _c.channel == bindparam("channel"),
        _c.counted_at >= bindparam("since"),
        _c.counted_at <= bindparam("until"),
        literal_column("0") < _SECONDS,
    )
)
_ATTEMPTS = Statement(
    select(_c.at)
    .where(
        _c.whose == bindparam("whose"),
        _c.channel == bindparam("channel"),
        _c.counts == literal_column("true"),
        _c.at <= bindparam("until"),
    )
    .order_by(_c.at.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_LEVEL_TALKED = Statement(
    select(func.sum(_SECONDS)).where(
        _c.whose == bindparam("whose"),
        _c.channel == bindparam("channel"),
        _c.counts == literal_column("true"),
        _c.at >= bindparam("since"),
        _c.at <= bindparam("until"),
    )
)

# What was taken for an answer says so in its reasons, and in them alone. Quotes inside a text are escaped there, so
# that no text can say it.
_ANSWERS = Statement(
    select(func.count()).where(
        _c.whose == bindparam("whose"),
        _c.channel == bindparam("channel"),
        _c.counts == literal_column("false"),
        _c.at >= bindparam("since"),
        _c.id != bindparam("but_not"),
        _c.reasons.like(bindparam("said")),
    )
)


def used(desk: Desk, party_id: int, needs: Iterable[Need], until: datetime | None = None) -> dict[Need, Used]:
    """Answer what measures ask of the record (`rules.standing.Used` says what it means).

    What was counted after `until` (inclusive) is left out. Who decides now gives none: what another worker, or a node
    whose clock is ahead, has just counted is counted, or a limit would let through more than it says.
    """
    until_stamp = _LATEST if until is None else stamp(until)
    return {need: _used(desk, party_id, need, until_stamp) for need in needs}


def _used(desk: Desk, party_id: int, need: Need, until: int) -> Used:
    values = {"party_id": party_id, "since": stamp(need.since), "until": until}
    if need.usage.kind is UsageKind.TALK_SECONDS:
        return _talked(desk, values, need.usage.channels)
    reached = moment_or_none(_nth(desk, _LET_THROUGH, values, need.usage.channels, need.usage.count))
    return Used(reached_at=reached, frees_at=reached)


def _talked(desk: Desk, values: dict[str, int], channels: Iterable[Channel]) -> Used:
    sums = [desk.rows(_TALKED, values | {"channel": channel.value})[0] for channel in channels]
    oldest = min((first for _, first in sums if first is not None), default=None)
    return Used(seconds=sum(int(seconds or 0) for seconds, _ in sums), frees_at=moment_or_none(oldest))


def _nth(desk: Desk, statement: Statement, values: Values, channels: Iterable[Channel], nth: int) -> int | None:
    """Give the n-th newest time over the channels: one row of one channel, or the n newest of each of several."""
    names = [channel.value for channel in channels]
    if nth < 1 or not names:
        return None
    if len(names) == 1:
        row = desk.row(statement, {**values, "channel": names[0], "limit": 1, "offset": nth - 1})
        return row[0] if row else None
    newest = {**values, "limit": nth, "offset": 0}
    times = [row[0] for name in names for row in desk.rows(statement, {**newest, "channel": name})]
    return sorted(times, reverse=True)[nth - 1] if len(times) >= nth else None


def newest(
    desk: Desk, whose: str, channels: Iterable[Channel] | None, most: int, *, until: datetime | None = None
) -> Moments:
    """Give the times of the newest attempts that count for levels, `most` of them at most, the newest first.

    Over all channels where None are named; attempts after `until` (inclusive) are left out.
    """
    values = {"whose": whose, "until": _LATEST if until is None else stamp(until), "limit": most, "offset": 0}
    names = [channel.value for channel in (Channel if channels is None else channels)]
    times = [row[0] for name in names for row in desk.rows(_ATTEMPTS, {**values, "channel": name})]
    if len(names) > 1:
        times = sorted(times, reverse=True)[:most]
    return Moments(times)


def answers(desk: Desk, party_id: int, since: datetime, *, but_not: str) -> int:
    """Count what came of a party since then, inclusive, and was taken for an answer to us; one contact is left out."""
    values = {"whose": f"party:{party_id}", "since": stamp(since), "but_not": but_not, "said": '%["", "request", %'}
    return sum(desk.rows(_ANSWERS, {**values, "channel": channel.value})[0][0] for channel in Channel)


def talk_seconds(desk: Desk, whose: str, since: datetime, until: datetime) -> int:
    """Add up the talk time of calls that came from `since` to `until`, both inclusive, settled or reserved."""
    values = {"whose": whose, "channel": Channel.CALL.value, "since": stamp(since), "until": stamp(until)}
    return int(desk.rows(_LEVEL_TALKED, values)[0][0] or 0)
