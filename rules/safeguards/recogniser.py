"""Reads a text for what must reach a person: `recognise`. It finds words, it does not understand them.

Belongs here: comparing words with lists. The promise (THREATS C1): never raises, and takes time in proportion to the
length of the text, whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.safeguards.lists import Branch, Lists, Row
from rules.safeguards.phrases import Gap, Way
from rules.safeguards.words import STOP, Words, words_of

_MOST_BETWEEN = 7
"""Words between a no and what it says no to."""


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one safeguard in words for staff, and the sender's words that spoke for it: for screens, never on record."""

    safeguard: str
    words: str


def recognise(text: str, subject: str, lists: Lists) -> tuple[Found, ...]:
    """Give what a message asks for that must reach a person, each once, in the order in which it stands.

    `text` is what the sender wrote now, without quotes.
    """
    if not lists.by_first:
        return ()
    found: dict[str, Found] = {}
    for part in (subject, text):
        read = words_of(part, lists.spellings, lists.known)
        for one in (*_spoken(read, lists), *_letter_by_letter(read, lists)):
            found.setdefault(one.safeguard, one)
    return tuple(found.values())


def _spoken(read: Words, lists: Lists) -> Iterator[Found]:
    """Find phrases that nothing before them denies, and that are no part of a turn of phrase with another meaning."""
    spans = list(_matches(read.words, lists))
    covered = {(row.topic, at) for row, start, end in spans if row.excepted for at in range(start, end)}
    said: set[str] = set()
    for row, start, end in spans:
        if row.excepted or row.topic in said or _denied(read, row, start, end, lists):
            continue
        if not any((row.topic, at) in covered for at in range(start, end)):
            said.add(row.topic)
            yield Found(row.topic, " ".join(read.words[start:end]))


def _matches(words: tuple[str, ...], lists: Lists) -> Iterator[tuple[Row, int, int]]:
    """Give where rows of the lists stand: of each topic one place for each first word, or many would be said of one."""
    by_first = lists.by_first
    for start, word in enumerate(words):
        branch = by_first.get(word)
        if branch is None:
            continue
        met: set[tuple[str, bool]] = set()
        for row in _likely(words, start, branch):
            if (row.topic, row.excepted) in met:
                continue
            end = _end(words, start + 1, row.rest)
            if end:
                met.add((row.topic, row.excepted))
                yield row, start, end


def _likely(words: tuple[str, ...], start: int, branch: Branch) -> Iterator[Row]:
    """Give the rows that begin here and of which the second word stands where it should."""
    yield from branch.whole
    if start + 1 < len(words):
        yield from branch.next.get(words[start + 1], ())
    later = branch.later
    if later:
        for word in words[start + 1 : start + 1 + branch.reach]:
            if word in later:
                yield from later[word]


def _end(words: tuple[str, ...], at: int, rest: Way) -> int:
    """Give the first place where a phrase may end whose rest begins here; 0 where it does not stand here."""
    for number, item in enumerate(rest):
        if isinstance(item, Gap):
            return _end_beyond(words, at, rest[number:])
        if at >= len(words) or words[at] not in item:
            return 0
        at += 1
    return at


def _end_beyond(words: tuple[str, ...], at: int, rest: Way) -> int:
    """Follow all places at once that a gap leaves open, or a hostile text would be read in many ways."""
    places = [at]
    for item in rest:
        if isinstance(item, Gap):
            places = _within(words, places, item.most)
        else:
            places = [place + 1 for place in places if place < len(words) and words[place] in item]
            if not places:
                return 0
    return places[0]


def _within(words: tuple[str, ...], places: list[int], most: int) -> list[int]:
    """Give every place that can be reached by leaving out words, none of them the end of a sentence."""
    reached: set[int] = set()
    for place in places:
        for further in range(place, min(place + most, len(words)) + 1):
            reached.add(further)
            if further < len(words) and words[further] == STOP:
                break
    return sorted(reached)


def _denied(read: Words, row: Row, start: int, end: int, lists: Lists) -> bool:
    """Tell whether a no stands in a phrase that has none of its own, or before it in the same clause.

    Before it, nothing stands between that would end the reach of the no.
    """
    if not row.denies and not lists.negations.isdisjoint(read.words[start:end]):
        return True
    for at in range(start, max(start - _MOST_BETWEEN, 0), -1):
        word = read.words[at - 1]
        if at in read.breaks or (word not in lists.negations and word not in lists.between):
            return False
        if word in lists.negations:
            return True
    return False


def _letter_by_letter(read: Words, lists: Lists) -> Iterator[Found]:
    for spaced in read.run_together:
        for whole, topic in lists.run_together:
            if whole in spaced:
                yield Found(topic, whole)
