"""Ask a party for something: information, a summary, comments, in reasonable time (PHSO-26, SPSO-53)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Text
from rules.casework.file import CaseFile, Paper
from rules.casework.refused import Refused
from rules.casework.requests import RequestOnFile
from rules.casework.shelf import Shelf
from rules.policies import Policy
from rules.windows import end_of
from rules.workdays import working_day_after


class Request(Act):
    """Say what was asked, by when, and what was said about anything that makes it hard to answer."""

    name: ClassVar[str] = "request"
    staff_words: ClassVar[str] = (
        "Ask for what you need, leave reasonable time, and ask what would make it easier. Until the request is closed, "
        "the first three messages that may answer it are not counted against the person."
    )

    what: Annotated[Text, Field(description="What we asked for.")]
    difficulty: Annotated[
        Text, Field(description="What you asked about difficulty in answering, and what the person said.")
    ]
    due: Annotated[date | None, Field(description="The day it is due; what the policy says unless given.")] = None
    remind: Annotated[date | None, Field(description="The day of the reminder; halfway unless given.")] = None

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it with both days; refused where it leaves no time, or the reminder none."""
        today = now.astimezone(policy.zone).date()
        due = time_left(self.due, policy, today)
        remind = self.remind or max(today + (due - today) // 2, today + timedelta(days=1))
        if not today < remind <= due:
            raise Refused(
                f"A reminder on {remind} is not between today and {due}.",
                clause=policy.clause(self.name),
                way="Choose a day after today, and not after the day it is due.",
            )
        return self.model_copy(update={"due": due, "remind": remind})

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """The request is open."""
        assert self.due is not None  # judge fills both
        assert self.remind is not None
        shelf.requests[paper.id] = RequestOnFile(
            paper.id, self.what, self.difficulty, paper.at, paper.by, self.due, self.remind
        )


def time_left(due: date | None, policy: Policy, today: date) -> date:
    """Give the day an answer is due, the policy's unless given; raises Refused for one that leaves no time."""
    day = due or working_day_after(today, policy.request_working_days, policy.region)
    try:
        end_of(day, policy.zone)
    except (ValueError, OverflowError):
        raise Refused(f"{day} is beyond the calendar.") from None
    if day <= today:
        raise Refused(
            f"An answer by {day} leaves no time.",
            clause=policy.clause("request"),
            way="Leave reasonable time; a day after today at least.",
        )
    return day


def open_request(number: str, shelf: Shelf, now: datetime) -> RequestOnFile:
    """Give a request that is open; raises Refused for any other, and for none."""
    found = shelf.requests.get(number)
    if found is None:
        raise Refused(f"There is no request {number} on this file.")
    if not found.open_at(now):
        raise Refused("This request was answered or judged before.")
    return found
