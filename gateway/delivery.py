"""Carries a decision out by the doors out: next hop or Maildir, inbox or filed. Keeps nothing.

Belongs here: which door serves which target, and what their answers mean together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.mail.maildir import Maildir
from adapters.mail.next_hop import NextHop
from rules.answers import Answer, Delivered
from rules.decision import Outcome, Target

FILED_FOLDER = "Filed unanswered"
SENT_INBOX = "Sent out"
HANDED_ON = frozenset({Outcome.DELIVER, Outcome.ROUTE, Outcome.FILE})

Trace = Callable[[str, Outcome, str], bytes]


@dataclass(frozen=True, slots=True)
class Parcel:
    """Hold what is to be handed on: the contact's serial, the envelope sender, the original bytes and their digest."""

    id: str
    mail_from: str
    raw: bytes
    digest: str


class Delivery:
    """Hand parcels to the next hop, or put them into Maildirs where none is configured."""

    def __init__(
        self, trace: Trace, maildir: Maildir, next_hop: NextHop | None = None, filed_to: str | None = None
    ) -> None:
        self._trace = trace
        self._maildir = maildir
        self._next_hop = next_hop
        self._filed_to = filed_to

    async def verify(self, mail_from: str, recipient: str) -> Answer:
        """Ask whether the recipient exists, so that the next hop's refusal reaches the sender in time (THREATS S10)."""
        if self._next_hop is None:
            return Delivered()
        return await self._next_hop.verify(mail_from, recipient)

    async def carry_out(self, parcel: Parcel, targets: Sequence[Target]) -> list[Answer]:
        """Hand the parcel on for every target of deliver, route or file; one answer each, in their order."""
        if len(targets) == 1:
            return [await self._group(parcel, targets, targets[0].outcome)]
        answers: dict[Target, Answer] = {}
        for outcome in dict.fromkeys(target.outcome for target in targets):
            group = [target for target in targets if target.outcome is outcome]
            answers |= await self._each(parcel, group, outcome)
        return [answers[target] for target in targets]

    async def _group(self, parcel: Parcel, targets: Sequence[Target], outcome: Outcome) -> Answer:
        return (await self._each(parcel, targets, outcome))[targets[0]]

    async def _each(self, parcel: Parcel, targets: Sequence[Target], outcome: Outcome) -> dict[Target, Answer]:
        trace = self._trace(parcel.id, outcome, parcel.digest)
        addresses = {target: self._address(target) for target in targets}
        if self._next_hop is not None:
            wanted = tuple(dict.fromkeys(addresses.values()))
            answers = await self._next_hop.send(parcel.mail_from, wanted, (trace, parcel.raw))
            return {target: answers[address] for target, address in addresses.items()}
        message = trace + parcel.raw
        return {target: await asyncio.to_thread(self._store, parcel.id, message, target) for target in targets}

    def _address(self, target: Target) -> str:
        return self._filed_to if target.outcome is Outcome.FILE and self._filed_to else target.to

    def _store(self, name: str, message: bytes, target: Target) -> Answer:
        filed = target.outcome is Outcome.FILE
        return self._maildir.deliver(
            inbox(self._address(target)), message, name, folder=FILED_FOLDER if filed else "", seen=filed
        )

    async def release(self, parcel: Parcel, targets: Sequence[Target]) -> list[Answer]:
        """Deliver to the inbox what was held or filed; what lay in a Maildir's filed folder is taken out of it."""
        answers = await self.carry_out(parcel, [Target(t.recipient, Outcome.DELIVER, t.to) for t in targets])
        there = [one for one, answer in zip(targets, answers, strict=True) if isinstance(answer, Delivered)]
        await self.take_out(parcel, there)
        return answers

    async def take_out(self, parcel: Parcel, targets: Sequence[Target]) -> None:
        """Take what lies in a Maildir's filed folder out of it, for targets that were filed; what is not there is."""
        if self._next_hop is not None:
            return
        for target in targets:
            if target.outcome is Outcome.FILE:
                place = inbox(self._address(target))
                await asyncio.to_thread(self._maildir.remove, place, parcel.id, folder=FILED_FOLDER)


def inbox(address: str) -> str:
    """Name the Maildir of an address: whoever writes it with capitals means the same one."""
    return address.lower()
