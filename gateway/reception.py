"""Receives a message: asks who sent it, decides, puts it on record, has it carried out, and answers the door.

Belongs here: the order of these steps (DESIGN: never losing, never doubling). 250 only when the outcome is durable;
what goes wrong on our side is 451 and the sender's server keeps the message.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from adapters.mail.message import Heading, Incoming, read
from adapters.mail.trace import content_digest, content_key
from gateway.clock import Clock
from gateway.delivery import HANDED_ON, Delivery, Parcel
from gateway.ending import FATAL, Ending
from gateway.failpoints import Failpoint, nothing
from gateway.letters import Letters
from gateway.levels import Levels
from gateway.mail_contact import (
    contact_of,
    entry_of,
    first_state,
    goals,
    marked,
    needs_copy,
    replies,
    settled_state,
    still_done,
)
from gateway.serials import serial
from gateway.shunt import LATER, Shunt, key_sender
from gateway.standing import standing_of
from gateway.trace import Traces
from rules.answers import Answer, Delivered, Permanent, Temporary
from rules.contact import Contact
from rules.decide import decide
from rules.decision import Decision, Outcome
from rules.policies import Policy
from rules.standing import Standing
from rules.workdays import look_by
from storage.entries import Entry, Goal, State
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Reader, Transaction

OBSERVE = "observe"
STILL_BUSY = "This message is being handled. Please try again later."
NOT_HERE = "This server takes no mail for that address."
GOING_ROUND = "554 5.4.6 This message has been here before."
_NOT_THROUGH = frozenset({State.DEFERRED, State.PASSED_BACK})
# What is decided anew when it comes again: nobody was told that it was taken. What is intended here and not under way
# was left by a fault after its intent; what was refused may be welcome by now, for a restriction has its end.
_OPEN = _NOT_THROUGH | {State.INTENDED, State.REFUSED}
_SENT_AWAY = frozenset({Outcome.RETURN, Outcome.REFUSE})
_COPIED = frozenset({State.HELD, State.FILED, State.UNCLEAR, State.RETURNED})

_LARGE = 1024 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message on its way through, with what was read of it."""

    incoming: Incoming
    heading: Heading
    contact: Contact
    key: str
    digest: str
    now: datetime

    @property
    def parcel(self) -> Parcel:
        """Give what is handed on."""
        return Parcel(self.contact.id, self.incoming.mail_from, self.incoming.raw, self.digest)


