"""Releases what was held: by the clock, decided anew, oldest first; or by a person, to its inbox as it is.

Belongs here: the way out of hold and of the filed list (DESIGN: the human clock).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
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
from gateway.matters import Contents, asked, remember, with_matters
from gateway.resent import resent_now
from gateway.standing import past_shields_of, standing_of
from gateway.suspensions import tell_owners
from gateway.text_contact import contact_again, on_its_way
from gateway.text_delivery import CLAIM, PUT_OFF, TextDelivery
from rules.answers import Answer, Delivered, Permanent
from rules.contact import Channel, Contact, Nature
from rules.decide import decide
from rules.decision import Decision, Outcome, Target
from rules.policies import Policy
from rules.resent import is_resent
from rules.workdays import look_by
from storage.entries import Entry, Goal, Raw, State
from storage.faults import RecordUnavailable
from storage.record import Record
from storage.transaction import Reader, Transaction

_BATCH = 50
RELEASABLE = frozenset({State.HELD, State.FILED, State.FILED_UNREAD, State.LOOKED_AT, State.UNCLEAR, State.RETURNED})

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
        node: str = "desk",
        failpoint: Failpoint = nothing,
    ) -> None:
        self._record = record
        self._policy = policy
        self._delivery = delivery
        self._letters = letters
        self._clock = clock
        self._node = node
        self._failpoint = failpoint
        self._texts = TextDelivery(record, policy, delivery, letters, clock=clock, node=node, failpoint=failpoint)
        self._began = False

    async def release_due(self) -> int:
        """Decide anew on every held message whose time has come, oldest first; give how many left the hold."""
        if not self._began:
            await self._record.write(partial(self._claim_no_more, self._clock()))
            self._began = True
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

    def _claim_no_more(self, now: datetime, tx: Transaction) -> None:
        """Make due again what this node was releasing when its last process ended."""
        tx.unclaim_holds(self._node, now)

    async def _release_one(self, entry: Entry) -> bool:
        """Claim one message with its new decision, then act, then settle; a crash in between leaves it due again."""
        if on_its_way(entry):
            return await self._texts.bring(entry.id)
        now = self._clock()
        contents = await self._record.read(partial(self._contents, entry.id, now))
        if contents is not None:
            await contents.read_apart()
        claimed = await self._record.write(partial(self._decide_anew, entry.id, contents, now))
        if claimed is None:
            return False
        decision, raw = claimed
        targets = [target for target in decision.targets if target.outcome in HANDED_ON]
        answers = await self._delivery.carry_out(_parcel(raw), targets)
        self._failpoint("hold.released")
        reached = marked(targets, answers)
        if all(goal.done for goal in reached):
            through = {target.recipient for target in targets if target.outcome.lets_through}
            await self._delivery.take_out(_parcel(raw), [one for one in _undone(entry) if one.recipient in through])
            await self._record.write(partial(self._settle, entry, decision, reached, now))
            return True
        log.warning("hold not released", contact=entry.id)
        done = tuple(goal for goal in reached if goal.done)
        if any(isinstance(answer, Permanent) for answer in answers):
            await self._record.write(partial(self._before_person, entry.id, replies(answers), done, now))
        else:
            await self._record.write(partial(self._put_off, entry.id, done, now))
        return False

    def _contents(self, number: str, now: datetime, reader: Reader) -> Contents | None:
        """Give what has to be read of a held message before it is decided anew; None where no measure asks."""
        entry, raw = reader.contact(number), reader.raw(number)
        if (
            entry is None
            or raw is None
            or not asked(standing_of(reader, _contact(entry, raw), self._policy, now=now), now)
        ):
            return None
        return Contents(lambda: raw.message)

    def _decide_anew(
        self, number: str, contents: Contents | None, now: datetime, tx: Transaction
    ) -> tuple[Decision, Raw] | None:
        entry, raw = tx.contact(number), tx.raw(number)
        if entry is None or raw is None or entry.state is not State.HELD:
            return None
        # Two nodes see the same message due: one of them has it (never releasing what another is delivering).
        if not tx.claim_hold(number, self._node, now, now + CLAIM):
            return None
        contact, contents = _contact(entry, raw), contents or Contents(lambda: raw.message)
        if entry.party_id is not None:
            tx.lock_party(entry.party_id)
        # A release that was cut off counted already: it must not stand in its own way.
        tx.settle(number, state=State.HELD, counted_at=None)
        standing = standing_of(tx, contact, self._policy, now=now)
        contact = resent_now(with_matters(tx, contact, contents, standing, now), raw.message, standing, tx)
        remember(tx, contact, contents, standing, now)
        decision = decide(contact, standing, self._policy, now=now, observe=tx.setting(OBSERVE) == "on")
        tell_owners(tx, self._letters, standing, decision, self._policy, now)
        if decision.carried in {Outcome.REFUSE, Outcome.RETURN}:
            decision = _filed_instead(decision)
        if decision.carried is Outcome.HOLD:
            tx.settle(number, state=State.HELD, release_at=decision.release_at, node="")
            return None
        if decision.counts:
            tx.settle(number, state=State.HELD, counted_at=now)
        return decision, raw

    def _put_off(self, number: str, done: tuple[Goal, ...], now: datetime, tx: Transaction) -> None:
        """Try the rest again later: what could not be delivered keeps nobody else waiting."""
        targets = _reached(tx, number, done)
        still = (State.HELD,)
        later = now + PUT_OFF
        tx.settle(number, among=still, state=State.HELD, targets=targets, counted_at=None, release_at=later, node="")

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
            node="",
        )
        if left:
            tx.enqueue(self._letters.alert_held(number, why, now))

    def _settle(self, due: Entry, decision: Decision, done: tuple[Goal, ...], now: datetime, tx: Transaction) -> None:
        number = due.id
        entry = tx.contact(number)
        assert entry is not None  # held a moment ago, and contacts are not deleted
        kept = tuple(goal for goal in entry.targets if goal.done)
        state = settled_state(decision, kept)
        reached = {goal.recipient for goal in (*kept, *done)}
        rest = tuple(goal for goal in entry.targets if goal.recipient not in reached)
        if rest:  # it came for another recipient while it was on its way: due again
            tx.settle(number, state=State.HELD, targets=kept + done + rest, release_at=now, node="")
            return
        look = None
        if state is State.FILED:
            look = look_by(now, self._policy.look_by_working_days, self._policy.zone, self._policy.region)
        # What it was held for stays in the reasons, and what it was released for stands after it.
        reasons = entry.reasons + tuple(one for one in decision.reasons if one not in entry.reasons)
        targets = kept + done
        tx.settle(
            number, state=state, targets=targets, reasons=reasons, look_by=look, release_at=due.release_at, node=""
        )
        if state is State.DELIVERED and not is_resent(reasons):
            tx.drop_raw(number)

    async def release(self, number: str, who: str) -> str:
        """Deliver a held, filed, returned or unclear message to its inbox, as a person decided; say what happened."""
        found = await self._record.read(lambda reader: (reader.contact(number), reader.raw(number)))
        entry, raw = found
        if entry is None:
            return f"There is no contact {number}."
        if entry.state not in RELEASABLE or raw is None:
            return f"{number} is {entry.state.value}: there is nothing to release."
        held = entry.state is State.HELD
        if held and not await self._record.write(partial(self._claim_by_hand, number, self._clock())):
            return f"{number} is being released just now."
        now = self._clock()
        # What an inbox has already does not come a second time; what was done with the rest is what a person undoes.
        were = [
            Target(goal.recipient, goal.outcome, goal.to)
            for goal in entry.targets
            if not (goal.done and goal.outcome.lets_through)
        ]
        targets = await self._record.read(
            lambda reader: past_shields_of(reader, entry.party_id, were, self._policy, now)
        )
        somebody = all(target.to for target in targets)
        answers = await self._delivery.release(_parcel(raw), targets) if somebody else []
        if not somebody or not all(isinstance(answer, Delivered) for answer in answers):
            return await self._in_part(entry, targets, answers, now)
        if targets != were:
            await self._delivery.take_out(_parcel(raw), were)
        kept = tuple(goal for goal in entry.targets if goal.done and goal.outcome.lets_through)
        done = kept + goals(tuple(targets), done=True)
        if await self._record.write(partial(self._released, entry, who, done, now)):
            return f"{number} was delivered to its inbox."
        return f"{number} was delivered to its inbox. It came for somebody else meanwhile: release it again for them."

    def _claim_by_hand(self, number: str, now: datetime, tx: Transaction) -> bool:
        return tx.claim_hold(number, self._node, now, now + CLAIM, by_hand=True)

    async def _in_part(self, entry: Entry, targets: list[Target], answers: list[Answer], now: datetime) -> str:
        """Keep what was reached, so that no try sends it again; refused for good, the clock does not try the rest."""
        there = zip(targets, answers, strict=True) if answers else ()
        done = tuple(
            Goal(to.recipient, Outcome.DELIVER, to.to, done=True)
            for to, answer in there
            if isinstance(answer, Delivered)
        )
        if entry.state is State.HELD and any(isinstance(answer, Permanent) for answer in answers):
            await self._record.write(partial(self._before_person, entry.id, replies(answers), done, now))
        else:
            await self._record.write(partial(self._not_released, entry, done))
        if done:
            return f"{entry.id} was delivered to {len(done)} of {len(targets)}; the rest stays where it is."
        return f"{entry.id} could not be delivered now; it stays where it is. Try again later."

    def _not_released(self, before: Entry, done: tuple[Goal, ...], tx: Transaction) -> None:
        same, targets = before.state, _reached(tx, before.id, done)
        node = "" if same is State.HELD else before.node
        tx.settle(before.id, among=(same,), state=same, targets=targets, release_at=before.release_at, node=node)

    def _released(self, before: Entry, who: str, done: tuple[Goal, ...], now: datetime, tx: Transaction) -> bool:
        """Put the release on record; False where the message came for another recipient while it was on its way."""
        entry, reached = tx.contact(before.id), {goal.recipient for goal in done}
        assert entry is not None  # held a moment ago, and contacts are not deleted
        more = tuple(goal for goal in entry.targets if goal.recipient not in reached)
        whole = all(goal.done and goal.outcome.lets_through for goal in more)
        if whole:
            tx.settle(before.id, state=State.DELIVERED, targets=done + more, release_at=before.release_at, node="")
            tx.drop_raw(before.id)
        else:
            again = now if before.state is State.HELD else entry.release_at
            tx.settle(before.id, state=entry.state, targets=done + more, release_at=again, node="")
        if before.counts and before.sender:  # what was sent away did not come about; now it has
            tx.mark_levels(before.whose, before.at)
        tx.act(who, "released", before.id, {})
        return whole


def _reached(tx: Transaction, number: str, done: tuple[Goal, ...]) -> tuple[Goal, ...]:
    """Give all goals of a contact, those just reached in the place of what they were before."""
    entry = tx.contact(number)
    assert entry is not None  # held a moment ago, and contacts are not deleted
    by_recipient = {goal.recipient: goal for goal in done}
    return tuple(by_recipient.get(goal.recipient, goal) for goal in entry.targets)


def _undone(entry: Entry) -> list[Target]:
    """Give what was meant for a contact and not reached, as targets."""
    return [Target(goal.recipient, goal.outcome, goal.to) for goal in entry.targets if not goal.done]


def _contact(entry: Entry, raw: Raw) -> Contact:
    """Read a held message as the contact that it is for those whom it has not reached.

    It came when it came: an answer is due from its receipt, though it is judged by the time of its release.
    """
    if entry.channel is Channel.SMS:
        return contact_again(entry, raw)
    recipients = tuple(goal.recipient for goal in entry.targets if not goal.done)
    incoming = Incoming("", "", raw.mail_from, recipients, raw.message)
    contact = contact_of(incoming, read(raw.message), entry.id, entry.at)
    # What was exempt when it came is exempt when it is released (THREATS C5).
    exempt = entry.nature is not Nature.PERSON and not entry.counts
    return replace(contact, assurance=entry.assurance, nature=entry.nature, automatic=exempt)


def _parcel(raw: Raw) -> Parcel:
    return Parcel(raw.contact_id, raw.mail_from, raw.message, content_digest(raw.message))


def _filed_instead(decision: Decision) -> Decision:
    """File what would now be sent away: it was accepted, so nobody refuses it any more."""
    targets = tuple(replace(target, outcome=Outcome.FILE) for target in decision.targets)
    return replace(decision, outcome=Outcome.FILE, carried=Outcome.FILE, targets=targets, note=None)
