"""A measure in words for the party: the catalogue's phrase for its kind, else its own `sender_words`, filled in.

Belongs here: how parameters are said. A phrase of the catalogue stands where a measure's own words speak of one
occasion (a call that just ended); a new measure needs none, in English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import phonenumbers

from adapters.mail.own_mail import clean_line
from gateway.notices.hours import DAY_MINUTES, Span, open_spans
from gateway.notices.phrases import MissingPhrase, Phrases, fill
from gateway.notices.position import Position
from rules.contact import Channel
from rules.measures import Measure
from rules.measures.behaviour_contract import BehaviourContract
from rules.measures.block import Block
from rules.measures.interim_protection import WORKING_DAYS, InterimProtection
from rules.measures.matter import over, resumes
from rules.measures.meeting import Meeting
from rules.measures.refuse_new import RefuseNew
from rules.measures.slow_response import SlowResponse
from rules.measures.stop_case import StopCase
from rules.measures.third_party import ThirdParty
from rules.measures.time_out import TimeOut
from rules.measures.time_window import TimeWindow
from rules.measures.visit_terms import VisitTerms
from rules.measures.volume_limit import VolumeLimit
from rules.standing import Restriction
from rules.windows import Mode, Per
from rules.workdays import look_by


def measure_sentence(measure: Measure, restriction: Restriction, position: Position, phrases: Phrases) -> str:
    """Say what a measure means for the party; empty for one whose time is over, or that is suspended.

    A phrase may stand for one value of a parameter (`measure.time_out_all`); raises MissingPhrase with a sentence.
    """
    if _spent(measure, restriction, position):
        return ""
    values = _values(measure, restriction, position, phrases)
    key = f"measure.{_variant(measure)}"
    if phrases.has(key):
        return phrases.say(key, **values)
    if not phrases.own:
        raise MissingPhrase(f"The catalogue of phrases in {phrases.language} has no {key!r}; add it before you write.")
    return fill(measure.sender_words, values, key)


def dialled(text: str) -> str:
    """Give a number as it is dialled at home: `01632 960999`; anything else as it is."""
    if not (text.startswith("+44") and text[1:].isdigit()):
        return text
    return phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.NATIONAL)


def channels_in_words(channels: frozenset[Channel], phrases: Phrases) -> str:
    """Say channels as alternatives: `email, phone or letter`."""
    return phrases.either([phrases.say(f"channel.{one.value}") for one in Channel if one in channels])


def spans_in_words(spans: tuple[Span, ...], phrases: Phrases) -> str:
    """Say the hours of a week: `Monday to Friday, 09:00 to 12:00`; those of one length together."""
    if not spans:
        return phrases.say("hours.none")
    days: dict[tuple[int, int], list[int]] = {}
    for span in spans:
        days.setdefault((span.opens, span.closes), []).append(span.day)
    said = (
        phrases.say("hours.span", days=_days(on, phrases), hours=_clock(*hours, phrases)) for hours, on in days.items()
    )
    return "; ".join(said)


def window_in_words(per: Per, mode: Mode, phrases: Phrases) -> str:
    """Say how long a window of a limit is: `in a week`."""
    return phrases.say(f"window.{mode.value}.{per.value}")


def _spent(measure: Measure, restriction: Restriction, position: Position) -> bool:
    """Tell whether a measure does nothing any more though its restriction stands."""
    policy, at = position.policy, position.at
    if isinstance(measure, InterimProtection):
        return at >= look_by(restriction.starts, WORKING_DAYS, policy.zone, policy.region)
    if isinstance(measure, Meeting):
        return measure.on < position.day(at)
    if isinstance(measure, TimeOut | StopCase | RefuseNew):
        return over(measure.until, policy, at)
    return measure.suspended(position.standing, policy, now=at)


def _variant(measure: Measure) -> str:
    """Name the phrase: the kind, and what of its parameters makes it another sentence."""
    kind = measure.kind
    if isinstance(measure, Block) and measure.channels == frozenset(Channel):
        return f"{kind}_all"
    if isinstance(measure, VisitTerms) and measure.barred:
        return f"{kind}_barred"
    if isinstance(measure, TimeOut | RefuseNew) and not measure.case:
        return f"{kind}_all"
    if isinstance(measure, SlowResponse) and measure.counted_from == "latest_contact":
        return f"{kind}_latest_contact"
    return kind


def _values(measure: Measure, restriction: Restriction, position: Position, phrases: Phrases) -> Mapping[str, str]:
    values = dict(_plain(measure, phrases))
    for kind, more in _MORE.items():
        if isinstance(measure, kind):
            values |= more(measure, restriction, position, phrases)
    return values


def _plain(measure: Measure, phrases: Phrases) -> Iterator[tuple[str, str]]:
    """Say each parameter by its type, under its own name and under the one that words use for it."""
    channels = getattr(measure, "allowed", None) or getattr(measure, "channels", None)
    if channels:
        yield "channels", channels_in_words(channels, phrases)
    for name in type(measure).model_fields:
        value = getattr(measure, name)
        if name == "minutes":
            yield name, phrases.count("minutes", value)
        elif name == "working_days":
            yield "days", phrases.count("working_days", value)
        elif isinstance(value, Per):
            yield "window", window_in_words(value, getattr(measure, "window", Mode.CALENDAR), phrases)
        elif isinstance(value, date):
            yield name, phrases.day(value)
            yield "day", phrases.day(value)
        elif isinstance(value, int | str) and name not in ("email", "call", "window"):
            yield name, clean_line(str(value))
    if matters := _matters(measure):
        yield "matters", phrases.both(matters)


def _matters(measure: Measure) -> list[str]:
    """Name the cases and subjects of a measure, as the office writes them."""
    named = (*getattr(measure, "case", ()), *getattr(measure, "cases", ()), *getattr(measure, "subjects", ()))
    return sorted(named)


def _volume(measure: VolumeLimit, restriction: Restriction, position: Position, phrases: Phrases) -> dict[str, str]:
    return {"count": str(measure.count), "contacts": phrases.count("contacts", measure.count)}


def _window(measure: TimeWindow, restriction: Restriction, position: Position, phrases: Phrases) -> dict[str, str]:
    return {"hours": spans_in_words(open_spans([measure]), phrases)}


def _advocates(measure: ThirdParty, restriction: Restriction, position: Position, phrases: Phrases) -> dict[str, str]:
    return {"advocates": advocates_in_words(measure, position, phrases)}


def advocates_in_words(measure: ThirdParty, position: Position, phrases: Phrases) -> str:
    """Say who speaks for the party on the day of the notice, for what, and how to reach them."""
    today = position.day(position.at)
    speaking = [one for one in measure.advocates if one.speaks_on(today)] or list(measure.advocates)
    said = []
    for one in speaking:
        name = phrases.say("advocate.for", name=one.name, scope=phrases.typed(one.scope)) if one.scope else one.name
        said.append(phrases.say("advocate.at", name=name, contact=one.contact) if one.contact else name)
    return "; ".join(said)


def _resumes(measure: TimeOut, restriction: Restriction, position: Position, phrases: Phrases) -> dict[str, str]:
    return {"day": phrases.day(resumes(measure.until, restriction, position.policy))}


def _terms(measure: VisitTerms, restriction: Restriction, position: Position, phrases: Phrases) -> dict[str, str]:
    said = [phrases.say("visit.appointment")] if measure.appointment else []
    said += [phrases.say("visit.place", place=phrases.typed(measure.place))] if measure.place else []
    said += [phrases.say("visit.accompanied")] if measure.accompanied else []
    return {"terms": " ".join(said)}


def conditions(measure: Measure, phrases: Phrases) -> tuple[str, ...]:
    """Give the conditions of a behaviour contract, one by one."""
    return tuple(phrases.typed(one) for one in measure.conditions) if isinstance(measure, BehaviourContract) else ()


def _conditions(
    measure: BehaviourContract, restriction: Restriction, position: Position, phrases: Phrases
) -> dict[str, str]:
    return {"conditions": "; ".join(one.rstrip(".") for one in conditions(measure, phrases))}


_MORE: Mapping[type[Measure], Callable[..., dict[str, str]]] = {
    BehaviourContract: _conditions,
    VolumeLimit: _volume,
    TimeWindow: _window,
    ThirdParty: _advocates,
    TimeOut: _resumes,
    VisitTerms: _terms,
}


def _days(days: list[int], phrases: Phrases) -> str:
    """Say days of the week: `every day`, `Monday to Friday`, `Monday and Thursday`."""
    if len(days) == 7:
        return phrases.say("hours.every_day")
    names = [phrases.say(f"weekday.{day + 1}") for day in days]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return phrases.say("hours.days", first=names[0], last=names[-1])
    return phrases.both(names)


def _clock(opens: int, closes: int, phrases: Phrases) -> str:
    if (opens, closes) == (0, DAY_MINUTES):
        return phrases.say("hours.all_day")
    return phrases.say("hours.clock", first=_wall(opens, phrases), last=_wall(closes, phrases))


def _wall(minutes: int, phrases: Phrases) -> str:
    if minutes % DAY_MINUTES == 0:
        return phrases.say("hours.midnight")
    return phrases.say("time", hour=f"{minutes // 60:02}", minute=f"{minutes % 60:02}")
