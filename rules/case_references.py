"""Finds an office's case references, and its phrases for a subject, in what a party wrote.

Belongs here: when two spellings are the same reference. The promise: whole references and phrases only, never a part of
a longer one; bounded, linear work; no exception whatever the text. Letters that only look alike are never the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

LONGEST_TEXT = 4_000
"""Characters of a text that are looked at."""
_LONGEST_REFERENCE = 60
_LONGEST_PHRASE = 200
_MOST_WORDS = 20
# Below this many letters and digits, "C-12" written as "c 12" would be a part of any sentence.
_PLAIN = 5
_LEAST_DIGITS_ELSEWHERE = 3

# Default_Ignorable_Code_Point of Unicode: what a reader does not see (soft hyphens, zero-width, variation selectors).
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_FULL_WIDTH = {0xFEE0 + code: code for code in range(0x21, 0x7F)} | {0x3000: 0x20}
_WORD = re.compile(r"[^\W\d_]+|\d+")
_HYPHENS = "-\u2010\u2011\u2012\u2212"
_DASHES = "\u2013\u2014\u2015"
_JOINERS = frozenset(f"/\\_\u2044\u2215{_HYPHENS}")
_SEPARATORS = frozenset(f"{_DASHES}.:#|") | _JOINERS
_ENDS = frozenset(".!?;:")


class _Word(NamedTuple):
    """Hold a run of letters or of digits, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def number(self) -> bool:
        return self.text.isdecimal()


@dataclass(frozen=True, slots=True)
class Text:
    """Hold a text as it is compared: folded, with its words."""

    folded: str
    words: tuple[_Word, ...]

    @classmethod
    def of(cls, text: str) -> Text:
        """Fold a text: case, width, what nobody sees. Look-alikes stay apart: a Cyrillic O is no Latin one."""
        folded = folded_text(text[:LONGEST_TEXT])
        return cls(folded, tuple(_Word(match[0], match.start(), match.end()) for match in _WORD.finditer(folded)))

    def gap(self, number: int) -> str:
        """Give what stands between a word and the one before it; of the first and the last, a blank."""
        if not 0 < number < len(self.words):
            return " "
        return self.folded[self.words[number - 1].end : self.words[number].start]


def folded_text(text: str) -> str:
    """Fold case, full-width forms and characters that nobody sees."""
    if text.isascii():
        return text.lower()
    seen = _UNSEEN.sub("", unicodedata.normalize("NFC", text)).translate(_FULL_WIDTH)
    return unicodedata.normalize("NFC", seen.casefold())


def key(text: str) -> str:
    """Give the one form of all spellings of a reference or phrase: `HO/2024-123` becomes `ho 2024 123`."""
    return " ".join(word.text for word in Text.of(text).words)


def reference(text: str) -> str:
    """Read a case reference as an office writes it; raises ValueError with a sentence where it would match anything."""
    plain = " ".join(text.split())
    if not plain.isprintable() or len(plain) > _LONGEST_REFERENCE:
        raise ValueError(f"{plain[:20]!r} is no case reference; write it in {_LONGEST_REFERENCE} characters at most")
    found = Text.of(plain)
    size = sum(len(word.text) for word in found.words)
    if size < _LEAST_DIGITS_ELSEWHERE or not any(word.number for word in found.words):
        raise ValueError(f"{plain!r} is no case reference; one has three letters and digits or more, as HO/2024-123")
    if not all(_inside(found.gap(number), spaced=True) for number in range(1, len(found.words))):
        raise ValueError(f"{plain!r} is more than one case reference, or none; write one as HO/2024-123")
    return plain


def phrase(text: str) -> str:
    """Read a subject as an office names it; raises ValueError with a sentence where it would match anything."""
    plain = " ".join(text.split())
    words = Text.of(plain).words
    if not plain.isprintable() or len(plain) > _LONGEST_PHRASE or len(words) > _MOST_WORDS:
        raise ValueError(f"{plain[:20]!r}... is too long for a subject; name it in {_MOST_WORDS} words at most")
    if sum(len(word.text) for word in words) < 4:
        raise ValueError(f"{plain!r} is too short for a subject: it would be found in any message")
    return plain


