"""Which approval a change needs, judged on all that would then be on the party (PHSO-18, PHSO-19).

Belongs here: the combined effect over time; whatever its parts are called, no channel left is a total block.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rules.casework.actor import Actor
from rules.casework.file import CaseFile
from rules.casework.prospects import edges, latest_end, other_measures, prospects, to_come, values_of
from rules.casework.refused import Refused
from rules.casework.shelf import Approval, RestrictionOnFile, Shelf
from rules.contact import Channel
from rules.effect import shut_channels, total_block
from rules.measures import Measure
from rules.standing import Adjustment, Restriction

if TYPE_CHECKING:
    from rules.policies import Gate, Policy


_TOTAL = "With all that is decided already, told or not, this leaves no channel open, which is a total block."


@dataclass(frozen=True, slots=True)
class Needed:
    """Hold the approval that a change needs: `gate` is None where nobody else has to approve."""

    gate: Gate | None
    as_block: bool


def needed(
    file: CaseFile,
    shelf: Shelf,
    policy: Policy,
    number: str,
    measures: Sequence[Measure],
    span: tuple[datetime, datetime],
    *,
    extends: bool = False,
    now: datetime,
) -> Needed:
    """Say what approval the restriction `number` needs with these measures, in force over `span`.

    It is judged up to its last end that the party may still be told of, and with what may come to stand beside it.
    Where only its end is new (`extends`), with whatever measures it may come to have.
    """
    own = shelf.restrictions[number]
    ends = max(span[1], latest_end(own))
    other = other_measures(own) if extends else ()
    trials = [Restriction(number, tuple(each), span[0], ends, approved_by="-") for each in (measures, *other)]
    others = [one for one in shelf.live(now) if one.id != number]
    adjustments = [one.value() for one in shelf.adjustments.values()]
    block = any(blocks([trial], others, adjustments, now, shelf.ways_in) for trial in trials)
    kinds = tuple(each.kind for listed in (measures, *(to_come(own) if extends else ())) for each in listed)
    return Needed(policy.gate(kinds, file.party.kind, block, own.ground), block)


def blocks(
    news: Sequence[Restriction],
    others: Collection[RestrictionOnFile],
    adjustments: Sequence[Adjustment],
    now: datetime,
    ways: frozenset[Channel],
) -> bool:
    """Tell whether at any moment from `now` on a total block may stand to which the news contribute.

    Of the others it counts what is decided: also what the party is not told of yet, and what a letter that comes back
    brings back (PHSO-20).
    """
    for moment in edges((*news, *_all(others)), adjustments, now):
        then = [one for one in news if one.starts <= moment < one.ends]
        if not shut_channels(then):
            continue
        opened = [one for one in adjustments if one.in_force(moment)]
        if any(total_block((*then, *each.values), opened, ways) for each in prospects(others, moment)):
            return True
    return False


def left_unapproved(shelf: Shelf, adjustments: Sequence[Adjustment], now: datetime) -> bool:
    """Tell whether a total block that nobody approved may stand with these adjustments in place of those on file."""
    live, today = shelf.live(now), [one.value() for one in shelf.adjustments.values()]
    for moment in edges(_all(live), [*adjustments, *today], now):
        opened = [one for one in adjustments if one.in_force(moment)]
        before = [one for one in today if one.in_force(moment)]
        for each in prospects(live, moment):
            if each.as_block or not total_block(each.values, opened, shelf.ways_in):
                continue
            if not total_block(each.values, before, shelf.ways_in):
                return True
    return False


def _all(live: Iterable[RestrictionOnFile]) -> list[Restriction]:
    return [value for one in live for value in values_of(one)]


def approved(need: Needed, policy: Policy, by: Actor, own: frozenset[str], fallback: str, now: datetime) -> Approval:
    """Give the approval of somebody who may give it; raises Refused with who may.

    `own` are those whose own work it is: under four eyes none of them approves it (MP-8 switches that off).
    """
    if policy.four_eyes and by.name in own:
        raise Refused(
            f"{by.name} proposed this; nobody approves their own.",
            clause=need.gate.clause if need.gate else "",
            way="Ask a colleague who may approve it.",
        )
    if need.gate is None or not need.gate.roles:
        return Approval(by.name, min(by.roles, default=""), now, as_block=need.as_block)
    role = by.any_of(need.gate.roles)
    if role:
        return Approval(by.name, role, now, as_block=need.as_block)
    role = by.any_of(need.gate.fallback)
    if role and fallback:
        return Approval(by.name, role, now, fallback, need.as_block)
    raise Refused(_who_may(need, policy, stands_in=bool(role)), clause=need.gate.clause, way=_way(need, policy))


def _who_may(need: Needed, policy: Policy, *, stands_in: bool) -> str:
    what = _TOTAL if need.as_block else "This needs an approval."
    return f"{what} You may stand in only with the reason on record." if stands_in else what


def _way(need: Needed, policy: Policy) -> str:
    assert need.gate is not None  # it refused
    titles = " or ".join(sorted(policy.roles.get(role, role) for role in need.gate.roles))
    if not need.gate.fallback:
        return f"It is for the {titles} to approve."
    others = " or ".join(sorted(policy.roles.get(role, role) for role in need.gate.fallback))
    return f"It is for the {titles} to approve; where they are away or conflicted, for the {others}, who say why."
