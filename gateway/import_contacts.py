"""Brings contacts of the past into the record, so that levels and reports know them, and takes an import back.

Belongs here: what goes on record of a contact that was never decided: nothing of it is enforced, counted for limits,
answered, flagged or waited for. Promises that doing it twice, in pieces, or after a kill gives the same record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from gateway.casework.recount import recount
from gateway.clock import Clock
from gateway.mail_contact import NOBODY
from gateway.past_contact import LeftAside, PastContact, Read
from gateway.past_repeats import recount_repeats
from gateway.serials import serial, serial_of
from gateway.standing import sole_holder
from rules.contact import Channel, Identifier
from rules.decision import Outcome
from rules.policies import Policy
from storage.entries import Entry, Goal, State
from storage.imports import Import, Known
from storage.record import Record
from storage.transaction import Reader, Transaction

IMPORT, UNDO = "import_contacts", "undo_import_contacts"
"""The acts by which an import, and its undoing, stand in the chain."""
AT_ONCE = 500
MOST_NAMED = 1000
"""Faults that are kept by name; of more than that, how many there were."""
# Doors forget the keys of messages after seven days; a day is for clocks.
_LIVE_KEYS = timedelta(days=8)
_SKEW = timedelta(days=1)
_Whose = tuple[str, int | None]
_Tally = tuple[list[PastContact], int, list[str]]
"""What is new, how many were known, and where those stand that an earlier import has otherwise."""


class ImportRefused(Exception):
    """Say why nothing is brought in, or taken back, in a sentence."""


@dataclass(slots=True)
class Summary:
    """Hold what became of all that was read.

    `taken` counts contacts newly on record by channel, `uncounted` those of them that count for nobody. `known` were on
    record before, or came by a door; `otherwise` says where those are (not all of too many) that an earlier import has
    with another time or length, which stands. `aside` counts what was left aside, by reason; of these `wrong` are those
    that a person should look at, by name. `folded` had a time that the clock showed twice, `unsure` a day that could
    be another by the order of its numbers. `beside_live` are calls
    without a provider's id from when Parley took calls itself: they may be on record as such.
    """

    number: str = ""
    resumed: bool = False
    taken: Counter[Channel] = field(default_factory=Counter)
    uncounted: int = 0
    no_number: int = 0
    known: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    wrong: list[LeftAside] = field(default_factory=list)
    wrongs: int = 0
    otherwise: list[str] = field(default_factory=list)
    otherwises: int = 0
    folded: int = 0
    unsure: int = 0
    beside_live: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def left(self, one: LeftAside) -> None:
        """Count one that is left aside."""
        if not one.wrong:
            self.aside[one.why] += 1
            return
        self.wrongs += 1
        if len(self.wrong) < MOST_NAMED:
            self.wrong.append(one)

    def count(self, tally: _Tally, first_live_call: datetime | None) -> None:
        """Count what became of one lot."""
        news, known, otherwise = tally
        self.known += known
        self.otherwises += len(otherwise)
        self.otherwise += otherwise[: MOST_NAMED - len(self.otherwise)]
        for one in news:
            self.taken[one.channel] += 1
            self.uncounted += not one.counts
            self.folded += one.folded
            self.unsure += one.unsure
            call = one.channel is Channel.CALL
            self.no_number += call and one.sender is None
            live = call and not one.sid and first_live_call is not None and one.at >= first_live_call
            self.beside_live += live
            self.first = min(one.at, self.first or one.at)
            self.last = max(one.at, self.last or one.at)


@dataclass(frozen=True, slots=True)
class Between:
    """Say from when to when contacts are brought in, the second excluded; aware UTC, None for no bound."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether a moment lies between."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


ALWAYS = Between()
OUTSIDE = "It came before or after the days that were asked for."


