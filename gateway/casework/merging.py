"""Merging two parties and splitting them again, as the record then has them (THREATS W10).

Belongs here: judging what only both files together can tell, and moving what moves within the act's transaction. What
moved is on record item by item, and its digest in the chain of acts.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.casework.desk import Done
from gateway.casework.recount import one_flag_a_hill, recount
from rules.casework.acts.merge import Merge
from rules.casework.acts.split import Split
from rules.casework.file import CaseFile, imported_name
from rules.casework.one_party import followers, newly_blocked, parted, together
from rules.casework.refused import Refused
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy
from rules.standing import Adjustment
from storage.merges import ADJUSTMENT, MERGED, PAPER, RESTRICTION, SPLIT, digest_of
from storage.transaction import Transaction

_BLOCK = "no channel would be left: a total block that nobody approved."


class Merging:
    """Carry out merge and split."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __call__(self, tx: Transaction, done: Done) -> None:
        """Do what one act says; raises Refused with the way that is open."""
        match done.paper.act:
            case Merge() as act:
                self._merge(tx, done, act)
            case Split() as act:
                self._split(tx, done, act)
            case _:
                return

    def _merge(self, tx: Transaction, done: Done, act: Merge) -> None:
        tx.lock_files(done.file.party.id, act.other)
        tx.lock_party(act.other)
        other = tx.case_file(act.other)
        if other is None:
            raise Refused(f"There is no party {act.other}.")
        self._mergeable(tx, done, other)
        brought = tx.merge_parties(done.paper.id, done.file.party.id, act.other)
        tx.act(done.paper.by, MERGED, done.paper.id, _told(brought) | {"from": act.other, "to": done.file.party.id})
        survivor = f"party:{done.file.party.id}"
        one_flag_a_hill(tx, self._policy, survivor, done.paper.by, f"merge:{done.paper.id}")
        tx.release_now(done.file.party.id, done.paper.at)

    def _mergeable(self, tx: Transaction, done: Done, other: CaseFile) -> None:
        file = done.file
        if tx.merged_into(other.party.id) is not None:
            raise Refused(f"{other.party.name} was merged already.", way="Merge with the party that it became.")
        if other.party.kind is not file.party.kind:
            raise Refused(
                f"{file.party.name} is on record as {file.party.kind.value}, {other.party.name} as "
                f"{other.party.kind.value}: "
                "what was approved for the one was not approved for the other.",
                clause=self._policy.clause(Merge.name),
                way="Take the identifier off the one and put it on the other instead.",
            )
        before = [done.shelf, shelf_of(other, self._policy)]
        if newly_blocked(shelf_of(together(file, other), self._policy), before, done.paper.at):
            raise Refused(
                f"With the restrictions of both {_BLOCK}",
                clause=self._policy.clause("total_block"),
                way="Lift or change a restriction first, or have the block approved, then merge.",
            )

    def _split(self, tx: Transaction, done: Done, act: Split) -> None:
        tx.lock_files(done.file.party.id, act.other)
        tx.lock_party(act.other)
        came = self._verified(tx, act.merge)
        merged_at = next(paper.at for paper in done.file.papers if paper.id == act.merge)
        file, going = done.file, frozenset(came.get(PAPER, ()))
        after = [paper for paper in file.papers if paper.id not in going and paper.at >= merged_at]
        imported = {*came.get(RESTRICTION, ()), *map(imported_name, came.get(ADJUSTMENT, ()))}
        later = followers(after, going, imported)
        both = _agreed_since(done.shelf, {paper.id for paper in after} - later)
        self._splittable(done, going | later, imported, both)
        tx.give_back(act.merge, file.party.id, act.other, followers=later, merged_at=merged_at)
        for adjustment in both:
            tx.add_adjustment(act.other, adjustment)
        gone = sorted(paper.id for paper in file.papers if paper.id in going | later)
        tx.act(done.paper.by, SPLIT, done.paper.id, {"merge": act.merge, "to": act.other, "papers": gone})
        for number in (file.party.id, act.other):
            recount(tx, self._policy, f"party:{number}", done.paper.by, f"split:{done.paper.id}")
            tx.release_now(number, done.paper.at)

    def _verified(self, tx: Transaction, merge: str) -> Mapping[str, tuple[str, ...]]:
        """Give what a merge moved, if it is what the chain of acts says."""
        came = tx.moved(merge)
        link = next((each for each in tx.acts_about(merge) if each.act == MERGED), None)
        if link is None or link.detail.get("digest") != digest_of(came):
            raise Refused(
                "What this merge moved is not on record as it was written down.", way="See parley audit verify."
            )
        return came

    def _splittable(
        self,
        done: Done,
        going: frozenset[str],
        imported: set[str],
        both: tuple[Adjustment, ...],
    ) -> None:
        parts = parted(done.file, going, imported, both)
        try:
            shelves = [shelf_of(part, self._policy) for part in parts]
        except KeyError:
            raise Refused(
                "Something done since is about both of them.", way="End what was decided on both, then split."
            ) from None
        if any(newly_blocked(shelf, [done.shelf], done.paper.at) for shelf in shelves):
            raise Refused(
                f"On one of the two {_BLOCK}",
                clause=self._policy.clause("total_block"),
                way="Lift or change a restriction first, or have the block approved, then split.",
            )


def _told(brought: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """Give what the chain keeps of a merge: how many of each, and the digest of all."""
    return {"moved": {what: len(each) for what, each in brought.items()}, "digest": digest_of(brought)}


def _agreed_since(shelf: Shelf, papers: set[str]) -> tuple[Adjustment, ...]:
    """Give the adjustments that were agreed while nobody knew that they were two: they stand on both (THREATS W10)."""
    return tuple(one.value() for number, one in shelf.adjustments.items() if number in papers)
