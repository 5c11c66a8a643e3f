"""How hard a text is to read, as a reading age in years: Flesch-Kincaid's grade plus five, on our own syllables.

Age = 0.39 x words per sentence + 11.8 x syllables per word - 15.59 + 5. Syllables are the vowel groups in each of
pyphen's pieces (pyphen alone misses a fifth of them), less silent endings. It knows length, not sense: a short rare
word passes, a sentence can be clear and long. English only; under about 100 words it swings by years.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import pyphen  # type: ignore[import-untyped]  # it has no types; its one object stays in this module

from gateway.notices.notice import Listing, Notice, Paragraph, block_texts

MOST_WORDS = 25
"""Words of a sentence beyond which a person looks at it again."""
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_ADDRESS = re.compile(r"\S+@\S+|\+?\d[\d /:.-]*\d|\S*\d\S*")
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)\s+")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"[^aeiouy](?:e|ed|es)$")
_SOUNDED = re.compile(r"(?:[td]ed|[bcdfgkpstz]le|[sxz]es|[cg]es|[cs]hes|[bcdfgkpt]re)$")


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what a text is made of; an address, a number or a time is one word of one syllable."""

    sentences: int
    words: int
    syllables: int

    @property
    def age(self) -> float:
        """Give the reading age in years; 0 where there is nothing to read."""
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59 + 5


def reading(pieces: Iterable[str]) -> Reading:
    """Read texts, each of which ends a sentence whether or not it has a full stop (an item, a cell, a heading)."""
    sentences = words = syllables = 0
    for sentence in (each for piece in pieces for each in sentences_of(piece)):
        rest, marks = _ADDRESS.subn(" ", sentence)
        found = _WORD.findall(rest)
        if not found and not marks:
            continue
        sentences += 1
        words += len(found) + marks
        syllables += marks + sum(syllables_of(word) for word in found)
    return Reading(sentences, words, syllables)


def reading_age(notice: Notice) -> float:
    """Give the reading age of a notice in years, by its prose: headings and cells are short and would flatter it."""
    return reading(_prose(notice)).age


def longest_sentence(notice: Notice) -> int:
    """Give the words of a notice's longest sentence: an average hides it."""
    sentences = (sentence for text in _prose(notice) for sentence in sentences_of(text))
    return max((reading([sentence]).words for sentence in sentences), default=0)


def long_sentences(notice: Notice, most: int = MOST_WORDS) -> tuple[str, ...]:
    """Give the sentences of more than `most` words, for a person to look at again; each once, in order."""
    sentences = (sentence for text in _prose(notice) for sentence in sentences_of(text))
    return tuple(dict.fromkeys(one for one in sentences if reading([one]).words > most))


def _prose(notice: Notice) -> Iterator[str]:
    for block in notice.blocks:
        if isinstance(block, Paragraph | Listing):
            yield from block_texts(block)


def sentences_of(text: str) -> Iterator[str]:
    """Split a text into its sentences; an initial (R. Example) ends none."""
    return (sentence for sentence in _SENTENCE.split(text.strip()) if sentence)


@cache
def syllables_of(word: str) -> int:
    """Count the syllables of one English word, at least one."""
    plain = re.sub(r"['\u2019]", "", word.lower())
    pieces = _hyphens().inserted(plain).split("-")
    counted = sum(max(1, len(_VOWELS.findall(piece))) for piece in pieces)
    silent = counted > 1 and _SILENT.search(plain) and not _SOUNDED.search(plain)
    return max(1, counted - bool(silent))


@cache
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_GB")
