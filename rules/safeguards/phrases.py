"""One phrase of a list: as it is written in the file, and where it stands among words.

Belongs here: the notation. `kill|hurt myself` has a choice, `go_on` is two words, `end~` all
its endings, `<me>` a group of the list, `very?` may be missing, `..` stands for up to three words of any kind and `..6`
for up to six. Between `+` stand parts that a sentence may have in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise, product
from math import prod

from rules.safeguards.words import plain

_MOST_ITEMS = 14
_MOST_PARTS = 4
_LONGEST_GAP = 8
_MOST_GAPS = 4
"""In one part: a part with more of them means anything."""
_GAP = re.compile(r"\.\.(\d?)\Z")
_ONE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*~?\Z")
_GROUP = re.compile(r"<([a-z_]+)>\Z")
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Gap:
    """Stand for up to so many words of any kind."""

    most: int


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Stand for one of these words, or one of these ways of several, by the words with which they may begin."""

    words: frozenset[str]
    ways: Mapping[str, Sequence[Way]] = field(default_factory=dict)
    optional: bool = False


Item = Choice | Gap
Way = tuple[Item, ...]
Groups = Mapping[str, Choice]


def parts(phrase: str, groups: Groups) -> tuple[Way, ...]:
    """Read a phrase, part for part; raises ValueError with a sentence without its full stop."""
    found = tuple(_part(part, phrase, groups) for part in phrase.split(" + "))
    if len(found) > _MOST_PARTS:
        raise ValueError(f"the phrase {phrase!r} has more than {_MOST_PARTS} parts")
    return found


def groups_of(table: Mapping[str, Sequence[str]]) -> Groups:
    """Read the groups of a list, of which one may name those above it; raises ValueError with a sentence."""
    known: dict[str, Choice] = {}
    for name, alternatives in table.items():
        known[name] = _choice([_part(one, one, known) for one in alternatives], optional=False)
    return known


def inflected(word: str) -> frozenset[str]:
    """Give the endings of an English verb or noun, a few that nobody writes among them."""
    stem = word.removesuffix("e")
    found = {word, f"{word}s", f"{stem}ed", f"{stem}ing", f"{stem}in"}
    if len(word) > 2 and word[-1] not in _VOWELS + "wxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        found |= {f"{word}{word[-1]}ed", f"{word}{word[-1]}ing", f"{word}{word[-1]}in"}
    if word.endswith(("s", "x", "sh", "ch")):
        found.add(f"{word}es")
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        found |= {f"{word[:-1]}ies", f"{word[:-1]}ied"}
    return frozenset(found)


def ends(way: Way, words: Sequence[str], at: int, limit: int) -> list[int]:
    """Give every place before `limit` where a way may end that begins at a place.

    All places that a gap leaves open are followed at once, or a hostile text would be read in many ways.
    """
    places = [at]
    for item in way:
        if isinstance(item, Gap):
            places = _beyond(places, item.most, limit)
        elif item.ways or item.optional:
            places = _after(item, words, places, limit)
        else:
            places = [place + 1 for place in places if place < limit and words[place] in item.words]
        if not places:
            break
    return places


def firsts(way: Way) -> frozenset[str]:
    """Give every word with which a way may begin."""
    found: set[str] = set()
    for item in way:
        if isinstance(item, Gap):
            continue
        found |= item.words | item.ways.keys()
        if not item.optional:
            break
    return frozenset(found)


def needs(way: Way, common: frozenset[str]) -> list[frozenset[str]]:
    """Give sets of words of each of which a way holds at least one; `common` are words that say little."""
    return [_need(item, common) for item in way if isinstance(item, Choice) and not item.optional]


def weight(need: frozenset[str], common: frozenset[str]) -> int:
    """Give how often such a need is met in any text, roughly: less is better to look for."""
    return len(need) + 1_000 * len(need & common)


def vocabulary(way: Way) -> frozenset[str]:
    """Give every word of a way."""
    return frozenset().union(*(_vocabulary(item) for item in way))


def written_out(way: Way, most: int) -> Iterator[tuple[str, ...]]:
    """Give the forms of a way that has no gaps, nothing that may be missing and no more forms than `most`."""
    if any(isinstance(item, Gap) or item.optional or item.ways for item in way):
        return
    choices = [sorted(item.words) for item in way if isinstance(item, Choice)]
    if prod(map(len, choices)) <= most:
        yield from product(*choices)


