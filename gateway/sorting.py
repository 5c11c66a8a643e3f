"""Decides on messages that already lie in a mailbox, and says in which of its places each belongs.

Belongs here: from octets in a mailbox to a place, by way of reception, in the order of arrival. What is on record is
not decided again, whatever number the server gives it (THREATS M5); nothing here touches the mailbox.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.mail.header import LONGEST_HEADER
from adapters.mail.imap import Arrival
from adapters.mail.imap_mailbox import Place
from adapters.mail.line_ends import to_crlf
from adapters.mail.message import NULL_PATH, Incoming
from adapters.mail.trace import content_digest
from gateway.delivery import Delivery, Parcel
from gateway.reception import Reception
from rules.answers import Answer, Delivered, Permanent, Temporary
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
        here = [target for target in targets if target.to.lower() == target.recipient.lower()]
        answers: dict[Target, Answer] = dict.fromkeys(here, Delivered(parcel.id))
        there = [target for target in targets if target not in answers]
        return answers | (await super()._each(parcel, there, outcome) if there else {})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Say where a message belongs: `place` is None where it is none of ours, `wait` where nobody can say yet."""

    uid: int
    place: Place | None = None
    seen: Seen | None = None
    wait: bool = False


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
        chains: dict[bytes, list[tuple[Arrival, bytes]]] = {}
        for arrival in arrivals:
            if (raw := octets.get(arrival.uid)) is not None:
                whole = to_crlf(raw)
                author = _FROM.search(whole, 0, LONGEST_HEADER)
                chains.setdefault(author[0].lower() if author else b"", []).append((arrival, whole))
        found = await asyncio.gather(*map(self._chain, chains.values()))
        return sorted((verdict for chain in found for verdict in chain), key=lambda verdict: verdict.uid)

    async def _chain(self, chain: list[tuple[Arrival, bytes]]) -> list[Verdict]:
        return [await self._one(arrival, raw) for arrival, raw in chain]

    async def _one(self, arrival: Arrival, raw: bytes) -> Verdict:
        digest = content_digest(raw)
        seen, entry = await self._record.read(lambda reader: self._known(reader, digest))
        if seen is None:
            if arrival.done:
                return Verdict(arrival.uid)  # decided by us, and so long ago that the record forgot it
            answer = await self._reception.message(self._incoming(arrival, raw))
            if isinstance(answer, Permanent):
                return Verdict(arrival.uid)  # it carries our own valid trace: it is where we put it
            if isinstance(answer, Temporary):
                return Verdict(arrival.uid, wait=True)
            seen = Seen(self._name, digest, answer.detail, arrival.arrived, False)
            entry = await self._record.read(lambda reader: reader.contact(answer.detail))
        elif seen.placed and seen.arrived == arrival.arrived:
            return Verdict(arrival.uid)  # a person put it here, or its server numbers anew
        elif entry is None:
            return Verdict(arrival.uid)  # retention has deleted what became of it
        place = _place_of(entry, self._address) if entry is not None else None
        if place is None:
            return Verdict(arrival.uid, wait=True)
        return Verdict(arrival.uid, place, replace(seen, arrived=arrival.arrived, placed=place is Place.INBOX))

    def _known(self, reader: Reader, digest: str) -> tuple[Seen | None, Entry | None]:
        seen = reader.seen_in(self._name, digest)
        return seen, reader.contact(seen.contact_id) if seen else None

    def _incoming(self, arrival: Arrival, raw: bytes) -> Incoming:
        return Incoming("", "", envelope_sender(raw), (self._address,), raw, arrival.arrived)


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
