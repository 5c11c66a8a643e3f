"""Decides on messages that already lie in a mailbox, and says in which of its places each belongs.

Belongs here: from octets in a mailbox to a place, by way of reception, in the order of arrival. What is on record is
not decided again, whatever number the server gives it (THREATS M5); nothing here touches the mailbox.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain

from adapters.mail.header import LONGEST_HEADER
from adapters.mail.imap_arrival import Arrival
from adapters.mail.imap_mailbox import Place
from adapters.mail.line_ends import to_crlf
from adapters.mail.message import NULL_PATH, Incoming
from adapters.mail.trace import content_digest
from gateway.delivery import Delivery, Parcel
from gateway.reception import Reception
from rules.answers import Answer, Delivered, Temporary
from rules.decision import Outcome, Target
from storage.entries import Entry, State
from storage.mailboxes import Seen
from storage.record import Record
from storage.transaction import Reader

# The topmost is the one that the mailbox's own server wrote (RFC 5321 4.4).
_RETURN_PATH = re.compile(rb"(?im)^return-path[ \t]*:[ \t]*<([^<>\s]{0,320})>")
_FROM = re.compile(rb"(?im)^from[ \t]*:[^\r\n]{0,500}")
_UNDECIDED = frozenset({State.INTENDED, State.DEFERRED})
_PLACES = {Outcome.HOLD: Place.HELD, Outcome.RETURN: Place.RETURNED, Outcome.FILE: Place.FILED}


class OnTheSpot(Delivery):
    """Carry out what is decided on a message that lies in its mailbox: what stays there is delivered already."""

    async def _each(self, parcel: Parcel, targets: Sequence[Target], outcome: Outcome) -> dict[Target, Answer]:
        here = [target for target in targets if _stays(target)]
        answers: dict[Target, Answer] = dict.fromkeys(here, Delivered(parcel.id))
        there = [target for target in targets if target not in answers]
        return answers | (await super()._each(parcel, there, outcome) if there else {})

    def at_once(self, targets: Sequence[Target]) -> list[Answer] | None:
        """Give the answers where every target stays in its mailbox."""
        return [Delivered() for _ in targets] if all(map(_stays, targets)) else None


def _stays(target: Target) -> bool:
    return target.to.lower() == target.recipient.lower()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Say where a message belongs: `place` is None where it is none of ours, `wait` where nobody can say yet.

    `again` tells that we were about to put it there before, and nobody knows how far that came. `unless_moved` tells
    that we did put one like it there, which a person may have moved here: it is another only where that one still lies.
    """

    uid: int
    place: Place | None = None
    seen: Seen | None = None
    wait: bool = False
    again: bool = False
    unless_moved: bool = False


@dataclass(frozen=True, slots=True)
class _Lying:
    """Hold a message as it lies in its mailbox, with the digest of its content."""

    arrival: Arrival
    raw: bytes
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", content_digest(self.raw))


class Sorting:
    """Sort the messages of one mailbox, which is known by `name` on record and by `address` to senders."""

    def __init__(self, name: str, address: str, reception: Reception, record: Record) -> None:
        self._name = name
        self._address = address
        self._reception = reception
        self._record = record

    async def sort(self, arrivals: Sequence[Arrival], octets: Mapping[int, bytes]) -> list[Verdict]:
        """Decide on messages; those of one author one after the other, as they came (the record decides in that order).

        One that is not among the octets was taken away by a person: a normal outcome (THREATS M7).
        """
        lying = [_Lying(one, to_crlf(octets[one.uid])) for one in arrivals if one.uid in octets]
        known = await self._record.read(partial(self._known, [one.digest for one in lying]))
        chains: dict[bytes, list[_Lying]] = {}
        for one in lying:
            # One that carries our mark and is unknown was decided so long ago that the record forgot it.
            if one.digest not in known and not one.arrival.done:
                chains.setdefault(_author(one.raw), []).append(one)
        answers = dict(chain.from_iterable(await asyncio.gather(*map(self._decided, chains.values()))))
        numbers = {one.contact_id for one in known.values()} | {
            answer.detail for answer in answers.values() if isinstance(answer, Delivered)
        }
        entries = await self._record.read(lambda reader: {number: reader.contact(number) for number in numbers})
        return [self._verdict(one, known.get(one.digest), answers.get(one.arrival.uid), entries) for one in lying]

    def _known(self, digests: Iterable[str], reader: Reader) -> dict[str, Seen]:
        found = (reader.seen_in(self._name, digest) for digest in digests)
        return {seen.digest: seen for seen in found if seen is not None}

    async def _decided(self, few: Sequence[_Lying]) -> list[tuple[int, Answer]]:
        return [(one.arrival.uid, await self._reception.message(self._incoming(one.arrival, one.raw))) for one in few]

    def _verdict(
        self, one: _Lying, seen: Seen | None, answer: Answer | None, entries: Mapping[str, Entry | None]
    ) -> Verdict:
        uid, arrived = one.arrival.uid, one.arrival.arrived
        again = seen is not None and not seen.placed and seen.arrived == arrived
        alike = seen is not None and seen.placed and seen.arrived == arrived
        if seen is not None:
            if alike and one.arrival.done:
                return Verdict(uid)  # a person put it here, or its server numbers anew
            if entries[seen.contact_id] is None:
                return Verdict(uid)  # retention has deleted what became of it
        elif isinstance(answer, Delivered):
            seen = Seen(self._name, one.digest, answer.detail, arrived, False)
        else:
            # Nobody can say yet; or it carries our own valid trace: it is where we put it.
            return Verdict(uid, wait=isinstance(answer, Temporary))
        entry = entries[seen.contact_id]
        place = _place_of(entry, self._address) if entry is not None else None
        if alike and place in {None, Place.INBOX}:
            return Verdict(uid)
        if place is None:
            return Verdict(uid, wait=True)
        seen = replace(seen, arrived=arrived, placed=alike or place is Place.INBOX)
        return Verdict(uid, place, seen, again=again, unless_moved=alike)

    def _incoming(self, arrival: Arrival, raw: bytes) -> Incoming:
        return Incoming("", "", envelope_sender(raw), (self._address,), raw, arrival.arrived)


def _author(raw: bytes) -> bytes:
    found = _FROM.search(raw, 0, LONGEST_HEADER)
    return found[0].lower() if found else b""


def envelope_sender(raw: bytes) -> str:
    """Give the reverse-path of a delivered message, `<>` for the null path; empty where its server wrote none."""
    end = raw.find(b"\r\n\r\n", 0, LONGEST_HEADER)
    found = _RETURN_PATH.search(raw, 0, end if end >= 0 else LONGEST_HEADER)
    if found is None:
        return ""
    return found[1].decode("ascii", "replace") or NULL_PATH


def _place_of(entry: Entry, address: str) -> Place | None:
    """Say where a message belongs in the mailbox of an address, as it is on record; None where that is undecided."""
    goal = next((one for one in entry.targets if one.recipient == address), None)
    if goal is None or entry.state in _UNDECIDED:
        return None
    if goal.outcome in {Outcome.HOLD, Outcome.RETURN}:
        return _PLACES[goal.outcome]
    if not goal.done:
        return Place.HELD  # it could not be brought where it should go, and waits for a person
    if goal.to.lower() != goal.recipient.lower():
        return Place.PASSED_ON
    return _PLACES.get(goal.outcome, Place.INBOX)
