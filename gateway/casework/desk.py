"""The desk at which casework is done: an act is judged on the party's file, put on it, and what it changes is enforced.

Belongs here: one act, one transaction (file, judgement, paper, chain, what is enforced), and what a person is told
where the policy refuses or somebody else was faster. Values in and out; nothing here prints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from gateway.clock import Clock
from gateway.serials import serial
from rules.casework.actor import Actor
from rules.casework.acts.act import Act, permitted
from rules.casework.file import CaseFile, Paper
from rules.casework.shelf import Shelf, shelf_of
from rules.policies import Policy
from storage.faults import RecordStale
from storage.record import Record
from storage.transaction import Reader, Transaction

Effect = Callable[[Transaction, "Done"], None]
Guard = Callable[[Transaction, CaseFile, Act, datetime], None]


class NoSuchParty(LookupError):
    """Say that there is no party of this number."""


class Stale(Exception):
    """Say that the file was changed by somebody else since it was read; nothing was done."""


@dataclass(frozen=True, slots=True)
class Done:
    """Hold what was done: the paper, and the file and its shelf as they are now."""

    paper: Paper
    file: CaseFile
    shelf: Shelf


class Casework:
    """Do casework on one record under one policy.

    `guards` refuse what only the record can tell, before an act is judged; `effects` follow from it. Both work within
    its transaction.
    """

    def __init__(
        self,
        record: Record,
        policy: Policy,
        clock: Clock,
        *,
        guards: tuple[Guard, ...] = (),
        effects: tuple[Effect, ...] = (),
    ) -> None:
        self._record = record
        self._policy = policy
        self._clock = clock
        self._guards = guards
        self._effects = effects

    def also(self, *effects: Effect) -> Casework:
        """Give the same desk with effects that come first, for what goes into the record together with an act."""
        return Casework(
            self._record, self._policy, self._clock, guards=self._guards, effects=(*effects, *self._effects)
        )

    async def file(self, party: int) -> CaseFile:
        """Give a party's file; raises NoSuchParty."""
        return await self._record.read(partial(file_of, party))

    async def do(self, party: int, act: Act, by: Actor, *, version: int | None = None) -> Done:
        """Do one act; `version` is that of the file it was decided on, where the person saw one.

        Raises Refused with the clause and the way that is open, Stale where somebody was faster, NoSuchParty; then
        nothing was done.
        """
        return await self._record.write(partial(self._do, party, act, by, version))

    def do_now(self, party: int, act: Act, by: Actor, *, version: int | None = None) -> Done:
        """Do one act as `do` does, while the calling thread waits; not for event loops."""
        return self._record.write_now(partial(self._do, party, act, by, version))

    def _do(self, party: int, act: Act, by: Actor, version: int | None, tx: Transaction) -> Done:
        now = self._clock()
        file = file_of(party, tx)
        if version is not None and version != file.version:
            raise Stale("Somebody else has changed this file since you read it. Read it again, then decide.")
        role = permitted(act, self._policy, by)
        for guard in self._guards:
            guard(tx, file, act, now)
        judged = act.judge(file, self._policy, by, now=now)
        paper = Paper(serial(now), now, by.name, role, judged)
        try:
            tx.add_paper(party, paper, file.version)
        except RecordStale:
            raise Stale("Somebody else has changed this file since you read it. Read it again, then decide.") from None
        after = file.with_paper(paper)
        done = Done(paper, after, shelf_of(after, self._policy))
        enforce(tx, file, done, self._policy)
        for effect in self._effects:
            effect(tx, done)
        after = file_of(party, tx)  # what is enforced, and what followed, have changed its version
        return Done(paper, after, shelf_of(after, self._policy))


def file_of(party: int, reader: Reader) -> CaseFile:
    """Read a party's file; raises NoSuchParty."""
    file = reader.case_file(party)
    if file is None:
        raise NoSuchParty(f"There is no party {party}.")
    return file


def enforce(tx: Transaction, before: CaseFile, done: Done, policy: Policy) -> None:
    """Have decisions made by what is on the file now: restrictions and adjustments that the act changed."""
    then = shelf_of(before, policy)
    party = done.file.party.id
    for number, one in done.shelf.restrictions.items():
        earlier = then.restrictions.get(number)
        value, was = one.enforced(), earlier.enforced() if earlier is not None else None
        if value is not None and value != was:
            tx.put_restriction(party, value)
        elif value is None and was is not None:
            # Over before it began: lifted ahead of its first day.
            tx.put_restriction(party, replace(was, ends=min(was.starts, done.paper.at)))
    for number, adjustment in done.shelf.adjustments.items():
        if then.adjustments.get(number) == adjustment:
            continue
        if not adjustment.imported:
            tx.put_adjustment(party, number, adjustment.value())
        elif adjustment.ends is not None:  # nothing else of it can be changed
            tx.end_imported(party, number, adjustment.ends)
