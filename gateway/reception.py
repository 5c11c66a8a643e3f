"""Receives a message: asks who sent it, decides, puts it on record, has it carried out, and answers the door.

Belongs here: the order of these steps (DESIGN: never losing, never doubling). 250 only when the outcome is durable;
what goes wrong on our side is 451 and the sender's server keeps the message.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from adapters.mail.maildir import FsyncFailed
from adapters.mail.message import Heading, Incoming, read
from adapters.mail.trace import content_digest, content_key
from gateway.clock import Clock
from gateway.delivery import HANDED_ON, Delivery, Parcel
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
from rules.decision import Decision, Outcome, Target
from rules.policies import Policy
from rules.standing import Standing
from rules.workdays import look_by
from storage.entries import Entry, State
from storage.faults import RecordBroken, RecordUnavailable
from storage.record import Record
from storage.transaction import Reader, Transaction

OBSERVE = "observe"
STILL_BUSY = "This message is being handled. Please try again later."
NOT_HERE = "5.7.1 This server takes no mail for that address."
GOING_ROUND = "5.4.6 This message has been here before."
_KEPT = frozenset({State.DELIVERED, State.HELD, State.FILED, State.LOOKED_AT, State.RETURNED, State.UNCLEAR})

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
        self._clock = clock
        self._node = node
        self._failpoint = failpoint
        self._under_way: set[str] = set()

    async def recipient(self, mail_from: str, rcpt: str) -> Answer:
        """Say whether a recipient may be taken: our domains only, and only what the next hop knows (THREATS S10, S13)."""
        if rcpt.rpartition("@")[2].lower() not in self._domains:
            return Permanent(NOT_HERE)
        return await self._delivery.verify(mail_from, rcpt)

    async def message(self, incoming: Incoming) -> Answer:
        """Take one message; never raises for a fault of ours, whatever it was (THREATS S2)."""
        now = self._clock()
        self._failpoint("mail.heard")
        try:
            return await self._receive(incoming, now)
        except (FsyncFailed, RecordBroken):
            raise
        except RecordUnavailable as fault:
            log.error("record unavailable", fault=type(fault).__name__)
            return Temporary(LATER)
        except Exception as fault:  # the one broad except of this loop: what it catches goes to the shunt
            return await self._shunt.keep(incoming, fault, now)

    async def _receive(self, incoming: Incoming, now: datetime) -> Answer:
        heading, digest = read(incoming.raw), content_digest(incoming.raw)
        if self._traces.goes_round(heading, digest):
            return Permanent(GOING_ROUND)
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
        earlier, standing, observe = await self._record.read(partial(self._look_up, mail))
        if earlier is not None:
            return await self._again(mail, earlier)
        decision = decide(mail.contact, standing, self._policy, now=mail.now, observe=observe)
        self._failpoint("mail.decided")
        if decision.limited:
            return await self._with_intent(mail, None)
        return await self._plain(mail, standing, decision)

    def _look_up(self, mail: Message, reader: Reader) -> tuple[Entry | None, Standing, bool]:
        standing = standing_of(reader, mail.contact, self._policy, now=mail.now)
        return reader.find(mail.key), standing, reader.setting(OBSERVE) == "on"

    async def _plain(self, mail: Message, standing: Standing, decision: Decision) -> Answer:
        """Deliver where nothing is limited: handed on first, then one commit, then our 250."""
        answers = await self._delivery.carry_out(mail.parcel, decision.targets)
        self._failpoint("mail.handed_on")
        state, answer = self._sum_up(mail.contact.id, answers, State.DELIVERED)
        if state is State.DEFERRED and not any(isinstance(one, Delivered) for one in answers):
            return answer
        entry = entry_of(mail.contact, standing, decision, state, key=mail.key, node=self._node)
        entry = replace(entry, targets=marked(decision.targets, answers), detail=replies(answers))
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
        standing = standing_of(tx, mail.contact, self._policy, now=mail.now)
        if standing.party is not None:
            tx.lock_party(standing.party.id)
            standing = standing_of(tx, mail.contact, self._policy, now=mail.now)
        decision = decide(mail.contact, standing, self._policy, now=mail.now, observe=tx.setting(OBSERVE) == "on")
        decision = self._capped(tx, mail, decision)
        entry = entry_of(mail.contact, standing, decision, first_state(decision), key=mail.key, node=self._node)
        entry = self._with_duties(entry)
        if earlier is not None:
            entry = replace(entry, id=earlier.id, at=earlier.at, targets=still_done(earlier) + entry.targets)
            self._resume(tx, entry)
        elif tx.add_contact(entry):
            self._levels.after_contact(tx, mail.contact, entry, mail.now)
        else:
            raise RecordUnavailable("the same message is being handled elsewhere")
        if needs_copy(entry):
            tx.keep_raw(entry.id, mail.incoming.mail_from, mail.incoming.raw)
        if entry.state is not State.INTENDED:
            self._say(tx, mail, entry, decision)
        return entry, decision

    def _resume(self, tx: Transaction, entry: Entry) -> None:
        """Put a message that is tried again on record as it is decided now; somebody else may be at it already."""
        resumed = tx.settle(
            entry.id,
            among=(State.DEFERRED, State.PASSED_BACK),
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
        if not resumed:
            raise RecordUnavailable("the same message is being handled elsewhere")

    def _with_duties(self, entry: Entry) -> Entry:
        """Add the human clock: by when a person looks, and who owns what is held."""
        if entry.carried is Outcome.FILE or any(goal.outcome is Outcome.FILE for goal in entry.targets):
            by = look_by(entry.at, self._policy.look_by_working_days, self._policy.zone, self._policy.region)
            return replace(entry, look_by=by)
        return entry

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
        through = entry.state not in {State.DEFERRED, State.PASSED_BACK}
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
        """Meet a message that is on record: one contact, one count, one action, whoever sends it again (THREATS S16)."""
        known = {goal.recipient for goal in earlier.targets}
        new = tuple(one for one in mail.contact.recipients if one not in known)
        if earlier.state is State.INTENDED:
            return Temporary(STILL_BUSY)
        if earlier.state in {State.DEFERRED, State.PASSED_BACK}:
            done = {goal.recipient for goal in earlier.targets if goal.done}
            rest = tuple(one for one in mail.contact.recipients if one not in done)
            if not rest:
                return Delivered(earlier.id)
            contact = replace(mail.contact, id=earlier.id, recipients=rest)
            return await self._with_intent(replace(mail, contact=contact), earlier)
        if not new or earlier.state not in _KEPT:
            return self._answer(earlier)
        return await self._more_recipients(mail, earlier, new)

    async def _more_recipients(self, mail: Message, earlier: Entry, new: tuple[str, ...]) -> Answer:
        """Do for recipients of a second transaction what was done for those of the first."""
        routed = next((goal.to for goal in earlier.targets if goal.outcome is Outcome.ROUTE), None)
        targets = [Target(one, earlier.carried, routed or one) for one in new]
        acting = [] if routed or earlier.carried not in HANDED_ON else targets
        answers = await self._delivery.carry_out(replace(mail.parcel, id=earlier.id), acting) if acting else []
        state, answer = self._sum_up(earlier.id, answers, earlier.state)
        if state is State.DEFERRED or state is State.PASSED_BACK:
            return answer
        added = marked(acting, answers) if acting else goals(tuple(targets), done=True)
        await self._record.write(lambda tx: tx.settle(earlier.id, state=earlier.state, targets=earlier.targets + added))
        return answer

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
            return Permanent(f"5.7.1 {self._policy.texts.refusal}")
        return Delivered(entry.id)
