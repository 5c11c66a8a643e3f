"""Retention: what is kept no longer is shown, and deleted by whoever may or by the daily job, class by class (PHSO-7).

Belongs here: one run over all files and over what is no party's. Promises that each party's part is done as a whole and
put on record with it, so that a run that died is gone on with, and two at once delete nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog

from gateway.casework.desk import file_of
from gateway.clock import Clock
from rules.casework.actor import Actor
from rules.casework.acts.act import allowed
from rules.casework.facts import facts_of
from rules.casework.refused import Refused
from rules.casework.shelf import shelf_of
from rules.policies import Policy
from rules.retention import Going, RecordClass, due_after, going, months_of, over_before, soonest
from storage.audit import RETENTION
from storage.faults import PaperUnreadable
from storage.record import Record
from storage.transaction import Reader, Transaction

RIGHT = "retention"
RUN = "retention run"
"""The act by which a run says how much was deleted since the one before."""
EVERY_S = 3600
_BY_ITSELF = "retention"
_DONE = "retention done"
_OF_NOBODY = (RecordClass.MESSAGES, RecordClass.LETTERS, RecordClass.ALERTS, RecordClass.CONTACTS)
_OF_NO_CONTACT = (RecordClass.LETTERS, RecordClass.ALERTS)
_AT_ONCE = 500

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Prospect:
    """Hold what a run would delete of one class now, for how many months it is kept, and when the next is due."""

    kind: RecordClass
    months: int
    due: int
    next: datetime | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Hold what a run would delete now, and the parties whose file cannot be read, of whom nothing is deleted.

    `stopped` is how many numbers are kept because they want no texts of ours (STOP).
    """

    prospects: tuple[Prospect, ...]
    unreadable: tuple[int, ...] = ()
    stopped: int = 0


@dataclass(frozen=True, slots=True)
class Deleted:
    """Hold how much was deleted of each class since the run before, and the parties whose file cannot be read."""

    counts: Mapping[RecordClass, int] = field(default_factory=dict)
    unreadable: tuple[int, ...] = ()


