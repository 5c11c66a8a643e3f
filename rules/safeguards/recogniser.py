"""Reads a text for what must reach a person: `recognise`. It finds words, it does not understand them.

Belongs here: comparing words with lists. The promise (THREATS C1): never raises, and takes time in proportion to the
length of the text, whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product

from rules.safeguards.lists import Anchored, Entered, Lists
from rules.safeguards.phrases import ends
from rules.safeguards.words import STOP, Words, words_of

_MOST_BETWEEN = 7
"""Words between a no and what it says no to."""
_LONGEST_SENTENCE = 48
"""Words of a sentence that are compared at a time; of a longer one these and half of these again, and so on."""
_NEAR = 120
"""Words within which two signs are taken together."""
_MOST_PLACES = 8
"""Places of one part of a phrase in one sentence, and ways of putting its parts together, that are looked at."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one safeguard in words for staff, and the sender's words that spoke for it: for screens, never on record."""

    safeguard: str
    words: str


@dataclass(slots=True)
class _Reading:
    """Hold what was found so far, and per topic and name the last sign that was met: its place and its words."""

    told: bool = False
    found: dict[str, Found] = field(default_factory=dict)
    signs: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)

    def say(self, topic: str, words: str) -> None:
        self.found.setdefault(topic, Found(topic, words))

    def sign(self, topic: str, name: str, at: int, words: str) -> None:
        """Take a sign, which speaks for its topic where another of another name is near."""
        met = self.signs.setdefault(topic, {})
        met[name] = (at, words)
        for other, (where, said) in met.items():
            if other != name and at - where <= _NEAR:
                self.say(topic, f"{said} ... {words}")
                return


def recognise(text: str, subject: str, lists: Lists, *, told: bool = False) -> tuple[Found, ...]:
    """Give what a message asks for that must reach a person, each once.

    `text` is what the sender wrote now, without quotes; `told` that its sender was told of a restriction, so that
    whatever speaks of an appeal is one against it (SPSO-22).
    """
    if not lists.said.words:
        return ()
    reading, before = _Reading(told), 0
    for part in (subject, text):
        read = words_of(part, lists.spellings, lists.known)
        live = lists.said.within(frozenset(read.words))
        for begin, end in _sentences(read.words, live.words):
            _read_sentence(read, begin, end, before, lists, live, reading)
        for spaced in read.run_together:
            for whole, topic in lists.run_together:
                if whole in spaced:
                    reading.say(topic, whole)
        before += len(read.words)
    return tuple(reading.found.values())


def _sentences(words: Sequence[str], live: frozenset[str]) -> Iterator[Span]:
    """Give the sentences that have one of these words, in their order."""
    begin, is_live = 0, False
    for at, word in enumerate(words):
        if word == STOP:
            if is_live:
                yield begin, at
            begin, is_live = at + 1, False
        elif word in live:
            is_live = True
    if is_live:
        yield begin, len(words)


def _read_sentence(
    read: Words, begin: int, end: int, before: int, lists: Lists, live: Anchored, reading: _Reading
) -> None:
    """Find phrases that nothing before them denies, and that are no part of a turn of phrase with another meaning."""
    excepted: dict[str, set[int]] = {}
    for entry, spans in _stand(read.words, begin, end, live, reading.found):
        if entry.topic in reading.found or (entry.told and not reading.told):
            continue
        if entry.within and before + spans[0][0] >= entry.within:
            continue
        if any(_denied(read, entry, span, begin, lists) for span in spans):
            continue
        if entry.topic not in excepted:
            excepted[entry.topic] = _excepted(read.words, begin, end, lists.excepted.get(entry.topic))
        if any(at in excepted[entry.topic] for span in spans for at in range(*span)):
            continue
        words = " ... ".join(" ".join(read.words[slice(*span)]) for span in spans)
        if entry.sign:
            reading.sign(entry.topic, entry.sign, before + spans[0][0], words)
        else:
            reading.say(entry.topic, words)


def _excepted(words: Sequence[str], begin: int, end: int, turns: Anchored | None) -> set[int]:
    """Give the places of a sentence that are part of a turn of phrase with another meaning."""
    if turns is None:
        return set()
    stand = _stand(words, begin, end, turns, ())
    return {at for _, spans in stand for span in spans for at in range(*span)}


def _stand(
    words: Sequence[str], begin: int, end: int, entries: Anchored, heard: Iterable[str]
) -> Iterator[tuple[Entered, tuple[Span, ...]]]:
    """Give where phrases stand in a sentence, a span for each of their parts; those of topics heard are left out."""
    while begin < end:
        limit = min(begin + _LONGEST_SENTENCE, end)
        here = frozenset(words[begin:limit])
        for word in entries.words & here:
            for entry in entries.by_word[word]:
                for need in entry.needs:  # a generator would cost more than all that it asks
                    if need.isdisjoint(here):
                        break
                else:
                    if entry.topic not in heard:
                        for spans in _spans(entry, words, begin, limit):
                            yield entry, spans
        begin = end if limit == end else begin + _LONGEST_SENTENCE // 2


def _spans(entry: Entered, words: Sequence[str], begin: int, limit: int) -> Iterable[tuple[Span, ...]]:
    places: list[list[Span]] = []
    for way, first in zip(entry.parts, entry.firsts, strict=True):
        met = (
            (at, reached[0])
            for at in range(begin, limit)
            if words[at] in first and (reached := ends(way, words, at, limit))
        )
        places.append(list(islice(met, _MOST_PLACES)))
        if not places[-1]:
            return ()
    return islice(product(*places), _MOST_PLACES)


def _denied(read: Words, entry: Entered, span: Span, begin: int, lists: Lists) -> bool:
    """Tell whether a no stands in a phrase that has none of its own, or before it in the same clause.

    Before it, nothing stands between that would end the reach of the no.
    """
    start, end = span
    if not entry.denies and not lists.negations.isdisjoint(read.words[start:end]):
        return True
    for at in range(start, max(start - _MOST_BETWEEN, begin), -1):
        word = read.words[at - 1]
        if at in read.breaks or (word not in lists.negations and word not in lists.between):
            return False
        if word in lists.negations:
            return at < begin + 2 or read.words[at - 2] not in lists.no_denial
    return False
