"""What on a file waits for a person, since when and until when (DESIGN: the human clock).

Belongs here: approvals, notices, reviews, appeals and protections that lapse, read from the shelf; letters that nobody
read or that did not arrive. Nothing waits unseen because a job did not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.casework.notices import NoticeOnFile, NoticeState
from rules.casework.owed import letters_owed
from rules.casework.requests import open_requests
from rules.casework.shelf import RestrictionOnFile, RestrictionState, Shelf
from rules.policies import Policy
from rules.waiting_for import WaitingFor
from rules.windows import end_of, local_midnight
from rules.workdays import look_by

REVIEW_AHEAD = timedelta(days=14)
"""How long before its day a review is shown."""


OWED = (
    *(WaitingFor.NOTICE, WaitingFor.NOTICE_CAME_BACK, WaitingFor.CHANGE_NOTICE, WaitingFor.WARNING_LETTER),
    *(WaitingFor.LETTER_OWED, WaitingFor.OWED_CAME_BACK, WaitingFor.PAGE),
)
"""What we owe a party in writing."""

_OF_LETTERS = {
    NoticeState.DRAFTED: WaitingFor.LETTER_UNREAD,
    NoticeState.READ: WaitingFor.LETTER_UNSENT,
    NoticeState.FAILED: WaitingFor.LETTER_FAILED,
    NoticeState.UNCLEAR: WaitingFor.LETTER_UNCLEAR,
    NoticeState.CAME_BACK: WaitingFor.LETTER_CAME_BACK,
}
LETTERS_WAITING = tuple(_OF_LETTERS)
"""The states of a notice in which it waits for a person."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hold one thing that waits: `about` is the id of its paper, notice or contact; times are aware UTC.

    It waits since `since` and is overdue from `due` on; neither moves by itself, so that one thing is told once.
    """

    what: WaitingFor
    about: str
    since: datetime
    due: datetime
    owner: str = ""

    def overdue(self, now: datetime) -> bool:
        """Tell whether somebody should have done it by now."""
        return self.due <= now


def waiting(shelf: Shelf, policy: Policy, now: datetime) -> tuple[Waiting, ...]:
    """Give all that waits at `now` (aware UTC), the earliest due first."""
    found = [*_of_restrictions(shelf, policy, now), *_of_appeals(shelf, policy), *_of_warnings(shelf, policy, now)]
    found += [*_of_requests(shelf, policy, now), *_of_letters(shelf, policy, now)]
    return tuple(sorted(found, key=lambda one: (one.due, one.about)))


def changes_next(shelf: Shelf, policy: Policy, now: datetime) -> datetime:
    """Give the first moment after `now` at which the clock alone may change what waits on a file (aware UTC).

    What is said by the day changes at midnight, so that it is never later than the next one.
    """
    moments = [end_of(now.astimezone(policy.zone).date(), policy.zone)]
    for one in shelf.restrictions.values():
        moments += [one.starts, one.begins, one.ends, one.stops]
        if one.review_at is not None:
            moments += [one.review_at - REVIEW_AHEAD, one.review_at]
    for each in shelf.adjustments.values():
        moments += [moment for moment in (each.agreed, each.ends) if moment is not None]
    moments += [one.asked_at for one in shelf.requests.values()]
    return min(moment for moment in moments if moment > now)


def _of_restrictions(shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Waiting]:
    for one in shelf.restrictions.values():
        state = one.state(now)
        if state is RestrictionState.AWAITING_APPROVAL:
            since = one.proposed_at or one.starts
            yield Waiting(WaitingFor.APPROVAL, one.id, since, max(one.starts, late_from(since, policy)), one.owner)
        elif state is RestrictionState.AWAITING_NOTICE:
            since = _approved(one)
            if one.came_back:  # it was late when it came back
                yield Waiting(WaitingFor.NOTICE_CAME_BACK, one.id, since, one.begins, one.owner)
            else:
                due = max(one.begins, late_from(since, policy))
                yield Waiting(WaitingFor.NOTICE, one.id, since, due, one.owner)
        elif state in (RestrictionState.AHEAD, RestrictionState.IN_FORCE):
            yield from _of_live(one, shelf, policy, now)


def _approved(one: RestrictionOnFile) -> datetime:
    """Give since when a notice is owed: since it was approved; what was imported, since its first day."""
    if one.approval is None or one.imported:
        return one.starts
    return one.approved_since or one.approval.at


def _of_live(one: RestrictionOnFile, shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Waiting]:
    for number, _ in one.untold:
        decided = shelf.written.get(number, one.begins)
        yield Waiting(WaitingFor.CHANGE_NOTICE, number, decided, late_from(decided, policy), one.owner)
    if any(each.kind == "interim_protection" for each in one.measures):
        yield Waiting(WaitingFor.DECISION, one.id, one.starts, one.ends, one.owner)
    if one.review_at is not None and one.review_at - REVIEW_AHEAD <= now:
        due = end_of(one.review_at.astimezone(policy.zone).date(), policy.zone)
        yield Waiting(WaitingFor.REVIEW, one.id, one.review_at - REVIEW_AHEAD, due, one.owner)


def _of_appeals(shelf: Shelf, policy: Policy) -> Iterator[Waiting]:
    for one in shelf.open_appeals():
        received = local_midnight(one.received, policy.zone)
        due = look_by(received, policy.answer_working_days, policy.zone, policy.region)
        yield Waiting(WaitingFor.APPEAL, one.id, received, due)


def _of_warnings(shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Waiting]:
    for one in shelf.warnings.values():
        if one.communicated is None:
            warned = shelf.written.get(one.id, now)
            yield Waiting(WaitingFor.WARNING_LETTER, one.id, warned, late_from(warned, policy), one.by)


def _of_requests(shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Waiting]:
    for one in open_requests(shelf, now):
        if one.wants_reminder(now, policy.zone):
            remind = local_midnight(one.remind, policy.zone)
            yield Waiting(WaitingFor.REMINDER, one.id, remind, remind, one.asked_by)
        yield Waiting(WaitingFor.ANSWER, one.id, one.asked_at, end_of(one.due, policy.zone), one.asked_by)


def _of_letters(shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Waiting]:
    for one in letters_owed(shelf, now):
        if one.came_back:
            yield Waiting(WaitingFor.OWED_CAME_BACK, one.about, one.since, one.since, one.by)
        else:
            yield Waiting(WaitingFor.LETTER_OWED, one.about, one.since, late_from(one.since, policy), one.by)


def late_from(since: datetime, policy: Policy) -> datetime:
    """Give the moment from which something is late that waits since `since`: the policy's days for a look."""
    return look_by(since, policy.look_by_working_days, policy.zone, policy.region)


def letters_waiting(notices: Iterable[NoticeOnFile], policy: Policy) -> Iterator[Waiting]:
    """Give what waits of notices: a draft and one that was read have their days, what did not arrive is due at once."""
    for one in notices:
        what, since = _OF_LETTERS.get(one.state), one.changed_at or one.drafted_at
        if what is None:
            continue
        if one.state in (NoticeState.DRAFTED, NoticeState.READ):
            yield Waiting(what, one.id, since, late_from(since, policy), one.drafted_by)
        else:
            yield Waiting(what, one.id, since, since, one.read_by)
