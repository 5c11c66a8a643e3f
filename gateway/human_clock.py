"""All that waits for a person in one list, whose it is and what is overdue (DESIGN: the human clock).

Belongs here: files, contacts, flags and legal clocks put together, and the figure of what is overdue. It reads, and
shows nobody's words; nothing waits unseen because a job did not run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.casework.notice_mail import NOTICE
from gateway.casework.overview import FilesRead, everything_that_waits
from gateway.legal_clocks import in_a_list
from gateway.letters import ALERT
from gateway.mail_contact import DUTY
from rules.casework.waiting import Waiting, late_from
from rules.policies import Policy
from rules.waiting_for import Queue, WaitingFor
from storage.entries import State
from storage.legal_clocks import ClockOnRecord
from storage.queues import InQueue
from storage.transaction import Reader

_OF_STATES = {
    State.FILED: WaitingFor.LOOK,
    State.HELD: WaitingFor.HELD,
    State.VOICEMAIL: WaitingFor.VOICEMAIL,
    State.UNCLEAR: WaitingFor.UNCLEAR,
}


OF_CONTACTS = frozenset(_OF_STATES.values())
"""What waits of contacts by themselves: `parley queue` and the desk show them one by one."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Hold one thing that waits, with who it is about and whose it is: a person, else a role of the policy.

    `party` is None where it is about nobody on record.
    """

    waiting: Waiting
    name: str
    party: int | None
    owner: str

    def overdue(self, now: datetime) -> bool:
        """Tell whether somebody should have done it by now."""
        return self.waiting.overdue(now)

    def age(self, now: datetime) -> timedelta:
        """Say how long it has waited."""
        return max(now - self.waiting.since, timedelta())


def all_that_waits(reader: Reader, policy: Policy, now: datetime, files: FilesRead | None = None) -> tuple[Thing, ...]:
    """Give all that waits at `now` (aware UTC) for a person, the first due first; `files` is what was read before."""
    found = [
        *_on_files(reader, policy, now, files),
        *_contacts(reader, policy),
        *_clocks(reader, policy),
        *_flags(reader, policy),
        *_astray(reader, policy),
    ]
    return tuple(sorted(found, key=lambda one: (one.waiting.due, one.waiting.what, one.waiting.about, one.name)))


def _on_files(reader: Reader, policy: Policy, now: datetime, files: FilesRead | None) -> Iterator[Thing]:
    for one in everything_that_waits(reader, policy, now, files):
        yield Thing(one.waiting, one.name, one.party, owner_of(one.waiting, policy))


def _contacts(reader: Reader, policy: Policy) -> Iterator[Thing]:
    for one in reader.in_queue():
        waiting = contact_waiting(one, policy)
        yield Thing(waiting, one.name or _unnamed(one.sender), one.party, owner_of(waiting, policy))


def contact_waiting(one: InQueue, policy: Policy) -> Waiting:
    """Give a contact as it waits: until its look, until it is released, or else the policy's days for a look."""
    due = one.release_at if one.state is State.HELD and one.release_at is not None else one.look_by
    return Waiting(_OF_STATES[one.state], one.id, one.at, due or late_from(one.at, policy), one.owner)


def _clocks(reader: Reader, policy: Policy) -> Iterator[Thing]:
    for one in in_a_list(reader.legal_clocks()):
        waiting = one.clock.waiting(policy)
        yield Thing(waiting, name_of(one), one.party, owner_of(waiting, policy))


def _flags(reader: Reader, policy: Policy) -> Iterator[Thing]:
    for one in reader.open_flags():
        waiting = Waiting(WaitingFor.FLAG, one.id, one.at, late_from(one.at, policy))
        yield Thing(waiting, one.name or _unnamed(one.sender), one.party, owner_of(waiting, policy))


def _astray(reader: Reader, policy: Policy) -> Iterator[Thing]:
    """Give mail of ours that did not leave, due at once; notices wait on their party's file."""
    for one in reader.letters_astray():
        if one.kind != NOTICE:
            what = WaitingFor.ALERT_LOST if one.kind == ALERT else WaitingFor.OUR_MAIL
            waiting = Waiting(what, one.id, one.at, one.at)
            yield Thing(waiting, one.name or _unnamed(one.sender), one.party, owner_of(waiting, policy))


def name_of(one: ClockOnRecord) -> str:
    """Name who asked: the party, else the address or number."""
    return one.name or _unnamed(one.sender)


def _unnamed(sender: str) -> str:
    return sender.partition(":")[2] or "sender uncertain"


def owner_of(waiting: Waiting, policy: Policy) -> str:
    """Name whose it is: who is named, else the policy's role by its title, else whoever is on duty."""
    if waiting.owner and waiting.owner != DUTY:
        return waiting.owner
    role = policy.overdue.role(waiting.what)
    return policy.roles.get(role, role) or DUTY


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold how much waits and is overdue, by queue, kind and owner; `oldest` is since when the first is overdue."""

    waiting: int
    overdue: int
    oldest: datetime | None
    by_queue: Mapping[Queue, int]
    by_kind: Mapping[WaitingFor, int]
    by_owner: Mapping[str, int]


def figure(things: Iterable[Thing], now: datetime) -> Figure:
    """Count what is overdue at `now` (aware UTC); the most first."""
    listed = tuple(things)
    late = [one for one in listed if one.overdue(now)]
    return Figure(
        len(listed),
        len(late),
        min((one.waiting.due for one in late), default=None),
        dict(Counter(one.waiting.what.queue for one in late).most_common()),
        dict(Counter(one.waiting.what for one in late).most_common()),
        dict(Counter(one.owner for one in late).most_common()),
    )


def in_a_sentence(counted: Figure) -> str:
    """Say the figure in words that name nobody: `3 overdue: 2 contacts to look at, 1 flag.`."""
    if not counted.overdue:
        return "Nothing is overdue."
    queues = ", ".join(f"{number:,} {queue.said_of(number)}" for queue, number in counted.by_queue.items())
    return f"{counted.overdue:,} overdue: {queues}."


def figure_object(counted: Figure, zone: ZoneInfo) -> dict[str, Any]:
    """Write the figure for a program, times in the office's zone."""
    return {
        "waiting": counted.waiting,
        "overdue": counted.overdue,
        "oldest_due": counted.oldest.astimezone(zone).isoformat() if counted.oldest else None,
        "overdue_by_queue": {queue.value: number for queue, number in counted.by_queue.items()},
        "overdue_by_kind": {what.value: number for what, number in counted.by_kind.items()},
        "overdue_by_owner": dict(counted.by_owner),
    }
