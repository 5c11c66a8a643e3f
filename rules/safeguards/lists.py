"""Lists of phrases, one a language, made ready for reading texts: an office's own words are added and taken out here.

Belongs here: from the plain data of a file to what `recognise` asks. Every fault of a list is a sentence; what is not
understood is refused, for a phrase that silently matches nothing is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rules.safeguards.kinds import TOPICS, Kind, in_words
from rules.safeguards.phrases import (
    Groups,
    Way,
    firsts,
    groups_of,
    needs,
    parts,
    vocabulary,
    weight,
    written_out,
)
from rules.safeguards.words import plain
from rules.sentences import each

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST_FORGIVEN = 6
"""Letters: of shorter words too many become another word by one slip."""
_SHORTEST_COMPACT = 8
_MOST_COMPACT = 64
_EXCEPTED = "but_not"
"""Forms of one phrase that are looked for letter by letter."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Topic(_Strict):
    """Hold what speaks for a topic, and turns of phrase that hold such words and do not.

    `signs` are phrases that say too little alone: two of two names near each other speak for the topic. Its phrases
    speak among the first `within` words alone where that is said, and for whom was told of a restriction where `told`.
    """

    phrases: tuple[str, ...]
    within: Annotated[int, Field(ge=0)] = 0
    told: bool = False
    signs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    but_not: tuple[str, ...] = ()


class _Typos(_Strict):
    """Say in which words one slip of the pen is forgiven, and what is another word and no slip of one of these."""

    words: tuple[Annotated[str, Field(min_length=_SHORTEST_FORGIVEN)], ...] = ()
    others: tuple[str, ...] = ()


class _Negations(_Strict):
    """Hold words that say no to what follows them, and those that may stand between the two.

    A no that follows one of `no_denial` says no to nothing, as in `a reason not to`.
    """

    words: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    no_denial: tuple[str, ...] = ()


class _File(_Strict):
    """Hold one language's list as its file has it. `review` says who has still to look at it, empty where nobody."""

    language: str
    review: str = ""
    typos: _Typos = _Typos()
    spellings: dict[str, str] = Field(default_factory=dict)
    common: tuple[str, ...] = ()
    negations: _Negations = _Negations()
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    risk_to_life: dict[str, _Topic] = Field(default_factory=dict)
    urgent: dict[str, _Topic] = Field(default_factory=dict)
    legal_clock: dict[str, _Topic] = Field(default_factory=dict)
    appeal: dict[str, _Topic] = Field(default_factory=dict)
    adjustment: dict[str, _Topic] = Field(default_factory=dict)
    service_complaint: dict[str, _Topic] = Field(default_factory=dict)
    new_complaint: dict[str, _Topic] = Field(default_factory=dict)

    def topics(self, kind: Kind) -> Mapping[str, _Topic]:
        """Give the topics of a kind."""
        found: Mapping[str, _Topic] = getattr(self, kind.value, {})
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Entered:
    """Hold one phrase, ready; `topic` is in words for staff, `sign` a name where it speaks only beside another.

    `needs` are sets of words of each of which a sentence that holds it has one, `firsts` the words with which each part
    may begin; `denies` tells of a phrase with a no of its own; `within` and `told` say where it speaks, and for whom.
    """

    topic: str
    parts: tuple[Way, ...]
    firsts: tuple[frozenset[str], ...]
    needs: tuple[frozenset[str], ...]
    sign: str = ""
    denies: bool = False
    within: int = 0
    told: bool = False


@dataclass(frozen=True, slots=True)
class Anchored:
    """Hold phrases by the words of that need of theirs which is met least often in any text."""

    by_word: Mapping[str, Sequence[Entered]] = field(default_factory=dict)
    words: frozenset[str] = frozenset()

    def within(self, words: frozenset[str]) -> Anchored:
        """Give those phrases alone of which all that they need is among the words of a text: mostly none."""
        by_word: dict[str, list[Entered]] = {}
        for word in self.words & words:
            for one in self.by_word[word]:
                for need in one.needs:  # a generator would cost more than all that it asks
                    if need.isdisjoint(words):
                        break
                else:
                    by_word.setdefault(word, []).append(one)
        return Anchored(by_word, frozenset(by_word))


