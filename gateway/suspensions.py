"""Tells the owner of a restriction that one of its measures is suspended, for want of what it rests on (PHSO-M13).

Belongs here: who is told, and that it is once for the measure as it stands: amended and suspended again, it is news.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from gateway.casework.desk import Done
from gateway.letters import Letters
from rules import measures
from rules.casework.acts.end_authority import EndAuthority
from rules.casework.facts import facts_of
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
            letters.alert_suspended(restriction.id, _as_it_stands(measure, standing), why, standing.party, owner, now)
        )


class Suspending:
    """Tell the owner at once where an act leaves a measure without what it rests on: an authority ended early."""

    def __init__(self, letters: Letters, policy: Policy) -> None:
        self._letters = letters
        self._policy = policy

    def __call__(self, tx: Transaction, done: Done) -> None:
        """Follow from one act, in its transaction; what a contact finds later is the same letter, sent once."""
        if not isinstance(done.paper.act, EndAuthority):
            return
        found = [value for one in done.shelf.restrictions.values() if (value := one.enforced()) is not None]
        standing = Standing(done.file.party, tuple(found), facts=facts_of(done.shelf))
        for restriction, measure in _suspended(standing, self._policy, done.paper.at):
            owner, party = done.shelf.restrictions[restriction.id].owner, done.file.party
            why = "Nobody has authority to speak for the party any more"
            tx.enqueue(
                self._letters.alert_suspended(
                    restriction.id, _as_it_stands(measure, standing), why, party, owner, done.paper.at
                )
            )


def _suspended(standing: Standing, policy: Policy, now: datetime) -> Iterator[tuple[Restriction, Measure]]:
    for restriction in standing.in_force(now):
        for measure in restriction.bearing(now):
            if measure.suspended(standing, policy, now=now):
                yield restriction, measure


def _owner(tx: Transaction, party: int, restriction: Restriction, policy: Policy) -> str:
    """Name who looks after a restriction; who approved it where it was imported, empty where nobody is named."""
    file = tx.case_file(party)
    found = shelf_of(file, policy).restrictions.get(restriction.id) if file is not None else None
    return found.owner if found is not None else ""


def _as_it_stands(measure: Measure, standing: Standing) -> str:
    """Name the measure as it stands, and the authorities that it rested on: with another one ended it is news."""
    voices = [[one.name, str(one.span.until)] for one in standing.facts.voices]
    written = json.dumps([measures.dump(measure), voices], sort_keys=True, default=str)
    return sha256(written.encode("utf-8")).hexdigest()[:16]
