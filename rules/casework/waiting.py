"""What on a file waits for a person, since when and until when (DESIGN: the human clock).

Belongs here: approvals, notices, reviews, appeals and protections that lapse, read from the shelf; letters that nobody
read or that did not arrive. Nothing waits unseen because a job did not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.casework.notices import NoticeOnFile, NoticeState
from rules.casework.owed import letters_owed
from rules.casework.requests import open_requests
from rules.casework.shelf import RestrictionOnFile, RestrictionState, Shelf
from rules.policies import Policy
from rules.windows import end_of, local_midnight
from rules.workdays import look_by

REVIEW_AHEAD = timedelta(days=14)
"""How long before its day a review is shown."""


class WaitingFor(StrEnum):
    """Name what somebody has still to do."""

    APPROVAL = "approval"
    NOTICE = "notice"
    NOTICE_CAME_BACK = "notice_came_back"
    CHANGE_NOTICE = "change_notice"
    REVIEW = "review"
    APPEAL = "appeal"
    DECISION = "decision"
    """Interim protection lapses unless somebody decides."""
    WARNING_LETTER = "warning_letter"
    REMINDER = "reminder"
    ANSWER = "answer"
    """A request of ours that nobody answered: it is judged once its day has passed (PHSO-26)."""
    LETTER_UNREAD = "letter_unread"
    LETTER_UNSENT = "letter_unsent"
    LETTER_FAILED = "letter_failed"
    LETTER_UNCLEAR = "letter_unclear"
    """Nobody knows whether it left: a person finds out, and says so."""
    LETTER_CAME_BACK = "letter_came_back"
    BREACH = "breach"
    """The wrong person was met: the law gives 72 hours to say what follows."""
    UNREADABLE = "unreadable"
    """A file that cannot be read, so that nobody sees what waits on it."""
    LETTER_OWED = "letter_owed"
    """Of a lifting, a review, an appeal, a contract or an end that nobody told the party of."""
    OWED_CAME_BACK = "owed_came_back"
    PAGE = "page"
    """The page of contact arrangements says something else than the one that the party has."""

    @property
    def words(self) -> str:
        """Say it in words for staff."""
        return _WORDS[self]


_WORDS = {
    WaitingFor.APPROVAL: "approval of a restriction",
    WaitingFor.NOTICE: "notice of a restriction",
    WaitingFor.NOTICE_CAME_BACK: "a notice came back: not told",
    WaitingFor.CHANGE_NOTICE: "notice of a change",
    WaitingFor.REVIEW: "review",
    WaitingFor.APPEAL: "decision on an appeal",
    WaitingFor.DECISION: "decision before protection lapses",
    WaitingFor.WARNING_LETTER: "a warning's letter",
    WaitingFor.REMINDER: "a reminder of a request of ours",
    WaitingFor.ANSWER: "an answer to a request of ours",
    WaitingFor.LETTER_UNREAD: "a letter to be read",
    WaitingFor.LETTER_UNSENT: "a letter was read and not sent",
    WaitingFor.LETTER_FAILED: "a letter that did not leave",
    WaitingFor.LETTER_UNCLEAR: "a letter that may have left",
    WaitingFor.LETTER_CAME_BACK: "a letter came back",
    WaitingFor.BREACH: "a data breach to assess, within 72 hours",
    WaitingFor.UNREADABLE: "a file that cannot be read",
    WaitingFor.LETTER_OWED: "a letter that is owed",
    WaitingFor.OWED_CAME_BACK: "an owed letter came back: not told",
    WaitingFor.PAGE: "a new page of contact arrangements",
}
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
    """Hold one thing that waits: `about` is the id of the paper, `due` when it is overdue (aware UTC)."""

    what: WaitingFor
    about: str
    due: datetime
    owner: str = ""

    def overdue(self, now: datetime) -> bool:
        """Tell whether somebody should have done it by now."""
        return self.due <= now


def waiting(shelf: Shelf, policy: Policy, now: datetime) -> tuple[Waiting, ...]:
    """Give all that waits at `now` (aware UTC), the earliest due first."""
    found = [*_of_restrictions(shelf, policy, now), *_of_appeals(shelf, policy), *_of_warnings(shelf, now)]
    found += [*_of_requests(shelf, policy, now), *_of_letters(shelf, policy, now)]
    return tuple(sorted(found, key=lambda one: (one.due, one.about)))


def _of_restrictions(shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Waiting]:
    for one in shelf.restrictions.values():
        state = one.state(now)
        if state is RestrictionState.AWAITING_APPROVAL:
            yield Waiting(WaitingFor.APPROVAL, one.id, one.starts, one.owner)
        elif state is RestrictionState.AWAITING_NOTICE:
            what = WaitingFor.NOTICE_CAME_BACK if one.came_back else WaitingFor.NOTICE
            yield Waiting(what, one.id, one.begins, one.owner)
        elif state in (RestrictionState.AHEAD, RestrictionState.IN_FORCE):
            yield from _of_live(one, policy, now)


def _of_live(one: RestrictionOnFile, policy: Policy, now: datetime) -> Iterator[Waiting]:
    for number, _ in one.untold:
        yield Waiting(WaitingFor.CHANGE_NOTICE, number, now, one.owner)
    if any(each.kind == "interim_protection" for each in one.measures):
        yield Waiting(WaitingFor.DECISION, one.id, one.ends, one.owner)
    if one.review_at is not None and one.review_at - REVIEW_AHEAD <= now:
        due = end_of(one.review_at.astimezone(policy.zone).date(), policy.zone)
        yield Waiting(WaitingFor.REVIEW, one.id, due, one.owner)


def _of_appeals(shelf: Shelf, policy: Policy) -> Iterator[Waiting]:
    for one in shelf.open_appeals():
        received = local_midnight(one.received, policy.zone)
        due = look_by(received, policy.answer_working_days, policy.zone, policy.region)
        yield Waiting(WaitingFor.APPEAL, one.id, due)


def _of_warnings(shelf: Shelf, now: datetime) -> Iterator[Waiting]:
    for one in shelf.warnings.values():
        if one.communicated is None:
            yield Waiting(WaitingFor.WARNING_LETTER, one.id, now, one.by)


def _of_requests(shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Waiting]:
    for one in open_requests(shelf, now):
        if one.wants_reminder(now, policy.zone):
            yield Waiting(WaitingFor.REMINDER, one.id, local_midnight(one.remind, policy.zone), one.asked_by)
        yield Waiting(WaitingFor.ANSWER, one.id, end_of(one.due, policy.zone), one.asked_by)


def _of_letters(shelf: Shelf, policy: Policy, now: datetime) -> Iterator[Waiting]:
    for one in letters_owed(shelf, now):
        if one.came_back:
            yield Waiting(WaitingFor.OWED_CAME_BACK, one.about, now, one.by)
        else:
            yield Waiting(WaitingFor.LETTER_OWED, one.about, late_from(one.since, policy), one.by)


def late_from(since: datetime, policy: Policy) -> datetime:
    """Give the moment from which a letter is late that is owed since `since`: the policy's days for a look."""
    return look_by(since, policy.look_by_working_days, policy.zone, policy.region)


def letters_waiting(notices: Iterable[NoticeOnFile], policy: Policy) -> Iterator[Waiting]:
    """Give what waits of notices: a draft and one that was read have their days, what did not arrive is due at once."""
    for one in notices:
        what, since = _OF_LETTERS.get(one.state), one.changed_at or one.drafted_at
        if what is None:
            continue
        if one.state in (NoticeState.DRAFTED, NoticeState.READ):
            yield Waiting(what, one.id, late_from(since, policy), one.drafted_by)
        else:
            yield Waiting(what, one.id, since, one.read_by)
