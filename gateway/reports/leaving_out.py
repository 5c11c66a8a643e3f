"""Leaves other people out of words that are given to a party: names, addresses and numbers, and colleagues' names.

Belongs here: finding them in text. Promises that what was left out is counted by its ground, and that the party's own
identifiers and the office's public ways in stay readable. A nickname, or a name on no record, it cannot know.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.reports.bare_numbers import Numbers, bare_numbers, numbers_of
from rules import identity
from rules.contact import Identifier, IdentifierKind


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
    Ground.WAYS: "Addresses, phone numbers and names on platforms of others, within what is told.",
}
_NAME, _WAY = "[name left out]", "[address left out]"
# An address spelt so that no program finds it; what people write as "at" and "dot" is one only with both.
_SPELT = re.compile(
    r"""(?<![^\s<>"'(\[,;:])[^\s<>"'()\[\],;:@]{1,64}(?P<at>\s?[\[({]\s?(?:at|@)\s?[\])}]\s?|\sat\s)"""
    r"""(?P<host>[^\W_][\w-]{0,62}(?:(?:\.|\s?[\[({]\s?dot\s?[\])}]\s?|\sdot\s)[^\W_][\w-]{0,62}){1,5})""",
    re.IGNORECASE,
)
_DOT = re.compile(r"\s?[\[({]\s?dot\s?[\])}]\s?|\sdot\s", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])(?:[A-Za-z]{1,30}:\s?@?|@)(?P<name>\w(?:[\w.-]{0,62}\w)?)")
_WORD = re.compile(r"\w+(?:[-'\u2019](?!s\b)\w+)*")
_MAIL = re.compile(r"""[^\s<>"'()\[\],;:]{1,64}@[^\s<>"'()\[\],;:]{1,255}""")
# A number begins with + or nought, and is no date; what stands behind the stroke of a reference is part of that.
_NO_DATE = r"(?!\d\d?[/.-]\d\d?[/.-](?:19|20)\d\d(?!\d))"
_BETWEEN = r"\s()./\u00ad\u200b-\u200f\u2010-\u2015\u2060-"
_NUMBER = rf"(?P<number>(?:[+\uff0b][{_BETWEEN}]?\d|(?=0){_NO_DATE}\d)[\d{_BETWEEN}]{{0,80}})"
_PHONE = re.compile(rf"(?:(?<!\d)(?=[+\uff0b])|(?<!\w)(?<!\d[/.-])){_NUMBER}")
_NEXT_PHONE = re.compile(rf"[{_BETWEEN}]{{0,80}}{_NUMBER}")
_DIGITS = re.compile(r"\d+")
_FEWEST_DIGITS, _MOST_DIGITS = 9, 17
_LEAST = 2
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir"})