class Retention:
    """Show and delete what one record keeps no longer under one policy."""

    def __init__(self, record: Record, policy: Policy, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._clock = clock

    async def outlook(self) -> Outlook:
        """Say what a run would delete now, class by class; nothing is changed."""
        now = self._clock()
        counts: Counter[RecordClass] = Counter()
        ahead: list[tuple[RecordClass, datetime]] = []
        unreadable = []
        async for number in self._parties():
            try:
                judged = await self._record.read(partial(self._judged, number, now))
            except PaperUnreadable:
                unreadable.append(number)
                continue
            counts.update(judged.counts)
            ahead += judged.next.items()
        said, _ = await self._record.read(lambda reader: reader.mentioned())
        for kind in _OF_NOBODY:
            async for lot in self._lots(kind, now):
                counts[kind] += len(_unsaid(kind, lot, said))
        ahead += await self._record.read(partial(self._ahead, now, counts))
        next_of = soonest(ahead)
        kinds = RecordClass
        found = (Prospect(kind, months_of(kind, self._policy), counts[kind], next_of.get(kind)) for kind in kinds)
        stopped = await self._record.read(lambda reader: reader.stopped_numbers())
        return Outlook(tuple(found), tuple(unreadable), stopped)

    async def apply(self, by: Actor) -> Deleted:
        """Delete what is due; raises Refused for whoever may not, and where the policy names nobody."""
        if not self._policy.may(RIGHT):
            raise Refused("The policy names nobody who may do this.", way=f"Name in [may] who may: {RIGHT}.")
        allowed(RIGHT, self._policy, by)
        return await self._run(by.name)

    async def daily(self) -> None:
        """Delete what is due, once a day of the office, where the policy has it done by itself."""
        today = self._clock().astimezone(self._policy.zone).date().isoformat()
        if not self._policy.retention.apply:
            return
        if await self._record.read(lambda reader: reader.setting(_DONE)) == today:
            return
        deleted = await self._run(_BY_ITSELF)
        # Only now: a run that died half way is gone on with at the next hour.
        await self._record.write(lambda tx: tx.set_setting(_DONE, today))
        for number in deleted.unreadable:
            log.error("a file cannot be read, nothing of it is deleted", party=number)
        log.info("retention done", counts={kind.value: count for kind, count in deleted.counts.items()})

    async def _run(self, by: str) -> Deleted:
        now = self._clock()
        unreadable = []
        async for number in self._parties():
            try:
                if await self._record.read(partial(self._judged, number, now)):
                    await self._record.write(partial(self._one_party, number, by, now))
            except PaperUnreadable:
                unreadable.append(number)
        said, place = await self._record.read(lambda reader: reader.mentioned())
        for kind in _OF_NOBODY:
            async for lot in self._lots(kind, now):
                await self._record.write(partial(self._one_lot, kind, _unsaid(kind, lot, said), place, by, now))
        await self._record.write(partial(self._records, by, now))
        return Deleted(await self._record.write(partial(_summed, by)), tuple(unreadable))

    async def _parties(self) -> AsyncIterator[int]:
        after = 0
        while found := await self._record.read(partial(Reader.parties, after=after, limit=_AT_ONCE)):
            for one in found:
                yield one.id
            after = found[-1].id

    async def _lots(self, kind: RecordClass, now: datetime) -> AsyncIterator[tuple[str, ...]]:
        before, after = over_before(kind, self._policy, now), ""
        while lot := await self._record.read(
            partial(Reader.old, kind=kind, before=before, after=after, limit=_AT_ONCE)
        ):
            yield lot
            after = lot[-1]

    def _judged(self, number: int, now: datetime, reader: Reader) -> Going:
        since = reader.party_since(number)
        assert since is not None, "a party is never taken off the record"
        file, notices = file_of(number, reader), reader.notices_of(number)
        contacts = reader.has_contacts(number)
        return going(file, notices, self._policy, now, since=since, contacts=contacts)

    def _one_party(self, number: int, by: str, now: datetime, tx: Transaction) -> None:
        """Delete what is due of one party, judged anew on its file as it is now, and say so in the chain."""
        tx.lock_files(number)
        judged = self._judged(number, now, tx)
        if not judged:
            return
        gone = tx.remove_papers(number, judged.parts)
        counts = {kind.value: count for kind, count in judged.counts.items()}
        # Before the rest: whoever seals evidence locks the chain first, too.
        imported = sorted(judged.parts - set(gone))  # restrictions that no paper made
        said = {"papers": gone, "restrictions": imported, "notices": judged.notices, "counts": counts}
        tx.act(by, RETENTION, f"party:{number}", said)
        tx.remove_parts(number, judged.parts)
        tx.empty_notices(judged.notices)
        if judged.closed:
            tx.close_party(number)
        known = facts_of(shelf_of(file_of(number, tx), self._policy))
        if known != tx.facts(number):
            tx.keep_facts(number, known)

    def _one_lot(
        self, kind: RecordClass, lot: Sequence[str], place: int, by: str, now: datetime, tx: Transaction
    ) -> None:
        newly_said, _ = tx.mentioned(place)
        count = tx.remove_old(kind, over_before(kind, self._policy, now), _unsaid(kind, lot, newly_said))
        if count:
            tx.act(by, RETENTION, kind.value, {"counts": {kind.value: count}})

    def _records(self, by: str, now: datetime, tx: Transaction) -> None:
        kind = RecordClass.CONFIDENTIAL
        tx.lock_retention()
        gone = tx.remove_confidential(over_before(kind, self._policy, now))
        if gone:
            tx.act(by, RETENTION, kind.value, {"confidential": gone, "counts": {kind.value: len(gone)}})

    def _ahead(self, now: datetime, counts: Counter[RecordClass], reader: Reader) -> list[tuple[RecordClass, datetime]]:
        """Give when the next of what is no party's is due, and count the confidential records that are."""
        found = []
        for kind in _OF_NOBODY:
            if (oldest := reader.oldest(kind, over_before(kind, self._policy, now))) is not None:
                found.append((kind, due_after(kind, oldest, self._policy)))
        kind = RecordClass.CONFIDENTIAL
        due, oldest = reader.old_confidential(over_before(kind, self._policy, now))
        counts[kind] += len(due)
        return [*found, *([(kind, due_after(kind, oldest, self._policy))] if oldest is not None else [])]


def _unsaid(kind: RecordClass, lot: Sequence[str], said: frozenset[str]) -> tuple[str, ...]:
    """Leave out contacts that a paper on some file names: what is evidence of something goes after it."""
    return tuple(lot) if kind in _OF_NO_CONTACT else tuple(number for number in lot if number not in said)


def _summed(by: str, tx: Transaction) -> Mapping[RecordClass, int]:
    """Say in one act how much was deleted since the last such act, whoever did it and whatever run died over it."""
    tx.lock_retention()
    runs = tx.acts_named(RUN)
    counts: Counter[RecordClass] = Counter()
    for each in tx.acts_named(RETENTION):
        told = each.detail.get("counts")
        if (not runs or each.seq > runs[-1].seq) and isinstance(told, Mapping):
            counts.update({RecordClass(kind): int(count) for kind, count in told.items()})
    tx.act(by, RUN, "", {"counts": {kind.value: count for kind, count in sorted(counts.items())}})
    return counts
