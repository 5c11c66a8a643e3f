"""Which approval a change needs, judged on all that would then be on the party (PHSO-18, PHSO-19).

Belongs here: the combined effect over time; whatever its parts are called, no channel left is a total block.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rules.casework.actor import Actor
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.casework.shelf import Approval, Shelf
from rules.effect import shut_channels, total_block
from rules.measures import Measure
from rules.standing import Adjustment, Restriction

if TYPE_CHECKING:
    from rules.policies import Gate, Policy


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
    now: datetime,
) -> Needed:
    """Say what approval the restriction `number` needs with these measures, in force over `span`."""
    trial = Restriction(number, tuple(measures), span[0], span[1], approved_by="-")
    others = [one.enforced() for one in shelf.live(now) if one.id != number]
    adjustments = [one.value() for one in shelf.adjustments.values()]
    block = blocks([trial], [one for one in others if one is not None], adjustments, now)
    gate = policy.gate(tuple(each.kind for each in measures), file.party.kind, block, shelf.restrictions[number].ground)
    return Needed(gate, block)


def blocks(
    news: Sequence[Restriction], others: Sequence[Restriction], adjustments: Sequence[Adjustment], now: datetime
) -> bool:
    """Tell whether at any moment from `now` on a total block would stand to which the news contribute."""
    for moment in edges((*news, *others), adjustments, now):
        then = [one for one in news if one.starts <= moment < one.ends]
        if not shut_channels(then):
            continue
        then += [one for one in others if one.starts <= moment < one.ends]
        if total_block(then, [one for one in adjustments if one.in_force(moment)]):
            return True
    return False


def left_unapproved(shelf: Shelf, adjustments: Sequence[Adjustment], now: datetime) -> bool:
    """Tell whether a total block that nobody approved would stand with these adjustments in place of those on file."""
    live = [(one, value) for one in shelf.live(now) if (value := one.enforced()) is not None]
    today = [one.value() for one in shelf.adjustments.values()]
    for moment in edges([value for _, value in live], [*adjustments, *today], now):
        then = [(one, value) for one, value in live if value.starts <= moment < value.ends]
        values = [value for _, value in then]
        if any(one.approval is not None and one.approval.as_block for one, _ in then):
            continue
        shut = total_block(values, [one for one in adjustments if one.in_force(moment)])
        if shut and not total_block(values, [one for one in today if one.in_force(moment)]):
            return True
    return False


def edges(restrictions: Iterable[Restriction], adjustments: Iterable[Adjustment], now: datetime) -> list[datetime]:
    """Give the moments from `now` on at which what is in force can change."""
    found = {now, *(one.starts for one in restrictions)}
    for each in adjustments:
        found |= {moment for moment in (each.agreed, each.ends) if moment is not None}
    return sorted(moment for moment in found if moment >= now)


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
    what = "This leaves no channel open, which is a total block." if need.as_block else "This needs an approval."
    return f"{what} You may stand in only with the reason on record." if stands_in else what


def _way(need: Needed, policy: Policy) -> str:
    assert need.gate is not None  # it refused
    titles = " or ".join(sorted(policy.roles.get(role, role) for role in need.gate.roles))
    if not need.gate.fallback:
        return f"It is for the {titles} to approve."
    others = " or ".join(sorted(policy.roles.get(role, role) for role in need.gate.fallback))
    return f"It is for the {titles} to approve; where they are away or conflicted, for the {others}, who say why."
