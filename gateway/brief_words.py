"""The brief in words for staff: what to do with contact now, what may be said, what was agreed, who speaks for whom.

Belongs here: phrases of the brief. What may be said to the person is in the words of their own page of arrangements.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from adapters.mail.own_mail import clean_line
from gateway.notices.measure_words import channels_in_words, conditions, measure_sentence
from gateway.notices.phrases import Phrases
from gateway.notices.position import Position
from rules.contact import Channel
from rules.facts import Voice
from rules.measures.block import Block
from rules.standing import Adjustment

CHANNELS = {
    Channel.EMAIL: "Email",
    Channel.CALL: "Phone",
    Channel.SMS: "Text",
    Channel.LETTER: "Letter",
    Channel.VISIT: "Visit",
    Channel.WEB: "Web form",
    Channel.ONLINE: "Online",
}
DOES = {
    "kept_open": "Always to a person: this was agreed",
    "connect": "Put through",
    "deliver": "Reaches its inbox",
    "route": "Goes to one place only",
    "hold": "Waits for a person",
    "file": "Goes on file, not answered",
    "return": "Goes back to them",
    "voicemail": "May leave a message",
    "automated_line": "Not put through: recorded message",
    "refuse": "Refused",
    "by_hand_open": "Open, on the terms below",
    "by_hand_filed": "Goes on file, not answered",
    "by_hand_sent_back": "The post room sends it back",
    "by_hand_closed": "Not open to them",
}
"""What to do, by the outcome of a door, or by what is left of a channel that staff see to themselves."""
HOW_TO: tuple[str, ...] = (
    "Who is not listed, and what is not listed of somebody, is open as to everybody.",
    "A number alone does not say who calls. Ask who it is, and until you know say none of this.",
)
# The page of arrangements says `this letter` of itself, which nobody holds who hears it said.
_BLOCKED = "We no longer take contact from you in any way, other than as our letter to you says."


def said(position: Position, phrases: Phrases, kinds: Collection[str]) -> Iterator[str]:
    """Give what may be said to the party of measures of these kinds, as the page of arrangements says it."""
    sentences: dict[str, None] = {}
    for restriction, measure in position.bearing:
        if measure.kind in kinds:
            whole = isinstance(measure, Block) and measure.channels == frozenset(Channel)
            sentences[_BLOCKED if whole else measure_sentence(measure, restriction, position, phrases)] = None
            sentences.update(dict.fromkeys(conditions(measure, phrases)))
    opened = frozenset[Channel]().union(*(one.open for one in position.agreed))
    if opened:
        sentences[phrases.say("rules.first", channels=channels_in_words(opened, phrases))] = None
    yield from filter(None, sentences)


def agreed(adjustments: Iterable[Adjustment], phrases: Phrases) -> Iterator[str]:
    """Say what staff must honour of adjustments, and nothing of why they were agreed (PHSO-23, SPSO-68)."""
    for one in adjustments:
        if one.open:
            yield f"A person deals with what comes by {channels_in_words(one.open, phrases)}, whatever else is listed."
        if one.forms:
            yield f"They need: {phrases.both([phrases.say(f'form.{form}') for form in one.forms])}."
        if one.detail.strip():
            yield f"{clean_line(one.detail).rstrip('.')}."


def channels(row: Iterable[Channel]) -> str:
    """Say the channels of a row: `Letter, Visit`."""
    return ", ".join(CHANNELS[one] for one in row)


def speaks(voice: Voice) -> str:
    """Say who speaks for a party, and for what."""
    return f"{clean_line(voice.name)} (for {clean_line(voice.scope)})" if voice.scope else clean_line(voice.name)
