"""Tells the owner of a restriction that one of its measures is suspended, for want of what it rests on (PHSO-M13).

Belongs here: who is told, and that it is once for the measure as it stands: amended and suspended again, it is news.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from gateway.letters import Letters
from rules import measures
from rules.casework.shelf import shelf_of
from rules.decide import SUSPENDED
from rules.decision import Decision
from rules.measures import Measure
from rules.policies import Policy
from rules.standing import Restriction, Standing
from storage.transaction import Transaction


def tell_owners(
    tx: Transaction, letters: Letters, standing: Standing, decision: Decision, policy: Policy, now: datetime
) -> None:
    """Put an alert into the outbox for each measure that a decision found suspended, in the decision's own commit."""
    if SUSPENDED not in decision.marks or standing.party is None:
        return
    for restriction, measure in _suspended(standing, policy, now):
        why = next(
            one.text for one in decision.reasons if (one.restriction, one.measure) == (restriction.id, measure.kind)
        )
        owner = _owner(tx, standing.party.id, restriction, policy)
        tx.enqueue(
            letters.alert_suspended(restriction.id, _as_it_stands(measure), why, standing.party.name, owner, now)
        )


def _suspended(standing: Standing, policy: Policy, now: datetime) -> Iterator[tuple[Restriction, Measure]]:
    for restriction in standing.in_force(now):
        for measure in restriction.bearing(now):
            if measure.suspended(policy, now=now):
                yield restriction, measure


def _owner(tx: Transaction, party: int, restriction: Restriction, policy: Policy) -> str:
    """Name who looks after a restriction; empty where nobody is named, as for what was imported."""
    file = tx.case_file(party)
    found = shelf_of(file, policy).restrictions.get(restriction.id) if file is not None else None
    return found.owner if found is not None else ""


def _as_it_stands(measure: Measure) -> str:
    written = json.dumps(measures.dump(measure), sort_keys=True, default=str)
    return sha256(written.encode("utf-8")).hexdigest()[:16]
