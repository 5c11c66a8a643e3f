"""A story as its file tells it: people, steps, and what holds from when to when.

Belongs here: reading the file and insisting that it leaves no moment out and says nothing twice. It shares no code with
the product: days, hours and months are worked out by the standard library alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
FOLDER = Path(__file__).parent
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
THROUGH = {"email": "deliver", "sms": "deliver", "letter": "deliver", "visit": "deliver", "call": "connect"}
"""What happens to a contact where nothing stands against it."""


class Untold(AssertionError):
    """Say that a story leaves a moment out, or says two things of it."""


@dataclass(frozen=True)
class Made:
    """Hold a contact that is tried every day; `name` is how the story speaks of it."""

    name: str
    channel: str
    subject: str = ""


@dataclass(frozen=True)
class OpenHours:
    """Hold hours of the wall clock at which contact comes through; overnight where they end before they begin."""

    days: tuple[str, ...]
    opens: time
    closes: time

    def at(self, moment: datetime) -> bool:
        """Tell whether the clock on the wall shows one of them."""
        local = moment.astimezone(LONDON)
        today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
        if self.opens < self.closes:
            return today in self.days and self.opens <= local.time() < self.closes
        return (today in self.days and local.time() >= self.opens) or (
            yesterday in self.days and local.time() < self.closes
        )


@dataclass(frozen=True)
class Holds:
    """Hold what happens to contacts from `start` up to, not including, `end` (aware UTC).

    `because` is the measure that the reasons name, with its `clause`; empty where none bears on the contact. `to` is
    where it is routed. Within `open` it comes through, and the measure says so.
    """

    start: datetime
    end: datetime
    contacts: tuple[str, ...]
    outcome: str
    because: str = ""
    clause: str = ""
    to: str = ""
    open: OpenHours | None = None


@dataclass(frozen=True)
class Stage:
    """Hold the stage that the party's file shows from `start` up to, not including, `end` (aware UTC)."""

    start: datetime
    end: datetime
    stage: str


@dataclass(frozen=True)
class HourByHour:
    """Hold the full hours of one day at which a contact comes through, as the wall shows them: `01:00 BST`."""

    day: date
    contact: str
    through: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """Hold what somebody does at a moment (aware UTC), and what is then to be seen.

    `does` is an act, `mail` a message that goes through the office's own mail door; a step with neither only looks.
    `called` is how later steps speak of the paper, as `@called`.
    """

    at: datetime
    who: str
    does: str = ""
    called: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[str, Any] | None = None
    paper: Mapping[str, Any] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    last_days: Mapping[str, date] = field(default_factory=dict)
    warnings: Mapping[str, bool] = field(default_factory=dict)
    waiting: tuple[str, ...] | None = None
    mail: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Story:
    """Hold a whole story; `first` and `last` are its days, both of them part of it.

    `rows` are those of what the policy asks that it shows, each with where.
    """

    policy: str
    rows: Mapping[str, str]
    first: date
    last: date
    changes: Mapping[str, Any]
    people: Mapping[str, tuple[str, ...]]
    party: Mapping[str, Any]
    contacts: tuple[Made, ...]
    steps: tuple[Step, ...]
    holds: tuple[Holds, ...]
    stages: tuple[Stage, ...]
    hours: tuple[HourByHour, ...]

    def expected(self, contact: Made, moment: datetime) -> Holds:
        """Give the one expectation of a contact at a moment."""
        (one,) = (one for one in self.holds if contact.name in one.contacts and one.start <= moment < one.end)
        return one

    def stage(self, moment: datetime) -> str:
        """Give the one stage expected at a moment."""
        (one,) = (one.stage for one in self.stages if one.start <= moment < one.end)
        return one


def names() -> list[str]:
    """List the stories there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read(name: str) -> Story:
    """Read a story; raises Untold where it leaves a moment out or says two things of it."""
    return parse(tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")))


def parse(data: Mapping[str, Any]) -> Story:
    """Make a story of what its file says."""
    story = Story(
        policy=data["policy"],
        rows=data["rows"],
        first=data["first_day"],
        last=data["last_day"],
        changes=data.get("changes", {}),
        people={name: tuple(roles) for name, roles in data["people"].items()},
        party=data["party"],
        contacts=tuple(Made(**one) for one in data["contact"]),
        steps=tuple(sorted(map(_step, data["step"]), key=lambda step: step.at)),
        holds=tuple(map(_holds, data["holds"])),
        stages=tuple(Stage(_start(one["from"]), _end(one["until"]), one["stage"]) for one in data["stage"]),
        hours=tuple(HourByHour(one["day"], one["contact"], tuple(one["through"])) for one in data["hour_by_hour"]),
    )
    begins, ends = _start(story.first), _end(story.last)
    for contact in story.contacts:
        spans = [(one.start, one.end) for one in story.holds if contact.name in one.contacts]
        without_a_gap(f"{contact.name} of {story.policy}", spans, begins, ends)
    without_a_gap(f"the stage of {story.policy}", [(one.start, one.end) for one in story.stages], begins, ends)
    return story


def without_a_gap(what: str, spans: Iterable[tuple[datetime, datetime]], begins: datetime, ends: datetime) -> None:
    """Raise Untold unless the spans follow one another from the beginning to the end."""
    reached = begins
    for start, end in sorted(spans):
        if start != reached or end <= start:
            raise Untold(f"{what}: something is said from {start}, after what was said up to {reached}")
        reached = end
    if reached != ends:
        raise Untold(f"{what}: nothing is said from {reached} to {ends}")


def _step(data: Mapping[str, Any]) -> Step:
    """Read one step; keys that nobody reads are refused by the value itself."""
    given = dict(data)
    given["at"] = _start(given["at"])
    if "with" in given:
        given["fields"] = given.pop("with")
    if "waiting" in given:
        given["waiting"] = tuple(given["waiting"])
    return Step(**given)


def _holds(data: Mapping[str, Any]) -> Holds:
    given = dict(data)
    hours = given.pop("open", None)
    return Holds(
        start=_start(given.pop("from")),
        end=_end(given.pop("until")),
        contacts=tuple(given.pop("contacts")),
        open=hours and OpenHours(tuple(hours["days"]), _wall(hours["from"]), _wall(hours["to"])),
        **given,
    )


def _wall(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _start(given: date | datetime) -> datetime:
    """Give the moment meant: that of the wall clock, or the first of a day."""
    local = given if isinstance(given, datetime) else datetime.combine(given, time.min)
    return local.replace(tzinfo=LONDON).astimezone(UTC)


def _end(given: date | datetime) -> datetime:
    """Give the first moment after: a day ends with its last moment, a time of day when it comes."""
    return _start(given if isinstance(given, datetime) else given + timedelta(days=1))