def _part(text: str, phrase: str, groups: Groups) -> Way:
    way = tuple(_item(item, phrase, groups) for item in text.split())
    if not way or len(way) > _MOST_ITEMS:
        raise ValueError(f"the phrase {phrase!r} has no words, or more than {_MOST_ITEMS}")
    if (
        all(isinstance(item, Gap) or item.optional for item in way)
        or isinstance(way[0], Gap)
        or isinstance(way[-1], Gap)
    ):
        raise ValueError(f"the phrase {phrase!r} must begin and end with a word")
    if any(isinstance(one, Gap) and isinstance(two, Gap) for one, two in pairwise(way)):
        raise ValueError(f"the phrase {phrase!r} has two gaps in a row")
    if sum(isinstance(item, Gap) for item in way) > _MOST_GAPS:
        raise ValueError(f"the phrase {phrase!r} has more than {_MOST_GAPS} gaps")
    return way


def _item(item: str, phrase: str, groups: Groups) -> Item:
    if gap := _GAP.match(item):
        return Gap(min(int(gap[1] or 3), _LONGEST_GAP))
    bare = item.removesuffix("?")
    alternatives: list[Way] = []
    for one in bare.split("|"):
        if group := _GROUP.match(one):
            if group[1] not in groups:
                raise ValueError(f"the phrase {phrase!r} names the group {group[1]!r}, which there is not")
            alternatives.append((groups[group[1]],))
            continue
        written = plain(one)
        if not _ONE.match(written):
            raise ValueError(f"the phrase {phrase!r} has {item!r}, which is no word and no sign of the notation")
        alternatives.append(tuple(map(_word, written.split("_"))))
    only = alternatives[0][0]
    if bare == item and len(alternatives) == len(alternatives[0]) == 1 and isinstance(only, Choice):
        return only  # a group is made ready once, however many phrases name it
    return _choice(alternatives, optional=bare != item)


@lru_cache(maxsize=8_192)  # one for all phrases that have the word: thousands of them are megabytes
def _word(text: str) -> Choice:
    return Choice(inflected(text.removesuffix("~")) if text.endswith("~") else frozenset({text}))


def _choice(alternatives: Iterable[Way], *, optional: bool) -> Choice:
    """Make one choice of a group's alternatives; those of a single word are looked up at once."""
    words: set[str] = set()
    longer: dict[str, list[Way]] = {}
    for way in alternatives:
        only = way[0]
        if len(way) == 1 and isinstance(only, Choice):
            words |= only.words
            for first, more in only.ways.items():
                longer.setdefault(first, []).extend(more)
            continue
        for first in firsts(way):
            longer.setdefault(first, []).append(way)
    return Choice(frozenset(words), longer, optional)


def _after(item: Choice, words: Sequence[str], places: list[int], limit: int) -> list[int]:
    reached = set(places) if item.optional else set()
    for place in places:
        if place >= limit:
            continue
        word = words[place]
        if word in item.words:
            reached.add(place + 1)
        for way in item.ways.get(word, ()):
            reached.update(ends(way, words, place, limit))
    return sorted(reached)


def _beyond(places: list[int], most: int, limit: int) -> list[int]:
    """Give every place that can be reached by leaving out words."""
    if len(places) == 1:
        return list(range(places[0], min(places[0] + most, limit) + 1))
    return sorted({further for place in places for further in range(place, min(place + most, limit) + 1)})


@lru_cache(maxsize=8_192)
def _need(item: Choice, common: frozenset[str]) -> frozenset[str]:
    if not item.ways:
        return item.words  # and no copy of it
    longer = {id(way): way for ways in item.ways.values() for way in ways}
    best = (min(needs(way, common), key=lambda one: weight(one, common)) for way in longer.values())
    return item.words.union(*best)


@lru_cache(maxsize=8_192)
def _vocabulary(item: Item) -> frozenset[str]:
    if isinstance(item, Gap):
        return frozenset()
    if not item.ways:
        return item.words
    return item.words.union(*(vocabulary(way) for ways in item.ways.values() for way in ways))
