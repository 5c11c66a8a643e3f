"""Leaves other people out of words that are given to a party: names, addresses and numbers, and colleagues' names.

Belongs here: finding them in text. Promises that what was left out is counted by its ground, and that the party's own
identifiers and the office's public ways in stay readable. A nickname, or a name on no record, it cannot know.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from rules import identity


class Ground(StrEnum):
    """Name why something is not told."""

    UNTOLD = "untold"
    AHEAD = "ahead"
    COLLEAGUES = "colleagues"
    OTHERS = "others"
    ADVICE = "advice"
    POLICE = "police"
    SEALED = "sealed"
    DELETED = "deleted"
    UNSORTED = "unsorted"
    NAMES = "names"
    WAYS = "ways"

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        return _WORDS[self]


_WORDS = {
    Ground.UNTOLD: "Decisions that you were not told of, for a reason that is on record.",
    Ground.AHEAD: "Decisions that are not made yet, or that you will be told of first.",
    Ground.COLLEAGUES: "What is about the safety or the care of colleagues.",
    Ground.OTHERS: "What is about other people.",
    Ground.ADVICE: "Advice that we asked for.",
    Ground.POLICE: "Decisions on telling the police.",
    Ground.SEALED: "Evidence that is kept under seal; you can ask for it by itself.",
    Ground.DELETED: "Papers whose contents we deleted, as we keep them no longer.",
    Ground.UNSORTED: "Papers of a kind that a person has still to look at before they are given.",
    Ground.NAMES: "Names of colleagues and of other people, within what is told.",
    Ground.WAYS: "Addresses and phone numbers of others, within what is told.",
}
_NAME, _WAY = "[name left out]", "[address left out]"
_WORD = re.compile(r"\w+(?:[-'\u2019](?!s\b)\w+)*")
_MAIL = re.compile(r"""[^\s<>"'()\[\],;:]{1,64}@[^\s<>"'()\[\],;:]{1,255}""")
_PHONE = re.compile(r"(?<![\w/.-])(?:\+|0)\d[\d ().-]{6,20}\d")
_LEAST = 3


@dataclass(slots=True)
class Curtain:
    """Hold who must not be seen behind the words, and count who was left out.

    `names` are whole names, found without regard to case; `parts` single words of names, found as they are written.
    """

    own: frozenset[str]
    own_names: frozenset[tuple[str, ...]]
    ways: frozenset[str]
    names: frozenset[tuple[str, ...]]
    parts: frozenset[str]
    left_out: Counter[Ground] = field(default_factory=Counter)

    def over(self, text: str) -> str:
        """Give a text as the party may read it."""
        return self._names(self._phones(_MAIL.sub(self._mail, text)))

    def _mail(self, found: re.Match[str]) -> str:
        address = found[0].rstrip(".!?")  # the end of the sentence
        known = identity.email(address)
        if known is not None and self._theirs(str(known), known.value):
            return found[0]
        return self._hidden(Ground.WAYS) + found[0][len(address) :]

    def _phones(self, text: str) -> str:
        return _PHONE.sub(self._phone, text)

    def _phone(self, found: re.Match[str]) -> str:
        known = identity.phone(found[0])
        if known is None or self._theirs(str(known), known.value):
            return found[0]
        return self._hidden(Ground.WAYS)

    def _theirs(self, identifier: str, value: str) -> bool:
        return identifier in self.own or value in self.ways

    def _hidden(self, ground: Ground) -> str:
        self.left_out[ground] += 1
        return _NAME if ground is Ground.NAMES else _WAY

    def _names(self, text: str) -> str:
        if not self.names and not self.parts:
            return text
        pieces, at = [], 0
        for start, end in self._found(text):
            pieces += [text[at:start], self._hidden(Ground.NAMES)]
            at = end
        return "".join([*pieces, text[at:]])

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Give where names are, the longest at each place; never within another."""
        words = list(_WORD.finditer(text))
        folded = [word[0].casefold() for word in words]
        longest, at = max(map(len, self.names), default=1), 0
        while at < len(words):
            length = self._length(words, folded, at, longest)
            if length > 0:
                yield words[at].start(), words[at + length - 1].end()
            at += abs(length)

    def _length(self, words: list[re.Match[str]], folded: list[str], at: int, longest: int) -> int:
        """Say how many words from here are a name; less than nought where it is the party's own, to be passed over."""
        for length in range(min(longest, len(words) - at), 0, -1):
            piece = tuple(folded[at : at + length])
            if piece in self.own_names:
                return -length
            if piece in self.names:
                return length
        word = words[at][0]
        return 1 if word in self.parts else -1


def words_of(name: str) -> tuple[str, ...]:
    """Give a name as it is compared."""
    return tuple(word[0].casefold() for word in _WORD.finditer(name))


def curtain(
    own_names: Iterable[str],
    own: Iterable[str],
    ways: Collection[str],
    names: Iterable[str],
    near: Iterable[str],
) -> Curtain:
    """Make what hides others: `names` whole, those of `near` also word by word, where the word is none of the party's.

    `own` are the party's identifiers as text, `ways` the office's public addresses and numbers.
    """
    mine = frozenset(filter(None, map(words_of, own_names)))
    my_words = {word for name in mine for word in name}
    near = list(near)
    parts = {word[0] for name in near for word in _WORD.finditer(name)}
    # A login name is written small, a name in a sentence is not.
    kept = {word[:1].upper() + word[1:] for word in parts if len(word) >= _LEAST and word.casefold() not in my_words}
    whole = frozenset(filter(None, map(words_of, (*names, *near)))) - mine
    return Curtain(frozenset(own), mine, frozenset(ways), whole, frozenset(kept))