@dataclass(slots=True)
class Curtain:
    """Hold who must not be seen behind the words, and count who was left out.

    `names` are whole names, found without regard to case; `parts` single words of names, found as they are written;
    `handles` names on platforms.
    """

    own: frozenset[str]
    own_names: frozenset[tuple[str, ...]]
    ways: frozenset[str]
    names: frozenset[tuple[str, ...]]
    parts: frozenset[str]
    numbers: Numbers
    handles: frozenset[str]
    left_out: Counter[Ground] = field(default_factory=Counter)

    def over(self, text: str) -> str:
        """Give a text as the party may read it."""
        text = _SPELT.sub(self._spelt, _MAIL.sub(self._mail, unicodedata.normalize("NFC", text)))
        text = self._bare(self._phones(_HANDLE.sub(self._handle, text)))
        return self._names(text)

    def _mail(self, found: re.Match[str]) -> str:
        address = found[0].rstrip(".!?")  # the end of the sentence
        known = identity.email(address)
        if known is not None and self._theirs(str(known), known.value):
            return found[0]
        return self._hidden(Ground.WAYS) + found[0][len(address) :]

    def _spelt(self, found: re.Match[str]) -> str:
        if (
            "(" not in found["at"]
            and "[" not in found["at"]
            and "{" not in found["at"]
            and not _DOT.search(found["host"])
        ):
            return found[0]
        known = identity.email(f"{found[0][: found.start('at') - found.start()]}@{_DOT.sub('.', found['host'])}")
        if known is not None and self._theirs(str(known), known.value):
            return found[0]
        return self._hidden(Ground.WAYS)

    def _handle(self, found: re.Match[str]) -> str:
        if found["name"].casefold() not in self.handles:
            return found[0]
        return found[0].removesuffix(found["name"]) + self._hidden(Ground.WAYS)

    def _bare(self, text: str) -> str:
        pieces, at = [], 0
        for start, end in bare_numbers(text, self.numbers):
            pieces += [text[at:start], self._hidden(Ground.WAYS)]
            at = end
        return "".join([*pieces, text[at:]])

    def _phones(self, text: str) -> str:
        pieces, at = [], 0
        found = _PHONE.search(text)
        while found is not None:
            start = found.start("number")
            end, hidden = self._phone(text, start, found.end())
            if hidden:
                pieces += [text[at:start], self._hidden(Ground.WAYS)]
                at = end
            found = _NEXT_PHONE.match(text, end) or _PHONE.search(text, end)
        return "".join([*pieces, text[at:]])

    def _phone(self, text: str, start: int, end: int) -> tuple[int, bool]:
        """Say where what begins like a number ends, and whether it is hidden.

        Other digits may follow on a number: the longest that can be one is taken. Where none can, and there are enough
        digits for one, all are hidden: a number with a slip of the pen is somebody's too.
        """
        plus = "" if text[start].isdigit() else "+"
        groups = list(_DIGITS.finditer(text, start, end))
        first = groups[0].end()
        taken, ends, sizes = plus, list[tuple[str, int]](), 0
        for group in groups:
            sizes += len(group[0])
            if sizes > _MOST_DIGITS and ends:
                break
            taken = f"{taken} {group[0]}" if ends else f"{taken}{group[0]}"
            ends.append((taken, group.end()))
        whole, last = ends[-1]
        for number, at in reversed(ends):
            known = identity.phone(number) if number == whole or _count(number) > _FEWEST_DIGITS else None
            if known is not None:
                return at, not self._theirs(str(known), known.value)
        return (last, True) if _count(whole) >= _FEWEST_DIGITS else (first, False)

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


def _count(number: str) -> int:
    return sum(map(str.isdigit, number))


def words_of(name: str) -> tuple[str, ...]:
    """Give a name as it is compared."""
    return tuple(word.casefold() for word in _words(name))


def _words(name: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", name))


def _surname_first(names: Iterable[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    return frozenset((name[-1], *name[:-1]) for name in names)


def curtain(
    own_names: Iterable[str],
    own: Iterable[str],
    ways: Collection[str],
    names: Iterable[str],
    near: Iterable[str],
    others: Collection[Identifier] = (),
) -> Curtain:
    """Make what hides others: `names` whole, those of `near` also word by word, where the word is none of the party's.

    `own` are the party's identifiers as text, `ways` the office's public addresses and numbers, `others` what other
    parties are known by: their numbers are found in any spelling, also by their last six digits.
    """
    own = frozenset(own)
    mine = frozenset(filter(None, map(words_of, own_names)))
    near = list(near)
    whole = frozenset(filter(None, map(words_of, (*names, *near)))) - mine
    whole |= _surname_first(whole) - mine
    parts = _parts(near, mine)
    readable = mine | (_surname_first(mine) - whole)
    numbers = numbers_of(
        [one.value for one in others if one.kind is IdentifierKind.PHONE],
        [
            *(each.partition(":")[2] for each in own if each.startswith("phone:")),
            *(w for w in ways if w.startswith("+")),
        ],
    )
    return Curtain(own, readable, frozenset(ways), whole, parts, numbers, _handles(others, own))


def _handles(others: Iterable[Identifier], own: Collection[str]) -> frozenset[str]:
    """Give the names of others on platforms, and none that the party has there too."""
    theirs = {one.value.partition(":")[2] for one in others if one.kind is IdentifierKind.HANDLE}
    return frozenset(theirs - {each.rpartition(":")[2] for each in own if each.startswith("handle:")})


def _parts(near: Iterable[str], mine: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Give the single words of names as a sentence has them: begun with a capital, or in capitals throughout."""
    passed = {word for name in mine for word in name} | _TITLES
    words = {word for name in near for word in _words(name)}
    kept = [word for word in words if len(word) >= _LEAST and word.casefold() not in passed]
    # A login name is written small, a name in a sentence is not.
    return frozenset(form for word in kept for form in (word[:1].upper() + word[1:], word.upper()))
