"""What follows from acts within their transaction, in the order in which it must happen.

Belongs here: the list for parties and their contacts; that decisions are made by what is on file now, and what is held
is decided anew once less is on a party.
"""

from __future__ import annotations

from gateway.casework.corrections import Correcting
from gateway.casework.desk import Done, Effect, file_of
from gateway.casework.merging import Merging
from gateway.casework.notice_drafts import DraftsClosed
from gateway.casework.parties import Identifiers
from gateway.casework.reach import reaching_no_more
from rules.casework.acts.merge import Merge
from rules.casework.acts.split import Split
from rules.casework.facts import facts_of
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy
from storage.transaction import Transaction

_LESS_ON_A_PARTY = frozenset(
    {
        *("lift_restriction", "review_restriction", "decide_appeal", "agree_adjustment", "agree_contract"),
        # A change stands once the party was told of it.
        *("send_notice", "record_no_notice", "notice_came_back"),
        *("authorise_advocate", "end_authority", "shield", "unshield", "close_case", "reopen_case"),
    }
)


def holds_anew(tx: Transaction, done: Done) -> None:
    """Make what is held of the party due where an act may have changed what is decided about it.

    `gateway.holds` decides it anew in order of arrival: it passes and counts then, or stays.
    """
    if done.paper.act.name in _LESS_ON_A_PARTY:
        tx.release_now(done.file.party.id, done.paper.at)


class Knowing:
    """Have decisions know what is on file beside restrictions: shields, closed cases, requests of ours."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __call__(self, tx: Transaction, done: Done) -> None:
        """Write the facts of every file that the act changed, where they are others than before."""
        act, party = done.paper.act, done.file.party.id
        if not isinstance(act, Merge | Split):
            _know(tx, party, done.shelf)
            return
        for number in (party, act.other):
            _know(tx, number, shelf_of(file_of(number, tx), self._policy))


def _know(tx: Transaction, party: int, shelf: Shelf) -> None:
    known = facts_of(shelf)
    if known != tx.facts(party):
        tx.keep_facts(party, known)


def party_effects(policy: Policy) -> tuple[Effect, ...]:
    """Give what follows from acts on parties: identifiers and whom they reach, merges, corrections, facts, holds."""
    return (
        *(Identifiers(policy), Merging(policy), reaching_no_more(policy)),
        *(Correcting(policy), Knowing(policy), DraftsClosed(policy)),
        holds_anew,
    )
