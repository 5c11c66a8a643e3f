"""One phrase of a list, as it is written in the file and as it is compared with words.

Belongs here: the notation. `kill|hurt myself` has a choice, `end~` all its endings, `<me>` a group of the list, `very?`
may be missing, `..` stands for up to three words of any kind and `..6` for up to six.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from rules.safeguards.words import plain

MOST_WAYS = 4_000
"""Ways in which one phrase may be read; what has more is two phrases."""
_MOST_ITEMS = 14
_LONGEST_GAP = 8
_MOST_GAPS = 3
"""In one phrase: a phrase with more of them means anything."""
_GAP = re.compile(r"\.\.(\d?)\Z")
_CHOICE = re.compile(r"[a-z0-9]+~?(?:\|[a-z0-9]+~?)*\Z")
_GROUP = re.compile(r"<([a-z_]+)>\Z")
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Gap:
    """Stand for up to so many words of any kind, none of them a full stop."""

    most: int


Item = frozenset[str] | Gap
Way = tuple[Item, ...]
Groups = Mapping[str, Sequence[Way]]


def ways(phrase: str, groups: Groups) -> tuple[Way, ...]:
    """Give every way in which a phrase may be written; raises ValueError with a sentence without its full stop."""
    choices = [_choices(item, phrase, groups) for item in phrase.split()]
    if not choices or len(choices) > _MOST_ITEMS:
        raise ValueError(f"the phrase {phrase!r} has no words, or more than {_MOST_ITEMS}")
    count = 1
    for each in choices:
        count *= len(each)
    if count > MOST_WAYS:
        raise ValueError(f"the phrase {phrase!r} can be written in {count} ways, and at most {MOST_WAYS} are taken")
    found = dict.fromkeys(tuple(item for part in parts for item in part) for parts in product(*choices))
    for way in found:
        if not way or isinstance(way[0], Gap) or isinstance(way[-1], Gap):
            raise ValueError(f"the phrase {phrase!r} must begin and end with a word")
        if any(isinstance(one, Gap) and isinstance(two, Gap) for one, two in pairwise(way)):
            raise ValueError(f"the phrase {phrase!r} has two gaps in a row")
        if sum(isinstance(item, Gap) for item in way) > _MOST_GAPS:
            raise ValueError(f"the phrase {phrase!r} has more than {_MOST_GAPS} gaps")
    return tuple(found)


def groups_of(table: Mapping[str, Sequence[str]]) -> Groups:
    """Read the groups of a list, of which one may name those above it; raises ValueError with a sentence."""
    known: dict[str, Sequence[Way]] = {}
    for name, alternatives in table.items():
        found = [way for one in alternatives for way in ways(one, known)]
        single = frozenset(word for way in found if len(way) == 1 for word in _of(way[0]))
        known[name] = ([(single,)] if single else []) + [way for way in found if len(way) > 1]
    return known


def inflected(word: str) -> frozenset[str]:
    """Give the endings of an English verb or noun, a few that nobody writes among them."""
    stem = word.removesuffix("e")
    found = {word, f"{word}s", f"{stem}ed", f"{stem}ing", f"{stem}in"}
    if len(word) > 2 and word[-1] not in _VOWELS + "wxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        found |= {f"{word}{word[-1]}ed", f"{word}{word[-1]}ing"}
    if word.endswith(("s", "x", "sh", "ch")):
        found.add(f"{word}es")
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        found |= {f"{word[:-1]}ies", f"{word[:-1]}ied"}
    return frozenset(found)


def _choices(item: str, phrase: str, groups: Groups) -> Sequence[Way]:
    if gap := _GAP.match(item):
        return [(Gap(min(int(gap[1] or 3), _LONGEST_GAP)),)]
    bare = item.removesuffix("?")
    perhaps: list[Way] = [()] if bare != item else []
    if group := _GROUP.match(bare):
        if group[1] not in groups:
            raise ValueError(f"the phrase {phrase!r} names the group {group[1]!r}, which there is not")
        return [*perhaps, *groups[group[1]]]
    written = plain(bare)
    if not _CHOICE.match(written):
        raise ValueError(f"the phrase {phrase!r} has {item!r}, which is no word and no sign of the notation")
    return [*perhaps, (frozenset().union(*map(_word, written.split("|"))),)]


def _word(text: str) -> frozenset[str]:
    return inflected(text.removesuffix("~")) if text.endswith("~") else frozenset({text})


def _of(item: Item) -> frozenset[str]:
    return frozenset() if isinstance(item, Gap) else item
