"""The table of what works, when, with whom; and what becomes of the rest, in words.

Belongs here: saying what `ways` found. No name or direct line of a colleague stands in it where a measure conceals
them (PHSO-M6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.notices.measure_words import (
    advocates_in_words,
    channels_in_words,
    dialled,
    spans_in_words,
    window_in_words,
)
from gateway.notices.notice import Table
from gateway.notices.phrases import Phrases
from gateway.notices.position import Position
from gateway.notices.ways import State, Way
from rules.contact import Channel
from rules.measures import Measure
from rules.measures.call_length_limit import CallLengthLimit
from rules.measures.interim_protection import InterimProtection
from rules.measures.issue_limit import IssueLimit
from rules.measures.matter import over
from rules.measures.named_contact import NamedContact
from rules.measures.stop_case import StopCase
from rules.measures.talk_time_limit import TalkTimeLimit
from rules.measures.time_out import TimeOut
from rules.measures.time_window import TimeWindow
from rules.measures.visit_terms import VisitTerms
from rules.measures.volume_limit import VolumeLimit

_OUTSIDE = {
    "hold": "waits",
    "file": "filed",
    "return": "sent_back",
    "voicemail": "message",
    "automated_line": "recorded",
}
_ANSWER = {State.OPEN: "yes", State.MESSAGE: "", State.WAITS: "", State.FILED: ""}
"""The picture of the answer; what is neither yes nor no has none."""


def ways_table(found: Sequence[Way], position: Position, phrases: Phrases) -> Table:
    """Say of each channel whether it works, when, and with whom."""
    head = tuple(phrases.say(f"ways.{name}") for name in ("how", "works", "when", "who"))
    pictures = tuple((one.channel.value, _ANSWER.get(one.state, "no")) for one in found)
    return Table(head, tuple(_row(one, position, phrases) for one in found), pictures)


def filed(found: Sequence[Way], position: Position, phrases: Phrases) -> tuple[str, ...]:
    """Say what is put on file and by when a person looks at it; empty where nothing is."""
    said = list(_filed(found, position, phrases))
    return (*said, phrases.say("filed.urgent")) if said else ()


def _row(way: Way, position: Position, phrases: Phrases) -> tuple[str, ...]:
    name = phrases.say(f"way.{way.channel.value}")
    if not way.works and way.state not in (State.MESSAGE, State.WAITS, State.FILED):
        who = phrases.say("who.nobody") if way.through is None else _who(way, position, phrases)
        return name, _state(way, position, phrases), phrases.say("when.never"), who
    when = ". ".join(when_in_words(way, phrases))
    return name, _state(way, position, phrases), when, _who(way, position, phrases)


def _state(way: Way, position: Position, phrases: Phrases) -> str:
    if way.adjustment is not None:
        return phrases.say("state.agreed")
    terms = any(isinstance(one, VisitTerms) for one in position.measures)
    if way.channel is Channel.VISIT and way.works and terms:
        return phrases.say("state.visits")
    return phrases.say(f"state.{way.state.value}")


def when_in_words(way: Way, phrases: Phrases) -> Iterator[str]:
    """Say when a channel is open, and how much of it; what happens at other times."""
    if way.hours is not None:
        yield spans_in_words(way.hours, phrases)
        yield from dict.fromkeys(_outside(way, one, phrases) for one in way.windows if way.channel in _LIVE)
        if way.channel is Channel.CALL:
            yield phrases.say("when.late")
    elif way.channel in (Channel.CALL, Channel.VISIT):
        yield phrases.say("when.office")
    else:
        yield phrases.say("when.any")
    for limit in way.limits:
        yield _limit(limit, phrases)


_LIVE = (Channel.EMAIL, Channel.SMS, Channel.CALL)


def _outside(way: Way, window: TimeWindow, phrases: Phrases) -> str:
    return phrases.say(f"outside.{_OUTSIDE[window.call if way.channel is Channel.CALL else window.email]}")


def _limit(limit: Measure, phrases: Phrases) -> str:
    if isinstance(limit, VolumeLimit):
        contacts = phrases.count("contacts", limit.count)
        window = window_in_words(limit.per, limit.window, phrases)
        if len(limit.channels) == 1:
            return phrases.say("when.contacts", contacts=contacts, window=window)
        channels = channels_in_words(limit.channels, phrases)
        return phrases.say("when.shared", contacts=contacts, window=window, channels=channels)
    if isinstance(limit, TalkTimeLimit):
        window = window_in_words(limit.per, limit.window, phrases)
        return phrases.say("when.talk", minutes=phrases.count("minutes", limit.minutes), window=window)
    assert isinstance(limit, CallLengthLimit)  # ways names no other
    return phrases.say("when.call", minutes=phrases.count("minutes", limit.minutes))


def _who(way: Way, position: Position, phrases: Phrases) -> str:
    if way.through is not None and way.adjustment is None:
        return phrases.say("who.through", advocates=advocates_in_words(way.through, position, phrases))
    if any(isinstance(one, InterimProtection) for one in (way.route,)) or way.state is State.WAITS:
        return phrases.say("who.manager")
    if isinstance(way.route, NamedContact) and position.shared is None:
        own = way.route.phone if way.channel is Channel.CALL else way.route.inbox
        direct = way.channel in (Channel.CALL, Channel.EMAIL) and own
        return phrases.say("who.named_at", to=dialled(own)) if direct and own else phrases.say("who.named")
    to = _office(way.channel, position)
    return phrases.say("who.office_at", to=dialled(to)) if to else phrases.say("who.office")


def _office(channel: Channel, position: Position) -> str:
    """Give where the office is reached: what is shared where staff are concealed, its own address otherwise."""
    shared = position.shared
    if channel is Channel.CALL:
        return (shared.phone if shared else None) or position.office.phone
    if channel is Channel.EMAIL:
        return (shared.inbox if shared else None) or position.office.address
    return position.office.post if channel is Channel.LETTER else ""


def _filed(found: Sequence[Way], position: Position, phrases: Phrases) -> Iterator[str]:
    channels = frozenset(one.channel for one in found if one.state is State.FILED)
    if channels:
        days = phrases.count("working_days", position.policy.look_by_working_days)
        yield phrases.say("filed.channels", channels=channels_in_words(channels, phrases), days=days)
    if any(_files_more(one) for one in found):
        yield phrases.say("filed.limits")
    for measure in position.measures:
        yield from _matter(measure, position, phrases)


def _files_more(way: Way) -> bool:
    """Tell whether what comes over a limit or outside the hours of mail goes on file."""
    written = way.works and way.channel in (Channel.EMAIL, Channel.SMS)
    volumes = [one for one in way.limits if isinstance(one, VolumeLimit)]
    return written and "file" in [*(one.email for one in way.windows), *(one.email for one in volumes)]


def _matter(measure: Measure, position: Position, phrases: Phrases) -> Iterator[str]:
    if isinstance(measure, IssueLimit):
        matters = phrases.both(sorted((*measure.cases, *(phrases.typed(one) for one in measure.subjects))))
        if measure.closed and position.policy.closed_unread:
            yield phrases.say("filed.unread", matters=matters)
        elif measure.email == "file":
            yield phrases.say("filed.matters", matters=matters)
    elif isinstance(measure, StopCase | TimeOut) and measure.case:
        rests = not over(measure.until, position.policy, position.at)
        if rests:
            yield phrases.say("filed.matters", matters=phrases.both(sorted(measure.case)))
