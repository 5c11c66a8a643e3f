"""What still works: each channel asked what the measures and adjustments on a party leave of it.

Belongs here: the answer as values. Promises never to call open what `rules.decide` would close: mail, texts and calls
are put to it; for what staff log by hand the measures say what they shut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.notices.hours import Span, open_spans
from gateway.notices.position import Position
from rules.contact import Assurance, Channel, Contact, Identifier, IdentifierKind
from rules.decide import decide
from rules.decision import Decision, Outcome
from rules.measures import Measure
from rules.measures.call_length_limit import CallLengthLimit
from rules.measures.talk_time_limit import TalkTimeLimit
from rules.measures.third_party import ThirdParty
from rules.measures.time_window import TimeWindow
from rules.measures.volume_limit import VolumeLimit
from rules.standing import Adjustment, Restriction


class State(StrEnum):
    """Name what happens to contact by a channel, the mildest first."""

    OPEN = "open"
    MESSAGE = "message"
    WAITS = "waits"
    FILED = "filed"
    SENT_BACK = "sent_back"
    RECORDED = "recorded"
    CLOSED = "closed"

    @property
    def works(self) -> bool:
        """Tell whether contact reaches a person who deals with it."""
        return self is State.OPEN


_STATES = {
    Outcome.DELIVER: State.OPEN,
    Outcome.CONNECT: State.OPEN,
    Outcome.ROUTE: State.OPEN,
    Outcome.VOICEMAIL: State.MESSAGE,
    Outcome.HOLD: State.WAITS,
    Outcome.FILE: State.FILED,
    Outcome.RETURN: State.SENT_BACK,
    Outcome.AUTOMATED_LINE: State.RECORDED,
    Outcome.REFUSE: State.CLOSED,
}
_SHUT = (State.SENT_BACK, State.RECORDED, State.CLOSED)
_DECIDED = (Channel.EMAIL, Channel.SMS, Channel.CALL)
_FILING = frozenset({"file_unanswered", "refuse_new", "time_out"})
"""Those of which a finding on something logged by hand means that it goes on file."""
_PROBE = "anybody@notices.invalid"
_NOBODY = Identifier(IdentifierKind.EMAIL, "party@notices.invalid")
A_MOBILE = Identifier(IdentifierKind.PHONE, "+447700900000")
"""Whose texts are asked about: whether a text may be answered is read from its number, and an address has none."""


@dataclass(frozen=True, slots=True)
class Way:
    """Say what is left of one channel.

    `hours` are the spans of a week in which it is open, None at all times; `windows` what sets them. `limits` hold
    how much. `route` is the measure that says with whom, `through` the advocates' one. `adjustment` is what keeps it
    open whatever the measures say.
    """

    channel: Channel
    state: State
    hours: tuple[Span, ...] | None = None
    windows: tuple[TimeWindow, ...] = ()
    limits: tuple[Measure, ...] = ()
    route: Measure | None = None
    through: ThirdParty | None = None
    adjustment: Adjustment | None = None

    @property
    def works(self) -> bool:
        """Tell whether contact by it reaches a person, within its hours and limits."""
        return self.state.works


def ways(position: Position) -> tuple[Way, ...]:
    """Say what is left of each channel that the office has, at `position.at`, in the channels' order.

    Of others, that they are shut, or were agreed with the person; none of them is called open.
    """
    found = (way(channel, position) for channel in Channel)
    had = position.office.channels
    return tuple(one for one in found if one.channel in had or one.adjustment is not None or one.state in _SHUT)


def way_left(position: Position) -> bool:
    """Tell whether anything is left by which a person of the office is reached, or an advocate who speaks to it."""
    heard = (State.OPEN, State.MESSAGE, State.WAITS, State.FILED)
    found = (one for one in ways(position) if one.channel is not Channel.ONLINE)
    return any(one.state in heard or one.through is not None for one in found)


def way(channel: Channel, position: Position) -> Way:
    """Say what is left of one channel; adjustments come first (PHSO-23)."""
    opened = next((one for one in position.agreed if channel in one.open), None)
    if opened is not None:
        return Way(channel, State.OPEN, route=_route(channel, position), adjustment=opened)
    windows = tuple(one for one in position.measures if isinstance(one, TimeWindow) and channel in one.channels)
    least = position.policy.least_call_s if channel is Channel.CALL else 0
    hours = open_spans(windows, least) if windows else None
    calm = _without_windows(position)
    state = _state(channel, calm, decided(channel, calm))
    if hours == ():
        state = max(state, _shut_by(channel, windows), key=list(State).index)
    return Way(
        channel,
        state,
        hours,
        windows,
        limits=tuple(one for one in position.measures if _limits(one, channel)),
        route=_route(channel, position),
        through=_through(position),
    )


def decided(channel: Channel, position: Position) -> Decision:
    """Decide what a plain contact meets: the party's own, on nothing in particular, the first that uses a limit."""
    return decide(_plain(channel, position), position.standing, position.policy, now=position.at)


