"""Receives texts: one decision for each, on record with its copy before the provider is answered.

Belongs here: the order of these steps. A text is brought to its inbox from the record (`text_delivery`), so that a kill
at any moment loses none; the same webhook again gets the same bytes (THREATS T2).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from adapters.mail.opening import LONGEST_OPENING
from adapters.phone.text_message import IncomingText, Wish
from adapters.phone.twilio_texts import render_text
from gateway.clock import Clock
from gateway.failpoints import Failpoint, nothing
from gateway.fingerprints import Said, counted_words, keep_fingerprint
from gateway.letters import Letters, Sender
from gateway.levels import Levels
from gateway.mail_contact import OBSERVE, entry_of, filed_look_by
from gateway.matters import asked
from gateway.particulars import keep_particulars
from gateway.safeguards import Safeguards, Text, examined
from gateway.standing import standing_of
from gateway.suspensions import tell_owners
from gateway.text_contact import ON_ITS_WAY, TextInboxes, contact_of, line_of, mail_of
from gateway.text_replies import Reply, TextReplies, filed
from rules.contact import Contact
from rules.decide import decide
from rules.decision import Decision, Outcome
from rules.levels import thresholds as counting
from rules.policies import Policy
from rules.repeats import print_of
from rules.standing import Standing
from storage.entries import Entry, State
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.texts import TextTaken
from storage.transaction import Transaction

_STATES = {Outcome.REFUSE: State.REFUSED, Outcome.RETURN: State.RETURNED}
_WISHED = "It says whether its sender wants texts from us, so it is filed for a person and not sent away"


class TextReception:
    """Decide on texts; the phone door's `Texts`."""

    def __init__(
        self,
        record: Record,
        policy: Policy,
        levels: Levels,
        letters: Letters,
        inboxes: TextInboxes,
        office: Sender,
        *,
        clock: Clock,
        node: str,
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._policy = policy
        self._levels = levels
        self._letters = letters
        self._inboxes = inboxes
        self._office = office
        self._clock = clock
        self._node = node
        self._failpoint = failpoint
        self._safeguards = Safeguards(policy, letters)
        self._replies = TextReplies(policy, office.name)

    async def incoming(self, text: IncomingText) -> str:
        """Decide once per text and give the document; asked again, give the stored one."""
        self._failpoint("text.heard")
        document = await self._record.write(partial(self._once, text, self._clock(), None))
        self._failpoint("text.recorded")
        return document

    async def missed(self, text: IncomingText, sent: datetime) -> None:
        """Take a text that came while we were down, from the provider's log; nobody is answered so late (T7)."""
        await self._record.write(partial(self._once, text, sent, self._clock()))

    def _once(self, text: IncomingText, at: datetime, late: datetime | None, tx: Transaction) -> str:
        """Decide on a text that came at `at`; `late` is when we heard of it, where that was only afterwards."""
        earlier = tx.text(text.sid)
        if earlier is not None:
            return earlier.document
        contact, standing, said = self._read(tx, text, at, late is None)
        decision = self._decided(tx, text, contact, standing)
        decision, reply = self._replies.reply(tx, contact, decision, at)
        entry = self._entry(text, contact, standing, decision)
        if not tx.add_contact(entry):  # another node took it at the same time
            return _answered(tx, text)
        document = render_text(reply.words)
        tx.add_text(_taken(text, entry, contact, document, reply), at)
        if entry.state is not State.REFUSED:
            tx.keep_raw(entry.id, self._office.address, mail_of(text, contact, self._office, self._policy))
        repeat = keep_fingerprint(tx, entry, said)
        keep_particulars(tx, contact, entry.id, self._policy, repeat=repeat)
        if late is None:
            self._levels.after_contact(tx, contact, entry, at)
        else:
            self._levels.after_late_contact(tx, contact, entry, late)
        self._safeguards.tell(tx, contact, entry, decision, at)
        return document

    def _read(
        self, tx: Transaction, text: IncomingText, at: datetime, in_time: bool
    ) -> tuple[Contact, Standing, Said | None]:
        """Read a text as a contact, with the standing of its sender; nobody's words are read who is no party."""
        stopped = _stopped(tx, text, at)
        contact = contact_of(text, self._inboxes.serving(text.to), at, answerable=in_time and not stopped)
        standing = standing_of(tx, contact, self._policy, now=at)
        if standing.party is None:
            return contact, standing, None
        tx.lock_party(standing.party.id)
        standing = standing_of(tx, contact, self._policy, now=at)
        if asked(standing, at):
            contact = replace(contact, opening=text.words[:LONGEST_OPENING])
        if examined(contact, standing):
            contact = self._safeguards.at_once(contact, standing, Text(text.words), at)
        said = Said(print_of(text.words)) if counting.counted(contact) else None
        return counted_words(contact, said), standing, said

    def _decided(self, tx: Transaction, text: IncomingText, contact: Contact, standing: Standing) -> Decision:
        policy, at = self._policy_for(text), contact.at
        decision = decide(contact, standing, policy, now=at, observe=tx.setting(OBSERVE) == "on")
        tell_owners(tx, self._letters, standing, decision, policy, at)
        sent_away = decision.carried in (Outcome.RETURN, Outcome.REFUSE)
        return filed(decision, _WISHED) if sent_away and text.wish is not Wish.NONE else decision

    def _policy_for(self, text: IncomingText) -> Policy:
        """Give the policy by which texts to a line are decided: where no measure closes it, none closes its inbox."""
        policy = self._policy
        if line_of(text.to) not in policy.always_open:
            return policy
        return policy.with_changes(always_open=policy.always_open | {self._inboxes.serving(text.to).lower()})

    def _entry(self, text: IncomingText, contact: Contact, standing: Standing, decision: Decision) -> Entry:
        """Write what goes on record; what is to be brought to an inbox is held for that alone, due at once."""
        state = _STATES.get(decision.carried, State.HELD)
        brought = state is State.HELD and decision.carried is not Outcome.HOLD
        entry = entry_of(
            contact,
            standing,
            decision,
            state,
            key=f"text:{text.sid}",
            node=self._node,
            look_by=filed_look_by(decision, self._policy, contact.at),
            detail=ON_ITS_WAY if brought else "",
        )
        return replace(entry, release_at=contact.at) if brought else entry


def _answered(tx: Transaction, text: IncomingText) -> str:
    known = tx.text(text.sid)
    if known is None:
        raise RecordUnavailable("the same text is being handled elsewhere")
    return known.document


def _stopped(tx: Transaction, text: IncomingText, now: datetime) -> bool:
    """Honour what a text says of texts to its number, and tell whether none may go there."""
    if text.wish is Wish.STOP and text.number:
        tx.stop_texts(text.number, now)
    elif text.wish is Wish.START and text.number:
        tx.allow_texts(text.number, now)
    return tx.texts_stopped(text.number)


def _taken(text: IncomingText, entry: Entry, contact: Contact, document: str, reply: Reply) -> TextTaken:
    number = contact.sender.value if contact.sender and reply.words else ""
    return TextTaken(text.sid, entry.id, document, number, reply.parts, reply.once)
