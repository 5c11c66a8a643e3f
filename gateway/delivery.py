"""Carries a decision out by the doors out: next hop or Maildir, inbox or filed. Keeps nothing.

Belongs here: which door serves which target, and what their answers mean together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.mail.maildir import Maildir
from adapters.mail.next_hop import NextHop
from adapters.mail.smtp_commands import NO_WISHES, RecipientWish, Wishes
from gateway.mailboxes import Mailboxes
from rules.answers import Answer, Delivered
from rules.decision import Decision, Outcome, Target

FILED_FOLDER = "Filed unanswered"
SENT_INBOX = "Sent out"
HANDED_ON = frozenset({Outcome.DELIVER, Outcome.ROUTE, Outcome.FILE})

Trace = Callable[[str, Outcome, str], bytes]
Onward = Callable[[str, bytes], Awaitable[Answer]]
"""Sends a message on to an address; for offices whose mail only lies in mailboxes."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Hold what is to be handed on: the contact's serial, the envelope sender, the original bytes and their digest.

    `received` is our own field that goes in front, where it is not among the bytes; `wishes` are what the sender wants
    of the path (RFC 3461, RFC 6531).
    """

    id: str
    mail_from: str
    raw: bytes
    digest: str
    received: bytes = b""
    wishes: Wishes = NO_WISHES


class Delivery:
    """Hand parcels to the next hop, or put them into Maildirs where none is configured.

    What goes to a mailbox of the settings is put into it; without a next hop, the rest is sent `onward` where one can.
    """

    def __init__(
        self,
        trace: Trace,
        maildir: Maildir,
        next_hop: NextHop | None = None,
        filed_to: str | None = None,
        *,
        mailboxes: Mailboxes | None = None,
        onward: Onward | None = None,
    ) -> None:
        self._trace = trace
        self._maildir = maildir
        self._next_hop = next_hop
        self._filed_to = filed_to
        self._mailboxes = mailboxes
        self._onward = onward

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

    def at_once(self, targets: Sequence[Target]) -> list[Answer] | None:
        """Give the answers of targets that need no door; None where one of them does, as all do here."""
        return None

    async def _group(self, parcel: Parcel, targets: Sequence[Target], outcome: Outcome) -> Answer:
        return (await self._each(parcel, targets, outcome))[targets[0]]

    async def _each(self, parcel: Parcel, targets: Sequence[Target], outcome: Outcome) -> dict[Target, Answer]:
        boxes = self._mailboxes
        inside = [target for target in targets if boxes is not None and boxes.has(target.to)]
        if boxes is None or not inside:
            return await self._by_servers(parcel, targets, outcome)
        message = self._trace(parcel.id, outcome, parcel.digest) + parcel.received + parcel.raw
        answers = {target: await boxes.put(target.to, message, parcel.digest, outcome) for target in inside}
        rest = [target for target in targets if target not in answers]
        return answers | (await self._by_servers(parcel, rest, outcome) if rest else {})

    async def _by_servers(self, parcel: Parcel, targets: Sequence[Target], outcome: Outcome) -> dict[Target, Answer]:
        trace = self._trace(parcel.id, outcome, parcel.digest)
        addresses = {target: self._address(target) for target in targets}
        if self._next_hop is not None:
            wanted = tuple(dict.fromkeys(addresses.values()))
            front = trace + parcel.received
            wishes = _wishes(parcel.wishes, addresses)
            answers = await self._next_hop.send(parcel.mail_from, wanted, (front, parcel.raw), wishes)
            return {target: answers[address] for target, address in addresses.items()}
        message = trace + parcel.received + parcel.raw
        if self._onward is not None:
            return {target: await self._onward(address, message) for target, address in addresses.items()}
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
        boxes = self._mailboxes
        await self.take_out(parcel, [one for one in there if boxes is None or not boxes.has(one.to)])
        return answers

    async def take_out(self, parcel: Parcel, targets: Sequence[Target]) -> None:
        """Take what lies in a Maildir's filed folder out of it, for targets that were filed; what is not there is.

        In a mailbox it is what lies in any of our folders, which goes to those of what was passed on.
        """
        for target in targets:
            if self._mailboxes is not None and self._mailboxes.has(target.recipient):
                await self._mailboxes.take_out(target.recipient, parcel.digest)
        if self._next_hop is not None:
            return
        for target in targets:
            if target.outcome is Outcome.FILE:
                place = inbox(self._address(target))
                await asyncio.to_thread(self._maildir.remove, place, parcel.id, folder=FILED_FOLDER)


def handed_on(decision: Decision) -> list[Target]:
    """Give the targets of a decision that a door is for; the others wait on record."""
    return [target for target in decision.targets if target.outcome in HANDED_ON]


def _wishes(wishes: Wishes, addresses: Mapping[Target, str]) -> Wishes:
    """Pass on what the sender wishes to hear, less the report of success where the message went elsewhere.

    That report names the address it reached, and with it how the message was handled.
    """
    if not wishes.recipients:
        return wishes
    passed: dict[str, RecipientWish] = {}
    for target, address in addresses.items():
        wish = wishes.recipients.get(target.recipient)
        if wish is not None:
            elsewhere = target.outcome is not Outcome.DELIVER or address != target.recipient
            passed[address] = wish._replace(notify=_without_success(wish.notify)) if elsewhere else wish
    return replace(wishes, recipients=passed)


def _without_success(notify: str) -> str:
    words = [word for word in notify.split(",") if word.upper() != "SUCCESS"]
    return ",".join(words) or "FAILURE"


def inbox(address: str) -> str:
    """Name the Maildir of an address: whoever writes it with capitals means the same one."""
    return address.lower()