@dataclass(frozen=True, slots=True)
class Lists:
    """Hold every list of an office, ready: what speaks for something, and turns of phrase that do not, by topic."""

    said: Anchored = Anchored()
    excepted: Mapping[str, Anchored] = field(default_factory=dict)
    run_together: tuple[tuple[str, str], ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    negations: frozenset[str] = frozenset()
    between: frozenset[str] = frozenset()
    no_denial: frozenset[str] = frozenset()


NO_LISTS = Lists()
Own = Mapping[Kind, Sequence[str]]
"""An office's own phrases, by kind."""


def parse(tables: Iterable[Mapping[str, Any]], *, add: Own | None = None, remove: Own | None = None) -> Lists:
    """Make lists ready from their plain data; raises ValueError with a sentence without its full stop.

    `add` are an office's own phrases, which may name the groups of the first list; `remove` are phrases of the lists,
    written as they stand there, and naming one that stands nowhere is a fault.
    """
    files = [_file(table) for table in tables]
    removed = _Removed(remove or {})
    found = _Phrases(
        frozenset(plain(one) for file in files for one in file.negations.words),
        frozenset(plain(one) for file in files for one in file.common),
    )
    for file in files:
        groups = _named(f"list {file.language}", groups_of, file.groups)
        for kind in Kind:
            for name, topic in file.topics(kind).items():
                if (kind, name) not in TOPICS:
                    raise ValueError(f"list {file.language}: {kind.value} has no topic {name!r}")
                for sign, some in (("", topic.phrases), *topic.signs.items(), (_EXCEPTED, topic.but_not)):
                    left = [one for one in some if not removed.takes(kind, one)]
                    found.enter(
                        TOPICS[kind, name],
                        left,
                        groups,
                        f"list {file.language}",
                        sign=sign,
                        within=topic.within,
                        told=topic.told,
                    )
    removed.check()
    groups = groups_of(files[0].groups) if files else {}
    for kind, phrases in (add or {}).items():
        found.enter(in_words(kind), phrases, groups, f"safeguards.add.{kind.value}")
    return _ready(files, found)


def _file(table: Mapping[str, Any]) -> _File:
    try:
        return _File.model_validate(table)
    except ValidationError as refused:
        raise ValueError("; ".join(each(refused))) from None


class _Removed:
    """Know which phrases an office took out, and which of these stood nowhere."""

    def __init__(self, remove: Own) -> None:
        self._left = {(kind, " ".join(one.split())) for kind, phrases in remove.items() for one in phrases}
        self._unmet = set(self._left)

    def takes(self, kind: Kind, phrase: str) -> bool:
        """Tell whether a phrase of the lists is taken out."""
        self._unmet.discard((kind, phrase))
        return (kind, phrase) in self._left

    def check(self) -> None:
        """Raise ValueError where a phrase stands in no list."""
        for kind, phrase in sorted(self._unmet):
            raise ValueError(f"safeguards.remove.{kind.value}: {phrase!r} stands in no list as it is written")


class _Phrases:
    """Gather phrases with what is asked of them."""

    def __init__(self, negations: frozenset[str], common: frozenset[str]) -> None:
        self.negations = negations
        self._common = common
        self.said: list[tuple[Entered, frozenset[str]]] = []
        self.excepted: dict[str, list[tuple[Entered, frozenset[str]]]] = {}

    def enter(
        self,
        topic: str,
        phrases: Iterable[str],
        groups: Groups,
        where: str,
        *,
        sign: str = "",
        within: int = 0,
        told: bool = False,
    ) -> None:
        """Enter phrases, each with the words by which it is found; `where` says in a fault whose they are."""
        into = self.excepted.setdefault(topic, []) if sign == _EXCEPTED else self.said
        for phrase in phrases:
            found = _named(where, parts, phrase, groups)
            asked = [need for part in found for need in needs(part, self._common)]
            asked.sort(key=lambda need: weight(need, self._common))
            denies = any(vocabulary(part) & self.negations for part in found)
            begins, more = tuple(map(firsts, found)), tuple(asked[1:])
            entered = Entered(topic, found, begins, more, sign, denies=denies, within=within, told=told)
            into.append((entered, asked[0]))


def _named(where: str, read: Any, *given: Any) -> Any:  # noqa: ANN401  # whatever the reader gives
    try:
        return read(*given)
    except ValueError as fault:
        raise ValueError(f"{where}: {fault}") from None


def _ready(files: Sequence[_File], found: _Phrases) -> Lists:
    entered = [*found.said, *(one for some in found.excepted.values() for one in some)]
    known = frozenset().union(*(vocabulary(part) for one, _ in entered for part in one.parts))
    spellings: dict[str, str] = {}
    for file in files:
        spellings |= slips(file.typos.words, known | set(file.typos.others))
        spellings |= {plain(wrong): plain(right) for wrong, right in file.spellings.items()}
    return Lists(
        said=_anchored(found.said),
        excepted={topic: _anchored(some) for topic, some in found.excepted.items()},
        run_together=tuple(_compact(one for one, _ in found.said)),
        spellings=spellings,
        known=known,
        negations=found.negations,
        between=frozenset(plain(one) for file in files for one in file.negations.between),
        no_denial=frozenset(plain(one) for file in files for one in file.negations.no_denial),
    )


def _anchored(entered: Iterable[tuple[Entered, frozenset[str]]]) -> Anchored:
    by_word: dict[str, list[Entered]] = {}
    for one, anchor in entered:
        for word in anchor:
            by_word.setdefault(word, []).append(one)
    return Anchored(by_word, frozenset(by_word))


def slips(words: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """Give every word that one slip makes of these: a letter too few, too many, another, or two in the wrong order."""
    avoided = set(others)
    found: dict[str, str] = {}
    for word in words:
        cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
        made = {before + after[1:] for before, after in cuts if after}
        made |= {before + letter + after for before, after in cuts for letter in _LETTERS}
        made |= {before + letter + after[1:] for before, after in cuts if after for letter in _LETTERS}
        made |= {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
        for slip in made - avoided - {word}:
            found.setdefault(slip, word)
    return found


def _compact(entered: Iterable[Entered]) -> Iterable[tuple[str, str]]:
    """Give phrases without spaces, for whoever wrote them letter by letter; those alone that have few forms."""
    seen: set[str] = set()
    for one in entered:
        if one.sign or one.within or one.told or len(one.parts) > 1 or len(one.parts[0]) < 2:
            continue
        for form in written_out(one.parts[0], _MOST_COMPACT):
            whole = "".join(form)
            if len(whole) >= _SHORTEST_COMPACT and whole not in seen:
                seen.add(whole)
                yield whole, one.topic
