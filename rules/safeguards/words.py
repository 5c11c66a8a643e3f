"""The words of a text as lists are compared with them: small letters, no accents, no tricks of spelling.

Belongs here: from any text to plain words, with where sentences and clauses end. The promise (THREATS C1): no exception
whatever the text, and time in proportion to its length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_TEXT = 128 * 1024
"""Characters that are read; a message that is longer is put before a person where it would be sent away."""
STOP = "."
"""What stands between sentences; a phrase never reaches over it."""
_APOSTROPHES = str.maketrans(dict.fromkeys("'\u2019\u2018\u02bc\u00b4`\u2032*", ""))
# Soft hyphens, zero-width signs and marks of direction hide a word from whoever compares it.
_INVISIBLE = dict.fromkeys((0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x2030), 0x2060, 0xFEFF))
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_]([ .\-_])[^\W\d_](?:\1[^\W\d_]){2,}(?![^\W_])")
_BETWEEN = re.compile(r"[ .\-_]")
_PIECES = re.compile(r"[^\W_]+|[.!?;\u2026]+|[,:()\u2013\u2014\n]|\n")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_LONG_DRAWN = re.compile(r"([^\W\d_])\1{2,}")
_DIGIT_IN_WORD = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")
# Digits that stand for letters; a one is an l or an i.
_AS_LETTERS = tuple(str.maketrans("013457", f"o{one}east") for one in "il")
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Words:
    """Hold the words of a text, a STOP between sentences; `breaks` are the places before which a comma stands.

    `run_together` are words that somebody wrote letter by letter, with nothing to tell where one ends.
    """

    words: tuple[str, ...]
    breaks: frozenset[int] = frozenset()
    run_together: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Give a text in small letters without accents, apostrophes and what cannot be seen."""
    known = text[:LONGEST_TEXT]
    if not known.isascii():
        known = known.translate(_INVISIBLE)
        known = unicodedata.normalize("NFKD", known)[: 2 * LONGEST_TEXT]  # one sign may become eighteen
        known = "".join([sign for sign in known if not unicodedata.combining(sign)])
    return known.translate(_APOSTROPHES).casefold()


def words_of(text: str, spellings: Mapping[str, str], known: frozenset[str] = frozenset()) -> Words:
    """Read a text as words; `spellings` are slips of the pen, each with what was meant, `known` the words of the lists.

    A single line end is where a mail program broke the line, an empty line ends a sentence.
    """
    read = _PARAGRAPH.sub(" . ", plain(text))
    spaced: list[str] = []

    def joined(match: re.Match[str]) -> str:
        whole = _BETWEEN.sub("", match[0])
        spaced.append(whole[:200])
        return whole

    read = _SPACED.sub(joined, read)
    words: list[str] = []
    breaks: set[int] = set()
    meant: dict[str, str] = {}
    for piece in _PIECES.findall(read):
        if piece in meant:
            words.append(meant[piece])
        elif piece[0].isalnum():
            meant[piece] = word = _meant(piece[:_LONGEST_WORD], spellings, known)
            words.append(word)
        elif piece in "\n":
            continue
        elif piece[0] in ",:()\u2013\u2014":
            breaks.add(len(words))
        elif words and words[-1] != STOP:
            words.append(STOP)
    return Words(tuple(words), frozenset(breaks), tuple(spaced[:50]))


def _meant(word: str, spellings: Mapping[str, str], known: frozenset[str]) -> str:
    """Give `dieee` as die, `killll` and `k1ll` as kill, and a slip as what was meant, where the lists know those."""
    if word in spellings:
        return spellings[word]
    if word in known or len(word) < 3:
        return word
    shorter = [word]
    if _LONG_DRAWN.search(word):
        shorter += [_LONG_DRAWN.sub(r"\1\1", word), _LONG_DRAWN.sub(r"\1", word)]
    if not word.isalpha() and _DIGIT_IN_WORD.search(word):
        shorter += [word.translate(letters) for letters in _AS_LETTERS]
    for one in shorter:
        if one in known or one in spellings:
            return spellings.get(one, one)
    return word
