"""Receives a message: asks who sent it, decides, puts it on record, has it carried out, and answers the door.

Belongs here: the order of these steps (DESIGN: never losing, never doubling). 250 only when the outcome is durable;
what goes wrong on our side is 451 and the sender's server keeps the message.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from adapters.mail.message import Heading, Incoming, read
from adapters.mail.received import received_field
from adapters.mail.trace import content_digest, content_key
from gateway.clock import Clock
from gateway.delivery import Delivery, handed_on
from gateway.ending import FATAL, Ending
from gateway.failpoints import Failpoint, nothing
from gateway.fingerprints import counted_words, documents_in, keep_fingerprint, said_apart, wanted
from gateway.further_recipients import FurtherRecipients
from gateway.letters import Letters
from gateway.levels import Levels
from gateway.mail_contact import (
    DUTY,
    LATER,
    NOT_THROUGH,
    OBSERVE,
    OPEN,
    acted,
    contact_of,
    entry_of,
    filed_instead,
    filed_look_by,
    first_state,
    marked,
    needs_copy,
    replies,
    still_done,
    sum_up,
)
from gateway.mail_kind import MailKinds, keep_report
from gateway.mail_message import A_MOMENT, Message
from gateway.matters import Contents, asked, remember, with_matters
from gateway.message_key import on_record, passed_further
from gateway.page_count import PageCount
from gateway.particulars import keep_particulars
from gateway.resent import looked_for, with_resent
from gateway.safeguards import Safeguards
from gateway.serials import serial
from gateway.shunt import Shunt, key_sender
from gateway.standing import standing_of
from gateway.suspensions import tell_owners
from gateway.trace import Traces
from gateway.vouching import Vouching
from rules.answers import Answer, Delivered, Permanent, Temporary
from rules.contact import Contact
from rules.decide import decide
from rules.decision import Decision, Outcome, Reason
from rules.policies import Policy
from rules.standing import Standing
from rules.workdays import look_by
from storage.entries import Entry, State
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Reader, Transaction

STILL_BUSY = "This message is being handled. Please try again later."
NOT_HERE = "This server takes no mail for that address."
GOING_ROUND = "554 5.4.6 This message has been here before."

_LARGE = 1024 * 1024

log = structlog.get_logger()


class Reception:
    """Receive mail; one for each process, and one for each mailbox that is watched, where nothing can be refused."""

    def __init__(
        self,
        record: Record,
        policy: Policy,
        delivery: Delivery,
        levels: Levels,
        letters: Letters,
        traces: Traces,
        shunt: Shunt,
        kinds: MailKinds,
        *,
        domains: frozenset[str],
        host: str,
        ending: Ending,
        clock: Clock,
        node: str,
        failpoint: Failpoint = nothing,
        vouching: Vouching | None = None,
        pages: PageCount | None = None,
        refuses: bool = True,
    ) -> None:
        self._record = record
        self._policy = policy
        self._delivery = delivery
        self._levels = levels
        self._letters = letters
        self._traces = traces
        self._shunt = shunt
        self._kinds = kinds
        self._domains = domains
        self._host = host
        self._ending = ending
        self._clock = clock
        self._node = node
        self._failpoint = failpoint
        self._vouching = vouching or Vouching()
        self._pages = pages or PageCount(record, levels)
        self._refuses = refuses
        self._safeguards = Safeguards(policy, letters)
        self._further = FurtherRecipients(record, policy, delivery, letters)
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
        key = await self._key(incoming, heading, digest)
        if key is None:
            return Permanent("going round", GOING_ROUND)
        contact = contact_of(incoming, heading, serial(now), self._came(incoming, now))
        contact = self._vouching.at_once(contact, incoming)
        if key in self._under_way:
            return Temporary(STILL_BUSY)
        self._under_way.add(key)
        try:
            contents = Contents(lambda: incoming.raw)
            # What lies in a mailbox was received by its server, and not by us.
            received = received_field(incoming, self._host, contact.id, now) if self._refuses else b""
            mail = Message(incoming, heading, contact, key, digest, now, contents, received)
            return await self._handle(await self._kinds.recognised(mail))
        finally:
            self._under_way.discard(key)

    def _came(self, incoming: Incoming, now: datetime) -> datetime:
        """Say when a message came: at our door now, into a mailbox that nobody watched for a while when it says."""
        if self._refuses or incoming.at is None or now - incoming.at <= A_MOMENT:
            return now
        return incoming.at

    async def _key(self, incoming: Incoming, heading: Heading, digest: str) -> str | None:
        """Give the key of a message; None where it goes round. What was passed on may come for more recipients."""
        if self._traces.goes_round(heading):
            return None
        if not (before := self._traces.contacts(heading, digest)):
            return content_key(key_sender(heading.sender, incoming.mail_from), incoming.raw, digest)
        if not self._refuses:  # we put it into this mailbox
            return None
        return await self._record.read(lambda reader: passed_further(reader, before, incoming.recipients))

    async def _handle(self, mail: Message) -> Answer:
        (key, earlier), standing = await self._record.read(partial(self._look_up, mail))
        if key != mail.key:
            mail = replace(mail, key=key)
        mail = await self._vouching.looked_up(mail, standing)
        if standing.restrictions and asked(standing, mail.now):
            await mail.contents.read_apart()
        if wanted(mail.contact, standing):
            said = await said_apart(lambda: mail.incoming.raw, mail.contact.size)
            mail = replace(mail, contact=counted_words(mail.contact, said), said=said)
        mail = await self._safeguards.apart(mail, standing)
        if looked_for(mail.contact, standing):
            again = await with_resent(self._record, mail.contact, mail.incoming.raw, standing)
            mail = replace(mail, contact=again)
        if earlier is not None:
            return await self._again(mail, earlier)
        decision = decide(mail.contact, standing, self._policy, now=mail.came)
        self._failpoint("mail.decided")
        if decision.limited:
            party = standing.party
            return await self._with_intent(mail, None, party.id if party else None)
        return await self._plain(mail, standing, decision)

    def _look_up(self, mail: Message, reader: Reader) -> tuple[tuple[str, Entry | None], Standing]:
        standing = standing_of(reader, mail.contact, self._policy, now=mail.came, until=mail.until)
        return on_record(reader, mail.key, mail.incoming.raw, mail.now), standing

    async def _plain(self, mail: Message, standing: Standing, decision: Decision) -> Answer:
        """Deliver where nothing is limited: handed on first, then one commit, then our 250."""
        answers = await self._delivery.carry_out(mail.parcel, decision.targets)
        self._failpoint("mail.handed_on")
        kept = not self._refuses
        state, answer = sum_up(mail.contact.id, decision.targets, answers, State.DELIVERED, kept=kept)
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
            look_by=self._due(state, mail.now),
            detail=replies(answers),
        )
        if state in NOT_THROUGH:
            entry = replace(entry, counted_at=None)
        await self._record.write(partial(self._enter, mail, entry, decision))
        self._pages.take(mail, entry)
        self._failpoint("mail.recorded")
        return answer

    def _enter(self, mail: Message, entry: Entry, decision: Decision, tx: Transaction) -> None:
        if not tx.add_contact(entry):
            return  # another node took the same message at the same time: delivered twice, counted once
        self._keep_kind(tx, mail, mail.contact, entry)
        if entry.state is State.UNCLEAR:
            tx.keep_raw(entry.id, mail.incoming.mail_from, mail.kept)
        self._look_at_levels(tx, mail, entry)
        self._safeguards.tell(tx, mail.contact, entry, decision, mail.now)

    def _look_at_levels(self, tx: Transaction, mail: Message, entry: Entry) -> None:
        look = self._levels.after_late_contact if mail.late else self._levels.after_contact
        look(tx, mail.contact, entry, mail.now)

    async def _with_intent(self, mail: Message, earlier: Entry | None, party: int | None) -> Answer:
        """Decide with the limits locked and put it on record first; then act, then settle."""
        entry, decision = await self._record.write(partial(self._intend, mail, earlier, party))
        self._pages.take(mail, entry)
        self._failpoint("mail.intended")
        if entry.state is not State.INTENDED:
            self._failpoint("mail.stored")
            return self._answer(entry)
        return await self._act(mail, entry, decision)

    def _intend(
        self, mail: Message, earlier: Entry | None, party: int | None, tx: Transaction
    ) -> tuple[Entry, Decision]:
        """Within one transaction: the standing as it is now, the decision, and all of it that needs no door."""
        if earlier is not None:
            self._reopen(tx, earlier)
        standing = self._locked(tx, mail, party)
        contact = with_matters(tx, mail.contact, mail.contents, standing, mail.now)
        decision = decide(contact, standing, self._policy, now=mail.came, observe=tx.setting(OBSERVE) == "on")
        remember(tx, contact, mail.contents, standing, mail.now)
        tell_owners(tx, self._letters, standing, decision, self._policy, mail.now)
        decision = self._capped(tx, mail, decision)
        if not self._refuses:
            decision = filed_instead(decision)
        entry = entry_of(
            mail.contact,
            standing,
            decision,
            first_state(decision),
            key=mail.key,
            node=self._node,
            look_by=filed_look_by(decision, self._policy, mail.now),
        )
        if earlier is not None:
            entry = replace(entry, id=earlier.id, at=earlier.at, targets=still_done(earlier) + entry.targets)
            self._resume(tx, entry)
        elif not tx.add_contact(entry := self._on_the_spot(entry, decision)):
            raise RecordUnavailable("the same message is being handled elsewhere")
        self._keep_kind(tx, mail, contact, entry)
        if earlier is None or (entry.counts and not earlier.counts):
            self._look_at_levels(tx, mail, entry)
        else:
            self._levels.after_settling(tx, entry)
        self._safeguards.tell(tx, mail.contact, entry, decision, mail.now)
        if needs_copy(entry):
            tx.keep_raw(entry.id, mail.incoming.mail_from, mail.kept)
        if entry.state is not State.INTENDED:
            self._letters.tell(tx, mail, entry, decision)
        return entry, decision

    def _locked(self, tx: Transaction, mail: Message, party: int | None) -> Standing:
        """Load the standing with its party locked: `party` as a rule, whose it was when we looked first."""
        if party is not None:
            tx.lock_party(party)
        standing = standing_of(tx, mail.contact, self._policy, now=mail.came, until=mail.until)
        if standing.party is None or standing.party.id == party:
            return standing
        tx.lock_party(standing.party.id)
        return standing_of(tx, mail.contact, self._policy, now=mail.came, until=mail.until)

    def _on_the_spot(self, entry: Entry, decision: Decision) -> Entry:
        """Settle at once what no door is needed for: a second commit would say no more than the first."""
        targets = handed_on(decision)
        if entry.state is not State.INTENDED or (answers := self._delivery.at_once(targets)) is None:
            return entry
        return acted(entry, decision, targets, answers, refuses=self._refuses)[0]

    def _keep_kind(self, tx: Transaction, mail: Message, contact: Contact, entry: Entry) -> None:
        """Put on record what a contact is, which is on record itself by now."""
        keep_report(tx, mail, entry)
        repeat = keep_fingerprint(tx, entry, mail.said)
        files = documents_in(mail.said, entry)
        keep_particulars(tx, contact, entry.id, self._policy, heading=mail.heading, repeat=repeat, documents=files)

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

    async def _act(self, mail: Message, entry: Entry, decision: Decision) -> Answer:
        targets = handed_on(decision)
        parcel = replace(mail.parcel, id=entry.id)
        answers = await self._delivery.carry_out(parcel, targets)
        self._failpoint("mail.handed_on")
        entry, answer = acted(entry, decision, targets, answers, refuses=self._refuses)
        entry = replace(entry, look_by=entry.look_by or self._due(entry.state, mail.now))
        await self._record.write(partial(self._settle, mail, entry, decision))
        self._failpoint("mail.recorded")
        return answer

    def _due(self, state: State, now: datetime) -> datetime | None:
        """Say by when a person looks at what turned out to wait for one."""
        if state not in {State.FILED, State.UNCLEAR}:
            return None
        return look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)

    def _settle(self, mail: Message, entry: Entry, decision: Decision, tx: Transaction) -> None:
        through = entry.state not in NOT_THROUGH
        tx.settle(
            entry.id,
            state=entry.state,
            targets=entry.targets,
            counted_at=entry.counted_at if through else None,
            look_by=entry.look_by,
            owner=DUTY if entry.look_by or entry.state is State.HELD else "",
            detail=entry.detail,
        )
        self._levels.after_settling(tx, entry)
        if entry.state is State.UNCLEAR:
            tx.keep_raw(entry.id, mail.incoming.mail_from, mail.kept)
        elif not (through and needs_copy(entry)):
            tx.drop_raw(entry.id)
        if through:
            self._letters.tell(tx, mail, entry, decision)

    def _capped(self, tx: Transaction, mail: Message, decision: Decision) -> Decision:
        """Refuse in the session what cannot be returned: too much has been, or the sender wants no report (C4)."""
        why = self._letters.not_returnable(tx, mail, decision.party) if decision.carried is Outcome.RETURN else ""
        if not why:
            return decision
        targets = tuple(replace(target, outcome=Outcome.REFUSE) for target in decision.targets)
        reasons = (*decision.reasons, Reason("", "", "", why))
        return replace(decision, carried=Outcome.REFUSE, targets=targets, reasons=reasons)

    async def _again(self, mail: Message, earlier: Entry) -> Answer:
        """Meet a message that is on record: one contact, one count, one action, however often it comes (S16)."""
        known = {goal.recipient for goal in earlier.targets}
        new = tuple(one for one in mail.contact.recipients if one not in known)
        if earlier.state is State.INTENDED and earlier.node != self._node:
            return Temporary(STILL_BUSY)
        if earlier.state in OPEN:
            done = {goal.recipient for goal in earlier.targets if goal.done}
            rest = tuple(one for one in mail.contact.recipients if one not in done)
            if not rest:
                return await self._settle_done(earlier)
            contact = replace(mail.contact, id=earlier.id, recipients=rest)
            return await self._with_intent(replace(mail, contact=contact), earlier, earlier.party_id)
        return await self._further.take(mail, earlier, new) if new else Delivered(earlier.id)

    async def _settle_done(self, earlier: Entry) -> Answer:
        """Settle a message that an earlier try brought to all whom the sender still asks for.

        Should the sender come back for the others, they are recipients of a second transaction.
        """
        filed = any(goal.outcome is Outcome.FILE for goal in earlier.targets)
        state = State.FILED if filed else State.DELIVERED
        counted_at = earlier.at if earlier.party_id and earlier.counts and earlier.decided.lets_through else None
        reached = still_done(earlier)

        def job(tx: Transaction) -> None:
            if tx.settle(earlier.id, among=OPEN, state=state, targets=reached, counted_at=counted_at):
                self._levels.after_settling(tx, earlier)

        await self._record.write(job)
        return Delivered(earlier.id)

    def _answer(self, entry: Entry) -> Answer:
        if entry.state is State.REFUSED:
            return Permanent(self._policy.texts.refusal)
        return Delivered(entry.id)


async def _digest(raw: bytes) -> str:
    """Digest a message; a large one in a thread, so that nobody else waits for it."""
    return content_digest(raw) if len(raw) < _LARGE else await asyncio.to_thread(content_digest, raw)
