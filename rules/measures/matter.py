"""What measures on matters share: how cases and days are written, and whether a contact is on one of the cases.

Belongs here: the rule that nobody is sent away for a mere mention. A matter is named by the subject, by the thread or
by the first lines; only the subject, with no other case beside it, is plain enough to send mail back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import count
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from rules.case_references import References, Text, key, phrase, reference
from rules.contact import Channel, Contact
from rules.measures.measure import several
from rules.policies import Policy
from rules.standing import Restriction
from rules.windows import local_midnight
from rules.workdays import is_working_day

_MOST = 100
_YEARS = range(2000, 2200)


def _few(found: Iterable[str]) -> frozenset[str]:
    named = frozenset(found)
    if len(named) > _MOST:
        raise ValueError(f"there are {len(named)} of them; name {_MOST} at most")
    return named


def _references(value: frozenset[str]) -> frozenset[str]:
    return _few(map(reference, value))


def _phrases(value: frozenset[str]) -> frozenset[str]:
    return _few(map(phrase, value))


def _day(value: Any) -> Any:  # noqa: ANN401  # whatever a file holds
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        day = None
    if not isinstance(day, date) or isinstance(day, datetime) or day.year not in _YEARS:
        raise ValueError(f"{str(value)!r} is not a day; write it as 2026-04-15")
    return day


_TEXTS = WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]})
Cases = Annotated[
    frozenset[str], BeforeValidator(several), AfterValidator(_references), PlainSerializer(sorted), _TEXTS
]
Subjects = Annotated[
    frozenset[str], BeforeValidator(several), AfterValidator(_phrases), PlainSerializer(sorted), _TEXTS
]
LastDay = Annotated[date, BeforeValidator(_day)]
Until = Field(description="The last day, as 2026-04-15, on the office's calendar; empty: the restriction's end.")


class Place(StrEnum):
    """Say what names a matter."""

    SUBJECT = "subject"
    THREAD = "thread"
    OPENING = "opening"


_NAMED = {
    Place.SUBJECT: "Its subject names {matter}",
    Place.THREAD: "It answers a message about {matter}",
    Place.OPENING: "Its first lines name {matter}",
}


@dataclass(frozen=True, slots=True)
class Bearing:
    """Say how a contact bears on matters: which, by their keys, and what names them.

    `elsewhere` tells that its subject names another case of the same form, so that these are only mentioned;
    `more` that another reference stands in it, so that it may raise something else as well.
    """

    matters: tuple[str, ...]
    name: str
    place: Place
    elsewhere: bool = False
    more: bool = False

    @property
    def plain(self) -> bool:
        """Tell whether it is on these matters and, by all that can be seen, on nothing else."""
        return self.place is Place.SUBJECT and not self.more

    @property
    def words(self) -> str:
        """Say for staff what names the matter."""
        return _NAMED[self.place].format(matter=self.name)

    @property
    def only_mentioned(self) -> str:
        """Say for staff why it is let through."""
        return f"{self.words}, but its subject names another case"


def bearing(contact: Contact, looked_for: References) -> Bearing | None:
    """Say how a contact bears on matters; None where nothing in it names any."""
    subject, opening = looked_for.search(_text(contact.subject)), looked_for.search(_text(contact.opening))
    thread = tuple(dict.fromkeys(one for one in map(key, contact.cases) if one in looked_for.names))
    places = {Place.SUBJECT: subject.names, Place.THREAD: thread, Place.OPENING: opening.names}
    place = next((one for one, names in places.items() if names), None)
    if place is None:
        return None
    matters = places[place]
    return Bearing(
        matters,
        name=", ".join(looked_for.names[one] for one in matters),
        place=place,
        elsewhere=subject.alike and not subject.names,
        more=subject.alike or subject.others or opening.alike or opening.others,
    )


@lru_cache(maxsize=64)
def _text(text: str) -> Text:
    """Fold a text once for all measures that look into it."""
    return Text.of(text)


def settled(found: Bearing | None) -> tuple[str, ...]:
    """Give the matters that what answers this contact is on too: never those of a mention beside something else."""
    return () if found is None or found.elsewhere or found.more else found.matters


def logged_by_hand(contact: Contact) -> bool:
    """Tell whether staff write the contact down, so that it is before a person and needs an instruction."""
    return contact.channel not in (Channel.EMAIL, Channel.SMS, Channel.CALL)


def over(until: date | None, policy: Policy, now: datetime) -> bool:
    """Tell whether the last day, on the office's calendar, is past."""
    return until is not None and now >= local_midnight(until + timedelta(days=1), policy.zone)


def resumes(until: date, restriction: Restriction, policy: Policy) -> date:
    """Give the working day on which work goes on: the first after the last day, or after the restriction's end."""
    ended = min(local_midnight(until + timedelta(days=1), policy.zone), restriction.ends)
    day = ended.astimezone(policy.zone).date()
    following = (day + timedelta(days=offset) for offset in count())
    return next(one for one in following if is_working_day(one, policy.region))