class ImportContacts:
    """Bring contacts of the past into one record; its methods wait, not for event loops."""

    def __init__(self, record: Record, policy: Policy, clock: Clock) -> None:
        self._record = record
        self._policy = policy
        self._clock = clock

    def look(self, reads: Iterable[Read], between: Between = ALWAYS) -> Summary:
        """Say what an import would do; nothing is written."""
        summary, seen = Summary(), set[str]()
        first_live = self._first_live_call()
        for lot in self._lots(reads, between, summary):
            fresh = [one for one in lot if one.key not in seen]
            seen |= {one.key for one in fresh}
            try:
                self._record.write_now(partial(self._only_looked, fresh))
            except _Looked as looked:
                news, known, otherwise = looked.tally
                summary.count((news, known + len(lot) - len(fresh), otherwise), first_live)
        return summary

    def bring_in(
        self,
        reads: Iterable[Read],
        asked: str,
        who: str,
        between: Between = ALWAYS,
    ) -> Summary:
        """Put what is read on record, lot by lot; one of the same `asked` that broke off is gone on with."""
        now = self._clock()
        one, resumed = self._record.write_now(partial(self._begun, asked, who, now))
        summary = Summary(one.id, resumed)
        first_live = self._first_live_call()
        for lot in self._lots(reads, between, summary):
            summary.count(self._record.write_now(partial(self._put, lot, one.id)), first_live)
        for party in self._record.read_now(_not_recounted):
            self._record.write_now(partial(_recounted, party))
        self._record.write_now(partial(self._ended, one.id, who, summary))
        return summary

    def undo(self, number: str, who: str, gone: Callable[[int], None] = lambda count: None) -> tuple[int, int]:
        """Take an import back; gives how many contacts were deleted, and how many stay, as papers name them.

        Open flags that fall by it are dismissed. Raises ImportRefused where there is no such import, or it was taken
        back before.
        """
        one = self._record.read_now(partial(Reader.import_named, number=number))
        if one is None:
            raise ImportRefused("There is no such import; --runs lists them.")
        if one.undone_at is not None:
            raise ImportRefused("It was taken back before.")
        said, _ = self._record.read_now(lambda reader: reader.mentioned())
        taken = kept = 0
        after = ""
        while lot := self._record.read_now(partial(Reader.brought_in, number=number, after=after, limit=AT_ONCE)):
            after = lot[-1]
            free = [each for each in lot if each not in said]
            kept += len(lot) - len(free)
            taken += self._record.write_now(partial(self._taken_out, free, f"{UNDO}:{number}", who)) if free else 0
            gone(len(lot))
        for party in self._record.read_now(lambda reader: reader.parties_repeating_nothing()):
            self._record.write_now(partial(_recounted, party))
        self._record.write_now(partial(self._undone, number, who, taken, kept))
        return taken, kept

    def runs(self) -> tuple[tuple[Import, int], ...]:
        """List imports, the newest first, each with how many of its contacts are on record."""
        return self._record.read_now(lambda reader: reader.imports())

    def size(self, number: str) -> int:
        """Give how many contacts of an import are on record."""
        return next((count for one, count in self.runs() if one.id == number), 0)

    def _first_live_call(self) -> datetime | None:
        return self._record.read_now(lambda reader: reader.first_live_call())

    def _lots(self, reads: Iterable[Read], between: Between, summary: Summary) -> Iterator[list[PastContact]]:
        """Give contacts in lots; what is left aside is counted on the way."""
        contacts = self._wanted(reads, between, summary)
        while lot := list(islice(contacts, AT_ONCE)):
            yield lot

    def _wanted(self, reads: Iterable[Read], between: Between, summary: Summary) -> Iterator[PastContact]:
        for one in reads:
            if isinstance(one, LeftAside):
                summary.left(one)
            elif between.holds(one.at):
                yield one
            else:
                summary.left(LeftAside(one.place, OUTSIDE))

    # Inside a transaction

    def _begun(self, asked: str, who: str, now: datetime, tx: Transaction) -> tuple[Import, bool]:
        earlier = tx.import_broken_off(asked)
        one = earlier or Import(serial(now), asked, now, who)
        if earlier is None:
            tx.begin_import(one)
        tx.act(who, IMPORT, f"import:{one.id}", {"begins": True, "goes_on": earlier is not None})
        return one, earlier is not None

    def _ended(self, number: str, who: str, summary: Summary, tx: Transaction) -> None:
        tx.end_import(number, self._clock())
        detail: dict[str, object] = {f"{channel.value}s": count for channel, count in sorted(summary.taken.items())}
        tx.act(who, IMPORT, f"import:{number}", {**detail, "known": summary.known, "wrong": summary.wrongs})

    def _undone(self, number: str, who: str, taken: int, kept: int, tx: Transaction) -> None:
        tx.undo_import(number, self._clock())
        tx.act(who, UNDO, f"import:{number}", {"deleted": taken, "kept": kept})

    def _taken_out(self, numbers: Sequence[str], why: str, who: str, tx: Transaction) -> int:
        flagged = tx.flagged_by(numbers)
        taken = tx.take_out(numbers)
        for one in flagged:
            recount(tx, self._policy, one, who, why)
        return taken

    def _put(self, lot: Sequence[PastContact], number: str, tx: Transaction) -> _Tally:
        news: list[PastContact] = []
        otherwise: list[str] = []
        holders: dict[Identifier, _Whose] = {}
        now, watched = self._clock(), tx.watched_since()
        before = tx.known_by([one.key for one in lot])
        for one in lot:
            if _same(before.get(one.key), one) or _came_by_a_door(tx, one, now, watched):
                continue
            entry = _entry(one, _whose(tx, one.sender, holders), number)
            if not tx.add_contact(entry):
                if not _know_better(tx, one, number):
                    otherwise.append(one.place)
                continue
            news.append(one)
            if one.counts:
                tx.keep_particulars(entry.id, one.known)
            if one.said is not None and entry.party_id is not None and one.counts:
                said = one.said
                tx.keep_fingerprint(entry.id, entry.party_id, one.at, said.print, files=said.files, over=said.over)
        return news, len(lot) - len(news), otherwise

    def _only_looked(self, lot: Sequence[PastContact], tx: Transaction) -> None:
        raise _Looked(self._put(lot, "looked", tx))