def _plain(channel: Channel, position: Position) -> Contact:
    sender = A_MOBILE if channel is Channel.SMS else min(position.party.identifiers, default=_NOBODY)
    to = {Channel.CALL: position.office.phone, Channel.EMAIL: _PROBE}.get(channel, "")
    return Contact(
        "notice",
        channel,
        position.at,
        sender,
        candidates=(sender,),
        assurance=Assurance.VERIFIED,
        recipients=(to,) if to and to not in position.policy.always_open else (),
    )


def _state(channel: Channel, position: Position, decision: Decision) -> State:
    if channel in _DECIDED:
        return _STATES[decision.outcome]
    if any(measure.shuts(channel) for measure in position.measures):
        return State.SENT_BACK if _returned(channel, position) else State.CLOSED
    filing = {reason.measure for reason in decision.reasons} & _FILING
    return State.FILED if filing else State.OPEN


def _returned(channel: Channel, position: Position) -> bool:
    shutting = [measure.kind for measure in position.measures if measure.shuts(channel)]
    return channel is Channel.LETTER and set(shutting) == {"return_letters"}


def _without_windows(position: Position) -> Position:
    """Give the position as it is within all hours; a restriction of nothing but hours is then of no effect."""
    return replace(position, restrictions=tuple(_untimed(one) for one in position.restrictions))


def _untimed(restriction: Restriction) -> Restriction:
    kept = tuple(measure for measure in restriction.measures if not isinstance(measure, TimeWindow))
    return replace(restriction, measures=kept)


def _shut_by(channel: Channel, windows: Sequence[TimeWindow]) -> State:
    """Say what becomes of contact outside all hours, by the strictest of the windows."""
    if channel not in _DECIDED:
        return State.CLOSED
    handled = [Outcome(one.call if channel is Channel.CALL else one.email) for one in windows]
    return max((_STATES[one] for one in handled), key=list(State).index)


def _limits(measure: Measure, channel: Channel) -> bool:
    if isinstance(measure, VolumeLimit):
        return channel in measure.channels
    return channel is Channel.CALL and isinstance(measure, TalkTimeLimit | CallLengthLimit)


def _route(channel: Channel, position: Position) -> Measure | None:
    """Give the measure that says with whom: the first in precedence of those that route the channel.

    What staff log by hand goes to whom mail goes.
    """
    contact = _plain(channel if channel in _DECIDED else Channel.EMAIL, position)
    routing = []
    for restriction, measure in position.bearing:
        found = measure.check(contact, position.standing.under(restriction), position.policy, now=position.at)
        if found is not None and found.outcome is Outcome.ROUTE:
            routing.append(measure)
    return min(routing, key=lambda one: one.target_rank, default=None)


def _through(position: Position) -> ThirdParty | None:
    """Give the measure by which advocates speak for the party, where one still has authority."""
    speaking = (
        one
        for one in position.measures
        if isinstance(one, ThirdParty) and not one.suspended(position.standing, position.policy, now=position.at)
    )
    return next(speaking, None)
