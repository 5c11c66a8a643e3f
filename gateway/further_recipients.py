"""Takes a message that is on record for recipients of a second transaction: one contact, one count, decided as one.

Belongs here: what a sender's server that sends one message for each recipient would otherwise make of a restriction.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from gateway.delivery import HANDED_ON, Delivery
from gateway.letters import Letters
from gateway.mail_contact import DUTY, NOT_THROUGH, OBSERVE, filed_look_by, goals, marked, replies, sum_up
from gateway.mail_message import Message
from gateway.matters import remember, with_matters
from gateway.particulars import keep_more_places
from gateway.standing import standing_of
from rules import workdays
from rules.answers import Answer
from rules.decide import decide
from rules.decision import Decision, Outcome
from rules.policies import Policy
from storage.entries import Entry, Goal, State
from storage.record import Record
from storage.transaction import Transaction

_SENT_AWAY = frozenset({Outcome.RETURN, Outcome.REFUSE})
_COPIED = frozenset({State.HELD, State.FILED, State.FILED_UNREAD, State.UNCLEAR, State.RETURNED})


class FurtherRecipients:
    """Bring a message to recipients that its first transaction did not name."""

    def __init__(self, record: Record, policy: Policy, delivery: Delivery, letters: Letters) -> None:
        self._record = record
        self._policy = policy
        self._delivery = delivery
        self._letters = letters

    async def take(self, mail: Message, earlier: Entry, new: tuple[str, ...]) -> Answer:
        """Take a message for recipients of a second transaction, decided as though all had come in one."""
        more = await self._record.write(partial(self._decide_more, mail, earlier.id, new))
        acting = [target for target in more.targets if target.outcome in HANDED_ON]
        answers = await self._delivery.carry_out(replace(mail.parcel, id=earlier.id), acting)
        state, answer = sum_up(earlier.id, acting, answers, State.DELIVERED)
        reached = marked(acting, answers)
        if state in NOT_THROUGH:
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
        standing = standing_of(tx, contact, self._policy, now=mail.came, until=mail.until)
        contact = with_matters(tx, contact, mail.contents, standing, mail.now)
        remember(tx, contact, mail.contents, standing, mail.now)
        decision = decide(contact, standing, self._policy, now=mail.came, observe=tx.setting(OBSERVE) == "on")
        instead = Outcome.RETURN if entry.state is State.RETURNED else Outcome.FILE
        targets = tuple(
            replace(target, outcome=instead) if target.outcome in _SENT_AWAY else target
            for target in decision.targets
            if target.recipient in new
        )
        counts = decision.counts and any(target.outcome.lets_through for target in targets)
        tx.settle(number, state=entry.state, counted_at=entry.counted_at or (mail.came if counts else None))
        return replace(decision, targets=targets)

    def _add_more(
        self, mail: Message, number: str, added: tuple[Goal, ...], more: Decision, detail: str, tx: Transaction
    ) -> None:
        """Put further recipients on record; the message is held or filed where any part of it is."""
        entry = tx.contact(number)
        assert entry is not None  # contacts are not deleted
        outcomes = {goal.outcome for goal in added}
        state, release_at, look_by, owner = entry.state, entry.release_at, entry.look_by, entry.owner
        if Outcome.HOLD in outcomes and state is not State.HELD:
            state, release_at = State.HELD, more.release_at
        elif detail and state is not State.HELD:
            state = State.UNCLEAR
            policy = self._policy
            due = look_by or workdays.look_by(mail.now, policy.look_by_working_days, policy.zone, policy.region)
            look_by, owner = due, owner or DUTY
        elif Outcome.FILE in outcomes and state not in {State.HELD, State.UNCLEAR, State.FILED}:
            look_by = filed_look_by(more, self._policy, mail.now)
            state = State.FILED if look_by else State.FILED_UNREAD
        tx.settle(
            number,
            state=state,
            targets=entry.targets + added,
            reasons=entry.reasons + tuple(one for one in more.reasons if one not in entry.reasons),
            release_at=release_at,
            look_by=look_by,
            owner=owner,
            detail=detail or entry.detail,
        )
        keep_more_places(tx, number, tuple(goal.recipient for goal in added))
        if entry.counts:
            tx.mark_levels(entry.whose, entry.at)
        if state in _COPIED:
            tx.keep_raw(number, mail.incoming.mail_from, mail.kept)
        if added:
            self._letters.tell(tx, mail, replace(entry, state=State.DELIVERED), more)