class _Looked(Exception):
    """Bring out what an import would do; the transaction is undone by it."""

    def __init__(self, tally: _Tally) -> None:
        super().__init__()
        self.tally = tally


def _not_recounted(reader: Reader) -> list[int]:
    """Name the parties of imports that did not end: this one, and what broke off and was never gone on with."""
    going = [one.id for one, _ in reader.imports() if one.ended_at is None and one.undone_at is None]
    return sorted({party for number in going for party in reader.parties_brought(number)})


def _recounted(party: int, tx: Transaction) -> None:
    recount_repeats(tx, party)


def _came_by_a_door(tx: Transaction, one: PastContact, now: datetime, watched: datetime | None) -> bool:
    """Tell whether a contact is, or was, on record as one that a door of ours took."""
    if one.traced:
        return True
    if one.sid and tx.call(one.sid) is not None:
        return True
    if one.live_key and now - one.at <= _LIVE_KEYS and tx.find(one.live_key) is not None:
        return True
    return bool(one.digest) and watched is not None and one.at >= watched - _SKEW and tx.watched_before(one.digest)


def _same(known: Known | None, one: PastContact) -> bool:
    """Tell whether a contact of the past is on record just as it is said now."""
    return known is not None and known.run is not None and known.at == one.at and one.talk_s in (None, known.talk_s)


def _whose(tx: Transaction, sender: Identifier | None, holders: dict[Identifier, _Whose]) -> _Whose:
    """Say whose a contact is, as of now: the party's that alone stands behind its sender, else the sender's."""
    if sender is None:
        return NOBODY, None
    known = holders.get(sender)
    if known is None:
        holder = sole_holder(tx.holders((sender,)))
        known = (f"party:{holder.party_id}", holder.party_id) if holder else (str(sender), None)
        holders[sender] = known
    return known


def _entry(one: PastContact, whose: _Whose, number: str) -> Entry:
    """Write a contact of the past as it goes on record: it happened, and nobody decided anything about it."""
    outcome = Outcome.CONNECT if one.channel is Channel.CALL else Outcome.DELIVER
    words = one.said.print.words if one.said is not None and whose[1] is not None and one.counts else None
    return Entry(
        id=serial_of(one.at, one.key),
        channel=one.channel,
        at=one.at,
        whose=whose[0],
        state=State.PAST,
        decided=outcome,
        carried=outcome,
        key=one.key,
        party_id=whose[1],
        sender=str(one.sender) if one.sender else "",
        assurance=one.assurance,
        nature=one.nature,
        counts=one.counts,
        size=one.size,
        words=words,
        talk_s=one.talk_s,
        targets=tuple(Goal(to, outcome, to, done=True) for to in one.recipients),
        node=number,
        # Retention goes by this: it is as old as it is, whenever it was brought in.
        updated_at=one.at,
    )


def _know_better(tx: Transaction, one: PastContact, number: str) -> bool:
    """Take the earliest time, and the longest talk, that the logs of one import tell of a contact, in whichever order.

    What an earlier import brought in stays as it is, or undoing this one would not undo it: False where that differs.
    """
    known = tx.find(one.key)
    if known is None or known.state is not State.PAST:
        return True
    at, talk_s = min(known.at, one.at), known.talk_s
    if one.talk_s is not None:
        talk_s = max(known.talk_s or 0, one.talk_s)
    if known.node != number:
        return one.at == known.at and one.talk_s in (None, known.talk_s)
    if (at, talk_s) == (known.at, known.talk_s):
        return True
    kept = tx.particulars(known.id)
    out_of_hours = one.known.out_of_hours if at == one.at else kept is not None and kept.out_of_hours
    tx.better_known(known, at, talk_s, out_of_hours=out_of_hours)
    return True


def asked_for(words: Collection[str]) -> str:
    """Give a digest of what was asked for, by which an import that broke off is found again."""
    return serial_of(datetime.fromisoformat("2000-01-01T00:00:00+00:00"), "\n".join(words))[10:]