class References:
    """Hold the references and phrases of one measure, ready to be looked for."""

    def __init__(self, references: Iterable[str], phrases: Iterable[str] = ()) -> None:
        self._references = {key(one): one for one in sorted(references)}
        self._phrases = {key(one): one for one in sorted(phrases)}
        self.names: Mapping[str, str] = self._references | self._phrases

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        return tuple(sorted({name.count(" ") + 1 for name in self.names}, reverse=True))

    @cached_property
    def _shapes(self) -> frozenset[tuple[str, ...]]:
        return frozenset(_shape(name.split(" ")) for name in self._references)

    @cached_property
    def _firsts(self) -> frozenset[str]:
        return frozenset(name.partition(" ")[0] for name in self.names)

    def search(self, text: Text) -> Search:
        """Find every one of them that stands in a text, and whatever else looks like a reference there."""
        found: dict[str, None] = {}
        covered: set[int] = set()
        for first in (number for number, word in enumerate(text.words) if word.text in self._firsts):
            for size in self._sizes:
                name = self._at(text, first, size)
                if name is not None:
                    found[name] = None
                    covered.update(range(first, first + size))
                    break
        return Search(tuple(found), alike=self._alike(text, covered), others=_others(text, covered))

    def _at(self, text: Text, first: int, size: int) -> str | None:
        words = text.words[first : first + size]
        name = " ".join(word.text for word in words)
        if len(words) < size or name not in self.names:
            return None
        gaps = [text.gap(number) for number in range(first + 1, first + size)]
        if name in self._references and _is_reference(text, first, size, gaps):
            return name
        return name if name in self._phrases and _is_phrase(text, first, size, gaps) else None

    def _alike(self, text: Text, covered: Collection[int]) -> bool:
        """Tell whether a reference of the same form, and not one of these, stands in a text."""
        for size in {len(shape) for shape in self._shapes}:
            for first in range(len(text.words) - size + 1):
                words = text.words[first : first + size]
                if first in covered or _shape([one.text for one in words]) not in self._shapes:
                    continue
                gaps = [text.gap(number) for number in range(first + 1, first + size)]
                if _is_reference(text, first, size, gaps):
                    return True
        return False


@dataclass(frozen=True, slots=True)
class Search:
    """Hold what was found in a text: names (by their key), whether another reference of the same form or of any."""

    names: tuple[str, ...]
    alike: bool = False
    others: bool = False


def _shape(words: list[str]) -> tuple[str, ...]:
    """Give the form of a reference: its letters as they are, its numbers as numbers; without letters, of a length."""
    letters = not all(word.isdecimal() for word in words)
    return tuple(("#" if letters else f"#{len(word)}") if word.isdecimal() else word for word in words)


def _is_reference(text: Text, first: int, size: int, gaps: list[str]) -> bool:
    words = text.words[first : first + size]
    spaced = sum(len(word.text) for word in words) >= _PLAIN
    if not all(_inside(gap, spaced=spaced) for gap in gaps):
        return False
    before, after = text.gap(first), text.gap(first + size)
    number_before = first > 0 and text.words[first - 1].number
    number_after = first + size < len(text.words) and text.words[first + size].number
    return not (_leads_on(before, number_before) or _leads_on(after, number_after, trailing=True))


def _inside(gap: str, *, spaced: bool) -> bool:
    """Tell whether a gap may stand inside a reference: separators, blanks, one end of a line."""
    marks = gap.strip()
    blanks = len(gap) - len(marks)
    if len(marks) > 2 or not _SEPARATORS.issuperset(marks) or blanks > 40 or gap.count("\n") > 1:
        return False
    return spaced or not blanks


def _leads_on(gap: str, number: bool, *, trailing: bool = False) -> bool:
    """Tell whether the reference goes on over a gap, so that it is a longer one: `HO/2024-123-4`, `HO/2024-123A`.

    What is joined without a blank goes on; a dash or a full stop only to a number. A hyphen at the end of a line joins
    over it, and over blanks where a number follows (a folded header keeps no ends of lines).
    """
    if not gap:
        return True
    marks = gap.strip()
    if not marks:
        return False
    if marks == gap:
        return _JOINERS.issuperset(gap) or (number and gap[0] in {".", *_DASHES} and len(gap) == 1)
    joins = _JOINERS.issuperset(marks) and gap.startswith(marks)
    return joins and ("\n" in gap or (trailing and number))


def _is_phrase(text: Text, first: int, size: int, gaps: list[str]) -> bool:
    """Tell whether words stand together in one sentence, and are whole words."""
    together = all(_ENDS.isdisjoint(gap) and gap.count("\n") < 2 and len(gap) <= 40 for gap in gaps)
    return together and bool(text.gap(first)) and bool(text.gap(first + size))


def _others(text: Text, covered: Collection[int]) -> bool:
    """Tell whether anything that was not found looks like a reference: letters and three digits or more, joined."""
    first = 0
    for number in range(1, len(text.words) + 1):
        if number < len(text.words) and _JOINERS.issuperset(text.gap(number)):
            continue
        run = range(first, number)
        first = number
        words = [text.words[one] for one in run if one not in covered]
        digits = max([len(word.text) for word in words if word.number], default=0)
        if digits >= _LEAST_DIGITS_ELSEWHERE and not all(text.words[one].number for one in run):
            return True
    return False
