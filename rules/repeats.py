"""Repeats: what a party sends is like what it sent before, word for word or nearly (PHSO-25, SPSO-51).

Belongs here: the fingerprint of a text and how alike two are. Of the words nothing is kept but numbers made of three in
a row. A repeat is shown to staff; it restricts nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from zlib import crc32

BINS = 4
"""Marks of a print: two texts of which half is alike share one of them 15 times in 16."""
LEAST_EXACT = 4
"""Words below which a text says too little to be a repeat: 'Thank you very much' is none, whoever writes it again."""
LEAST_NEAR = 15
"""Words below which only the very same text is a repeat."""
_MOST_WORDS = 1_000
_MOST_KEPT = 192
_LONGEST_TEXT = 32 * 1024
_APOSTROPHES = re.compile("['\u2019]")
_NO_WORD = re.compile(r"\W++")
_SPACED = bytes(octet if octet > 127 or chr(octet).isalnum() or octet == ord("_") else 32 for octet in range(256))
# How alike two texts have to be, in hundredths, by the words of the shorter: a changed date in a note of three lines is
# much of it, and two notes of three lines on one matter are soon half alike.
_LIKE = ((40, 75), (120, 68), (_MOST_WORDS, 60))


class Likeness(StrEnum):
    """Say in what way a contact repeats an earlier one."""

    COPY = "copy"
    """Word for word, whatever was quoted, and however it was set."""
    NEAR_COPY = "near_copy"
    ATTACHMENT = "attachment"
    """Other words, with a file that was sent before."""


@dataclass(frozen=True, slots=True)
class Print:
    """Hold the fingerprint of a text.

    `exact` is a digest of its words, empty where they are too few. `marks` are the least number of each of four groups,
    None where a group has none: texts that are alike share some of them, so that they are found by an index. `sketch`
    are the numbers of three words in a row, each once, rising, those alone that `grain` divides.
    """

    words: int
    exact: str = ""
    marks: tuple[int | None, ...] = (None,) * BINS
    sketch: tuple[int, ...] = ()
    grain: int = 1


@dataclass(frozen=True, slots=True)
class Repeat:
    """Hold that a contact repeats an earlier one (its id), how, and how much of it in hundredths."""

    of: str
    how: Likeness
    percent: int


def print_of(text: str) -> Print:
    """Take the fingerprint of somebody's own words; bounded, whatever the text."""
    words = _words(text)
    exact = sha256(b" ".join(words)).hexdigest()[:32] if len(words) >= LEAST_EXACT else ""
    if len(words) < LEAST_NEAR:
        return Print(len(words), exact)
    threes = sorted(set(_threes(words[:_MOST_WORDS])))
    grain, kept = 1, threes
    while len(kept) > _MOST_KEPT and grain < 64:
        grain *= 2
        kept = [number for number in kept if not (number >> 2) % grain]
    return Print(len(words), exact, _marks(threes), tuple(kept[:_MOST_KEPT]), grain)


def _words(text: str) -> list[bytes]:
    """Give the words in small letters, without apostrophes, accents' two spellings, marks and layout.

    As octets, and all at once: to look at each word by itself takes longer than all the rest.
    """
    known = text[:_LONGEST_TEXT]
    if not known.isascii():
        known = unicodedata.normalize("NFKC", known)[:_LONGEST_TEXT]  # one sign may become eighteen
        known = _NO_WORD.sub(" ", _APOSTROPHES.sub("", known))
    return known.casefold().encode("utf-8", "replace").translate(_SPACED, b"'").split()


def _threes(words: Sequence[bytes]) -> Iterator[int]:
    """Make a number of every three words in a row; in C, for a letter has a thousand."""
    return map(crc32, words[2:], map(crc32, words[1:], map(crc32, words)))


def _marks(threes: Sequence[int]) -> tuple[int | None, ...]:
    least: list[int | None] = [None] * BINS
    for number in threes:
        if least[number % BINS] is None:
            least[number % BINS] = number
            if None not in least:
                break
    return tuple(least)


def likeness(one: Print, other: Print) -> int:
    """Say how much two texts have in common, in hundredths: sentences in another order are the same sentences."""
    if one.exact and one.exact == other.exact:
        return 100
    grain = max(one.grain, other.grain)
    mine, theirs = _at(one, grain), _at(other, grain)
    if not mine or not theirs:
        return 0
    # 100 is said of what is the same alone.
    return min(99, 200 * len(mine & theirs) // (len(mine) + len(theirs)))


def _at(one: Print, grain: int) -> set[int]:
    return set(one.sketch) if one.grain == grain else {number for number in one.sketch if not (number >> 2) % grain}


def alike_enough(one: Print, other: Print, percent: int) -> bool:
    """Tell whether so much likeness makes one a copy of the other, or nearly."""
    if percent == 100:
        return True
    fewer = min(one.words, other.words)
    if fewer < LEAST_NEAR:
        return False
    least = next((percents for most, percents in _LIKE if fewer <= most), _LIKE[-1][1])
    return percent >= least


def repeat_of(one: Print, earlier: Iterable[tuple[str, Print]]) -> Repeat | None:
    """Find the earlier contact, by its id, that this one repeats most; None where it repeats none of them."""
    best: Repeat | None = None
    for number, other in earlier:
        percent = likeness(one, other)
        if alike_enough(one, other, percent) and (best is None or percent > best.percent):
            best = Repeat(number, Likeness.COPY if percent == 100 else Likeness.NEAR_COPY, percent)
    return best
