"""Releases what was held: by the clock, decided anew, oldest first; or by a person, to its inbox as it is.

Belongs here: the way out of hold and of the filed list (DESIGN: the human clock).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from adapters.mail.maildir import FsyncFailed
from adapters.mail.message import Incoming, read
from adapters.mail.trace import content_digest
from gateway.clock import Clock
from gateway.delivery import HANDED_ON, Delivery, Parcel
from gateway.failpoints import Failpoint, nothing
from gateway.incident import where
from gateway.letters import Letters
from gateway.mail_contact import DUTY, OBSERVE, contact_of, goals, marked, replies, settled_state
from gateway.standing import standing_of
from rules.answers import Delivered, Permanent
from rules.decide import decide
from rules.decision import Decision, Outcome, Target
from rules.policies import Policy
from rules.workdays import look_by
from storage.entries import Entry, Goal, Raw, State
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Transaction

_BATCH = 50
_PUT_OFF = timedelta(seconds=30)
RELEASABLE = frozenset({State.HELD, State.FILED, State.LOOKED_AT, State.UNCLEAR, State.RETURNED})

log = structlog.get_logger()


class Holds:
    """Release held and filed mail."""

    def __init__(
        self,
        record: Record,
        policy: Policy,
        delivery: Delivery,
        letters: Letters,
        *,
        clock: Clock,
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._policy = policy
        self._delivery = delivery
        self._letters = letters
        self._clock = clock
        self._failpoint = failpoint

    async def release_due(self) -> int:
        """Decide anew on every held message whose time has come, oldest first; give how many left the hold."""
        released = 0
        due = await self._record.read(lambda reader: reader.due_holds(self._clock(), _BATCH))
        for entry in due:
            try:
                released += await self._release_one(entry)
            except (FsyncFailed, RecordUnavailable):
                raise
            except Exception as fault:  # the one broad except of this loop: a person looks at it, the others go on
                log.error("release failed", contact=entry.id, **where(fault))
                why = "its release failed by a fault of ours."
                await self._record.write(partial(self._before_person, entry.id, why, (), self._clock()))
        return released

    async def _release_one(self, entry: Entry) -> bool:
        """Claim one message with its new decision, then act, then settle; a crash in between leaves it due again."""
        now = self._clock()
        claimed = await self._record.write(partial(self._decide_anew, entry.id, now))
        if claimed is None:
            return False
        decision, raw = claimed
        targets = [target for target in decision.targets if target.outcome in HANDED_ON]
        answers = await self._delivery.carry_out(_parcel(raw), targets)
        self._failpoint("hold.released")
        reached = marked(targets, answers)
        if all(goal.done for goal in reached):
            await self._record.write(partial(self._settle, entry.id, decision, reached, now))
            return True
        log.warning("hold not released", contact=entry.id)
        done = tuple(goal for goal in reached if goal.done)
        if any(isinstance(answer, Permanent) for answer in answers):
            await self._record.write(partial(self._before_person, entry.id, replies(answers), done, now))
        else:
            await self._record.write(partial(self._put_off, entry.id, done, now))
        return False

    def _decide_anew(self, number: str, now: datetime, tx: Transaction) -> tuple[Decision, Raw] | None:
        entry, raw = tx.contact(number), tx.raw(number)
        if entry is None or raw is None or entry.state is not State.HELD:
            return None
        recipients = tuple(goal.recipient for goal in entry.targets if not goal.done)
        incoming = Incoming("", "", raw.mail_from, recipients, raw.message)
        contact = replace(contact_of(incoming, read(raw.message), number, now), assurance=entry.assurance)
        if entry.party_id is not None:
            tx.lock_party(entry.party_id)
        # A release that was cut off counted already: it must not stand in its own way.
        tx.settle(number, state=State.HELD, counted_at=None)
        standing = standing_of(tx, contact, self._policy, now=now)
        decision = decide(contact, standing, self._policy, now=now, observe=tx.setting(OBSERVE) == "on")
        if decision.carried in {Outcome.REFUSE, Outcome.RETURN}:
            decision = _filed_instead(decision)
        if decision.carried is Outcome.HOLD:
            tx.settle(number, state=State.HELD, release_at=decision.release_at)
            return None
        if decision.counts:
            tx.settle(number, state=State.HELD, counted_at=now)
        return decision, raw

    def _put_off(self, number: str, done: tuple[Goal, ...], now: datetime, tx: Transaction) -> None:
        """Try the rest again later: what could not be delivered keeps nobody else waiting."""
        targets = _reached(tx, number, done)
        still = (State.HELD,)
        tx.settle(number, among=still, state=State.HELD, targets=targets, counted_at=None, release_at=now + _PUT_OFF)

    def _before_person(self, number: str, why: str, done: tuple[Goal, ...], now: datetime, tx: Transaction) -> None:
        """Leave it to a person, who is told: the clock will not release it any more."""
        targets = _reached(tx, number, done)
        due = look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)
        left = tx.settle(
            number,
            among=(State.HELD,),
            state=State.HELD,
            targets=targets,
            counted_at=None,
            release_at=None,
            look_by=due,
            owner=DUTY,
            detail=why,
        )
        if left:
            tx.enqueue(self._letters.alert_held(number, why, now))

    def _settle(self, number: str, decision: Decision, done: tuple[Goal, ...], now: datetime, tx: Transaction) -> None:
        entry = tx.contact(number)
        assert entry is not None  # held a moment ago, and contacts are not deleted
        kept = tuple(goal for goal in entry.targets if goal.done)
        state = settled_state(decision, kept)
        reached = {goal.recipient for goal in (*kept, *done)}
        rest = tuple(goal for goal in entry.targets if goal.recipient not in reached)
        if rest:  # it came for another recipient while it was on its way: due again
            tx.settle(number, state=State.HELD, targets=kept + done + rest, release_at=now)
            return
        due = look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)
        tx.settle(number, state=state, targets=kept + done, look_by=due if state is State.FILED else None)
        if state is State.DELIVERED:
            tx.drop_raw(number)

    async def release(self, number: str, who: str) -> str:
        """Deliver a held, filed, returned or unclear message to its inbox, as a person decided; say what happened."""
        found = await self._record.read(lambda reader: (reader.contact(number), reader.raw(number)))
        entry, raw = found
        if entry is None:
            return f"There is no contact {number}."
        if entry.state not in RELEASABLE or raw is None:
            return f"{number} is {entry.state.value}: there is nothing to release."
        # What an inbox has already does not come a second time; what was done with the rest is what a person undoes.
        targets = [
            Target(goal.recipient, goal.outcome, goal.to)
            for goal in entry.targets
            if not (goal.done and goal.outcome.lets_through)
        ]
        answers = await self._delivery.release(_parcel(raw), targets)
        if not all(isinstance(answer, Delivered) for answer in answers):
            return f"{number} could not be delivered now; it stays where it is. Try again later."
        kept = tuple(goal for goal in entry.targets if goal.done and goal.outcome.lets_through)
        await self._record.write(partial(self._released, number, who, kept + goals(tuple(targets), done=True)))
        return f"{number} was delivered to its inbox."

    def _released(self, number: str, who: str, done: tuple[Goal, ...], tx: Transaction) -> None:
        tx.settle(number, state=State.DELIVERED, targets=done)
        tx.drop_raw(number)
        tx.act(who, "released", number, {})


def _reached(tx: Transaction, number: str, done: tuple[Goal, ...]) -> tuple[Goal, ...]:
    """Give all goals of a contact, those just reached in the place of what they were before."""
    entry = tx.contact(number)
    assert entry is not None  # held a moment ago, and contacts are not deleted
    by_recipient = {goal.recipient: goal for goal in done}
    return tuple(by_recipient.get(goal.recipient, goal) for goal in entry.targets)


def _parcel(raw: Raw) -> Parcel:
    return Parcel(raw.contact_id, raw.mail_from, raw.message, content_digest(raw.message))


def _filed_instead(decision: Decision) -> Decision:
    """File what would now be sent away: it was accepted, so nobody refuses it any more."""
    targets = tuple(Target(target.recipient, Outcome.FILE, target.recipient) for target in decision.targets)
    return replace(decision, outcome=Outcome.FILE, carried=Outcome.FILE, targets=targets, note=None)