class Reception:
    """Receive mail; one for each process."""

    def __init__(
        self,
        record: Record,
        policy: Policy,
        delivery: Delivery,
        levels: Levels,
        letters: Letters,
        traces: Traces,
        shunt: Shunt,
        *,
        domains: frozenset[str],
        ending: Ending,
        clock: Clock,
        node: str,
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._policy = policy
        self._delivery = delivery
        self._levels = levels
        self._letters = letters
        self._traces = traces
        self._shunt = shunt
        self._domains = domains
        self._ending = ending
        self._clock = clock
        self._node = node
        self._failpoint = failpoint
        self._under_way: set[str] = set()

    async def recipient(self, mail_from: str, rcpt: str) -> Answer:
        """Say whether a recipient may be taken: our domains only, and only whom the next hop knows (THREATS S10, S13).

        A bare postmaster is every server's own (RFC 5321 4.5.1).
        """
        if "@" in rcpt and rcpt.rpartition("@")[2].lower() not in self._domains:
            return Permanent(NOT_HERE)
        return await self._delivery.verify(mail_from, rcpt)

    async def message(self, incoming: Incoming) -> Answer:
        """Take one message; raises for no fault of ours but one after which the process must end (THREATS S2, S17)."""
        now = self._clock()
        self._failpoint("mail.heard")
        try:
            return await self._receive(incoming, now)
        except FATAL as fault:
            self._ending.require(fault)
            raise
        except RecordUnavailable as fault:
            log.error("record unavailable", fault=type(fault).__name__)
            return Temporary(LATER)
        except Exception as fault:  # the one broad except of this loop: what it catches goes to the shunt
            return await self._shunt.keep(incoming, fault, now)

    async def _receive(self, incoming: Incoming, now: datetime) -> Answer:
        heading, digest = read(incoming.raw), await _digest(incoming.raw)
        if self._traces.goes_round(heading, digest):
            return Permanent("going round", GOING_ROUND)
        contact = contact_of(incoming, heading, serial(now), now)
        key = content_key(key_sender(heading.sender, incoming.mail_from), incoming.raw, digest)
        if key in self._under_way:
            return Temporary(STILL_BUSY)
        self._under_way.add(key)
        try:
            return await self._handle(Message(incoming, heading, contact, key, digest, now))
        finally:
            self._under_way.discard(key)

    async def _handle(self, mail: Message) -> Answer:
        earlier, standing = await self._record.read(partial(self._look_up, mail))
        if earlier is not None:
            return await self._again(mail, earlier)
        decision = decide(mail.contact, standing, self._policy, now=mail.now)
        self._failpoint("mail.decided")
        if decision.limited:
            return await self._with_intent(mail, None)
        return await self._plain(mail, standing, decision)

    def _look_up(self, mail: Message, reader: Reader) -> tuple[Entry | None, Standing]:
        return reader.find(mail.key), standing_of(reader, mail.contact, self._policy, now=mail.now)

    async def _plain(self, mail: Message, standing: Standing, decision: Decision) -> Answer:
        """Deliver where nothing is limited: handed on first, then one commit, then our 250."""
        answers = await self._delivery.carry_out(mail.parcel, decision.targets)
        self._failpoint("mail.handed_on")
        state, answer = self._sum_up(mail.contact.id, answers, State.DELIVERED)
        if state is State.DEFERRED and not any(isinstance(one, Delivered) for one in answers):
            return answer
        entry = entry_of(
            mail.contact,
            standing,
            decision,
            state,
            key=mail.key,
            node=self._node,
            targets=marked(decision.targets, answers),
            detail=replies(answers),
        )
        if state in _NOT_THROUGH:
            entry = replace(entry, counted_at=None)
        await self._record.write(partial(self._enter, mail, entry))
        self._failpoint("mail.recorded")
        return answer

    def _enter(self, mail: Message, entry: Entry, tx: Transaction) -> None:
        if not tx.add_contact(entry):
            return  # another node took the same message at the same time: delivered twice, counted once
        if entry.state is State.UNCLEAR:
            tx.keep_raw(entry.id, mail.incoming.mail_from, mail.incoming.raw)
        self._levels.after_contact(tx, mail.contact, entry, mail.now)

    async def _with_intent(self, mail: Message, earlier: Entry | None) -> Answer:
        """Decide with the limits locked and put it on record first; then act, then settle."""
        entry, decision = await self._record.write(partial(self._intend, mail, earlier))
        self._failpoint("mail.intended")
        if entry.state is not State.INTENDED:
            self._failpoint("mail.stored")
            return self._answer(entry)
        return await self._act(mail, entry, decision)

    def _intend(self, mail: Message, earlier: Entry | None, tx: Transaction) -> tuple[Entry, Decision]:
        """Within one transaction: the standing as it is now, the decision, and all of it that needs no door."""
        if earlier is not None:
            self._reopen(tx, earlier)
        standing = standing_of(tx, mail.contact, self._policy, now=mail.now)
        if standing.party is not None:
            tx.lock_party(standing.party.id)
            standing = standing_of(tx, mail.contact, self._policy, now=mail.now)
        decision = decide(mail.contact, standing, self._policy, now=mail.now, observe=tx.setting(OBSERVE) == "on")
        decision = self._capped(tx, mail, decision)
        entry = entry_of(
            mail.contact,
            standing,
            decision,
            first_state(decision),
            key=mail.key,
            node=self._node,
            look_by=self._look_by(decision, mail.now),
        )
        if earlier is not None:
            entry = replace(entry, id=earlier.id, at=earlier.at, targets=still_done(earlier) + entry.targets)
            self._resume(tx, entry)
            if entry.counts and not earlier.counts:
                self._levels.after_contact(tx, mail.contact, entry, mail.now)
        elif tx.add_contact(entry):
            self._levels.after_contact(tx, mail.contact, entry, mail.now)
        else:
            raise RecordUnavailable("the same message is being handled elsewhere")
        if needs_copy(entry):
            tx.keep_raw(entry.id, mail.incoming.mail_from, mail.incoming.raw)
        if entry.state is not State.INTENDED:
            self._say(tx, mail, entry, decision)
        return entry, decision

    def _reopen(self, tx: Transaction, earlier: Entry) -> None:
        """Take a message up again, which counts for nothing meanwhile; somebody else may be at it already."""
        if not tx.settle(earlier.id, among=(earlier.state,), state=State.DEFERRED, counted_at=None):
            raise RecordUnavailable("the same message is being handled elsewhere")

    def _resume(self, tx: Transaction, entry: Entry) -> None:
        """Put a message that is tried again on record as it is decided now."""
        tx.settle(
            entry.id,
            state=entry.state,
            decided=entry.decided,
            carried=entry.carried,
            counts=entry.counts,
            counted_at=entry.counted_at,
            reasons=entry.reasons,
            targets=entry.targets,
            release_at=entry.release_at,
            look_by=entry.look_by,
            detail="",
            node=self._node,
        )

    def _look_by(self, decision: Decision, now: datetime) -> datetime | None:
        """Say by when a person looks at what is filed (DESIGN: the human clock)."""
        if all(target.outcome is not Outcome.FILE for target in decision.targets):
            return None
        return look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)

    async def _act(self, mail: Message, entry: Entry, decision: Decision) -> Answer:
        targets = [target for target in decision.targets if target.outcome in HANDED_ON]
        parcel = replace(mail.parcel, id=entry.id)
        answers = await self._delivery.carry_out(parcel, targets)
        self._failpoint("mail.handed_on")
        settled = settled_state(decision)
        state, answer = self._sum_up(entry.id, answers, settled)
        goals_now = (
            still_done(entry)
            + marked(targets, answers)
            + tuple(goal for goal in entry.targets if goal.outcome not in HANDED_ON)
        )
        entry = replace(entry, state=state, targets=goals_now, detail=replies(answers))
        await self._record.write(partial(self._settle, mail, entry, decision))
        self._failpoint("mail.recorded")
        return answer

    def _settle(self, mail: Message, entry: Entry, decision: Decision, tx: Transaction) -> None:
        through = entry.state not in _NOT_THROUGH
        tx.settle(
            entry.id,
            state=entry.state,
            targets=entry.targets,
            counted_at=entry.counted_at if through else None,
            detail=entry.detail,
        )
        if entry.state is State.UNCLEAR:
            tx.keep_raw(entry.id, mail.incoming.mail_from, mail.incoming.raw)
        elif not (through and needs_copy(entry)):
            tx.drop_raw(entry.id)
        if through:
            self._say(tx, mail, entry, decision)

    def _say(self, tx: Transaction, mail: Message, entry: Entry, decision: Decision) -> None:
        """Put into the outbox what the sender is told, in the same commit as what happened."""
        contact = replace(mail.contact, id=entry.id)
        if entry.state is State.RETURNED:
            tx.enqueue(self._letters.returned(contact, decision, mail.heading, mail.incoming.mail_from, mail.now))
        elif decision.note is not None and self._letters.within_caps(tx, mail.incoming.mail_from, mail.now):
            tx.enqueue(self._letters.note(contact, decision, mail.heading, mail.incoming.mail_from, mail.now))

    def _capped(self, tx: Transaction, mail: Message, decision: Decision) -> Decision:
        """Refuse in the session what would be returned, once too much has been returned (THREATS C4)."""
        if decision.carried is not Outcome.RETURN or self._letters.within_caps(tx, mail.incoming.mail_from, mail.now):
            return decision
        targets = tuple(replace(target, outcome=Outcome.REFUSE) for target in decision.targets)
        return replace(decision, carried=Outcome.REFUSE, targets=targets)

    async def _again(self, mail: Message, earlier: Entry) -> Answer:
        """Meet a message that is on record: one contact, one count, one action, however often it comes (S16)."""
        known = {goal.recipient for goal in earlier.targets}
        new = tuple(one for one in mail.contact.recipients if one not in known)
        if earlier.state is State.INTENDED and earlier.node != self._node:
            return Temporary(STILL_BUSY)
        if earlier.state in _OPEN:
            done = {goal.recipient for goal in earlier.targets if goal.done}
            rest = tuple(one for one in mail.contact.recipients if one not in done)
            if not rest:
                return await self._settle_done(earlier)
            contact = replace(mail.contact, id=earlier.id, recipients=rest)
            return await self._with_intent(replace(mail, contact=contact), earlier)
        return await self._more_recipients(mail, earlier, new) if new else Delivered(earlier.id)

    async def _settle_done(self, earlier: Entry) -> Answer:
        """Settle a message that an earlier try brought to all whom the sender still asks for.

        Should the sender come back for the others, they are recipients of a second transaction.
        """
        filed = any(goal.outcome is Outcome.FILE for goal in earlier.targets)
        state = State.FILED if filed else State.DELIVERED
        counted_at = earlier.at if earlier.party_id and earlier.counts and earlier.decided.lets_through else None
        reached = still_done(earlier)
        await self._record.write(
            lambda tx: tx.settle(earlier.id, among=_OPEN, state=state, targets=reached, counted_at=counted_at)
        )
        return Delivered(earlier.id)

    async def _more_recipients(self, mail: Message, earlier: Entry, new: tuple[str, ...]) -> Answer:
        """Take a message for recipients of a second transaction, decided as though all had come in one."""
        more = await self._record.write(partial(self._decide_more, mail, earlier.id, new))
        acting = [target for target in more.targets if target.outcome in HANDED_ON]
        answers = await self._delivery.carry_out(replace(mail.parcel, id=earlier.id), acting)
        state, answer = self._sum_up(earlier.id, answers, State.DELIVERED)
        reached = marked(acting, answers)
        if state in _NOT_THROUGH:
            added = tuple(goal for goal in reached if goal.done)
        else:
            added = reached + goals(tuple(target for target in more.targets if target.outcome not in HANDED_ON))
        detail = replies(answers) if state is State.UNCLEAR else ""
        await self._record.write(partial(self._add_more, mail, earlier.id, added, more, detail))
        return answer

    def _decide_more(self, mail: Message, number: str, new: tuple[str, ...], tx: Transaction) -> Decision:
        """Decide for all recipients of a message, less its own count, and give what that means for the new ones.

        Where it was let through for others and not counted, it counts from now on. What was kept for one recipient is
        not sent away for another (DESIGN: several recipients).
        """
        entry = tx.contact(number)
        assert entry is not None  # contacts are not deleted
        if entry.party_id is not None:
            tx.lock_party(entry.party_id)
        tx.settle(number, state=entry.state, counted_at=None)
        known = tuple(goal.recipient for goal in entry.targets)
        contact = replace(mail.contact, id=number, recipients=(*known, *(one for one in new if one not in known)))
        standing = standing_of(tx, contact, self._policy, now=mail.now)
        decision = decide(contact, standing, self._policy, now=mail.now, observe=tx.setting(OBSERVE) == "on")
        instead = Outcome.RETURN if entry.state is State.RETURNED else Outcome.FILE
        targets = tuple(
            replace(target, outcome=instead) if target.outcome in _SENT_AWAY else target
            for target in decision.targets
            if target.recipient in new
        )
        counts = decision.counts and any(target.outcome.lets_through for target in targets)
        tx.settle(number, state=entry.state, counted_at=entry.counted_at or (mail.now if counts else None))
        return replace(decision, targets=targets)

    def _add_more(
        self, mail: Message, number: str, added: tuple[Goal, ...], more: Decision, detail: str, tx: Transaction
    ) -> None:
        """Put further recipients on record; the message is held or filed where any part of it is."""
        entry = tx.contact(number)
        assert entry is not None  # contacts are not deleted
        outcomes = {goal.outcome for goal in added}
        state, release_at, look_by = entry.state, entry.release_at, entry.look_by
        if Outcome.HOLD in outcomes and state is not State.HELD:
            state, release_at = State.HELD, more.release_at
        elif detail and state is not State.HELD:
            state = State.UNCLEAR
        elif Outcome.FILE in outcomes and state not in {State.HELD, State.UNCLEAR, State.FILED}:
            state, look_by = State.FILED, self._look_by(more, mail.now)
        tx.settle(
            number,
            state=state,
            targets=entry.targets + added,
            reasons=entry.reasons + tuple(one for one in more.reasons if one not in entry.reasons),
            release_at=release_at,
            look_by=look_by,
            detail=detail or entry.detail,
        )
        if state in _COPIED:
            tx.keep_raw(number, mail.incoming.mail_from, mail.incoming.raw)
        if added:
            self._say(tx, mail, replace(entry, state=State.DELIVERED), more)

    def _sum_up(self, number: str, answers: list[Answer], settled: State) -> tuple[State, Answer]:
        """Say what several doors' answers mean together: any 'later' is a 'later', refused by all is passed on."""
        later = next((one for one in answers if isinstance(one, Temporary)), None)
        if later is not None:
            return State.DEFERRED, later
        refused = [one for one in answers if isinstance(one, Permanent)]
        if refused and len(refused) == len(answers):
            return State.PASSED_BACK, refused[0]
        return (State.UNCLEAR if refused else settled), Delivered(number)

    def _answer(self, entry: Entry) -> Answer:
        if entry.state is State.REFUSED:
            return Permanent(self._policy.texts.refusal)
        return Delivered(entry.id)


async def _digest(raw: bytes) -> str:
    """Digest a message; a large one in a thread, so that nobody else waits for it."""
    return content_digest(raw) if len(raw) < _LARGE else await asyncio.to_thread(content_digest, raw)
