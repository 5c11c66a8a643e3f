"""What may come to stand on a party though nobody decides anything more (PHSO-18, PHSO-20).

Belongs here: the terms that each restriction may have once a letter leaves or comes back, and all that may then stand
at a moment. Of one restriction one set of terms stands at a time, so that terms are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rules.casework.shelf import Approval, RestrictionOnFile
from rules.effect import shut_channels
from rules.measures import Measure
from rules.standing import Adjustment, Restriction


@dataclass(frozen=True, slots=True)
class Prospect:
    """Hold what may stand together; `as_block` tells whether some of it was approved as a block."""

    values: tuple[Restriction, ...] = ()
    as_block: bool = False


def prospects(live: Iterable[RestrictionOnFile], moment: datetime) -> list[Prospect]:
    """Give what may stand at a moment (aware UTC) of restrictions that are approved and not over.

    Of those that shut the same channels one is given. Terms to come that were approved as a block are left out: the
    block that they make is somebody's decision.
    """
    found = [Prospect()]
    for one in live:
        options = list(_options(one, moment))
        more = [
            Prospect((*so_far.values, *given.values), so_far.as_block or given.as_block)
            for so_far in found
            for given in options
        ]
        found = list({(shut_channels(each.values), each.as_block): each for each in more}.values())
    return found


def _options(one: RestrictionOnFile, moment: datetime) -> Iterator[Prospect]:
    """Give the terms of one restriction that may stand at a moment, and that none does where its end may stay."""
    standing = one.enforced()
    if standing is not None and _bites(standing, moment):
        yield Prospect((standing,), bool(one.approval and one.approval.as_block))
    else:
        yield Prospect()
    yield from (Prospect((value,)) for value in _others(one) if _bites(value, moment))


def values_of(one: RestrictionOnFile) -> Iterator[Restriction]:
    """Give a restriction with the terms that it has, and with each that it may come to have."""
    standing = one.enforced()
    if standing is not None:
        yield standing
    yield from _others(one)


def _others(one: RestrictionOnFile) -> Iterator[Restriction]:
    """Give it with terms to come that nobody approved as a block: each of its measures, up to each of its ends."""
    ends = [(one.ends, False)]
    ends += [(each.ends, _as_block(each.approval)) for _, each in one.untold if each.ends is not None]
    listed = [(one.measures, _as_block(one.approval)), *_decided(one), *_before(one)]
    for number, (measures, as_block) in enumerate(listed):
        for at, (until, until_as_block) in enumerate(ends):
            if (number or at) and not as_block and not until_as_block:
                value = replace(one, measures=measures, ends=until).enforced()
                if value is not None:
                    yield value


def other_measures(one: RestrictionOnFile) -> list[tuple[Measure, ...]]:
    """Give the measures that a restriction may come to have, but for those that were approved as a block."""
    return [measures for measures, as_block in (*_decided(one), *_before(one)) if not as_block]


def to_come(one: RestrictionOnFile) -> list[tuple[Measure, ...]]:
    """Give the measures of which the party is not told yet."""
    return [measures for measures, _ in _decided(one)]


def latest_end(one: RestrictionOnFile) -> datetime:
    """Give the last end that a restriction may come to have, aware UTC."""
    return max([one.ends, *(each.ends for _, each in one.untold if each.ends is not None)])


def _decided(one: RestrictionOnFile) -> Iterator[tuple[tuple[Measure, ...], bool]]:
    """Give measures that are decided, each with whether as a block, of which the party is not told yet."""
    for _, change in one.untold:
        if change.measures is not None:
            yield change.measures, _as_block(change.approval or one.approval)


def _before(one: RestrictionOnFile) -> Iterator[tuple[tuple[Measure, ...], bool]]:
    """Give measures that a change took the place of: they stand again where its letter comes back."""
    for _, change, before in one.told_changes:
        if change.measures is not None and before.measures is not None:
            yield before.measures, _as_block(before.approval)


def _as_block(approval: Approval | None) -> bool:
    return approval is not None and approval.as_block


def _bites(value: Restriction, moment: datetime) -> bool:
    return value.starts <= moment < value.ends


def edges(restrictions: Iterable[Restriction], adjustments: Iterable[Adjustment], now: datetime) -> Sequence[datetime]:
    """Give the moments from `now` on at which what is in force can change."""
    found = {now, *(moment for one in restrictions for moment in (one.starts, one.ends))}
    for each in adjustments:
        found |= {moment for moment in (each.agreed, each.ends) if moment is not None}
    return sorted(moment for moment in found if moment >= now)
