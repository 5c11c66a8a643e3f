"""Brings texts to their inboxes from the record, as they were decided, by the same doors as mail.

Belongs here: the way out of "on its way". What a door does not take now is tried again; what it refuses for good goes
before a person. A crash between the door and the record brings a text twice, never loses it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog

from adapters.mail.trace import content_digest
from gateway.clock import Clock
from gateway.delivery import Delivery, Parcel
from gateway.failpoints import Failpoint, nothing
from gateway.letters import Letters
from gateway.mail_contact import DUTY, marked, replies
from gateway.text_contact import on_its_way
from rules.answers import Permanent
from rules.decision import Outcome, Target
from rules.policies import Policy
from rules.workdays import look_by
from storage.entries import Entry, Goal, Raw, State
from storage.record import Record
from storage.transaction import Transaction

CLAIM = timedelta(minutes=15)
"""Longer than any next hop takes to answer; then whoever claimed it has died, and another does it."""
PUT_OFF = timedelta(seconds=30)
_STILL = (State.HELD,)

log = structlog.get_logger()


class TextDelivery:
    """Bring texts; one for each process that releases."""

    def __init__(
        self,
        record: Record,
        policy: Policy,
        delivery: Delivery,
        letters: Letters,
        *,
        clock: Clock,
        node: str,
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._policy = policy
        self._delivery = delivery
        self._letters = letters
        self._clock = clock
        self._node = node
        self._failpoint = failpoint

    async def bring(self, number: str) -> bool:
        """Claim one text, hand it on, then settle it; False where it did not leave, or somebody else has it."""
        now = self._clock()
        claimed = await self._record.write(partial(self._claim, number, now))
        if claimed is None:
            return False
        entry, raw = claimed
        targets = [Target(goal.recipient, goal.outcome, goal.to) for goal in entry.targets]
        parcel = Parcel(raw.contact_id, raw.mail_from, raw.message, content_digest(raw.message))
        answers = await self._delivery.carry_out(parcel, targets)
        self._failpoint("text.handed_on")
        reached = marked(targets, answers)
        if all(goal.done for goal in reached):
            await self._record.write(partial(self._settle, entry, reached))
            return True
        log.warning("text not brought", contact=number)
        refused = any(isinstance(answer, Permanent) for answer in answers)
        then = partial(self._before_person, entry, replies(answers)) if refused else partial(self._put_off, entry)
        await self._record.write(partial(then, now))
        return False

    def _claim(self, number: str, now: datetime, tx: Transaction) -> tuple[Entry, Raw] | None:
        entry, raw = tx.contact(number), tx.raw(number)
        if entry is None or raw is None or not on_its_way(entry):
            return None
        return (entry, raw) if tx.claim_hold(number, self._node, now, now + CLAIM) else None

    def _settle(self, entry: Entry, reached: tuple[Goal, ...], tx: Transaction) -> None:
        state = State.DELIVERED
        if entry.carried is Outcome.FILE:
            state = State.FILED if entry.look_by else State.FILED_UNREAD
        owner = DUTY if entry.look_by else ""
        tx.settle(
            entry.id, among=_STILL, state=state, targets=reached, release_at=None, owner=owner, detail="", node=""
        )
        if state is State.DELIVERED:
            tx.drop_raw(entry.id)

    def _put_off(self, entry: Entry, now: datetime, tx: Transaction) -> None:
        tx.settle(entry.id, among=_STILL, state=State.HELD, release_at=now + PUT_OFF, node="")

    def _before_person(self, entry: Entry, why: str, now: datetime, tx: Transaction) -> None:
        due = look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)
        tx.settle(
            entry.id,
            among=_STILL,
            state=State.HELD,
            release_at=None,
            look_by=entry.look_by or due,
            owner=DUTY,
            detail=why,
            node="",
        )
        tx.enqueue(self._letters.alert_held(entry.id, why, now))
