"""The wrong person was met: what is undone at once, and what is told of it (issue: mistakes).

Belongs here: what follows from the act `correct` within its transaction, and the release of what waited, which then
follows. Nothing is lost if that is cut off: all of it is held and due, so that the clock releases it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.casework.desk import Casework, Done
from gateway.casework.recount import recount
from gateway.clock import Clock
from gateway.holds import Holds
from rules.casework.actor import Actor
from rules.casework.acts.correct import Correct
from rules.casework.breaches import CLOCK
from rules.casework.file import Paper
from rules.casework.identifiers import identifier_of, mark_of
from rules.contact import Channel, IdentifierKind
from rules.policies import Policy
from storage.entries import Entry, State
from storage.party_contacts import CLAIMED
from storage.record import Record
from storage.transaction import Reader, Transaction

_WAITING = (State.HELD, State.FILED, State.FILED_UNREAD, State.LOOKED_AT)
_TURNED_AWAY = (State.REFUSED, State.RETURNED, State.AUTOMATED_LINE)
_CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Hold one contact of the wrong person that was refused, returned or heard the recorded message."""

    id: str
    at: datetime
    channel: Channel
    state: State


@dataclass(frozen=True, slots=True)
class Corrected:
    """Hold what a correction did: what went to its inbox, what is still on its way there, what cannot be undone.

    `apology` is a draft for a person to read; it was not sent. The data breach is to be assessed by `due`.
    """

    paper: str
    released: tuple[str, ...]
    on_their_way: tuple[str, ...]
    turned_away: tuple[TurnedAway, ...]
    flags_dismissed: int
    apology: str
    due: datetime


class Correcting:
    """Undo on record what was enforced on the wrong person."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __call__(self, tx: Transaction, done: Done) -> None:
        """Do what one act says, if it is a correction."""
        act = done.paper.act
        if not isinstance(act, Correct):
            return
        identifier, party, by = identifier_of(act.identifier), done.file.party.id, done.paper.by
        tx.lock_party(party)
        # Before they leave the party: from then on nobody could tell which they were.
        waiting = tx.of_sender(identifier, party, _WAITING)
        turned_away = tx.of_sender(identifier, party, _TURNED_AWAY)
        senders = {act.identifier}
        if identifier.kind is IdentifierKind.DOMAIN:
            senders = {entry.sender for entry in tx.of_sender(identifier, party, tuple(State))}
        if mark_of(done.file, identifier) is not None:
            tx.remove_identifier(identifier, party)
        # Whose messages they were is not known: replies of the party are on a matter again once they name it.
        tx.forget_threads(party)
        if act.by_domain:
            tx.add_identifier(identifier, party, exception=True, how=act.reason, by=by)
            tx.leave_party(identifier, party)
        due = [entry.id for entry in waiting if _due_again(tx, entry, done.paper.at)]
        why = f"{_CORRECTED}:{done.paper.id}"
        fallen = sum(recount(tx, self._policy, whose, by, why) for whose in (f"party:{party}", *sorted(senders)))
        detail = {"due": due, "turned_away": [entry.id for entry in turned_away], "flags_dismissed": fallen}
        tx.act(by, _CORRECTED, done.paper.id, detail)


def _due_again(tx: Transaction, entry: Entry, now: datetime) -> bool:
    """Make one message due, for the inboxes that it never reached; False where there is no copy or nowhere to go."""
    if entry.channel not in (Channel.EMAIL, Channel.SMS) or tx.raw(entry.id) is None:
        return False
    if entry.state is State.HELD and entry.node.startswith(CLAIMED) and (entry.release_at or now) > now:
        return True  # somebody is delivering it at this moment
    targets = tuple(goal if goal.outcome.lets_through else replace(goal, done=False) for goal in entry.targets)
    if all(goal.done for goal in targets):
        return False
    # What was said of it before is over: it is decided anew.
    return tx.settle(
        entry.id,
        among=(entry.state,),
        state=State.HELD,
        targets=targets,
        release_at=now,
        counted_at=None,
        node="",
        detail="",
    )


class Corrections:
    """Correct, then release what waited; what a door does not take now, the clock releases later."""

    def __init__(self, record: Record, casework: Casework, holds: Holds, clock: Clock) -> None:
        self._record = record
        self._casework = casework
        self._holds = holds
        self._clock = clock

    async def correct(self, party: int, act: Correct, by: Actor, *, version: int | None = None) -> Corrected:
        """Do the act and give what came of it; raises Refused, Stale, NoSuchParty as casework does."""
        done = await self._casework.do(party, act, by, version=version)
        for number in await self._record.read(lambda reader: _ids(_detail(reader, done.paper)["due"])):
            await self._holds.release(number, by.name)
        return await self._record.read(lambda reader: corrected(reader, done.paper))


def corrected(reader: Reader, paper: Paper) -> Corrected:
    """Give what came of a correction that was done, as it is now; the clock releases what waited at the latest."""
    detail, judged = _detail(reader, paper), paper.act
    assert isinstance(judged, Correct)
    due = _ids(detail["due"])
    entries = [reader.contact(each) for each in due]
    states = {entry.id: entry.state for entry in entries if entry is not None}
    away = [reader.contact(each) for each in _ids(detail["turned_away"])]
    return Corrected(
        paper=paper.id,
        released=tuple(each for each in due if states.get(each) is State.DELIVERED),
        on_their_way=tuple(each for each in due if states.get(each) is not State.DELIVERED),
        turned_away=tuple(TurnedAway(one.id, one.at, one.channel, one.state) for one in away if one is not None),
        flags_dismissed=int(str(detail["flags_dismissed"])),
        apology=judged.apology,
        due=paper.at + CLOCK,
    )


def as_object(one: Corrected, zone: ZoneInfo) -> dict[str, Any]:
    """Give it as an object for a program, its times in the office's zone; command line and API alike."""
    return {
        "paper": one.paper,
        "released": one.released,
        "on_their_way": one.on_their_way,
        "turned_away": [
            {
                "id": each.id,
                "at": each.at.astimezone(zone).isoformat(),
                "channel": each.channel.value,
                "state": each.state.value,
            }
            for each in one.turned_away
        ],
        "flags_dismissed": one.flags_dismissed,
        "apology": one.apology,
        "assess_by": one.due.astimezone(zone).isoformat(),
    }


def _detail(reader: Reader, paper: Paper) -> Mapping[str, object]:
    (detail,) = [link.detail for link in reader.acts_about(paper.id) if link.act == _CORRECTED]
    return detail


def _ids(given: object) -> tuple[str, ...]:
    assert isinstance(given, Iterable)
    return tuple(str(each) for each in given)
